"""The text cut into tokens: a cell for each with its id under it, set apart by colour, by a line, or by underlining."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.tokenizer import UNKNOWN
from tinylm_tui.lab.tokens import Piece
from tinylm_tui.ui import look as palette
from tinylm_tui.ui.ink import Piece as Inked
from tinylm_tui.ui.ink import line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import BLANK, NEWLINE, TAB, token_glyph, visible_character

CLOSE, LOOSE = 2, 3  # lines of a row of tokens: their text, their ids, and where there is room an empty one
ROOMY = 20  # lines from which there is
NAMED = {" ": BLANK, "\n": NEWLINE, "\t": TAB}
GROUNDS = ("#005f5f", "#3a3a3a")  # one token, the next one: what lies side by side differs
UNKNOWN_ID = "?"
STANDS_ON = "◌"  # under a sign that has no column of its own
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


@lru_cache(8192)
def glyphs(token: str) -> str:
    """A token of any length with a visible sign for each of its characters."""
    shown = "".join(map(_sign, token)) or token_glyph(token)
    return shown if cell_len(shown[0]) else STANDS_ON + shown  # it would stand on the sign before it


def _sign(character: str) -> str:
    # A variation selector would make the sign before it wider, in some terminals and not in others.
    return NAMED.get(character) or (STANDS_ON if SELECTORS.match(character) else visible_character(character))


@dataclass(frozen=True)
class Rows:
    """The tokens of a text in rows that fit a width, from row `first` on: what a click and the cursor are found by."""

    pieces: Sequence[Piece]
    rows: tuple[range, ...]
    first: int
    width: int
    pitch: int = CLOSE  # lines from one row to the next
    shown: int = 1  # rows in view

    def shows(self, place: int) -> bool:
        """Whether the character at `place` of the text is in view."""
        rows = self.rows[self.first : self.first + self.shown]
        return bool(rows and rows[-1]) and self.pieces[rows[0][0]].start <= place < self.pieces[rows[-1][-1]].end

    def at(self, x: int, y: int) -> int | None:
        """The number of the token at column x, line y."""
        row = self.first + y // self.pitch
        if not 0 <= row < len(self.rows) or x < 0:
            return None
        right = 0
        for index in self.rows[row]:
            right += _room(self.pieces[index], self.width) + 1
            if x < right:
                return index
        return None


def _number(piece: Piece) -> str:
    return UNKNOWN_ID if piece.id == UNKNOWN else str(piece.id)


def _room(piece: Piece, width: int) -> int:
    """The columns of a token's cell: its text or its id, whichever is wider; at most a whole row."""
    return min(max(cell_len(glyphs(piece.text)), len(_number(piece))), width - 1)


def flowed(pieces: Sequence[Piece], width: int) -> tuple[range, ...]:
    """Which tokens stand in which row."""
    rows, begun, filled = [], 0, 0
    for i, piece in enumerate(pieces):
        room = _room(piece, width) + 1
        if filled and filled + room > width:
            rows.append(range(begun, i))
            begun, filled = i, 0
        filled += room
    return (*rows, range(begun, len(pieces)))


def rows_of(pieces: Sequence[Piece], cursor: int, width: int, height: int, before: int = 0) -> Rows:
    """The rows, scrolled as little as possible from row `before` so that the cursor's token is in view."""
    rows = flowed(pieces, width)
    pitch = LOOSE if height >= ROOMY else CLOSE
    shown = max(1, (height + pitch - CLOSE) // pitch)
    here = next((r for r, row in enumerate(rows) if cursor in row), 0)
    first = min(max(before, here - shown + 1), here)
    return Rows(pieces, rows, max(0, min(first, len(rows) - shown)), width, pitch, shown)


def row_lines(text: Rows, cursor: int, fresh: int | None, height: int, look: Look) -> list[Strip]:
    """The rows in view. `fresh` is the token that the merge under the cursor made."""
    lines: list[Strip] = []
    for row in text.rows[text.first :]:
        if len(lines) + CLOSE > height:
            break
        lines += [*_row(text, row, cursor, fresh, look), *[Strip.blank(0)] * (text.pitch - CLOSE)]
    return lines[:height]


def _row(text: Rows, row: range, cursor: int, fresh: int | None, look: Look) -> list[Strip]:
    gap = " " if look.depth == "many" else "│"  # grounds end by themselves
    texts: list[Inked] = []
    ids: list[Inked] = []
    for index in row:
        piece = text.pieces[index]
        room, style = _room(piece, text.width), _style(piece, index, cursor, fresh, look)
        texts += [(pad(glyphs(piece.text), room), style), (gap, look.style("faint"))]
        under = "amber" if index == cursor else "away" if piece.id == UNKNOWN else "faint"
        ids += [(pad(_number(piece), room), look.style(under)), (" ", look.style("faint"))]
    return [line(*texts), line(*ids)]


def _style(piece: Piece, index: int, cursor: int, fresh: int | None, look: Look) -> Style:
    if index == cursor:
        return look.style("cursor")
    if piece.id == UNKNOWN:
        return look.style("bad")
    if piece.id == fresh:
        return Style(bold=True, underline=True) if look.depth == "none" else look.style("lit")
    return _ground(index % 2, look)


def _ground(odd: int, look: Look) -> Style:
    if look.depth == "many":
        return Style(color=palette.BRIGHT, bgcolor=GROUNDS[odd])
    return look.style("text") + Style(underline=not odd)


def spelt(characters: str) -> str:
    """The first few characters of many, each visible."""
    return " ".join(map(glyphs, characters[:8])) + (" …" if len(characters) > 8 else "")


def left_out(characters: str, who: str = "this model", *, many: bool = False) -> str:
    """Why characters are not read; `many`: whether who is several."""
    has, them = "have" if many else "has", "them" if len(characters) > 1 else "it"
    return f"left out, because {who} {has} never seen {them}: {spelt(characters)}"
