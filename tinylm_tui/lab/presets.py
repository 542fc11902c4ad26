"""Ready experiments, each one line of settings, and a person's own, kept in a file with one on each line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinylm_tui.lab.errors import RunFileError, SettingError
from tinylm_tui.lab.files import read_text
from tinylm_tui.lab.keeping import write_whole
from tinylm_tui.lab.numbers import shorten
from tinylm_tui.lab.recipes import Recipe, parse_recipe, recipe_line

__all__ = ["READY", "Preset", "Recipe", "find_preset", "keep_preset", "kept_presets", "parse_preset", "preset_line"]

parse_preset, preset_line = parse_recipe, recipe_line

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,39}")
CAT = "text='the cat sat on the mat' model=average tokenizer=alphabet held_out=0"


@dataclass(frozen=True)
class Preset:
    """A name, the line of settings, and at most three lines on what there is to see."""

    name: str
    line: str
    about: tuple[str, ...] = ()


READY: tuple[Preset, ...] = (
    Preset(
        "same-letters",
        f"{CAT} batch=17 learn_rate=5 mlp.context=5 gpt.context=5 gpt.width=16 gpt.heads=2 gpt.layers=1 screen=ladder "
        "steps=2000 prompt='t on '",
        (
            '"t on " goes on with t, " on t" with h; to an average both are the same five symbols, and it must guess.',
            "Two of the 17 windows cost it ln 2 each, so 2·ln 2/17 = 0.082 nats (0.118 bits) is as low as it can come.",
            "The mlp and the gpt see in which order symbols stand: their loss goes below that, nearly to 0.",
        ),
    ),
    Preset(
        "careful",
        f"{CAT} learn_rate=0.05 screen=train steps=1700",
        (
            "One example a step, and small steps: 17 windows, so 1,700 steps are 100 epochs.",
            "The loss sinks slowly, and after 100 epochs it is still far above its floor. Compare with: bold.",
        ),
    ),
    Preset(
        "bold",
        f"{CAT} learn_rate=0.5 screen=train steps=1700",
        (
            "The same model with steps ten times as large: in 100 epochs it comes close to its floor.",
            "Larger still is no better: 1 goes as well, but at 1.5 single examples throw the weights about.",
        ),
    ),
    Preset(
        "narrow",
        f"{CAT} width=16 learn_rate=0.5 screen=train steps=1700",
        (
            "16 numbers for each symbol in place of 32: half as many weights, and at first slower to learn.",
            "It ends at the same loss: what holds it back is what an average can see, not how many numbers it has.",
        ),
    ),
    Preset(
        "wide",
        f"{CAT} width=64 learn_rate=0.5 screen=train steps=1700",
        (
            "64 numbers for each symbol in place of 32: twice as many weights, and at first quicker to learn.",
            "It ends at the same loss: what holds it back is what an average can see, not how many numbers it has.",
        ),
    ),
    Preset(
        "short-window",
        f"{CAT} context=3 learn_rate=0.5 screen=train steps=1700",
        (
            "Windows of 3 symbols: more of them look alike and go on differently, so the floor is higher.",
            "It comes near that higher floor and stays above it: what the window does not hold, no training brings.",
        ),
    ),
    Preset(
        "long-window",
        f"{CAT} context=10 learn_rate=0.5 screen=train steps=1700",
        (
            "Windows of 10 symbols: only 12 fit into the sentence, and each symbol is but a tenth of its average.",
            "Neighbouring windows then have nearly the same average: it takes longer to tell them apart.",
        ),
    ),
    Preset(
        "other-text",
        "text='she sells sea shells by the sea shore' model=average tokenizer=alphabet held_out=0 learn_rate=0.5 "
        "screen=train steps=3200",
        (
            "Another sentence, full of the same few letters: many windows hold the same ones in another order.",
            "The floor of an average is nearly four times as high here as on the cat and the mat.",
        ),
    ),
    Preset(
        "more-data",
        "corpus=sentences model=average tokenizer=alphabet batch=64 learn_rate=2 screen=train steps=4000",
        (
            "180 sentences in place of one: 4,890 windows and 1,728 weights, so it must find what many have in common.",
            "The held-out loss stays close to the other: what it learns also holds for sentences it has not seen.",
        ),
    ),
    Preset(
        "bpe-story",
        "corpus=story model=mlp tokenizer=bpe screen=train steps=2000",
        (
            "143 merges make 200 tokens of the story's 56 characters and the boundary: about 2 characters each.",
            "A window of 10 tokens then reaches twice as far as one of 10 letters. Compare in bits a character.",
        ),
    ),
    Preset(
        "by-heart",
        "corpus=animals model=mlp hidden=256 held_out=0.3 screen=train steps=2000",
        (
            "Many weights and few words: after some hundred steps the held-out loss turns and rises.",
            "From there on the model learns its own words by heart, and grows worse at words it has not seen.",
        ),
    ),
    Preset(
        "gpt-names",
        "corpus=names model=gpt screen=train steps=2000",
        (
            "A transformer on 1,150 first names. Each letter looks at those before it; see Attention while it trains.",
            "The list is short for so many weights: watch for the step at which the held-out loss turns.",
        ),
    ),
    Preset(
        "story-ladder",
        "corpus=story gpt.width=32 screen=ladder steps=800 prompt='The '",
        (
            "A story, and every model from counting to attention on it, each with the same number of steps.",
            "The mlp and the gpt come below what counting pairs can reach, also on held-out text.",
            "The average does worse than a bigram: its five letters tell more, but not to one matrix on their mean.",
        ),
    ),
)


def find_preset(name_or_line: str, own: Sequence[Preset] = ()) -> Preset:
    """A preset by its name, or a line as one without a name. Raises SettingError that lists the names."""
    known = {preset.name: preset for preset in (*READY, *own)}
    if name_or_line.strip() in known:
        return known[name_or_line.strip()]
    if "=" not in name_or_line:
        raise SettingError(f"there is no preset {shorten(name_or_line)!r}; there are {', '.join(known)}")
    return Preset("", name_or_line)


def kept_presets(file: Path) -> tuple[Preset, ...]:
    """The presets in a file: on each line a name, a blank, and the line of settings; none where there is no file.

    Raises TextError for a file that cannot be read.
    """
    if not file.exists():
        return ()
    lines = [line.strip() for line in read_text(file).split("\n")]
    return tuple(Preset(*_parted(line)) for line in lines if line and not line.startswith("#"))


def _parted(line: str) -> tuple[str, str]:
    name, _, rest = line.partition(" ")
    return name, rest.strip()


def keep_preset(file: Path, name: str, line: str) -> None:
    """Add a preset to the file, or put it in the place of one with the same name.

    Raises SettingError for a name that will not do, what `parse_preset` raises for a line that is none, and
    RunFileError where the file cannot be written.
    """
    if not NAME.fullmatch(name):
        raise SettingError(f"a preset is named with letters, digits, - and _, at most 40, not {shorten(name)!r}")
    if name in {preset.name for preset in READY}:
        raise SettingError(f"{name} is one of the lab's own presets: choose another name")
    if "\n" in line or not line.isprintable():
        raise SettingError("a preset is one line, without control characters; \\n in a text stands for a line end")
    parse_preset(line)
    others = [preset for preset in kept_presets(file) if preset.name != name]
    _write(file, "".join(f"{preset.name} {preset.line}\n" for preset in [*others, Preset(name, line.strip())]))


def _write(file: Path, text: str) -> None:
    """All of it or nothing: a crash in the middle leaves the file before."""
    try:
        write_whole(file, text.encode(), previous=False)
    except (OSError, UnicodeEncodeError) as error:
        raise RunFileError(f"the preset cannot be saved to {file} ({getattr(error, 'strerror', error)})") from None
