"""The numbers behind the picture: a row for each token, a column for each of its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.drawing.head import within
from tinylm_tui.ui.drawing.heat import score_scale, scrolled
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import BRIGHT, GROUND, Look

NAME, CELL = 13, 7  # columns of a token's name and of a number
FULL = 1.5  # standard deviations that get the full colour, or more: the next power of two
AROUND = 4  # lines that are no rows of the table


def vectors_page(
    X: Array, names: Sequence[str], cursor: tuple[int, int], first: tuple[int, int], width: int, height: int, look: Look
) -> tuple[list[Strip], tuple[int, int]]:
    """The table of X (V, E) with the cursor's number read out under it, and its first row and column in view.

    `first` is where it stood before; it scrolls as little as keeps the cursor in view.
    """
    fit = max(1, height - AROUND), max(1, (width - NAME) // CELL)
    top, left = (scrolled(*where) for where in zip(first, cursor, fit, X.shape, strict=True))
    columns = range(left, min(X.shape[1], left + fit[1]))
    scale = score_scale(np.array([FULL * X.std(dtype=np.float64)]))
    lines = [_heading(columns, cursor[1], look)]
    for i in range(top, min(len(X), top + fit[0])):
        name = (pad(names[i], NAME - 1) + " ", look.style("cursor" if i == cursor[0] else "text"))
        cells = [_cell(float(X[i, e]), scale, (i, e) == cursor, look) for e in columns]
        lines.append(line(name, *cells))
    return within([*lines, *_readout(X, names, cursor, scale, look)], width, height), (top, left)


def _heading(columns: range, cursor: int, look: Look) -> Strip:
    numbers = [(f"{e + 1:>{CELL - 1}} ", look.style("cursor" if e == cursor else "dim")) for e in columns]
    return line((pad("number", NAME), look.style("dim")), *numbers)


def number(x: float) -> str:
    """Six columns, whatever its size."""
    return f"{x:+.3f}" if abs(x) < 9.9995 else f"{x:+6.1f}" if abs(x) < 999.95 else f"{x:+.0e}"[:6]


def _cell(x: float, scale: float, cursor: bool, look: Look) -> Piece:
    text = f"{number(x):>6} "
    if cursor:
        return text, look.style("cursor")
    amount = max(-1.0, min(1.0, x / scale))
    if look.depth == "many":
        bright_ground = amount >= 0.5 or amount <= -0.65  # the teals of the ramp are brighter than its reds
        return text, _ground(GROUND if bright_ground else BRIGHT, look.colour(amount))
    return text, look.style("towards" if x >= 0 else "away")


@lru_cache(64)
def _ground(colour: str, ground: str) -> Style:
    return Style(color=colour, bgcolor=ground)


def _readout(X: Array, names: Sequence[str], cursor: tuple[int, int], scale: float, look: Look) -> list[Strip]:
    token, e = cursor
    towards, away, _ = look.names
    column = X[:, e].astype(np.float64)
    figures = f"{X[cursor]:+.5f}  of all tokens: mean {column.mean():+.4f}, std {column.std():.4f}"
    full = f", full at ±{scale:g}" if look.depth == "many" else ""
    return [
        Strip.blank(0),
        line((f"{names[token]} number {e + 1} of {X.shape[1]}  ", look.style("amber")), (figures, look.style("text"))),
        line((f"{towards} above 0, {away} below{full}   v: the picture", look.style("dim"))),
    ]
