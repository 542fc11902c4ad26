"""What the picture of the ladder shows, as figures: lines, floors, axes, and which dots and rows they take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tinylm_tui.ui.drawing.scatter import BITS

if TYPE_CHECKING:
    from tinylm_tui.lab.rungs import LadderReport, Rung

LEFT, RIGHT, BELOW = 6, 16, 2  # columns of the figures beside the axis and of the names; lines under the plot
EARLY = 0.08  # of the steps: what is higher than the rest in these goes out of the picture at its top
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Line:
    """One rung's curve: bits a character by step. What takes no steps has one value and is level."""

    name: str
    steps: Floats  # (n,)
    bits: Floats  # (n,), n at least 1
    measured: float | None  # at the end, on the whole part

    @property
    def last(self) -> float:
        """Where it has come to."""
        return float(self.bits[-1]) if self.measured is None else self.measured

    def late(self, steps: int) -> NDArray[np.bool_]:
        """(n,), which of its points are past the steep beginning; always the last one."""
        late: NDArray[np.bool_] = self.steps >= min(EARLY * steps, self.steps[-1])
        return late


@dataclass(frozen=True)
class Floor:
    """The least that some rungs can reach."""

    bits: float
    names: tuple[str, ...]


@dataclass(frozen=True)
class Axes:
    """Steps 0 to `steps` across, bits from `low` to `high` upwards, in so many columns and rows of cells."""

    steps: int
    low: float
    high: float
    columns: int
    rows: int

    def x(self, steps: Floats) -> Floats:
        """The dot column of each step."""
        return steps / max(1, self.steps) * (2 * self.columns - 1)

    def y(self, bits: Floats) -> Floats:
        """The dot row of each value, from the top."""
        return (self.high - bits) / (self.high - self.low) * (4 * self.rows - 1)

    def row(self, bits: float) -> int:
        """The line that a value stands in."""
        dot = float(self.y(np.array([min(bits, self.high)]))[0])
        return min(self.rows - 1, max(0, round(dot) // 4))


def lines_of(report: LadderReport, *, held: bool) -> list[Line]:
    """What there is to draw so far, in the ladder's order."""
    return [one for rung in report.rungs if (one := _line(rung, held=held)) is not None]


def _line(rung: Rung, *, held: bool) -> Line | None:
    """Its curve, and what was measured at the end.

    What is held out is measured now and then, and told again in between: there the line goes from one to the next,
    and on to the last. What a model shows of its training is not measured in the same way, nor is the held-out loss
    of a gpt, which sees more in the end: so there is no line on.
    """
    values, level = (rung.curve_held, rung.held_bits) if held else (rung.curve_train, rung.train_bits)
    points: dict[int, float] = {}
    for step, value in zip(rung.curve_steps, values, strict=False):
        if math.isfinite(value) and not (held and points and value == [*points.values()][-1]):
            points[step] = value
    if level is not None and (not points or (held and rung.name != "gpt")):
        points[rung.steps] = level
    if not points:
        return None
    return Line(rung.name, np.array([*points], float), np.array([*points.values()], float), level)


def floors_of(report: LadderReport) -> list[Floor]:
    """Each floor with all the rungs that stand on it, the highest first."""
    names: dict[float, list[str]] = {}
    for rung in report.rungs:
        if rung.floor_bits is not None:
            names.setdefault(round(rung.floor_bits, 4), []).append(rung.name)
    return [Floor(bits, tuple(names[bits])) for bits in sorted(names, reverse=True)]


def axes_of(lines: Sequence[Line], floors: Sequence[Floor], steps: int, width: int, height: int) -> Axes:
    """Axes that hold every floor and every line but its steep beginning: what matters is how the ends differ."""
    ends = [line.last for line in lines] + [floor.bits for floor in floors]
    values = np.concatenate([*(line.bits[line.late(steps)] for line in lines), ends])
    values = values[np.isfinite(values)] if np.isfinite(values).any() else np.zeros(1)
    low, high = float(values.min()), float(values.max())
    air = 0.04 * (high - low) or 0.5
    return Axes(steps, max(0.0, low - air), high + air, max(1, width - LEFT - RIGHT), max(1, height - BELOW))


def dots_of(line: Line, axes: Axes) -> dict[tuple[int, int], int]:
    """The braille bits of each cell that the line goes through."""
    columns = np.arange(2 * axes.columns)
    x, y = axes.x(line.steps), axes.y(line.bits)
    if len(x) == 1:
        x, y = np.array([0.0, columns[-1]]), np.repeat(y, 2)
    columns = columns[(columns >= math.floor(x[0])) & (columns <= math.ceil(x[-1]))]
    heights = np.clip(np.rint(np.interp(columns, x, y)), -1, 4 * axes.rows).astype(int)
    cells: dict[tuple[int, int], int] = {}
    before = int(heights[0]) if len(heights) else 0
    for column, here in zip(columns.tolist(), heights.tolist(), strict=True):
        low, high = sorted((here, before + (here > before) - (here < before)))
        for dot in range(low, high + 1):
            cell = (dot // 4, column // 2)
            cells[cell] = cells.get(cell, 0) | BITS[dot % 4][column % 2]
        before = here
    return cells


def spread(rows: Sequence[int], count: int) -> list[int]:
    """A row of its own for each, as near as can be to those wanted, in the same order; `rows` must be sorted."""
    places: list[int] = []
    for row in rows:
        places.append(max(row, places[-1] + 1) if places else row)
    limit = count - 1
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], limit)
        limit = places[i] - 1
    return places
