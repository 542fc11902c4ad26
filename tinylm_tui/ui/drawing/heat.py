"""The map of a matrix: row = current token, column = next token, colour (or glyph) = value."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

Values = Literal["probabilities", "scores"]
MARGIN = 6  # columns for the row labels
LEGEND = tuple((level / 7) ** 2 for level in range(8))  # one for each colour of the ramp


@dataclass(frozen=True)
class Window:
    """Which part of the map is in view. `dense` puts two rows into one line (where the look has halves)."""

    top: int
    left: int
    dense: bool


def amounts_of(scores: Array, values: Values) -> Array:
    """A matrix of scores as amounts from −1 to 1 for the colour ramp; same shape.

    Probabilities (softmax of each row) are shown by their square root, so that 1 % and 5 % can be told apart;
    scores by their share of `score_scale`.
    """
    if values == "probabilities":
        return np.asarray(np.sqrt(softmax(scores)))
    return np.asarray(np.clip(scores / score_scale(scores), -1, 1))


def score_scale(W: Array) -> float:
    """The score that gets the full colour: … ½, 1, 2, 4 … so that the scale seldom changes while it trains."""
    largest = float(np.abs(W).max())
    return float(2.0 ** max(-6, int(np.ceil(np.log2(largest))))) if largest > 0 else 1.0


def scrolled(first: int, cursor: int, visible: int, total: int) -> int:
    """The first row (or column) in view, moved as little as needed to keep `cursor` in view."""
    first = min(max(first, cursor - visible + 1), cursor)
    return max(0, min(first, total - visible))


def visible_cells(width: int, height: int, dense: bool) -> tuple[int, int]:
    """How many rows and columns of the matrix fit into the drawing."""
    rows = max(1, height - 1) * (2 if dense else 1)
    return rows, max(1, (width - MARGIN) // 2)


@dataclass(frozen=True)
class Labels:
    """What stands at the rows and at the columns; it is cut to the room there is."""

    rows: list[str]
    columns: list[str]
    tokens: Collection[int]  # the axes that stand for them

    @classmethod
    def of(cls, shape: tuple[int, int], letters: list[str], axes: Collection[int] = (0, 1)) -> Labels:
        """Tokens at the axes of the matrix that stand for them, elsewhere every fifth number's end."""
        glyphs = [token_glyph(letter) for letter in letters]
        numbers = [[f"{i % 100:02}" if i % 5 == 0 else "" for i in range(size)] for size in shape]
        rows, columns = (glyphs if axis in axes else own for axis, own in enumerate(numbers))
        return cls(rows, columns, axes)

    def places(self, cursor: tuple[int, int]) -> tuple[str, str]:
        """A row and a column in words: the number of each, and the whole token where it stands for one."""
        row, column = (f"{side} {i}" for side, i in zip(("row", "column"), cursor, strict=True))
        return (
            f"{row} {self.rows[cursor[0]]}" if 0 in self.tokens else row,
            f"{column} {self.columns[cursor[1]]}" if 1 in self.tokens else column,
        )


def heat(
    amounts: Array, labels: Labels, cursor: tuple[int, int], window: Window, width: int, height: int, look: Look
) -> list[Strip]:
    """The column labels, then the rows in view. amounts (R, C)."""
    rows, columns = visible_cells(width, height, window.dense)
    row_ids = range(window.top, min(len(amounts), window.top + rows))
    column_ids = range(window.left, min(amounts.shape[1], window.left + columns))
    lines = [_header(labels.columns, column_ids, cursor[1], look)]
    if window.dense:
        pairs = [(r, r + 1 if r + 1 in row_ids else None) for r in row_ids[::2]]
        return lines + [_dense_row(amounts, labels.rows, pair, column_ids, cursor, look) for pair in pairs]
    return lines + [_row(amounts, labels.rows, r, column_ids, cursor, look) for r in row_ids]


def _label(letters: list[str], i: int, lit: bool, look: Look) -> Piece:
    return pad(letters[i], 2), look.style("cursor" if lit else "dim")


def _header(letters: list[str], columns: range, cursor: int, look: Look) -> Strip:
    return line((" " * MARGIN, look.style("dim")), *[_label(letters, c, c == cursor, look) for c in columns])


def _row(amounts: Array, letters: list[str], r: int, columns: range, cursor: tuple[int, int], look: Look) -> Strip:
    cells = [look.cell(float(amounts[r, c]), (r, c) == cursor) for c in columns]
    return line(*_row_label(letters[r], r == cursor[0], look), *cells)


def _row_label(name: str, lit: bool, look: Look) -> list[Piece]:
    """In the middle of the margin; a longer one has all of it but one column, and ends in an ellipsis if need be."""
    long = cell_len(name) > 2
    before, room = (0, MARGIN - 1) if long else (2, 2)
    style, blank = look.style("cursor" if lit else "dim"), look.style("dim")
    return [(" " * before, blank), (pad(name, room), style), (" " * (MARGIN - before - room), blank)]


def _dense_row(
    amounts: Array, letters: list[str], pair: tuple[int, int | None], columns: range, cursor: tuple[int, int],
    look: Look,
) -> Strip:  # fmt: skip
    upper, lower = pair
    labels = [_label(letters, r, r == cursor[0], look) if r is not None else ("  ", look.style("dim")) for r in pair]
    ground = look.colour(0.0)
    cells = [
        look.half_cells(
            _half(amounts, upper, c, cursor, look),
            _half(amounts, lower, c, cursor, look) if lower is not None else ground,
        )
        for c in columns
    ]
    return line(*labels, ("  ", look.style("dim")), *cells)


def _half(amounts: Array, r: int, c: int, cursor: tuple[int, int], look: Look) -> str:
    return "#ffaf5f" if (r, c) == cursor else look.colour(float(amounts[r, c]))


def _marks(scale: float) -> tuple[tuple[float, ...], int]:
    """The amounts above 0 that the legend of scores has, and the columns each: as many as leave a gap between them."""
    if 4 <= scale < 16:
        return (0.25, 0.5, 1.0), 4
    return ((0.5, 1.0), 5) if 1 <= scale < 4 else ((1.0,), 9)


def legend(values: Values, scale: float, look: Look) -> list[Strip]:
    """What the colours (or glyphs) stand for, in two lines: percent, or scores."""
    if values == "probabilities":
        amounts, width = [p**0.5 for p in LEGEND], 3
        labels = [f"{p * 100:.0f}" for p in LEGEND]
    else:
        above, width = _marks(scale)
        amounts = [*(-a for a in reversed(above)), 0.0, *above]
        labels = [f"{a * scale:+.3g}" if a else "0" for a in amounts]
    cells: list[Piece] = []
    for amount in amounts:
        text, style = look.cell(amount)
        cells += [(text, style), (" " * (width - 2), look.style("dim"))]
    return [line(*cells), line(*[(pad(label, width), look.style("dim")) for label in labels])]
