"""The curves of all rungs on shared axes, each with its name at its end, and the floors under them.

Drawn in braille dots of our own, not through plotext: names that give way to each other at the lines' ends, letters on
the lines where colours are missing and floors named where nothing else stands are most of this picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.ui.drawing.ladder_axes import (
    BELOW,
    LEFT,
    RIGHT,
    Axes,
    Floor,
    Line,
    axes_of,
    dots_of,
    floors_of,
    lines_of,
    spread,
)
from tinylm_tui.ui.drawing.scatter import BRAILLE, Cells
from tinylm_tui.ui.ink import pad
from tinylm_tui.ui.look import Look

if TYPE_CHECKING:
    from tinylm_tui.lab.rungs import LadderReport

HUES = {"counts": "#a8a8a8", "bigram": "#87afff", "average": "#d7d75f", "mlp": "#d787d7", "gpt": "#5fd7d7"}
OTHERS = "#d0d0d0"
APART = 11  # columns from one letter on a line to the next
RULE, END = "─", "•"
ROUND = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


def hue(name: str, *, bold: bool = False) -> Style:
    """The colour of one rung, wherever it is named."""
    return Style(color=HUES.get(name, OTHERS), bold=bold)


def bits_figure(bits: float, look: Look) -> str:
    """Three decimals; infinite where something came that a rung held to be impossible."""
    return f"{bits:.3f}" if math.isfinite(bits) else "inf" if look.ascii else "∞"


def curves(report: LadderReport, chosen: str, width: int, height: int, look: Look, *, held: bool) -> list[Strip]:
    """The picture. Floors hold for the part that is learnt from, so they stand under its curves only."""
    lines = lines_of(report, held=held)
    if not lines or width < LEFT + RIGHT + 8 or height < BELOW + 2:
        return []
    floors = [] if held else floors_of(report)
    axes = axes_of(lines, floors, report.steps, width, height)
    cells = Cells(width, height)
    _frame(cells, axes, look)
    _floor_rules(cells, axes, floors, look)
    dots: dict[tuple[int, int], int] = {}
    for line in sorted(lines, key=lambda line: line.name == chosen):
        if np.isfinite(line.bits).all():
            _draw(cells, axes, line, dots, look)
    _floor_names(cells, axes, floors)
    _names(cells, axes, lines, chosen, look)
    return cells.strips(look)


# ---- the frame


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """Round values from `low` to `high`, at most so many where that can be."""
    step = next((step for step in ROUND if (high - low) / step <= most), ROUND[-1])
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _frame(cells: Cells, axes: Axes, look: Look) -> None:
    rule, dim = look.style("rule"), look.style("dim")
    for row in range(axes.rows):
        cells.put(row, LEFT - 1, "│", rule)
    cells.put(axes.rows, LEFT - 1, "└" + "─" * axes.columns, rule)
    ticks = round_ticks(axes.low, axes.high, max(3, 2 * axes.rows // 5))
    decimals = 1 if all(round(tick, 1) == tick for tick in ticks) else 2
    for value in ticks:
        row = axes.row(value)
        cells.put(row, 0, f"{value:>{LEFT - 2}.{decimals}f}", dim)
        cells.put(row, LEFT - 1, "┤", rule)
    _step_ticks(cells, axes, look)


def _step_ticks(cells: Cells, axes: Axes, look: Look) -> None:
    """0, the quarters where they are whole, and the last step."""
    used = 0
    for quarter in (0, 2, 4, 1, 3) if axes.columns < 48 else range(5):
        step = axes.steps * quarter / 4
        text = f"{int(step):,}" + (" steps" if quarter == 4 else "")
        if step != int(step) or (used and axes.columns < 24 and quarter not in (0, 4)):
            continue
        used += 1
        column = LEFT + int(axes.x(np.array([step]))[0]) // 2
        cells.put(axes.rows + 1, max(LEFT, column - len(f"{int(step):,}") // 2), text, look.style("dim"))


def _floor_rules(cells: Cells, axes: Axes, floors: Sequence[Floor], look: Look) -> None:
    """A thin line for each floor, under everything else."""
    for floor in floors:
        cells.put(axes.row(floor.bits), LEFT, RULE * axes.columns, look.style("faint"))


def _floor_names(cells: Cells, axes: Axes, floors: Sequence[Floor]) -> None:
    """Each named on its line, or right above or below it, where no curve goes; left out where there is no place."""
    for floor in floors:
        text, row = f" floor of {', '.join(floor.names)} {floor.bits:.3f} ", axes.row(floor.bits)
        columns = (1, axes.columns // 3, axes.columns // 2, axes.columns - len(text) - 1)
        places = [(r, LEFT + c) for r in (row, row + 1, row - 1) for c in columns]
        place = next((place for place in places if _free(cells, axes, *place, len(text))), None)
        if place:
            cells.put(*place, text, hue(floor.names[0]))


def _free(cells: Cells, axes: Axes, row: int, column: int, count: int) -> bool:
    """Whether so many cells inside the axes hold nothing but a thin line."""
    if not (0 <= row < axes.rows and column > LEFT and column + count <= LEFT + axes.columns):
        return False
    return all(cells.shown.get((row, column + i), (RULE, None))[0] == RULE for i in range(count))


# ---- the lines


def _draw(cells: Cells, axes: Axes, line: Line, under: dict[tuple[int, int], int], look: Look) -> None:
    """Braille; where colours or braille are missing, the rung's first letter on the line. `under`: the dots so far."""
    letter, style = line.name[0], hue(line.name)
    for (row, column), bits in dots_of(line, axes).items():
        if not (0 <= row < axes.rows and 0 <= column < axes.columns):
            continue
        bits = under[row, column] = bits | under.get((row, column), 0)
        marked = look.depth != "many" and (column + 3 * ord(letter)) % APART == 0
        cells.put(row, LEFT + column, letter if look.ascii or marked else chr(BRAILLE + bits), style)


def _names(cells: Cells, axes: Axes, lines: Sequence[Line], chosen: str, look: Look) -> None:
    """At the right of each line: its name and where it has come to, with a point where that was measured."""
    ordered = sorted(lines, key=lambda line: -line.last)
    places = spread([axes.row(line.last) for line in ordered], axes.rows)
    for line, row in zip(ordered, places, strict=True):
        if line.measured is not None and math.isfinite(line.measured):
            cells.put(axes.row(line.measured), LEFT + axes.columns - 1, END, hue(line.name, bold=True))
        here = line.name == chosen
        cells.put(row, LEFT + axes.columns, "▸" if here else " ", look.style("amber"))
        text = f"{pad(line.name, 8)}{bits_figure(line.last, look)}"
        cells.put(row, LEFT + axes.columns + 1, text, hue(line.name, bold=here))
