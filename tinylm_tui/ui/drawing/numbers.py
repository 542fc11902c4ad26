"""softmax(q·Kᵀ/√d_head)·V for one position, worked: every query, key, value, score and share in figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from textual.strip import Strip

from tinylm_tui.engine.looking import Worked, work
from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

FIGURES = 49  # columns of the table without its vectors
AROUND = 8  # lines of the page that are no rows of the table


def numbers_table(
    q: Array, k: Array, v: Array, letters: Sequence[str], cursor: tuple[int, int], width: int, height: int, look: Look
) -> list[Strip]:
    """One line a key: its score, what the mask leaves, its share. q, k, v (T, d); cursor = query and key.

    Above it the query; below it the mix of the values, and the key's score worked out.
    """
    query, key = cursor
    worked = work(q, k, v, query)
    shown = cells_for(q.shape[1], width, look)
    scale = max(float(np.abs(x).max()) for x in (q[query], k, v)) or 1.0
    rows = max(1, height - AROUND)
    first = scrolled(max(0, query + 1 - rows), key, rows, len(letters))
    return [
        _title(letters[query], query, q.shape[1], look),
        _vector("q", q[query], width, scale, look),
        _heading(shown, look),
        *[_row(worked, k, v, letters, i, key, shown, scale, look) for i in range(len(letters))[first : first + rows]],
        _sum(worked, shown, scale, look),
        _vector("Σ share·v", worked.mixed, width, scale, look),
        Strip.blank(0),
        *_key_worked(worked, k, v, letters, key, width, scale, look),
    ]


def numbers_page(
    q: Array, k: Array, v: Array, letters: Sequence[str], cursor: tuple[int, int], width: int, height: int, look: Look
) -> list[Strip]:
    """The table under the text, on a page of its own."""
    text = line(*[
        (f" {token_glyph(letter)} ", look.style("cursor" if i == cursor[0] else "text"))
        for i, letter in enumerate(letters)
    ])  # fmt: skip
    start = max(0, 3 * (cursor[0] + 2) - width)
    words = "left right: who looks   up down: at whom   v: the map"
    return [
        text.crop(start, start + width),
        *numbers_table(q, k, v, letters, cursor, width, height - 2, look)[: height - 2],
        line((words, look.style("faint"))).crop(0, width),
    ]


def cells_for(size: int, width: int, look: Look) -> int:
    """How many numbers of a vector fit as cells into each of the table's two columns of vectors."""
    return max(0, min(size, (width - FIGURES) // 2 // _columns(look)))


def _columns(look: Look) -> int:
    """A cell needs a second column for its sign where there is no colour to tell it."""
    return 1 if look.depth == "many" else 2


def cells(vector: Array, shown: int, scale: float, look: Look) -> list[Piece]:
    """The first numbers of a vector as cells: teal above zero, red below, brighter = further away from it."""
    pieces = [look.cell(max(-1.0, min(1.0, float(x) / scale))) for x in vector[:shown]]
    return [(text[: _columns(look)], style) for text, style in pieces]


def _title(letter: str, query: int, d: int, look: Look) -> Strip:
    words = f"  softmax(q·k / √{d}) · V, worked"
    return line((f"{token_glyph(letter)} ({query + 1}) looks", look.style("amber")), (words, look.style("title")))


def _vector(name: str, vector: Array, width: int, scale: float, look: Look) -> Strip:
    """A vector in figures, as many as fit, and how many there are."""
    fit = max(1, (width - 10 - 8) // 6)
    figures = "".join(f"{x:>+6.2f}" for x in vector[:fit])
    more = f" … {len(vector)}" if len(vector) > fit else ""
    return line((pad(name, 10), look.style("amber")), (figures, look.style("text")), (more, look.style("dim")))


def _heading(shown: int, look: Look) -> Strip:
    vectors = shown * _columns(look)
    words = f"{'q·k':>9}{'score':>9}{'mask':>6}{'e^':>9}{'share':>9}"
    return line((f"{'key':<7}{pad('k', vectors)}{words} {pad('v', vectors)}", look.style("dim")))


def _row(
    w: Worked, k: Array, v: Array, letters: Sequence[str], i: int, key: int, shown: int, scale: float, look: Look
) -> Strip:
    later = i > w.query
    role = "faint" if later else "text"
    label = (pad(f"{token_glyph(letters[i])} ({i + 1})", 7), look.style("cursor" if i == key else role))
    mask = "−∞" if later else "0"
    figures = f"{w.products[i]:>+9.4f}{w.scores[i]:>+9.4f}{mask:>6}{w.exps[i]:>9.4f}{w.shares[i]:>9.2%} "
    vectors = [cells(x[i], shown, scale, look) for x in (k, v)]
    return line(label, *vectors[0], (figures, look.style(role)), *vectors[1])


def _sum(w: Worked, shown: int, scale: float, look: Look) -> Strip:
    gap = " " * (7 + shown * _columns(look) + 24)
    words = f"{gap}{w.total:>9.4f}{w.shares.sum():>9.2%} "
    return line((words, look.style("dim")), *cells(w.mixed, shown, scale, look))


def _key_worked(
    w: Worked, k: Array, v: Array, letters: Sequence[str], key: int, width: int, scale: float, look: Look
) -> list[Strip]:
    """The vectors of the chosen key, and how its score becomes its share."""
    name = f"{token_glyph(letters[key])} ({key + 1})"
    vectors = [_vector(f"{which} of {name}", x[key], width, scale, look) for which, x in (("k", k), ("v", v))]
    if key > w.query:
        words = "comes later: the mask adds −∞, e^−∞ = 0, so its share is 0"
    else:
        words = f"e^({w.scores[key]:+.4f} − {w.top:+.4f}) = {w.exps[key]:.4f};  / {w.total:.4f} = {w.shares[key]:.2%}"
    return [*vectors, line((pad(words, width).rstrip(), look.style("text")))]
