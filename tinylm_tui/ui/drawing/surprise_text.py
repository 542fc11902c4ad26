"""A text whose every token is coloured by its surprise, and underlined above a threshold; two readers row by row."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.tokenizer import UNKNOWN
from tinylm_tui.lab.surprising import Surprise
from tinylm_tui.ui.drawing.tokens import glyphs
from tinylm_tui.ui.ink import Piece as Inked
from tinylm_tui.ui.ink import line, pad
from tinylm_tui.ui.look import AWAY, BRIGHT, GROUND, Look
from tinylm_tui.ui.visible import BLANK, NEWLINE
from tinylm_tui.ui.visible import BOUNDARY as DOT

EDGES = (0, 1, 2, 3, 4, 5, 6, 8)  # bits from which on each ground of the ramp is used
PALE = 5  # the first ground that needs dark letters
NOBODY = -1  # the piece of a cell that belongs to none


class Cell(NamedTuple):
    """The glyph of a character, the number of its piece, and where in the text it stands."""

    glyph: str
    piece: int
    origin: int


@lru_cache(4)
def cells_of(surprise: Surprise) -> tuple[Cell, ...]:
    """Each character of a text; where there are no boundaries, an empty cell stands for the first."""
    cells: list[Cell] = [] if surprise.reader.corpus.tokenizer.bounded else [Cell(" ", NOBODY, -1)]
    for i, (piece, origin) in enumerate(zip(surprise.pieces, surprise.origins, strict=True)):
        cells += [Cell(glyphs(c), i, origin + n) for n, c in enumerate(piece.text)] or [Cell(DOT, i, origin)]
    return tuple(cells)


@lru_cache(4)
def places_of(surprise: Surprise) -> dict[int, int]:
    """The number of the first cell of each piece."""
    return {cell.piece: i for i, cell in reversed(list(enumerate(cells_of(surprise))))}


@lru_cache(4)
def pieces_at(surprise: Surprise) -> dict[int, int]:
    """The piece at each place of the text."""
    return {cell.origin: cell.piece for cell in cells_of(surprise) if cell.piece != NOBODY}


@lru_cache(8)
def breaks(surprise: Surprise, width: int) -> tuple[int, ...]:
    """The numbers of the cells at which rows of a width begin: after line ends, a blank or a boundary if possible."""
    cells, begins, filled, parted = cells_of(surprise), [0], 0, 0
    for i, cell in enumerate(cells):
        if filled + cell_len(cell.glyph) > width:
            begins.append(parted if parted > begins[-1] else i)
            filled = sum(cell_len(one.glyph) for one in cells[begins[-1] : i])
        filled += cell_len(cell.glyph)
        if cell.glyph == NEWLINE and cells[i + 1 : i + 2] and cells[i + 1].glyph != NEWLINE:
            begins.append(i + 1)
            filled = 0
        elif cell.glyph in (DOT, BLANK):
            parted = i + 1
    return tuple(begins)


@dataclass(frozen=True)
class TextLayout:
    """The rows in view, from row `first` on: what a click and the cursor are found by."""

    begins: tuple[int, ...]
    first: int
    shown: int
    pitch: int  # lines from one row to the next
    margin: int

    def cell_at(self, surprise: Surprise, x: int, y: int) -> int | None:
        """The number of the piece at column x, line y, where the first reader's row is."""
        row, upper = self.first + y // self.pitch, y % self.pitch == 0
        if not 0 <= row < min(len(self.begins), self.first + self.shown) or x < self.margin or not upper:
            return None
        left = self.margin
        for cell in cells_of(surprise)[slice(*self.bounds(row))]:
            left += cell_len(cell.glyph)
            if x < left:
                return cell.piece if cell.piece != NOBODY else None
        return None

    def bounds(self, row: int) -> tuple[int, int | None]:
        """The numbers of the first cell of a row and of the first one after it."""
        return self.begins[row], self.begins[row + 1] if row + 1 < len(self.begins) else None

    def towards(self, surprise: Surprise, piece: int, rows: int) -> int:
        """The piece so many rows below (or above) another one, in the same column of characters."""
        cells, place = cells_of(surprise), places_of(surprise).get(piece, 0)
        here = sum(begin <= place for begin in self.begins) - 1
        begin, end = self.bounds(min(max(here + rows, 0), len(self.begins) - 1))
        column = min(place - self.begins[here], (end or len(cells)) - begin - 1)
        return max(0, cells[begin + column].piece)


def counterpart(upper: Surprise, lower: Surprise, piece: int) -> int | None:
    """The piece of the lower text that stands under a piece of the upper one."""
    return pieces_at(lower).get(upper.origins[piece])


def text_layout(
    surprise: Surprise, cursor: int, width: int, height: int, readers: int, margin: int, before: int
) -> TextLayout:
    """The rows, scrolled as little as possible from row `before` so that the cursor's token is in view."""
    begins = breaks(surprise, max(2, width - margin))
    pitch = readers + (readers > 1)
    shown = max(1, (height + pitch - readers) // pitch)
    place = places_of(surprise).get(cursor, 0)
    here = sum(begin <= place for begin in begins) - 1
    first = min(max(before, here - shown + 1), here)
    return TextLayout(begins, max(0, min(first, len(begins) - shown)), shown, pitch, margin)


def text_lines(
    texts: Sequence[tuple[str, Surprise, int | None]], layout: TextLayout, threshold: float, look: Look
) -> list[Strip]:
    """The rows in view. `texts`: for each reader its name, the text, and the piece under the cursor."""
    lines: list[Strip] = []
    cells = cells_of(texts[0][1])
    for row in range(layout.first, min(len(layout.begins), layout.first + layout.shown)):
        lines += [Strip.blank(0)] * (bool(lines) and layout.pitch > 1)
        begin, end = layout.bounds(row)
        origins = cells[begin].origin, cells[end].origin if end is not None else None
        for name, surprise, cursor in texts:
            margin = (pad(name, layout.margin - 1) + " ", look.style("dim")) if layout.margin else ("", Style())
            lines.append(line(margin, *_inked(_between(surprise, *origins), surprise, cursor, threshold, look)))
    return lines


def _between(surprise: Surprise, begin: int, end: int | None) -> Sequence[Cell]:
    """The cells that stand in the text from one place up to another."""
    cells = cells_of(surprise)
    first = bisect_left(cells, begin, key=lambda cell: cell.origin)
    return cells[first : None if end is None else bisect_left(cells, end, key=lambda cell: cell.origin)]


def _inked(
    cells: Sequence[Cell], surprise: Surprise, cursor: int | None, threshold: float, look: Look
) -> list[Inked]:  # fmt: skip
    """The cells of one row, those of a piece together."""
    return [
        ("".join(cell.glyph for cell in group), _style_of(surprise, piece, piece == cursor, threshold, look))
        for piece, group in groupby(cells, key=lambda cell: cell.piece)
    ]


def _style_of(surprise: Surprise, piece: int, lit: bool, threshold: float, look: Look) -> Style:
    if lit:
        return look.style("cursor")
    bits = surprise.by_piece.get(piece)
    if bits is None:
        unknown = piece != NOBODY and surprise.pieces[piece].id == UNKNOWN
        return look.style("bad" if unknown else "faint")
    return token_style(level(bits), look, above=not bits <= threshold)


def level(bits: float) -> int:
    """The ground of so many bits: 0 for less than one. What is no number counts as most."""
    return len(EDGES) - 1 if math.isnan(bits) else max(0, sum(bits >= edge for edge in EDGES) - 1)


@lru_cache(64)
def token_style(ground: int, look: Look, *, above: bool = False) -> Style:
    """A token on the ground of its surprise, underlined where that is above the threshold."""
    if look.depth == "many":
        letters = GROUND if ground >= PALE else BRIGHT
        return Style(color=letters, bgcolor=AWAY[ground], underline=above, bold=above)
    return look.style("away" if above else "text") + Style(underline=above, bold=above)


def title(source: str, aside: str, width: int, look: Look) -> Strip:
    """Which text it is; at the right end an aside, where there is room for all of it."""
    source = pad(source, width).rstrip()
    room = width - cell_len(source)
    said = pad(aside, room, right=True) if cell_len(aside) + 2 <= room else ""
    return line((source, look.style("title")), (said, look.style("dim")))


def legend(threshold: float, width: int, look: Look) -> Strip:
    """What the grounds stand for, and from where on tokens are underlined."""
    pieces: list[Inked] = []
    if look.depth == "many":
        pieces.append(("surprise ", look.style("dim")))
        for ground, edge in enumerate(EDGES):
            last = ground == len(EDGES) - 1
            pieces.append((f" {edge}{'+' * last} ", token_style(ground, look)))
        pieces.append((" bits   ", look.style("dim")))
    mark = Style(underline=True, bold=True)
    pieces += [
        ("underlined", look.style("text") + mark),
        (f" above {threshold:.1f} bits  ", look.style("dim")),
        ("+ -", look.style("amber")),
    ]
    return line(*pieces).crop(0, width)
