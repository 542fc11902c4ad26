"""What a person does at the terminal with the lab in it, and waits for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from program import PATIENCE, Program

SIGNS = {  # what shows that a screen is there, by the key that opens it
    "1": "starter texts",
    "2": "loss in nats",
    "3": "temperature",
    "4": "count",
    "5": "softmax",
    "6": "rated",
    "7": "attention",
    "8": "all of it",
    "9": "characters a token",
    "0": "embedding",
    "L": "from counting to attention",
    "X": "layers to look between",  # a bigram's; of a gpt "comes next"
    "A": "no parts to switch off",
    "U": "perplexity",
    "Y": "the last token alone",  # a bigram's; of a gpt "leave-one-out"
}


class Terminal(Program):
    """A terminal whose screen is read until something stands on it."""

    def until(self, text: str, patience: float = PATIENCE) -> Terminal:
        """Read until the text stands on the screen."""
        return self.until_true(lambda: text in self.text, f"{text!r} on the screen", patience)

    def until_true(self, condition: Callable[[], bool], what: str = "it", patience: float = PATIENCE) -> Terminal:
        """Read until the condition holds."""
        end = time.monotonic() + patience
        while not condition():
            ended = self.process.poll()
            assert time.monotonic() < end, f"never came: {what}; the screen:\n{self.text}"
            assert ended is None or self.pump(0.1), f"ended ({ended}) before {what}; the end:\n{self.last_lines()}"
            self.pump(0.02)
        return self

    def settle(self, quiet: float = 0.25, patience: float = PATIENCE) -> Terminal:
        """Read until nothing has come for a while."""
        end = time.monotonic() + patience
        while self.pump(quiet):
            assert time.monotonic() < end, "it never stops sending"
        return self

    def pause(self) -> Terminal:
        """Stop training, and wait for calm."""
        self.send(" ")
        return self.until("paused").settle()

    def step(self) -> int:
        """The step number in the line of state."""
        found = re.search(r"step +([\d,]+)", self.text)
        return int(found[1].replace(",", "")) if found else -1

    def walk(self, tabs: str = "".join(SIGNS)) -> Terminal:
        """Look at the screens, one after the other."""
        for tab in tabs:
            self.send(tab)
            self.until(SIGNS[tab])
        return self

    def train(self, steps: int = 10) -> Terminal:
        """Train until that many more steps are made; it goes on after that."""
        before = self.step()
        self.send(" ")
        return self.until_true(lambda: self.step() >= before + steps, f"{steps} steps")

    def end(self, keys: str = "q") -> int:
        """Leave the lab and wait for its exit status; `seconds` then tells how long that took."""
        asked = time.monotonic()
        self.send(keys)
        status = self.wait()
        self.seconds = self.ended - asked
        return status
