"""The presets dialog: a list of names, the line of the one under the cursor, and what there is to see."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.strip import Strip

from tinylm_tui.lab.presets import Preset
from tinylm_tui.ui.drawing.samples import folded
from tinylm_tui.ui.ink import line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import visible

NAME = 18  # columns of a name in the list
OWN = "a line of your own"
LEAST_ROWS, GAP = 4, 1  # lines of the list; an empty one under it


def list_lines(presets: Sequence[Preset], chosen: int, rows: int, width: int, look: Look) -> list[Strip]:
    """So many names, the chosen one always among them, each with the beginning of its first sentence."""
    first = first_row(len(presets), chosen, rows)
    shown = list(enumerate(presets))[first : first + rows]
    lines = [_named(preset, i == chosen, width, look) for i, preset in shown]
    return [*lines, *[Strip.blank(0)] * (rows - len(lines))]


def first_row(count: int, chosen: int, rows: int) -> int:
    """The number of the preset in the list's first line."""
    return max(0, min(chosen - rows // 2, count - rows))


def _named(preset: Preset, here: bool, width: int, look: Look) -> Strip:
    about = preset.about[0] if preset.about else OWN
    return line(
        ("▸ " if here else "  ", look.style("amber")),
        (pad(visible(preset.name), NAME), look.style("cursor" if here else "text")),
        (" " + pad(visible(about), max(1, width - NAME - 4)), look.style("dim" if preset.about else "faint")),
    )


def line_lines(text: str, width: int, style: Style) -> list[Strip]:
    """A line of settings, broken at blanks where that can be: whole, so that it can be copied."""
    strips: list[Strip] = []
    for row in wrapped(visible(text), width, style):
        strips += [row] if row.cell_length <= width else [line(*part) for part in folded([(row.text, style)], width)]
    return strips


def told_lines(text: str, said: Sequence[str], width: int, look: Look, *, bad: bool = False) -> list[Strip]:
    """A line of settings, if there is one, and sentences under it; `bad` where they say why something will not do."""
    lines = [*line_lines(text, width, look.style("towards")), Strip.blank(0)] if text else []
    style = look.style("away" if bad else "text")
    return [*lines, *[strip for sentence in said for strip in wrapped(visible(sentence), width, style)]]


def rows_of(presets: Sequence[Preset], width: int, room: int, look: Look) -> tuple[int, int]:
    """The lines of the list, and those under it: what the longest preset needs, so that nothing moves on the way."""
    told = max(len(told_lines(preset.line, preset.about, width, look)) for preset in presets)
    told = min(told, room - GAP - LEAST_ROWS)
    return min(len(presets), room - GAP - told), told
