"""How the next token is drawn: the dials that the samples and the step by step page share, and their keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinylm_tui.engine.strategies import HIGHEST_TEMPERATURE, Strategy
from tinylm_tui.lab.numbers import parse_any, parse_whole_any
from tinylm_tui.lab.writing import MOST_KEPT
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.dials import WARMEST, stepped
from tinylm_tui.ui.panes.base import Pane

TOP_K = (50, 20, 10, 5, 3, 2, 1)
TOP_P = (0.95, 0.9, 0.8, 0.5, 0.2)


@dataclass
class Dials:
    """What the person has set. `warmth` is the temperature to go back to from greedy."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    dice: int = 0
    warmth: float = 1.0

    def strategy(self, size: int) -> tuple[Strategy, list[str]]:
        """The strategy for a vocabulary of `size` tokens, and a sentence for each dial that it cannot follow."""
        return Strategy.clamped(self.temperature, self.top_k, self.top_p, size)


class StrategyPane(Pane):
    """A screen with these dials."""

    @property
    def dials(self) -> Dials:
        """The one set of dials."""
        raise NotImplementedError

    @property
    def temperature(self) -> float:
        """0: greedy."""
        return self.dials.temperature

    def set_dials(self, **values: float) -> None:
        """Turn some of them; what is out of range is brought back, and it says so."""
        for name, value in values.items():
            setattr(self.dials, name, value)
        strategy, said = self.dials.strategy(self.snapshot.corpus.size)
        self.dials.temperature, self.dials.top_k, self.dials.top_p = (
            strategy.temperature,
            strategy.top_k,
            strategy.top_p,
        )
        if said:
            self.lab.tell(" ".join(said))
        self.redraw()

    def action_temperature(self, direction: int) -> None:
        self.set_dials(temperature=stepped(self.temperature, direction, 0.1, 0.0, max(WARMEST, self.temperature)))

    def action_greedy(self) -> None:
        if self.temperature:
            self.dials.warmth = self.temperature
            self.set_dials(temperature=0.0)
        else:
            self.set_dials(temperature=self.dials.warmth)

    def action_top_k(self) -> None:
        values = [k for k in TOP_K if k < self.snapshot.corpus.size]
        self.set_dials(top_k=next((k for k in values if k < self.dials.top_k or not self.dials.top_k), 0))

    def action_top_p(self) -> None:
        self.set_dials(top_p=next((p for p in TOP_P if p < self.dials.top_p), 1.0))

    def action_new_dice(self) -> None:
        self.set_dials(dice=self.dials.dice + 1)

    # ---- any value

    def action_type_temperature(self) -> None:
        hint = f"0 (greedy) to {HIGHEST_TEMPERATURE:g}; 1 is the model as it is."
        self._ask("Temperature", hint, f"{self.temperature:g}", parse_temperature, "temperature")

    def action_type_top_k(self) -> None:
        hint = f"How many of the likeliest tokens stay, of {self.snapshot.corpus.size:,}; 0 is off."
        self._ask("Top-k", hint, str(self.dials.top_k), parse_top_k, "top_k")

    def action_type_top_p(self) -> None:
        hint = "The likeliest tokens stay whose share of what is left reaches this, from 0 to 1; 1 is off."
        self._ask("Top-p", hint, f"{self.dials.top_p:g}", parse_top_p, "top_p")

    def _ask(self, title: str, hint: str, now: str, parse: Callable[[str], float], name: str) -> None:
        def take(answer: str | None) -> None:
            if answer is not None:
                self.set_dials(**{name: parse(answer)})

        self.app.push_screen(Question(title, hint, now, parse), take)


def parse_temperature(text: str) -> float:
    """The temperature that somebody typed. Raises SettingError."""
    return parse_any("temperature", text, 0, HIGHEST_TEMPERATURE)


def parse_top_k(text: str) -> int:
    """The k that somebody typed. Raises SettingError."""
    return parse_whole_any("top-k", text, 0, MOST_KEPT)


def parse_top_p(text: str) -> float:
    """The p that somebody typed. Raises SettingError."""
    return parse_any("top-p", text, 0, 1)
