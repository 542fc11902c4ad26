"""How large a map of who looks at whom is drawn, and where: cells as large as the text allows, and square."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len

from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

MARGIN = 6  # columns for the row labels, where they are short
SHORT_NAME, LONGEST_NAME = 2, 12  # columns of one of them


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
class Room:
    """What a map that grows has room for from the start, so that it keeps its place: tokens, and columns of a name."""

    tokens: int = 0
    name: int = 0


NONE = Room()


@lru_cache(2)
def longest_name(tokens: tuple[str, ...]) -> int:
    """Columns of the longest name among these tokens."""
    return max(cell_len(token_glyph(token)) for token in tokens)


@dataclass(frozen=True)
class Place:
    """How the map lies in its drawing: the size of a cell, and which rows and columns are in view."""

    cell: Cell
    top: int
    left: int
    rows: int
    columns: int
    margin: int = MARGIN  # columns for the row labels
    name: int = SHORT_NAME  # columns of one of them
    kept: tuple[int, int] = (0, 0)  # rows and columns that a growing map has room for

    @property
    def width(self) -> int:
        """Columns of the drawing, with the row labels."""
        return self.margin + max(self.columns, self.kept[1]) * self.cell.columns

    @property
    def height(self) -> int:
        """Lines of the drawing, with the column labels."""
        return 1 + self.cell.lines(max(self.rows, self.kept[0]))

    def at(self, x: int, y: int) -> tuple[int, int] | None:
        """The row and column of the map at column x, line y of the drawing; None beside the map."""
        row = (y - 1) * 2 // self.cell.halves
        column = (x - self.margin) // self.cell.columns
        inside = y > 0 and x >= self.margin and row < self.rows and column < self.columns
        return (self.top + row, self.left + column) if inside else None


def place_map(
    letters: Sequence[str], cursor: tuple[int, int], width: int, height: int, look: Look, before: tuple[int, int],
    *, room: Room = NONE, longest: int = SHORT_NAME,
) -> Place:  # fmt: skip
    """The largest map that fits, moved from `before` (top, left) as little as needed to have the cursor in view.

    Row labels get up to `longest` columns, as far as that takes no column from the cells.
    """
    tokens, widest = len(letters), max(room.name, *(cell_len(token_glyph(letter)) for letter in letters))
    kept = max(tokens, room.tokens)
    cell = largest_cell(kept, width - MARGIN, height - 1, look, min(2, widest))
    margin, name = _margin(min(widest, longest), cell, width - kept * cell.columns)
    fit = max(1, cell.rows(height - 1)), max(1, (width - margin) // cell.columns)
    rows, columns = min(tokens, fit[0]), min(tokens, fit[1])
    top, left = scrolled(before[0], cursor[0], rows, tokens), scrolled(before[1], cursor[1], columns, tokens)
    reserved = (min(room.tokens, fit[0]), min(room.tokens, fit[1]))
    return Place(cell, top, left, rows, columns, margin, name, reserved)


def _margin(widest: int, cell: Cell, free: int) -> tuple[int, int]:
    """Columns for the row labels, and for one of them (two share a line where a row takes half a one)."""
    if widest <= SHORT_NAME:
        return MARGIN, SHORT_NAME
    labels = 2 if cell.halves == 1 else 1
    margin = max(MARGIN, min(labels * widest + 1 + labels, free))
    return margin, (margin - 2) // 2 if labels == 2 else margin - 2
