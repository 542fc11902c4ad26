"""A recipe: a text and the settings to learn it with, in one line that can be typed, saved and shared.

    corpus=sentences model=average tokenizer=alphabet context=5 screen=ladder steps=2000 prompt='t on '
    text='the cat sat on the mat' model=mlp context=3

Blanks part the choices; a value with blanks stands in quotes. `corpus` is a starter text or a file, `text` the text
itself, in which \\n is a line end and \\\\ a backslash. `screen`, `steps` and `prompt` say what to do with it, and
every other name is a setting; `mlp.hidden=32` is a setting of one model on the ladder.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinylm_tui.engine.progress import Told, always
from tinylm_tui.engine.reading import guess_reading
from tinylm_tui.lab.corpus import Corpus, make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.errors import SettingError, TextError
from tinylm_tui.lab.files import read_text
from tinylm_tui.lab.ladder import MOST_STEPS, OF_ALL, OF_THE_TEXT, override_of
from tinylm_tui.lab.numbers import parse_whole, shorten
from tinylm_tui.lab.run import Run, suited
from tinylm_tui.lab.settings import SETTINGS, Settings, parse_pairs, setting
from tinylm_tui.lab.starters import STARTERS, starter

SCREENS = ("corpus", "train", "generate", "heatmap", "math", "feedback", "attention", "model", "tokens", "embeddings",
           "ladder", "surprise", "saliency", "lens", "ablation")  # fmt: skip
DO_WITH_IT = ("corpus", "text", "screen", "steps", "prompt")
LONGEST = 200  # characters of a text that still stand in a line
OF_THE_RUN = ("model", *OF_THE_TEXT, *OF_ALL, "pace")
BYTE_PAIRS = ("vocabulary", "split_words")
ESCAPED = re.compile(r"\\(\\|n|t|u[0-9a-fA-F]{4}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})")
ESCAPES = {"\\": "\\", "n": "\n", "t": "\t"}


@dataclass(frozen=True)
class Recipe:
    """What a line says: a text with its name and reading, and the settings of the run, each as text.

    `overrides` are for the ladder: what is told of one of its models, and what the line tells of the run's own.
    `screen` is empty, and `steps` None, where the line does not name them.
    """

    name: str
    text: str
    reading: str
    pairs: tuple[tuple[str, str], ...]
    overrides: tuple[str, ...] = ()
    screen: str = ""
    steps: int | None = None
    prompt: str = ""


def fresh_run(name: str, text: str, reading: str, pairs: Sequence[tuple[str, str]], told: Told = always) -> Run:
    """A run at step 0 with these settings; the learn rate suits the text unless one is told.

    A `reading` among the settings goes before the other one. Raises TextError, SettingError, or Stopped where `told`
    ended it.
    """
    settings = parse_pairs([f"{name}={value}" for name, value in pairs])
    reading = reading if settings.reading == "auto" else settings.reading
    corpus = make_corpus(name, text, reading, cut_of(settings), told)
    return Run(corpus, settings if "learn_rate" in dict(pairs) else suited(settings, corpus))


def text_of(name_or_path: str) -> tuple[str, str, str]:
    """A starter text by its name, or a file: its name, the text and how it is read. Raises TextError."""
    if name_or_path in {one.name for one in STARTERS}:
        chosen = starter(name_or_path)
        return chosen.name, chosen.text(), chosen.reading
    return Path(name_or_path).name, read_text(name_or_path), "auto"


def parse_recipe(line: str) -> Recipe:
    """What the line says. Raises TextError or SettingError with the first thing that cannot be."""
    told = _told(line)
    for unknown in [name for name in told if "." not in name and name not in DO_WITH_IT]:
        setting(unknown)
    name, text, reading = _text(told.pop("corpus", None), told.pop("text", None))
    screen, steps = told.pop("screen", ""), told.pop("steps", None)
    if screen and screen not in SCREENS:
        raise SettingError(f"there is no screen {shorten(screen)!r}; there are {', '.join(SCREENS)}")
    prompt = unescaped(told.pop("prompt", ""))
    pairs = tuple((name, value) for name, value in told.items() if "." not in name)
    settings = parse_pairs([f"{name}={value}" for name, value in pairs])
    return Recipe(
        name, text, reading, pairs, tuple(_overrides(told, settings.model)), screen,
        None if steps is None else parse_whole("steps", steps, 1, MOST_STEPS), prompt,
    )  # fmt: skip


def _told(line: str) -> dict[str, str]:
    """Name by name, what a line tells. Raises SettingError for a line that cannot be read."""
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", ""
    try:
        choices = list(lexer)
    except ValueError:
        raise SettingError("a quote is opened in this line and not closed: a value with blanks stands in two") from None
    told: dict[str, str] = {}
    for choice in choices:
        name, equals, value = choice.partition("=")
        if not equals:
            raise SettingError(f"a setting is written NAME=VALUE, not {shorten(choice)!r}; quotes keep blanks together")
        if name in told:
            raise SettingError(f"{shorten(name)} is told twice")
        told[name] = value
    return told


def _text(corpus: str | None, text: str | None) -> tuple[str, str, str]:
    """The text a line tells of: its name, itself, and how it is read."""
    if (corpus is None) == (text is None):
        raise TextError("a preset tells of one text: corpus=NAME, corpus=FILE or text='a few words'")
    if corpus == "":
        raise TextError("corpus= names no text: corpus=names is a starter text, and a file is named by its path")
    if corpus is not None:
        return text_of(corpus)
    plain = unescaped(text or "")
    return shorten(" ".join(plain.split())), plain, "auto"


def _overrides(told: dict[str, str], model: str) -> Iterator[str]:
    """What a line tells of the models on the ladder: of each by its name, or of the run's own without one."""
    for name, value in told.items():
        own = "." not in name
        if own and (name in OF_THE_RUN or model not in setting(name).models):
            continue
        override = f"{model}.{name}={value}" if own else f"{name}={value}"
        override_of(override)
        yield override


def recipe_line(
    settings: Settings, corpus: Corpus, screen: str = "", steps: int | None = None, prompt: str = ""
) -> str:
    """The shortest line that brings this text and these settings back: only what differs from what is usual.

    Raises TextError for a text of one's own that is too long to stand in a line.
    """
    rest = [f"{name}={quoted(value)}" for name, value in _different(settings, corpus)]
    for name, value in (("screen", screen), ("steps", steps), ("prompt", escaped(prompt))):
        rest += [f"{name}={quoted(str(value))}"] if value else []
    return " ".join([_text_choice(corpus, rest), *rest])


def _text_choice(corpus: Corpus, rest: Sequence[str]) -> str:
    if _is_starter(corpus):
        return f"corpus={corpus.name}"
    if len(corpus.text) > LONGEST:
        raise TextError(
            f"the text has {len(corpus.text):,} characters, and a line holds {LONGEST}: save it as a file, and write "
            + " ".join(["corpus=FILE", *rest])
        )
    return f"text={quoted(escaped(corpus.text))}"


def _is_starter(corpus: Corpus) -> bool:
    return any(one.name == corpus.name and one.text() == corpus.text for one in STARTERS)


def _different(settings: Settings, corpus: Corpus) -> Iterator[tuple[str, str]]:
    """Each setting that means something to this model and is not what it would be anyhow, as text."""
    usual = suited(Settings().changed("model", settings.model), corpus)
    if settings.model != Settings().model:
        yield "model", settings.model
    reading = starter(corpus.name).reading if _is_starter(corpus) else guess_reading(corpus.text)
    if corpus.reading != reading:
        yield "reading", corpus.reading
    for row in SETTINGS:
        idle = row.name in BYTE_PAIRS and settings.tokenizer != "bpe"
        if row.name in ("model", "reading") or settings.model not in row.models or idle:
            continue
        if (value := getattr(settings, row.name)) != getattr(usual, row.name):
            yield row.name, written(value)


def written(value: object) -> str:
    """The value of a setting, as it can be typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def quoted(value: str) -> str:
    """A value as it stands in a line."""
    return shlex.quote(value)


def escaped(text: str) -> str:
    """A text as one line: line ends, control characters and backslashes by their names."""

    def one(character: str) -> str:
        if character in "\\\n":
            return "\\\\" if character == "\\" else "\\n"
        if character.isprintable():
            return character
        return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"

    return "".join(map(one, text))


def unescaped(text: str) -> str:
    """The text that `escaped` has made one line of."""
    return ESCAPED.sub(lambda found: ESCAPES.get(found[1]) or chr(int(found[1][1:], 16)), text)
