"""One rung of the ladder in words: what it sees, the settings that matter, its note, and all that it wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.ui.dials import value_text
from tinylm_tui.ui.drawing.ladder_curves import hue
from tinylm_tui.ui.drawing.ladder_table import sample_pieces
from tinylm_tui.ui.drawing.samples import folded
from tinylm_tui.ui.ink import line, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import visible

if TYPE_CHECKING:
    from tinylm_tui.lab.rungs import LadderReport, Rung

MATTER = {
    "bigram": ("learn_rate",),
    "average": ("context", "width", "learn_rate"),
    "mlp": ("context", "width", "hidden", "learn_rate"),
    "gpt": ("context", "layers", "heads", "width", "learn_rate"),
}
MOST_SAMPLE = 400  # characters of what it wrote


def settings_words(rung: Rung) -> str:
    """The settings that make this rung what it is, as they would be typed."""
    settings, names = rung.settings, MATTER.get(rung.name, ())
    return "  ".join(f"{name} {value_text(getattr(settings, name))}" for name in names)


def examples_words(rung: Rung, steps: int) -> str:
    """How many tokens so many steps predict, counted alike for all: an example of a gpt is a window full of them."""
    if rung.settings is None:
        return "It is counted once, and takes no steps."
    if rung.predicted is None:
        return ""
    many = (
        f"{rung.predicted:,} token{'s' if rung.predicted > 1 else ''}: {rung.predicted * steps:,} in {steps:,} steps."
    )
    return f"A step predicts {_drawn(rung)}{many}"


def _drawn(rung: Rung) -> str:
    """What the tokens of a step are drawn as, where that is not one by one."""
    settings = rung.settings
    if settings is None or not settings.batch:
        return "all pairs of the training part, "
    return f"{settings.batch:,} windows of {settings.context:,}, " if rung.name == "gpt" else ""


def no_floor(rung: Rung) -> str:
    """Why a rung has none where the others have one."""
    if rung.name != "gpt" or rung.floor_bits is not None:
        return ""
    return "No floor is known for it: its window reads on across words, so it can end below the floors of the others."


def detail(report: LadderReport, rung: Rung, width: int, height: int, look: Look, *, shown: int = 0) -> list[Strip]:
    """The chosen rung; what does not fit is left out, the end first. Samples of `shown` columns stand elsewhere."""
    told = [f"sees {visible(rung.sees)}.", report.left_out, examples_words(rung, report.steps), no_floor(rung)]
    about = " ".join(filter(None, told))
    lines = _named(rung, about, width, look)
    lines += wrapped(settings_words(rung), width, look.style("dim")) if rung.name in MATTER else []
    lines += wrapped(visible(rung.note), width, look.style("text")) if rung.note else []
    sample = _sample(rung, report.prompt, width, look) if cell_len(rung.sample) > shown else []
    gap = [Strip.blank(0)] if height >= len(lines) + len(sample) + 1 else []
    return _cut([*lines, *gap, *sample], width, height, look)


def _cut(lines: list[Strip], width: int, height: int, look: Look) -> list[Strip]:
    """What fits; where something is left out, the last line says so."""
    if len(lines) <= height:
        return lines
    more = line((" …", look.style("faint")))
    return [*lines[: height - 1], *[Strip.join([last.crop(0, width - 2), more]) for last in lines[height - 1 : height]]]


def _named(rung: Rung, about: str, width: int, look: Look) -> list[Strip]:
    """A paragraph that begins with the rung's name in its colour."""
    name = rung.name + " "
    first, *rest = wrapped(name + about, width, look.style("text"))
    return [line((name, hue(rung.name, bold=True)), (first.text[len(name) :], look.style("text"))), *rest]


def _sample(rung: Rung, prompt: str, width: int, look: Look) -> list[Strip]:
    """All that it wrote."""
    pieces = sample_pieces(rung.sample[:MOST_SAMPLE], prompt, look.style("bright"), look)
    return [line(("it writes", look.style("faint"))), *[line(*row) for row in folded(pieces, width)]]
