"""A picture of points with names: each token at its place, its name where there is room, otherwise a dot.

Drawn in cells and braille dots of our own, not through plotext: labels that give way to each other, a cursor and
threads to its neighbours are all of the picture, and plotext has none of them; it would also parse its own ANSI again
for every frame. Measured with 300 tokens at 84 × 30: 1.3 ms here, 4.5 ms for plotext's bare dots, 5.6 ms with 150 texts
that overwrite each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.drawing.framing import Frame
from tinylm_tui.ui.ink import Piece, line
from tinylm_tui.ui.look import TOWARDS, Look
from tinylm_tui.ui.visible import BLANK, token_glyph

BRAILLE = 0x2800
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of the dot in row y, column x of a cell
DOT = "`"  # a point without braille
RANKS = "¹²³⁴⁵⁶⁷⁸⁹"
LONGEST = 12  # columns of a name in the picture
THREAD = Style(color=TOWARDS[3])


@dataclass(frozen=True, eq=False)
class Named:
    """Points with their names. `order` is who gets a name first: all ids, the most important at the front."""

    points: Array  # (V, 2)
    names: Sequence[str]
    order: Sequence[int]
    cursor: int
    neighbours: Sequence[int]  # of the cursor's token, nearest first


@dataclass(frozen=True)
class Label:
    """A name at its place: line, first column, text."""

    row: int
    column: int
    text: str


@dataclass
class Cells:
    """What stands in each cell, later entries over earlier ones."""

    columns: int
    rows: int
    shown: dict[tuple[int, int], Piece] = field(default_factory=dict)

    def put(self, row: int, column: int, text: str, style: Style) -> None:
        """Write `text` from that cell on; the cells under the right half of a wide character are empty texts."""
        for character in text:
            width = cell_len(character)
            self.shown[row, column] = (character, style)
            for right in range(1, width):
                self.shown[row, column + right] = ("", style)
            column += width

    def strips(self, look: Look) -> list[Strip]:
        """All lines, whole."""
        empty = (" ", look.style("dim"))
        return [
            line(*_runs([self.shown.get((row, column), empty) for column in range(self.columns)]))
            for row in range(self.rows)
        ]


def _runs(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one style as one piece."""
    runs: list[tuple[list[str], Style]] = []
    for text, style in pieces:
        if runs and runs[-1][1] is style:
            runs[-1][0].append(text)
        else:
            runs.append(([text], style))
    return [("".join(texts), style) for texts, style in runs]


def name_of(token: str) -> str:
    """A token's name in the picture: its glyphs, blanks of longer tokens visible too, shortened where it is long."""
    name = token_glyph(token).replace(" ", BLANK)
    while cell_len(name) > LONGEST:
        name = name[:-2] + "…"
    return name


def scatter(named: Named, frame: Frame, look: Look) -> tuple[list[Strip], int, int]:
    """The picture, frame.columns × frame.rows; how many tokens are in view, and how many of them got their name."""
    dots = frame.dots(named.points)  # (V, 2)
    labels = place_labels(named, dots, frame)
    cells = Cells(frame.columns, frame.rows)
    _cross(cells, frame, look)
    if not look.ascii:
        _threads(cells, named, dots, frame)
    _points(cells, dots, frame, set(labels), look)
    for i, label in labels.items():
        role = "cursor" if i == named.cursor else "good" if i in named.neighbours else "text"
        cells.put(label.row, label.column, label.text, look.style(role))
    return cells.strips(look), int(frame.holds(dots).sum()), len(labels)


def place_labels(named: Named, dots: Array, frame: Frame) -> dict[int, Label]:
    """Who gets a name, and where: the cursor's token, its neighbours, then the rest in their order.

    A name lies on its point: in the middle, or with its first or last cell; the first ones may also stand a line above
    or below it. It never touches another one: between two there is at least one empty cell, or they would read as one
    token.
    """
    taken = [bytearray(frame.columns + 2) for _ in range(frame.rows)]
    first = [named.cursor, *named.neighbours]
    marks = {i: RANKS[n : n + 1] for n, i in enumerate(named.neighbours)}
    labels: dict[int, Label] = {}
    in_view = frame.holds(dots)
    for i in (*first, *(i for i in named.order if i not in first)):
        if not in_view[i]:
            continue
        x, y = int(dots[i, 0]) // 2, int(dots[i, 1]) // 4
        text = named.names[i] + marks.get(i, "")
        for row in (y, y - 1, y + 1) if i in first else (y,):
            if 0 <= row < frame.rows and (column := _free_column(taken[row], x, cell_len(text))) is not None:
                labels[i] = Label(row, column, text)
                break
    return labels


def _free_column(taken: bytearray, x: int, width: int) -> int | None:
    """A column where a name of that width covers x and touches no other; then it is taken.

    `taken` has one more cell at either end than the line.
    """
    columns = len(taken) - 2
    for column in dict.fromkeys((x - (width - 1) // 2, x, x - width + 1)):
        column = min(max(column, 0), columns - width)
        if column >= 0 and not any(taken[column : column + width + 2]):
            taken[column + 1 : column + width + 1] = b"\1" * width
            return column
    return None


def _cross(cells: Cells, frame: Frame, look: Look) -> None:
    """Faint lines through the mean of all tokens, where it is in view."""
    x, y = frame.dots(np.zeros((1, 2)))[0].tolist()
    column, row, style = x // 2, y // 4, look.style("rule")
    if 0 <= row < frame.rows:
        cells.put(row, 0, "─" * frame.columns, style)
    if 0 <= column < frame.columns:
        for each in range(frame.rows):
            cells.put(each, column, "┼" if each == row else "│", style)


def _threads(cells: Cells, named: Named, dots: Array, frame: Frame) -> None:
    """Lines from the cursor's token to its neighbours."""
    start = dots[named.cursor]
    bits: dict[tuple[int, int], int] = {}
    for i in named.neighbours:
        steps = int(np.abs(dots[i] - start).max()) + 1
        way = np.rint(np.linspace(start, dots[i], steps)).astype(np.int64)
        for x, y in way[frame.holds(way)].tolist():
            _set(bits, x, y)
    for (row, column), dot in bits.items():
        cells.put(row, column, chr(BRAILLE + dot), THREAD)


def _points(cells: Cells, dots: Array, frame: Frame, named: set[int], look: Look) -> None:
    """A dot for every token without a name."""
    bits: dict[tuple[int, int], int] = {}
    for i in np.flatnonzero(frame.holds(dots)).tolist():
        if i not in named:
            _set(bits, *dots[i].tolist())
    for (row, column), dot in bits.items():
        cells.put(row, column, DOT if look.ascii else chr(BRAILLE + dot), look.style("dim"))


def _set(bits: dict[tuple[int, int], int], x: int, y: int) -> None:
    cell = (y // 4, x // 2)
    bits[cell] = bits.get(cell, 0) | BITS[y % 4][x % 2]
