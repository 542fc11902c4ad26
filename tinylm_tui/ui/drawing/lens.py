"""The picture of the logit lens: a text at the bottom, the layers above it, and at the top what really comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.lab.lens import TextLens, row_name
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.drawing.pattern import SHADES, shade
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import AMBER, BRIGHT, GROUND, RAMP, TEXT, TOWARDS, Look
from tinylm_tui.ui.visible import token_glyph

Values = Literal["tokens", "ranks"]
LABELS, GAP = 11, 1  # columns: the names of the rows, and between two cells
WIDTHS = (11, 9, 7, 6, 5)  # columns of a cell, the largest first
LONGEST = 9  # columns of a token that is not cut
TALLEST = 4  # lines of a cell
FRAME = 2  # lines: what comes next above the rows, the text below them
RIGHT = "="  # stands at what is right already


@dataclass(frozen=True)
class Grid:
    """How the picture lies: the size of a cell, and which rows and places are in view."""

    columns: int
    lines: int
    bottom: int  # the lowest row in view
    rows: int
    left: int
    places: int

    @property
    def width(self) -> int:
        """Columns of the picture with its labels."""
        return LABELS + self.places * (self.columns + GAP)

    @property
    def height(self) -> int:
        """Lines of the picture, with what stands above and below the rows."""
        return FRAME + self.rows * self.lines

    def at(self, x: int, y: int) -> tuple[int, int] | None:
        """The row and the place at column x, line y of the picture; None beside the cells."""
        place, row = (x - LABELS) // (self.columns + GAP), (y - 1) // self.lines
        inside = x >= LABELS and y >= 1 and place < self.places and row < self.rows
        return (self.bottom + self.rows - 1 - row, self.left + place) if inside else None


def place_grid(
    shape: tuple[int, int], cursor: tuple[int, int], width: int, height: int, longest: int, before: tuple[int, int]
) -> Grid:
    """The largest cells with which rows × places fit, moved as little as needed from `before` (lowest row, place).

    `longest` is the columns that the widest token of the vocabulary takes.
    """
    rows, places = shape
    least = min(longest, LONGEST) + len(RIGHT)
    sizes = [columns for columns in WIDTHS if columns >= least] or [least]
    room = width - LABELS
    columns = next((c for c in sizes if places * (c + GAP) <= room), sizes[-1])
    lines = min(TALLEST, max(1, (height - FRAME) // rows))
    shown_rows = min(rows, max(1, (height - FRAME) // lines))
    shown = min(places, max(1, room // (columns + GAP)))
    bottom, left = scrolled(before[0], cursor[0], shown_rows, rows), scrolled(before[1], cursor[1], shown, places)
    return Grid(columns, lines, bottom, shown_rows, left, shown)


def picture(
    seen: TextLens, tokens: Sequence[str], cursor: tuple[int, int], values: Values, grid: Grid, look: Look
) -> list[Strip]:
    """What comes next, then the rows in view with the output on top, then the text. `tokens` of the vocabulary."""
    places = range(grid.left, grid.left + grid.places)
    names = [seen.right(place) for place in places]
    nexts = ["?" if right is None else token_glyph(tokens[right]) for right in names]
    lines = [_frame_row("comes next", nexts, places, cursor[1], grid, look)]
    for row in range(grid.bottom + grid.rows - 1, grid.bottom - 1, -1):
        lines += _row(seen, tokens, row, cursor, values, grid, look)
    own = [token_glyph(tokens[int(seen.read.ids[place])]) for place in places]
    return [*lines, _frame_row("text", own, places, cursor[1], grid, look)]


def _frame_row(name: str, glyphs: list[str], places: range, lit: int, grid: Grid, look: Look) -> Strip:
    """The right tokens, or the text itself: one in the middle of each column."""
    pieces: list[Piece] = [(pad(name, LABELS), look.style("dim"))]
    for place, glyph in zip(places, glyphs, strict=True):
        pieces += [(_middle(glyph, grid.columns), look.style("amber" if place == lit else "title"))]
        pieces.append((" " * GAP, look.style("dim")))
    return line(*pieces)


def _middle(text: str, columns: int, filling: str = " ") -> str:
    """`text` in the middle of so many columns, cut with an ellipsis where it is longer."""
    text = pad(text, min(columns, cell_len(text)))
    before = (columns - cell_len(text)) // 2
    return filling * before + text + filling * (columns - cell_len(text) - before)


def _row(
    seen: TextLens, tokens: Sequence[str], row: int, cursor: tuple[int, int], values: Values, grid: Grid, look: Look
) -> list[Strip]:
    """One layer: its cells with as many lines as there are, the second one the probability."""
    strips = []
    first = max(0, (grid.lines - 2) // 2)  # the line of a cell that its text begins in
    for y in range(grid.lines):
        name = pad(label(row, seen.rows), LABELS) if y == first else " " * LABELS
        lit = row == cursor[0]
        pieces: list[Piece] = [(name, look.style("amber" if lit else "dim"))]
        for place in range(grid.left, grid.left + grid.places):
            text = _written(seen, tokens, row, place, values, y - first)
            pieces.append(_cell(seen, row, place, text, grid.columns, values, look, cursor=(row, place) == cursor))
            pieces.append((" " * GAP, look.style("dim")))
        strips.append(line(*pieces))
    return strips


def label(row: int, rows: int) -> str:
    """A row beside the picture."""
    return "output" if row == rows - 1 else f"block {row}" if row else "embedding"


def _written(seen: TextLens, tokens: Sequence[str], row: int, place: int, values: Values, y: int) -> str:
    """Line y of a cell's text: what it says (or the rank of the right one), then a probability."""
    mark = RIGHT if seen.is_right(row, place) else ""
    if y > 1 or y < 0:
        return ""
    if values == "ranks":
        if seen.right(place) is None:
            return ""
        return f"#{seen.ranks[row, place]}{mark}" if y == 0 else percent(float(seen.chances[row, place]))
    if y == 0:
        return token_glyph(tokens[int(seen.lens.top[row, place])]) + mark
    return percent(float(seen.lens.sureness[row, place]))


def percent(share: float) -> str:
    """A probability in a cell, in at most four columns."""
    return f"{100 * share:.0f}%" if share >= 0.0995 else f"{100 * share:.1f}%"


def amount(seen: TextLens, row: int, place: int, values: Values) -> float:
    """The probability that the brightness of a cell shows: of what it would say, or of the right one."""
    if values == "tokens":
        return float(seen.lens.sureness[row, place])
    return float(seen.chances[row, place]) if seen.right(place) is not None else 0.0


def _cell(
    seen: TextLens, row: int, place: int, text: str, columns: int, values: Values, look: Look, *, cursor: bool
) -> Piece:
    level, right = shade(amount(seen, row, place, values)), seen.is_right(row, place)
    if right and text.endswith(RIGHT):  # the mark takes a column on both sides, so that the token stands in the middle
        token = pad(text[: -len(RIGHT)], min(cell_len(text) - 1, columns - 1))
        text = " " * (cell_len(token) + 2 <= columns) + token + RIGHT
    if look.depth == "many":
        return _middle(text, columns), _ground(-1 if cursor else level, right)
    glyph = RAMP[round(level / SHADES * (len(RAMP) - 1))]
    body = _middle(f" {text} " if text and cell_len(text) + 2 <= columns else text, columns, glyph)
    return body, look.style("cursor") if cursor else look.style("good" if right else "towards")


@lru_cache(64)
def _ground(level: int, right: bool) -> Style:
    """A cell's ground by its probability; what is right already is bold and underlined."""
    colour = AMBER if level < 0 else TOWARDS[level]
    dark = level < 0 or level >= 4
    ink = GROUND if dark else BRIGHT if right else TEXT
    return Style(color=ink, bgcolor=colour, bold=right or level < 0, underline=right)


def shown_name(row: int, rows: int) -> str:
    """A row in a sentence."""
    return "the output" if row == rows - 1 else row_name(row, rows)
