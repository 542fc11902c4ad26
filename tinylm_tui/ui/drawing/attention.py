"""One head on one text: the map, the arrows from the letter that looks, and the cell under the cursor in words.

Row = the token looking (query), column = the token looked at (key); nothing above the diagonal.
"""

from __future__ import annotations

import numpy as np
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.drawing.head import Head, spelt, within
from tinylm_tui.ui.drawing.numbers import numbers_table
from tinylm_tui.ui.drawing.pattern import LEGEND_WIDTH, legend, pattern_map
from tinylm_tui.ui.drawing.place import LONGEST_NAME, NONE, Place, Room, place_map
from tinylm_tui.ui.drawing.readout import figure, token_words
from tinylm_tui.ui.ink import Piece, beside, line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

WIDE = 104  # columns from which map, arrows and numbers stand side by side
SIDE, NUMBERS, GAP = 38, 51, 4  # columns kept for what stands beside the map: narrow, wide; and between them, wide
LEAST_SHARE = 0.02  # below this a look is not worth an arrow
MOST_ARROWS = 5
ROOM = 16  # columns for the shares, to the right of the letters


def map_page(
    head: Head, cursor: tuple[int, int], width: int, height: int, look: Look, before: tuple[int, int] = (0, 0),
    *, room: Room = NONE,
) -> tuple[list[Strip], Place]:  # fmt: skip
    """The map with all that explains it, and where its cells lie. `before`: the first row and column of the last.

    Where the text grows, there is `room` for more, and what stands beside the map keeps its place.
    """
    if width >= WIDE:
        return _wide(head, cursor, width, height, look, before, room)
    size = (width - SIDE - 2, height)
    place = place_map(head.letters, cursor, *size, look, before, room=room, longest=LONGEST_NAME)
    side = width - place.width - 3
    right = [
        *readout(head, cursor, min(side, 34), look),
        Strip.blank(0),
        legend(look),
        Strip.blank(0),
        *arrows(head, cursor[0], side, max(4, height - 8), look),
    ]
    left = pattern_map(head.pattern, head.letters, cursor, place, look)
    return within(beside(left, right, place.width, 3), width, height), place


def _wide(
    head: Head, cursor: tuple[int, int], width: int, height: int, look: Look, before: tuple[int, int], kept: Room
) -> tuple[list[Strip], Place]:
    """The map and the arrows, in the same columns where that fits; beside them the cell and the whole working."""
    size = (width - NUMBERS - GAP, height - 3)
    place = place_map(head.letters, cursor, *size, look, before, room=kept, longest=LONGEST_NAME)
    left = [*_filled(pattern_map(head.pattern, head.letters, cursor, place, look), place.height), Strip.blank(0)]
    room = height - len(left) - 2
    needed = 3 + min(MOST_ARROWS, max(len(head.letters), kept.tokens) - 1)
    fits = place.width + ROOM + GAP + NUMBERS <= width
    under = place.columns == len(head.letters) and room >= needed and fits
    left_width = max(place.width + ROOM * under, place.margin + LEGEND_WIDTH)
    side = width - left_width - GAP
    indent = line((" " * place.margin, look.style("dim")))
    if under:
        drawn = arrows(head, cursor[0], left_width - place.margin, room, look, place.cell.columns)
        left += [*_filled([Strip.join([indent, one]) for one in drawn], needed if kept.tokens else 0), Strip.blank(0)]
    left.append(Strip.join([indent, legend(look)]))
    right = [*readout(head, cursor, min(side, 60), look, 1), Strip.blank(0)]
    if not under:
        right += [*_filled(arrows(head, cursor[0], side, needed, look), needed if kept.tokens else 0), Strip.blank(0)]
    right += numbers_table(head, cursor, side, height - len(right), look)
    return within(beside(left, right, left_width, GAP), width, height), place


def _filled(strips: list[Strip], height: int) -> list[Strip]:
    """Empty lines after a drawing, up to `height`: what stands below it stays where it is."""
    return [*strips, *[Strip.blank(0)] * (height - len(strips))]


def readout(head: Head, cursor: tuple[int, int], width: int, look: Look, lines: int = 2) -> list[Strip]:
    """The cell under the cursor in words, in so many lines, and in two lines of figures."""
    query, key = cursor
    looker, target = (f"{token_words(head.letters[i])} ({i + 1})" for i in cursor)
    if key > query:
        said = f"{looker} may not look at {target}: it comes later"
        share = "none"
    else:
        said = f"{looker} looks at {'itself' if key == query else target}"
        share = f"{head.pattern[cursor]:.2%}"
    sentence = wrapped(said, width, look.style("amber"))[:lines]
    return [
        *sentence,
        figure("share of its look", share, width, look),
        figure(spelt("score q·k/√d_head", look), f"{head.scores[cursor]:+.4f}", width, look),
        *[Strip.blank(0)] * (lines - len(sentence)),
    ]


def arrows(head: Head, query: int, width: int, height: int, look: Look, cell: int = 0) -> list[Strip]:
    """The text, and under it an arrow from the chosen letter to each that it looks at most, with its share.

    `cell` is the columns a letter; 0 takes as many as fit.
    """
    cell = cell or next((c for c in (4, 3, 2) if len(head.letters) * c + ROOM <= width), 2)
    first = 0 if len(head.letters) * cell + ROOM <= width else max(0, query + 1 - (width - ROOM) // cell)
    shares = head.pattern[query, : query + 1]
    order = [int(k) for k in np.argsort(-shares, kind="stable") if shares[k] >= LEAST_SHARE and first <= k < query]
    keys = sorted(order[: min(MOST_ARROWS, height - 3)], reverse=True)
    fit = range(first, min(len(head.letters), first + max(1, width // cell)))
    x = {i: (i - first) * cell + (cell - 1) // 2 for i in fit}
    lines = [line(*[_letter(head, i, query, cell, look) for i in fit]), _tips(shares, keys, query, x, look)]
    for n, key in enumerate(keys):
        others = [x[k] for k in keys[n + 1 :]]
        name = f"{token_glyph(head.letters[key])} ({key + 1})"
        lines.append(_arrow(name, float(shares[key]), x[key], x[query], others, look))
    rest = 1 - float(shares[[*keys, query]].sum())
    if rest >= LEAST_SHARE:
        lines.append(line((" " * (x[query] + 2) + f"others {rest:.1%}", look.style("dim"))))
    return lines


def _letter(head: Head, i: int, query: int, cell: int, look: Look) -> Piece:
    glyph = " " * ((cell - 1) // 2) + token_glyph(head.letters[i])
    if i == query:
        return pad(glyph, cell), look.style("cursor")
    return pad(glyph, cell), look.by_probability(float(head.pattern[query, i])) if i < query else look.style("faint")


def _tips(shares: Array, keys: list[int], query: int, x: dict[int, int], look: Look) -> Strip:
    """The heads of the arrows, and what the letter gives to itself."""
    row = {x[key]: ("▲", look.style("towards")) for key in keys}
    row[x[query]] = ("│" if keys else "╵", look.style("towards"))
    own = float(shares[query])
    share = (f"{own:.1%}", look.by_probability(own))
    return line(*_columns(row, x[query] + 1, look), (" itself ", look.style("dim")), share)


def _arrow(name: str, share: float, to: int, start: int, others: list[int], look: Look) -> Strip:
    """One line from column `start` back to column `to`; the arrows still to come pass as uprights."""
    style = look.style("towards")
    row: dict[int, tuple[str, Style]] = dict.fromkeys(others, ("│", style))
    row |= dict.fromkeys(range(to + 1, start), ("─", style))
    row |= {to: ("╰", style), start: ("┤" if others else "╯", style)}
    return line(
        *_columns(row, start + 1, look), (f" {name} ", look.style("dim")), (f"{share:.1%}", look.by_probability(share))
    )


def _columns(row: dict[int, Piece], width: int, look: Look) -> list[Piece]:
    return [row.get(x, (" ", look.style("dim"))) for x in range(width)]
