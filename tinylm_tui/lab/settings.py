"""The settings of a run, named once: the same on screen, in a file and in `--set NAME=VALUE`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from tinylm_tui.engine.reading import READINGS
from tinylm_tui.lab.errors import SettingError
from tinylm_tui.lab.numbers import parse_number, parse_whole, shorten


@dataclass(frozen=True)
class Settings:
    """Every choice that makes one run differ from another on the same text."""

    model: str = "bigram"
    reading: str = "auto"
    tokenizer: str = "characters"
    start: str = "zero"
    seed: int = 0
    learn_rate: float = 20.0
    batch: int = 0
    pace: int = 100
    feedback_rate: float = 0.5

    def changed(self, name: str, value: str) -> Settings:
        """A copy with one setting read from text. Raises SettingError."""
        change: dict[str, Any] = {name: setting(name).parse(value)}
        return replace(self, **change)

    def as_dict(self) -> dict[str, object]:
        """For a file or a JSON line."""
        return asdict(self)


@dataclass(frozen=True)
class Setting:
    """One row of the table of settings: its name, how text becomes its value, and what it does."""

    name: str
    parse: Callable[[str], object]
    help: str
    restarts: bool = False  # whether a change needs a fresh start of the weights


def _choice(name: str, choices: tuple[str, ...], text: str) -> str:
    if text.strip().lower() not in choices:
        raise SettingError(f"{name} is one of {', '.join(choices)}, not {shorten(text)!r}")
    return text.strip().lower()


def _number(name: str, low: float, high: float, help: str) -> Setting:
    return Setting(name, lambda text: parse_number(name, text, low, high), help)


def _whole(name: str, low: int, high: int, help: str, *, restarts: bool = False) -> Setting:
    return Setting(name, lambda text: parse_whole(name, text, low, high), help, restarts)


def _choices(name: str, choices: tuple[str, ...], help: str) -> Setting:
    return Setting(name, partial(_choice, name, choices), help, restarts=True)


SETTINGS: tuple[Setting, ...] = (
    _choices("model", ("bigram",), "bigram: one token predicts the next"),
    _choices("reading", ("auto", *READINGS), "how the text is cut: words, lines, or one running text; auto looks"),
    _choices("tokenizer", ("characters",), "characters: each different character is a token"),
    _choices("start", ("zero", "random"), "the first weights: all zero, or drawn at random with the seed"),
    _whole("seed", 0, 2**32 - 1, "one seed, one run: it fixes the random start and the batches", restarts=True),
    _number("learn_rate", 0, 1e6, "how far each step moves the weights against the gradient"),
    _whole("batch", 0, 65536, "pairs in each step's sample; 0 = every pair of the text"),
    _whole("pace", 0, 100_000, "most steps a second; 0 = as fast as the machine can"),
    _number("feedback_rate", 0, 100, "how far one round of feedback moves the weights"),
)


def setting(name: str) -> Setting:
    """The row of that name. Raises SettingError that lists the names there are."""
    for row in SETTINGS:
        if row.name == name:
            return row
    raise SettingError(f"there is no setting {shorten(name)!r}; there are {', '.join(s.name for s in SETTINGS)}")


def parse_pairs(pairs: list[str], settings: Settings | None = None) -> Settings:
    """Settings from `NAME=VALUE` texts. Raises SettingError."""
    settings = settings or Settings()
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise SettingError(f"a setting is written NAME=VALUE, not {shorten(pair)!r}")
        settings = settings.changed(name.strip(), value)
    return settings
