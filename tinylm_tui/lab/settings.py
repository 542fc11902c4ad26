"""The settings of a run, named once: the same on screen, in a file and in `--set NAME=VALUE`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from functools import partial
from typing import Any

from tinylm_tui.engine.reading import READINGS
from tinylm_tui.lab.errors import SettingError
from tinylm_tui.lab.numbers import parse_number, parse_whole, shorten

TOKENIZERS = ("characters", "alphabet", "bpe")
MOST_TOKENS = 2_000  # different tokens: the lab shows matrices with a row for each


@dataclass(frozen=True)
class Settings:
    """Every choice that makes one run differ from another on the same text."""

    model: str = "bigram"
    reading: str = "auto"
    tokenizer: str = "characters"
    vocabulary: int = 200
    split_words: bool = True
    start: str = "zero"
    seed: int = 0
    learn_rate: float = 20.0
    batch: int = 0
    pace: int = 100
    feedback_rate: float = 1.0
    layers: int = 2
    heads: int = 4
    width: int = 64
    hidden: int = 64
    context: int = 32
    tie_head: bool = True
    threads: str = "auto"
    warmup: int = 100
    decay_to: float = 0.0
    decay_steps: int = 0
    weight_decay: float = 0.1
    beta2: float = 0.99
    clip: float = 1.0
    held_out: float = 0.0

    def changed(self, name: str, value: str) -> Settings:
        """A copy with one setting read from text. Another model brings its own learn rate, batch and held-out part.

        Raises SettingError.
        """
        change: dict[str, Any] = {name: setting(name).parse(value)}
        if name == "model" and change["model"] != self.model:
            change |= MODELS[change["model"]]
        return replace(self, **change)

    def as_dict(self) -> dict[str, object]:
        """For a file or a JSON line."""
        return asdict(self)


# What each model begins with where it differs from the above. The gpt's: best of those tried on 32,000 names.
MODELS: dict[str, dict[str, Any]] = {
    "bigram": {"learn_rate": 20.0, "batch": 0, "held_out": 0.0, "pace": 100},
    "average": {"learn_rate": 0.1, "batch": 1, "held_out": 0.1, "pace": 0, "width": 32, "context": 5},
    "mlp": {
        "learn_rate": 1e-2,
        "batch": 64,
        "held_out": 0.1,
        "pace": 0,
        "width": 8,
        "context": 10,
        "decay_to": 1e-3,
        "decay_steps": 2000,
    },
    "gpt": {
        "learn_rate": 5e-3,
        "batch": 32,
        "held_out": 0.1,
        "pace": 0,
        "width": 64,
        "context": 32,
        "tie_head": False,
        "decay_to": 3e-4,
        "decay_steps": 2000,
    },
}


@dataclass(frozen=True)
class Setting:
    """One row of the table of settings: its name, how text becomes its value, and what it does."""

    name: str
    parse: Callable[[str], object]
    help: str
    restarts: bool = False  # whether a change needs a fresh start of the weights
    models: tuple[str, ...] = tuple(MODELS)  # which models it means something for


def _choice(name: str, choices: tuple[str, ...], text: str) -> str:
    if text.strip().lower() not in choices:
        raise SettingError(f"{name} is one of {', '.join(choices)}, not {shorten(text)!r}")
    return text.strip().lower()


def _number(name: str, low: float, high: float, help: str, **more: Any) -> Setting:
    return Setting(name, lambda text: parse_number(name, text, low, high), help, **more)


def _whole(name: str, low: int, high: int, help: str, **more: Any) -> Setting:
    return Setting(name, lambda text: parse_whole(name, text, low, high), help, **more)


def _yes_or_no(name: str, text: str) -> bool:
    answers = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return answers[_choice(name, tuple(answers), text)]


def _choices(name: str, choices: tuple[str, ...], help: str, **more: Any) -> Setting:
    return Setting(name, partial(_choice, name, choices), help, restarts=True, **more)


BIGRAM, GPT, ADAM, VECTORS = ("bigram",), ("gpt",), ("mlp", "gpt"), ("average", "mlp", "gpt")

SETTINGS: tuple[Setting, ...] = (
    _choices("model", tuple(MODELS), "bigram: sees one token; average, mlp: a window; gpt: a transformer"),
    _choices("reading", ("auto", *READINGS), "how the text is cut: words, lines, or one running text; auto looks"),
    _choices("tokenizer", TOKENIZERS, "characters; alphabet: blank and a to z; bpe: learnt byte pairs"),
    _whole("vocabulary", 2, MOST_TOKENS, "bpe: how many different tokens, the boundary among them", restarts=True),
    Setting("split_words", partial(_yes_or_no, "split_words"),
            "bpe: whether a token stays inside a word and the blank before it", restarts=True),
    _choices("start", ("zero", "random"), "the first weights: all zero, or drawn at random with the seed",
             models=BIGRAM),
    _whole("seed", 0, 2**32 - 1, "one seed, one run: it fixes the random start and the batches", restarts=True),
    _number("learn_rate", 0, 1e6, "how far each step moves the weights against the gradient"),
    _whole("batch", 0, 65536, "examples in each step; for the bigram 0 = every pair of the text"),
    _whole("pace", 0, 100_000, "most steps a second; 0 = as fast as the machine can"),
    _number("feedback_rate", 0, 100, "how far one round of feedback moves the weights", models=BIGRAM),
    _whole("layers", 1, 24, "how many blocks stand one after the other", restarts=True, models=GPT),
    _whole("heads", 1, 32, "how many patterns of attention each block has; must divide the width", restarts=True,
           models=GPT),
    _whole("width", 1, 1024, "how many numbers stand for one token: the width of the embedding", restarts=True,
           models=VECTORS),
    _whole("hidden", 1, 4096, "how many tanh units the hidden layer has", restarts=True, models=("mlp",)),
    _whole("context", 1, 1024, "how many tokens the model sees at most", restarts=True, models=VECTORS),
    Setting("tie_head", partial(_yes_or_no, "tie_head"), "read the scores off with the token embedding itself",
            restarts=True, models=GPT),
    Setting("threads", partial(_choice, "threads", ("auto", "one", "two")),
            "processor cores for a step: auto measures whether two are faster", restarts=True, models=GPT),
    _whole("warmup", 0, 100_000, "steps over which the learn rate rises to its full height", models=ADAM),
    _number("decay_to", 0, 1e6, "the learn rate at the end of the decay", models=ADAM),
    _whole("decay_steps", 0, 10**9, "the step at which the decay has ended; 0 = no decay", models=ADAM),
    _number("weight_decay", 0, 10, "how strongly AdamW pulls the matrices towards zero", models=ADAM),
    _number("beta2", 0, 0.99999, "how long AdamW remembers the size of gradients: about 1/(1-beta2) steps",
            models=ADAM),
    _number("clip", 0, 1e6, "the gradient is shortened to this length where it is longer; 0 = never", models=ADAM),
    _number("held_out", 0, 0.5, "the share of the text that is kept from training, to check on", restarts=True),
)  # fmt: skip


def setting(name: str) -> Setting:
    """The row of that name. Raises SettingError that lists the names there are."""
    for row in SETTINGS:
        if row.name == name:
            return row
    names = [row.name for row in SETTINGS]
    near = "".join(f": {one} is one" for one in get_close_matches(name, names, 1))
    raise SettingError(f"there is no setting {shorten(name)!r}{near}; there are {', '.join(names)}")


def parted(pairs: Sequence[str]) -> list[tuple[str, str]]:
    """`NAME=VALUE` texts as pairs. Raises SettingError."""
    found = []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise SettingError(f"a setting is written NAME=VALUE, not {shorten(pair)!r}")
        found.append((name.strip(), value))
    return found


def parse_pairs(pairs: Sequence[str], settings: Settings | None = None) -> Settings:
    """Settings from `NAME=VALUE` texts; the model first, wherever it stands: it brings values of its own.

    Raises SettingError.
    """
    settings = settings or Settings()
    for name, value in sorted(parted(pairs), key=lambda pair: pair[0] != "model"):
        settings = settings.changed(name, value)
    return settings
