"""The map of who looks at whom: row = the token looking, column = the token looked at, nothing above the diagonal.

Where it lies, and how large a cell is, says `place`; a cell has its share written into it where there is room.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.drawing.place import SHORT_NAME, Cell, Place
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import AMBER, GROUND, RAMP, TEXT, TOWARDS, Look
from tinylm_tui.ui.visible import token_glyph

SHADES = len(TOWARDS) - 1  # the darkest of the ramp looks like an empty cell, so no look gets it
NUMBERED = 4  # columns that a cell needs to have its share written into it
LEGEND_WIDTH = 36
LEGEND = tuple((level / SHADES) ** 2 for level in range(1, SHADES + 1))


def pattern_map(
    shares: Array, letters: Sequence[str], cursor: tuple[int, int], place: Place, look: Look
) -> list[Strip]:
    """The letters looked at, then the rows in view. shares (T, T), each row sums to 1."""
    columns = range(place.left, place.left + place.columns)
    names = [_label(letters[c], place.cell.columns, c == cursor[1], look) for c in columns]
    return [line((" " * place.margin, look.style("dim")), *names), *_rows(shares, letters, cursor, place, look)]


def _label(letter: str, width: int, lit: bool, look: Look) -> Piece:
    glyph = token_glyph(letter)
    return pad(" " * ((width - cell_len(glyph)) // 2) + glyph, width), _lit(lit, look)


def _rows(
    shares: Array, letters: Sequence[str], cursor: tuple[int, int], place: Place, look: Look
) -> list[Strip]:  # fmt: skip
    window = slice(place.left, place.left + place.columns)
    at = (cursor[0], cursor[1] - place.left)
    rows = range(place.top, place.top + place.rows)
    seen = {r: min(place.columns, r + 1 - place.left) for r in rows}  # cells of a row on and below the diagonal
    strips = []
    if place.cell.halves == 1:
        for r in rows[::2]:
            both = [i for i in (r, r + 1) if i in rows]
            pairs = [(shares[i, window], seen[i], at[1] if i == at[0] else -1) for i in both]
            names = _names([(letters[i], i == cursor[0]) for i in both], place, look)
            strips.append(line(*names, *half_row(pairs, place, look)))
        return strips
    for r in rows:
        height = place.cell.halves // 2
        for y in range(height):
            middle = y == (height - 1) // 2
            names = _names([(letters[r], r == cursor[0])] if middle else [], place, look)
            cells = row_cells(shares[r, window], seen[r], at[1] if r == at[0] else -1, place.cell, look, write=middle)
            strips.append(line(*names, *cells))
    return strips


def _names(tokens: list[tuple[str, bool]], place: Place, look: Look) -> list[Piece]:
    """What stands before a line of the map: no token, one, or the two that share it, each with whether it is lit."""
    dim, halved = look.style("dim"), place.cell.halves == 1
    pieces: list[Piece] = []
    for letter, lit in tokens:
        name = _label(letter, SHORT_NAME, lit, look)
        if place.name > SHORT_NAME:
            name = _cut(letter, place.name - halved), _lit(lit, look)
        width = cell_len(name[0])
        if halved:
            pieces += [name, (" " * (place.name - width), dim)]
        else:
            pieces += [(" " * (place.margin - 2 - width), dim), name]
    used = sum(cell_len(text) for text, _ in pieces)
    return [*pieces, (" " * (place.margin - used), dim)]


def _cut(letter: str, most: int) -> str:
    glyph = token_glyph(letter)
    return glyph if cell_len(glyph) <= most else pad(glyph, most)


def _lit(lit: bool, look: Look) -> Style:
    return look.style("cursor" if lit else "dim")


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
