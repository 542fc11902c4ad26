"""A matrix of numbers with signs, its rows as tall as those of a map beside it."""

from __future__ import annotations

import math

import numpy as np
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.drawing.head import spelt
from tinylm_tui.ui.ink import Piece, line
from tinylm_tui.ui.look import BRIGHT, GROUND, Look


def signed(
    matrix: Array, rows: range, columns: int, halves: int, scale: float, look: Look, *, write: bool = False
) -> list[Strip]:
    """The rows in `rows` of a matrix (R, C): teal above zero, red below, full colour at ±scale, −∞ empty.

    `columns` and `halves` are the size of a cell, in columns and half lines; `write` puts the number into it.
    """
    amounts = np.clip(matrix / scale, -1, 1)
    amounts[~np.isfinite(matrix)] = math.nan
    if halves == 1:
        return [_two_rows(amounts, r, r + 1 if r + 1 in rows else None, columns, look) for r in rows[::2]]
    strips = []
    for r in rows:
        plain = line(*[_cell(float(a), "", columns, look) for a in amounts[r]])
        texts = [spelt(_number(float(x), columns), look) for x in matrix[r]]
        written = line(*[_cell(float(a), text, columns, look) for a, text in zip(amounts[r], texts, strict=True)])
        height = halves // 2
        strips += [written if write and y == (height - 1) // 2 else plain for y in range(height)]
    return strips


def _number(x: float, columns: int) -> str:
    """A number in a cell of so many columns, with as many decimals as leave it apart from the next one."""
    if not math.isfinite(x):
        return "−∞"
    return "0" if x == 0 else f"{x:+.2f}" if columns >= 6 else f"{x:+.1f}" if abs(x) < 9.95 else f"{x:+.0f}"


def _cell(amount: float, text: str, columns: int, look: Look) -> Piece:
    if math.isnan(amount):
        return text.center(columns), look.style("faint")
    if look.depth == "many":
        return text.center(columns), Style(color=BRIGHT if abs(amount) < 0.6 else GROUND, bgcolor=look.colour(amount))
    glyphs, style = look.cell(amount)
    filling = (glyphs * columns)[:columns] if not text else text.center(columns, glyphs[1])[:columns]
    return filling, style


def _two_rows(amounts: Array, upper: int, lower: int | None, columns: int, look: Look) -> Strip:
    below = amounts[lower] if lower is not None else np.full(amounts.shape[1], math.nan)
    pairs = zip(amounts[upper], below, strict=True)
    return line(*[("▀" * columns, Style(color=_colour(a, look), bgcolor=_colour(b, look))) for a, b in pairs])


def _colour(amount: float, look: Look) -> str:
    return GROUND if math.isnan(amount) else look.colour(float(amount))
