"""Attention: who looks at whom, as a map, as arrows, as a grid of all heads, and as numbers for one position.

Row = the token looking (query), column = the token looked at (key); nothing above the diagonal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.ink import PLAIN, Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

MOST_ARROWS = 4
LEAST_SHARE = 0.02  # below this a look is not worth an arrow
STRIP_NUMBERS = 8  # of a query, key or value vector shown as cells


@dataclass(frozen=True, eq=False)
class Head:
    """One head on one text: q, k, v (T, d), scores and pattern (T, T), and the tokens' letters."""

    letters: list[str]
    q: Array
    k: Array
    v: Array
    scores: Array
    pattern: Array


def amounts_of(pattern: Array) -> Array:
    """The pattern (T, T) for the colour ramp: square roots, and nothing (nan) where no look is allowed."""
    shown = np.sqrt(pattern)
    shown[np.triu_indices(len(pattern), 1)] = np.nan
    return np.asarray(shown)


def arrows(head: Head, query: int, look: Look, cell: int = 2) -> list[Strip]:
    """The text, and under it an arrow from the chosen token to each of those it looks at most, with its share."""
    letters = [(pad(token_glyph(letter), cell), look.style("cursor" if i == query else "text"))
               for i, letter in enumerate(head.letters)]  # fmt: skip
    shares = head.pattern[query, : query + 1]
    order = [int(k) for k in np.argsort(-shares, kind="stable") if shares[k] >= LEAST_SHARE][:MOST_ARROWS]
    lines = [line(*letters)]
    for n, key in enumerate(sorted(order, reverse=True)):
        below = set(sorted(order, reverse=True)[n + 1 :])
        lines.append(_arrow(key, query, below, float(shares[key]), cell, look))
    return lines


def _arrow(key: int, query: int, below: set[int], share: float, cell: int, look: Look) -> Strip:
    """One line from under `query` back to `key`; the arrows still to come pass as uprights."""
    row = [" "] * (cell * query + 1)
    for other in below:
        row[cell * other] = "│"
    for x in range(cell * key + 1, cell * query):
        row[x] = "─"
    row[cell * key] = "▲" if key == query else "╰"
    if key != query:
        row[-1] = "┤" if below else "╯"
    return line(("".join(row), look.style("towards")), (f" {share:.1%}", look.style("text")))


def grid(patterns: Array, chosen: tuple[int, int], width: int, look: Look) -> list[Strip]:
    """All heads at a glance: patterns (L, H, T, T), a row of small maps for each layer, the chosen one named in amber.

    Two rows of a map stand in one line, one token to a column; without colours one row a line, as glyphs.
    """
    layers, heads, tokens, _ = patterns.shape
    each = max(tokens, len("1.1")) + 2
    lines: list[Strip] = []
    for layer in range(layers):
        names = [(pad(f"{layer + 1}.{head + 1}", each), look.style("cursor" if (layer, head) == chosen else "dim"))
                 for head in range(heads)]  # fmt: skip
        maps = [_small_map(amounts_of(patterns[layer, head]), look) for head in range(heads)]
        lines.append(line(*names))
        lines += [Strip.join([_spaced(one[y], each) for one in maps]) for y in range(len(maps[0]))]
        lines.append(Strip.blank(0))
    return [one.crop(0, width) for one in lines]


def _spaced(strip: Strip, width: int) -> Strip:
    return strip.extend_cell_length(width, PLAIN)


def _small_map(amounts: Array, look: Look) -> list[Strip]:
    if look.depth != "many":
        return [line(*[(look.cell(float(a))[0][-1], look.style("towards")) for a in row]) for row in amounts]
    ground = look.colour(float("nan"))
    lines = []
    for y in range(0, len(amounts), 2):
        upper, lower = amounts[y], amounts[y + 1] if y + 1 < len(amounts) else None
        cells: list[Piece] = []
        for x in range(len(upper)):
            below = look.colour(float(lower[x])) if lower is not None else ground
            text, style = look.half_cells(look.colour(float(upper[x])), below)
            cells.append((text[0], style))
        lines.append(line(*cells))
    return lines


def worked(head: Head, query: int, width: int, look: Look) -> list[Strip]:
    """softmax(Q·Kᵀ/√d_head)·V for one position, in numbers: each key's score, mask, e^score, share; the mixed value."""
    d = head.q.shape[-1]
    scale = float(max(np.abs(head.q[query]).max(), np.abs(head.k).max(), np.abs(head.v).max(), 1e-9))
    shown = min(d, STRIP_NUMBERS)
    seen = head.scores[query, : query + 1]
    exps = np.exp(seen - seen.max())
    title = f"{'key':<5}{pad('k', 2 * shown)} {'q·k/√' + str(d):>9}{'e^':>9}{'share':>8}  {pad('v', 2 * shown)}"
    mixed = head.pattern[query] @ head.v
    lines = [
        _vector_line(f"query {token_glyph(head.letters[query])}", head.q[query], scale, shown, look),
        line((title, look.style("dim"))),
    ]
    for key in range(len(head.letters)):
        if key > query:
            lines.append(_later(head.letters[key], float(head.scores[query, key]), shown, look))
            continue
        figures = f" {seen[key]:>9.4f}{exps[key]:>9.4f}{head.pattern[query, key]:>8.2%}  "
        lines.append(
            line(
                (pad(token_glyph(head.letters[key]), 5), look.style("cursor" if key == query else "text")),
                *_cells(head.k[key], scale, shown, look),
                (figures, look.style("text")),
                *_cells(head.v[key], scale, shown, look),
            )
        )
    lines.append(_vector_line("Σ share · v", mixed, scale, shown, look))
    return [one.crop(0, width) for one in lines]


def _later(letter: str, score: float, shown: int, look: Look) -> Strip:
    words = f" {score:>9.4f}{'masked: comes later':>21}"
    return line((pad(token_glyph(letter), 5), look.style("faint")), (" " * 2 * shown + words, look.style("faint")))


def _vector_line(name: str, vector: Array, scale: float, shown: int, look: Look) -> Strip:
    numbers = " ".join(f"{x:+.2f}" for x in vector[:shown])
    more = f" … {len(vector)} in all" if len(vector) > shown else ""
    return line(
        (pad(name, 13), look.style("amber")),
        *_cells(vector, scale, shown, look),
        (f" {numbers}{more}", look.style("dim")),
    )


def _cells(vector: Array, scale: float, shown: int, look: Look) -> list[Piece]:
    return [look.cell(float(x) / scale) for x in vector[:shown]]


def token_row(letters: Sequence[str], chosen: int, look: Look) -> Strip:
    """The text, one cell a token, the chosen one lit."""
    return line(
        *[(pad(token_glyph(c), 2), look.style("cursor" if i == chosen else "text")) for i, c in enumerate(letters)]
    )
