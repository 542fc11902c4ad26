"""The map of who looks at whom: row = the token looking, column = the token looked at, nothing above the diagonal.

A cell is as large as the text allows, square, and has its share written into it where there is room.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import AMBER, GROUND, RAMP, TEXT, TOWARDS, Look
from tinylm_tui.ui.visible import token_glyph

MARGIN = 6  # columns for the row labels
SHADES = len(TOWARDS) - 1  # the darkest of the ramp looks like an empty cell, so no look gets it
NUMBERED = 4  # columns that a cell needs to have its share written into it
LEGEND_WIDTH = 36
LEGEND = tuple((level / SHADES) ** 2 for level in range(1, SHADES + 1))


@dataclass(frozen=True)
class Cell:
    """The size of a cell: columns, and half lines (two rows of the map share a line where it is 1)."""

    columns: int
    halves: int

    def lines(self, rows: int) -> int:
        """How many lines so many rows take."""
        return (rows * self.halves + 1) // 2

    def rows(self, lines: int) -> int:
        """How many whole rows stand in so many lines."""
        return lines * 2 // self.halves


SIZES = (Cell(8, 8), Cell(6, 6), Cell(4, 4), Cell(2, 2), Cell(2, 1), Cell(1, 1))
WITHOUT_HALVES = (*SIZES[:4], Cell(1, 2))


def sizes(look: Look) -> tuple[Cell, ...]:
    """The sizes of a cell that this terminal can draw, the largest first."""
    return SIZES if look.halves else WITHOUT_HALVES


def largest_cell(tokens: int, width: int, height: int, look: Look, least: int = 1) -> Cell:
    """The largest cell of at least `least` columns with which the whole map fits, or the smallest there is."""
    fit = [cell for cell in sizes(look) if cell.columns >= least]
    return next((c for c in fit if tokens * c.columns <= width and c.lines(tokens) <= height), fit[-1])


@dataclass(frozen=True)
class Place:
    """How the map lies in its drawing: the size of a cell, and which rows and columns are in view."""

    cell: Cell
    top: int
    left: int
    rows: int
    columns: int

    @property
    def width(self) -> int:
        """Columns of the drawing, with the row labels."""
        return MARGIN + self.columns * self.cell.columns

    def at(self, x: int, y: int) -> tuple[int, int] | None:
        """The row and column of the map at column x, line y of the drawing; None beside the map."""
        row = (y - 1) * 2 // self.cell.halves
        column = (x - MARGIN) // self.cell.columns
        inside = y > 0 and x >= MARGIN and row < self.rows and column < self.columns
        return (self.top + row, self.left + column) if inside else None


def place_map(
    letters: Sequence[str], cursor: tuple[int, int], width: int, height: int, look: Look, before: tuple[int, int]
) -> Place:
    """The largest map that fits, moved from `before` (top, left) as little as needed to have the cursor in view."""
    tokens, least = len(letters), max(cell_len(token_glyph(letter)) for letter in letters)
    cell = largest_cell(tokens, width - MARGIN, height - 1, look, min(2, least))
    rows = min(tokens, max(1, cell.rows(height - 1)))
    columns = min(tokens, max(1, (width - MARGIN) // cell.columns))
    top, left = scrolled(before[0], cursor[0], rows, tokens), scrolled(before[1], cursor[1], columns, tokens)
    return Place(cell, top, left, rows, columns)


def pattern_map(
    shares: Array, letters: Sequence[str], cursor: tuple[int, int], place: Place, look: Look
) -> list[Strip]:
    """The letters looked at, then the rows in view. shares (T, T), each row sums to 1."""
    columns = range(place.left, place.left + place.columns)
    names = [_label(letters[c], place.cell.columns, c == cursor[1], look) for c in columns]
    return [line((" " * MARGIN, look.style("dim")), *names), *_rows(shares, letters, cursor, place, look)]


def _label(letter: str, width: int, lit: bool, look: Look) -> Piece:
    glyph = token_glyph(letter)
    return pad(" " * ((width - cell_len(glyph)) // 2) + glyph, width), look.style("cursor" if lit else "dim")


def _rows(
    shares: Array, letters: Sequence[str], cursor: tuple[int, int], place: Place, look: Look
) -> list[Strip]:  # fmt: skip
    window = slice(place.left, place.left + place.columns)
    at = (cursor[0], cursor[1] - place.left)
    rows = range(place.top, place.top + place.rows)
    seen = {r: min(place.columns, r + 1 - place.left) for r in rows}  # cells of a row on and below the diagonal
    blank = (" ", look.style("dim"))
    strips = []
    if place.cell.halves == 1:
        for r in rows[::2]:
            labels = [_label(letters[i], 2, i == cursor[0], look) if i in rows else blank for i in (r, r + 1)]
            pairs = [(shares[i, window], seen[i], at[1] if i == at[0] else -1) for i in (r, r + 1) if i in rows]
            strips.append(line(labels[0], labels[1], blank, blank, *half_row(pairs, place, look)))
        return strips
    for r in rows:
        height = place.cell.halves // 2
        for y in range(height):
            middle = y == (height - 1) // 2
            label = _label(letters[r], 2, r == cursor[0], look) if middle else ("  ", look.style("dim"))
            cells = row_cells(shares[r, window], seen[r], at[1] if r == at[0] else -1, place.cell, look, write=middle)
            strips.append(line(blank, blank, label, blank, blank, *cells))
    return strips


def row_cells(shares: Array, seen: int, lit: int, cell: Cell, look: Look, *, write: bool) -> list[Piece]:
    """One line of a row of cells: the first `seen` coloured by their shares, number `lit` under the cursor."""
    pieces = []
    for c, share in enumerate(shares):
        if c >= seen:
            pieces.append((" " * cell.columns, look.style("cursor" if c == lit else "dim")))
            continue
        number = f"{100 * share:.0f}" if write and cell.columns >= NUMBERED else ""
        pieces.append(filled(float(share), number, cell.columns, look, cursor=c == lit))
    return pieces


def filled(share: float, text: str, columns: int, look: Look, *, cursor: bool = False) -> Piece:
    """A cell in the colour (or the glyph) of a share, with a text in its middle."""
    level = shade(share)
    if look.depth == "many":
        return text.center(columns), _ground(-1 if cursor else level)
    glyph = RAMP[round(level / SHADES * (len(RAMP) - 1))]
    room = columns - len(text) >= 4
    body = (f" {text} " if text and room else text).center(columns, glyph)
    return body[:columns], look.style("cursor" if cursor else "towards")


def shade(share: float) -> int:
    """The step of the ramp for a share, 1 to SHADES: by its square root, so that small shares can be told apart."""
    return max(1, round(math.sqrt(min(1.0, max(0.0, share))) * SHADES))


def half_row(pairs: list[tuple[Array, int, int]], place: Place, look: Look) -> list[Piece]:
    """One line that holds two rows of the map: for each its shares in view, how many are seen, and the cursor's."""
    upper, lower = (_colours(*pair) for pair in (pairs if len(pairs) == 2 else [pairs[0], (pairs[0][0], 0, -1)]))
    return [("▀" * place.cell.columns, _halves(a, b)) for a, b in zip(upper, lower, strict=True)]


def _colours(shares: Array, seen: int, lit: int) -> list[int]:
    """For each cell its shade; 0 where nothing may be looked at, −1 under the cursor."""
    return [-1 if c == lit else shade(float(s)) if c < seen else 0 for c, s in enumerate(shares)]


def _colour(level: int) -> str:
    return AMBER if level < 0 else TOWARDS[level] if level else GROUND


@lru_cache(256)
def _halves(upper: int, lower: int) -> Style:
    return Style(color=_colour(upper), bgcolor=_colour(lower))


@lru_cache(64)
def _ground(level: int) -> Style:
    return Style(color=GROUND if level < 0 or level >= 4 else TEXT, bgcolor=_colour(level), bold=level < 0)


def legend(look: Look) -> Strip:
    """What the colours (or glyphs) stand for: cells with their shares in percent, 36 columns in all."""
    cells = [filled(share, f"{100 * share:.0f}", 4, look) for share in LEGEND]
    return line(("share % ", look.style("dim")), *cells)


def pooled(pattern: Array, factor: int) -> Array:
    """pattern (T, T) → (⌈T/factor⌉, ⌈T/factor⌉): of each square the largest share, for maps too large to show."""
    if factor == 1:
        return pattern
    size = -(-len(pattern) // factor)
    padded = np.zeros((size * factor, size * factor), pattern.dtype)
    padded[: len(pattern), : len(pattern)] = pattern
    squares: Array = padded.reshape(size, factor, size, factor).max(axis=(1, 3))
    return squares
