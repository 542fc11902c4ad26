"""A real pseudo-terminal, the real program in it, and the screen that a person would see."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import itertools
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from rich.cells import cell_len

TERMINALS = itertools.count()
PATIENCE = 20.0  # seconds; a safety limit for a busy machine, not a measure

KINDS = re.compile(
    r"(?P<csi>\x1b\[[0-?]*[ -/]*[@-~])|(?P<string>\x1b[]PX^_].*?(?:\x07|\x1b\\|$))|(?P<escape>\x1b.?)"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])|(?P<text>[^\x00-\x1f\x7f-\x9f]+)",
    re.DOTALL,
)
UNFINISHED = re.compile(r"\x1b(\[[0-?]*[ -/]*|[]PX^_][^\x07]*)?$")
OWN = re.compile(  # places, styles, modes, Textual's questions at the start, ours, the keyboard, the pointer's shape
    r"\x1b\[(\d+;\d+H|[\d;]*m|\?\d+[hl]|\?2026\$p|\?2048\$p|6n|>25u|<u)|\x1b\]22;[a-z-]+\x07|[\r\n\x07]"
)
REORDERING = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
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
MODE = re.compile(r"\x1b\[\?([\d;]+)([hl])")


class Screen:
    """As much of a terminal as the program uses: places the cursor, writes text, and forgets about colours."""

    def __init__(self, width: int, height: int) -> None:
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        self.width, self.height, self.x, self.y = width, height, 0, 0
        self.cells = [[" "] * width for _ in range(height)]

    def feed(self, kind: str, text: str) -> None:
        """One piece of the stream."""
        if kind == "csi" and text.endswith("H"):
            row, _, column = text[2:-1].partition(";")
            self.y, self.x = int(row or 1) - 1, int(column or 1) - 1
        elif kind == "control" and text == "\n":  # the terminal puts a carriage return before it
            self.y, self.x = self.y + 1, 0
        elif kind == "control" and text == "\r":
            self.x = 0
        elif kind == "text":
            self._write(text)

    def _write(self, text: str) -> None:
        for character in text:
            width = cell_len(character)
            if not width:
                continue
            if 0 <= self.y < self.height and self.x + width <= self.width:
                self.cells[self.y][self.x : self.x + width] = [character] + [""] * (width - 1)
            self.x += width

    @property
    def text(self) -> str:
        return "\n".join("".join(row).rstrip() for row in self.cells)


def as_a_shell_would() -> None:
    """The terminal is the program's own, and it hears interrupts also where the tests run in the background."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """One pseudo-terminal and the program in it. Reads only when told to, so that a test can also not read."""

    def __init__(self, command: list[str], size: tuple[int, int], env: Mapping[str, str], folder: Path) -> None:
        self.ours, self.theirs = os.openpty()
        self.screen = Screen(*size)
        self._set_size(*size)
        self.before = termios.tcgetattr(self.theirs)
        self.stream = b""
        self.answers = True  # whether it tells where the cursor is; `questions` counts how often it was asked
        self.questions = 0
        self._pending, self._decoder = "", codecs.getincrementaldecoder("utf-8")("replace")
        self.started = time.monotonic()
        self._mark = f"TEST_TERMINAL={os.getpid()}.{next(TERMINALS)}"
        self.process = subprocess.Popen(
            command, stdin=self.theirs, stdout=self.theirs, stderr=self.theirs, cwd=folder,
            env={**env, **dict([self._mark.split("=")])},
            start_new_session=True, preexec_fn=as_a_shell_would,
        )  # fmt: skip
        self.pid = self.process.pid

    # ---- what a person does

    def send(self, keys: str | bytes) -> None:
        """Type."""
        os.write(self.ours, keys.encode() if isinstance(keys, str) else keys)

    def paste(self, text: str) -> None:
        """Paste, as terminals do since bracketed paste."""
        self.send(f"\x1b[200~{text}\x1b[201~")

    def _set_size(self, width: int, height: int) -> None:
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def resize(self, width: int, height: int) -> None:
        """Drag the window's corner."""
        self.pump(0)
        self._set_size(width, height)
        self.screen.resize(width, height)

    def hang_up(self) -> None:
        """The window is closed, the connection is lost."""
        os.close(self.ours)
        os.close(self.theirs)
        self.ours = self.theirs = -1

    # ---- what comes back

    def pump(self, seconds: float) -> int:
        """Read for that long; how many bytes came."""
        end, came = time.monotonic() + seconds, 0
        while select.select([self.ours], [], [], max(0.0, end - time.monotonic()))[0]:
            data = os.read(self.ours, 65536)
            self.stream += data
            came += len(data)
            self._draw(data)
            if time.monotonic() >= end:
                break
        return came

    def _draw(self, data: bytes) -> None:
        whole = self._pending + self._decoder.decode(data)
        cut = UNFINISHED.search(whole)
        whole, self._pending = (whole[: cut.start()], cut[0]) if cut else (whole, "")
        for piece in KINDS.finditer(whole):
            if piece[0] == "\x1b[6n":
                self._where()
            self.screen.feed(str(piece.lastgroup), piece[0])

    def _where(self) -> None:
        self.questions += 1
        if self.answers:
            self.send(f"\x1b[{self.screen.y + 1};{self.screen.x + 1}R")

    @property
    def text(self) -> str:
        """The screen as it stands."""
        return self.screen.text

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

    # ---- the end

    def wait(self, patience: float = PATIENCE) -> int:
        """The exit status (negative: the signal that ended it), after all output was read."""
        end = time.monotonic() + patience
        while self.process.poll() is None:
            assert time.monotonic() < end, f"still there after {patience:g} s; the screen:\n{self.text}"
            if self.ours >= 0:
                self.pump(0.01)
            else:
                time.sleep(0.01)
        self.ended = time.monotonic()
        if self.ours >= 0:
            self.pump(0.1)
        return int(self.process.returncode)

    def end(self, keys: str = "q") -> int:
        """Leave the lab and wait for its exit status; `seconds` then tells how long that took."""
        asked = time.monotonic()
        self.send(keys)
        status = self.wait()
        self.seconds = self.ended - asked
        return status

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

    def colours(self) -> set[str]:
        """Every code that selects a colour, with 38;5 and 38;2 (and 48) standing for all of theirs."""
        text = self.stream.decode("utf-8", "replace")
        codes = ";".join(re.findall(r"\x1b\[([\d;]*)m", text))
        extended = re.compile(r"([34]8);(5;\d+|2;\d+;\d+;\d+)")
        found = {f"{m[1]};{m[2][0]}" for m in extended.finditer(codes)}
        return found | set(re.findall(r"(?<!\d)(?:3[0-7]|4[0-7]|9[0-7]|10[0-7])(?!\d)", extended.sub("", codes)))

    def strange(self) -> set[str]:
        """What reached the terminal and is neither text nor one of the program's own sequences."""
        pieces = KINDS.finditer(self.stream.decode("utf-8", "backslashreplace"))
        found = {p[0] for p in pieces if not p["text"] and not OWN.fullmatch(p[0])}
        return found | set(REORDERING.findall(self.stream.decode("utf-8", "replace")))

    def last_lines(self) -> str:
        """What was printed after the screen was given back, without escape sequences."""
        tail = self.stream.decode("utf-8", "replace").rpartition("\x1b[?1049l")[2]
        return "".join(p[0] for p in KINDS.finditer(tail) if p["text"] or p[0] == "\n").strip()

    def modes_left_on(self) -> set[str]:
        """The private modes that were switched on and never off again, and the state of the keyboard."""
        left = {"25", "7"}  # a shown cursor and line wrap are usual
        text = self.stream.decode("utf-8", "replace")
        for modes, switch in MODE.findall(text):
            for mode in modes.split(";"):
                (left.add if switch == "h" else left.discard)(mode)
        if text.count("\x1b[>") > text.count("\x1b[<u"):
            left.add("kitty keyboard")
        return left ^ {"25", "7"}

    def is_restored(self) -> bool:
        """Whether the terminal is as it was."""
        return not self.modes_left_on() and termios.tcgetattr(self.theirs) == self.before

    def others(self) -> dict[int, str]:
        """The processes that the program has started, whatever session they are in now."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                marked = self._mark.encode() in (folder / "environ").read_bytes().split(b"\0")
                if marked and int(folder.name) != self.pid:
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
        return found

    def trainer(self) -> int:
        """The process number of the trainer."""
        return next(pid for pid, command in self.others().items() if "spawn_main" in command)

    def nobody_left(self, patience: float = PATIENCE) -> bool:
        """Whether every process of the session goes; waits for it."""
        end = time.monotonic() + patience
        while self.others() and time.monotonic() < end:
            time.sleep(0.01)
        self.gone = time.monotonic()
        return not self.others()

    def close(self) -> None:
        """Nothing outlives a test."""
        for pid in [*([self.pid] if self.process.poll() is None else []), *self.others()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        for end in (self.ours, self.theirs):
            if end >= 0:
                os.close(end)


Open = Callable[..., Terminal]


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """The environment of a fresh user at a usual terminal."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, "HOME": str(tmp_path), "TERM": "xterm-256color", "LANG": "C.UTF-8"}


@pytest.fixture
def terminal(surroundings: dict[str, str], tmp_path: Path) -> Iterator[Open]:
    """Opens the lab in a terminal of its own. Environment variables given as None are taken away."""
    opened: list[Terminal] = []

    def open_terminal(
        *arguments: str, size: tuple[int, int] = (80, 24), script: str | None = None, **env: str | None
    ) -> Terminal:
        program = ["-c", script] if script else ["-m", "tinylm_tui"]
        whole = {name: value for name, value in {**surroundings, **env}.items() if value is not None}
        one = Terminal([sys.executable, *program, *arguments], size, whole, tmp_path)
        opened.append(one)
        return one

    yield open_terminal
    for one in opened:
        one.close()


@pytest.fixture
def lab(terminal: Open) -> Open:
    """The same, waited for until it is drawn."""

    def opened(*arguments: str, **more: object) -> Terminal:
        return terminal(*arguments, **more).until("Corpus").until("step").settle()

    return opened


@pytest.fixture
def note(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Figures that were measured: shown with -v, never judged narrowly, for machines differ."""

    def noted(*words: object) -> None:
        if request.config.get_verbosity() > 0:
            with capsys.disabled():
                print("\n   ", *[f"{w:.2f}" if isinstance(w, float) else w for w in words], end=" ")

    return noted
