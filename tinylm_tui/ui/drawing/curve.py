"""Line plots, through plotext. The one module that knows it.

plotext draws on one figure of its own; each call starts from a cleared one, and everything happens in the one
thread of the screen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotext as plt
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from tinylm_tui.lab.history import Curve
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.drawing.curve_frame import Frame
from tinylm_tui.ui.drawing.curve_uprights import Upright, uprights_of
from tinylm_tui.ui.look import Look

SCALES = ("plain", "log steps", "log above floor")
TEAL, AMBER, GREY, LINE_GREY = 80, 215, 240, 246  # colours of the 256 palette
AXIS_COLUMNS, AXIS_LINES = 10, 2  # what the axes and their numbers take, at most
ABOVE_FLOOR = (-4, 1)  # powers of ten, the height of the third scale
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """A horizontal line with its name: a loss to compare with."""

    value: float
    name: str
    colour: int


def reduced(curve: Curve, columns: int) -> tuple[Floats, Floats]:
    """x and y of at most two points a column: the least and the largest value that fall into it."""
    if not len(curve):
        return np.zeros(0), np.zeros(0)
    first, last = int(curve.steps[0]), int(curve.steps[-1])
    column = ((curve.steps - first) * (columns - 1) // max(1, last - first)).astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    low, high = np.minimum.reduceat(curve.low, starts), np.maximum.reduceat(curve.high, starts)
    x = np.repeat(curve.steps[starts].astype(np.float64), 2)
    # A falling curve reads from its high end to its low end.
    return x, np.column_stack((high, low)).reshape(-1)


def loss_curve(snapshot: Snapshot, scale: str, width: int, height: int, look: Look) -> list[Strip]:
    """The loss by step: with the loss of knowing nothing above it and, where one is known, the exact floor below."""
    _clear(width, height)
    plot_width = max(8, 2 * (width - 10))
    if snapshot.exact_loss and snapshot.settings.batch:
        _series(snapshot.curves["batch"], scale, snapshot, plot_width, GREY, look)
    main = with_now(snapshot) if snapshot.exact_loss else snapshot.curves["batch"]
    _series(main, scale, snapshot, plot_width, TEAL, look)
    if len(held_out := snapshot.curves["held_out"]):
        _series(held_out, scale, snapshot, plot_width, AMBER, look)
    frame = Frame(width - AXIS_COLUMNS, height - AXIS_LINES, *_span(snapshot))
    _levels(levels_of(snapshot), scale, snapshot, frame)
    _uprights(uprights_of(snapshot), scale, snapshot, frame)
    _axes(snapshot, scale)
    return _strips(plt.build(), look)


def levels_of(snapshot: Snapshot) -> list[Level]:
    """The losses to compare with."""
    corpus = snapshot.corpus
    levels = [Level(corpus.uniform, f"knowing nothing: ln {corpus.size} = {corpus.uniform:.4f}", LINE_GREY)]
    if snapshot.floor is not None:
        levels.append(Level(snapshot.floor, f"exact floor {snapshot.floor:.4f}", LINE_GREY))
    if snapshot.held_out is not None and snapshot.step:
        levels.append(Level(snapshot.held_out, f"held out {snapshot.held_out:.4f}", AMBER))
    return levels


def least(snapshot: Snapshot) -> float:
    """What the curve cannot fall below: the exact floor, or zero where none is known."""
    return snapshot.floor if snapshot.floor is not None else 0.0


def with_now(snapshot: Snapshot) -> Curve:
    """The loss curve, and the loss of the weights as they are now at its end."""
    curve = snapshot.curves["loss"]
    if not math.isfinite(snapshot.loss):
        return curve
    now = np.array([snapshot.loss])
    return Curve(np.append(curve.steps, snapshot.step), np.append(curve.low, now), np.append(curve.high, now))


def _clear(width: int, height: int) -> None:
    plt.clear_figure()
    plt.limit_size(False, False)  # noqa: FBT003
    plt.plotsize(width, height)
    plt.theme("clear")
    plt.xaxes(True, False)  # noqa: FBT003
    plt.yaxes(True, False)  # noqa: FBT003


def _series(curve: Curve, scale: str, snapshot: Snapshot, columns: int, colour: int, look: Look) -> None:
    x, y = reduced(curve, columns)
    y = _y(y, scale, snapshot)
    keep = np.isfinite(y)
    if keep.any():
        marker = "*" if look.ascii else "braille"
        plt.plot(_x(x[keep], scale).tolist(), y[keep].tolist(), marker=marker, color=colour)


def _levels(levels: list[Level], scale: str, snapshot: Snapshot, frame: Frame) -> None:
    if scale == SCALES[2]:
        return
    right = float(_x(np.array([max(10.0, snapshot.step)]), scale)[0])
    for level in levels:
        plt.hline(level.value, color=level.colour)
        if frame.takes(level.name, level.value, frame.columns):
            plt.text(level.name, x=right, y=level.value, color=level.colour, alignment="right")


def _uprights(marks: list[Upright], scale: str, snapshot: Snapshot, frame: Frame) -> None:
    """Lines down at the marked steps; names where there is room, over all the lines."""
    places = _x(np.array([*[mark.step for mark in marks], max(10, snapshot.step)], dtype=np.float64), scale)
    for mark, at in zip(marks, places[:-1], strict=True):
        plt.vline(float(at), color=mark.colour)
    if scale == SCALES[2]:
        frame = Frame(frame.columns, frame.lines, *ABOVE_FLOOR)
    for mark, at in zip(marks, places[:-1], strict=True):
        _upright_name(mark, float(at), float(places[-1]), _top_of(snapshot, scale), frame)


def _upright_name(mark: Upright, at: float, last: float, top: float, frame: Frame) -> None:
    """In the upper half, on the side with more room."""
    side = "left" if at < last / 2 else "right"
    room = int(frame.columns * (max(at, last - at) / last))
    for words in (f" {mark.name} ", f" {mark.short} "):
        for y in (top - line * frame.line for line in range(frame.lines // 2)):
            if frame.takes(words, y, room):
                plt.text(words, x=at, y=y, color=mark.colour, alignment=side)
                return


def _top_of(snapshot: Snapshot, scale: str) -> float:
    """Near the upper edge, under the line of knowing nothing."""
    if scale == SCALES[2]:
        return 0.5
    top, low = highest(snapshot), least(snapshot)
    return top - 0.1 * (top - low)


def _axes(snapshot: Snapshot, scale: str) -> None:
    last = max(10, snapshot.step)
    ticks = _step_ticks(last, scale)
    left = 1.0 if scale == SCALES[1] else 0.0
    low, high = _x(np.array([left, last], dtype=np.float64), scale)
    plt.xlim(float(low), float(high))
    plt.xticks([float(_x(np.array([float(t)]), scale)[0]) for t in ticks], [f"{t:,}" for t in ticks])
    if scale == SCALES[2]:
        plt.yticks(list(range(-5, 2)), ["0.00001", "0.0001", "0.001", "0.01", "0.1", "1", "10"])
        plt.ylim(*ABOVE_FLOOR)
        return
    low_end = _low_end(snapshot)
    plt.ylim(*_span(snapshot))
    values = np.linspace(low_end, highest(snapshot), 5)
    plt.yticks(values.tolist(), [f"{v:.2f}" for v in values])


def _low_end(snapshot: Snapshot) -> float:
    """The exact floor, or what is below all that was measured."""
    return snapshot.floor if snapshot.floor is not None else _lowest(snapshot)


def _span(snapshot: Snapshot) -> tuple[float, float]:
    """The losses at the lower and the upper edge."""
    top, low_end = highest(snapshot), _low_end(snapshot)
    bottom = low_end - 0.08 * (top - low_end)
    return bottom, top + 0.08 * (top - bottom)


def highest(snapshot: Snapshot) -> float:
    """The upper end of the frame: where it began, or the held-out loss of a model that learns its text by heart."""
    held_out = snapshot.held_out if snapshot.held_out is not None and math.isfinite(snapshot.held_out) else 0.0
    uniform = snapshot.corpus.uniform
    return max(uniform, snapshot.start_loss, min(held_out, 3 * uniform))


def _lowest(snapshot: Snapshot) -> float:
    """The lower end of the frame where no floor is known: a round figure below all that was measured."""
    seen = [float(curve.low.min()) for curve in snapshot.curves.values() if len(curve)]
    return math.floor(2 * min([*seen, snapshot.loss, snapshot.corpus.uniform / 2])) / 2


def _step_ticks(last: int, scale: str) -> list[int]:
    if scale == SCALES[1]:
        return [10**k for k in range(0, int(math.log10(last)) + 1)]
    unit = 10 ** int(math.log10(last))
    unit = next(u for u in (unit // 10, unit // 5, unit // 2, unit, 2 * unit) if u and last / u <= 5)
    return list(range(0, last + 1, unit))


def _x(steps: Floats, scale: str) -> Floats:
    return np.log10(np.maximum(steps, 1)) if scale == SCALES[1] else steps


def _y(losses: Floats, scale: str, snapshot: Snapshot) -> Floats:
    if scale != SCALES[2]:  # plotext draws what lies far outside its frame too, point by point
        return np.minimum(losses, 4 * max(snapshot.corpus.uniform, snapshot.start_loss))
    return np.asarray(np.log10(np.maximum(losses - least(snapshot), 1e-5)))


def _strips(ansi: Any, look: Look) -> list[Strip]:
    """plotext's lines as strips, every segment with a style."""
    base = look.style("dim")
    lines = []
    for text in str(ansi).rstrip("\n").split("\n"):
        segments = Text.from_ansi(text).render(_NO_CONSOLE)
        lines.append(Strip([Segment(s.text, base + (s.style or Style())) for s in segments if s.text != "\n"]))
    return lines


class _Plain:
    """What `Text.render` asks of a console: how to turn a style's name into a style."""

    def get_style(self, name: Any, *, default: Any = None) -> Style:
        return name if isinstance(name, Style) else Style()


_NO_CONSOLE: Any = _Plain()
