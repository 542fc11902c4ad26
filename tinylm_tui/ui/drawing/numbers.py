"""softmax(q·Kᵀ/√d_head)·V for one position, worked: every query, key, value, score and share in figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from textual.strip import Strip

from tinylm_tui.engine.looking import Worked, work
from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.drawing.head import Head, spelt, within
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

LABEL = 7  # columns of a token with its position
FIGURES = 50  # columns of the table without its vectors
AROUND = 9  # lines of the page that are no rows of the table


def named(head: Head, i: int, room: int) -> str:
    """A token and its position, in `room` columns: a long token is cut, so that its position stays."""
    position = f" ({i + 1})"
    return pad(token_glyph(head.letters[i]), room - len(position)).rstrip() + position


def numbers_table(head: Head, cursor: tuple[int, int], width: int, height: int, look: Look) -> list[Strip]:
    """One line a key: its score, what the mask leaves, its share. cursor = query and key.

    Above it the query; below it the mix of the values, and the key's score worked out.
    """
    query, key = cursor
    worked = work(head.q, head.k, head.v, query)
    cells = Cells.of(head, width, look)
    tokens, rows = len(head.letters), max(1, height - AROUND)
    first = scrolled(max(0, query + 1 - rows), key, rows, tokens)
    return [
        _title(head, query, look),
        _vector("q", head.q[query], width, look),
        _heading(cells, look),
        *[_row(worked, head, i, key, cells, look) for i in range(tokens)[first : first + rows]],
        _sum(worked, cells, _unseen(first, max(0, tokens - first - rows), cells, head.k.shape[1]), look),
        _vector("Σ share·v", worked.mixed, width, look),
        Strip.blank(0),
        *_key_worked(worked, head, key, width, look),
    ]


def numbers_page(head: Head, cursor: tuple[int, int], width: int, height: int, look: Look) -> list[Strip]:
    """The table on a page of its own."""
    words = "left right: who looks   up down: at whom   v: the map"
    table = numbers_table(head, cursor, width, height - 1, look)[: height - 1]
    return within([*table, line((words, look.style("dim")))], width, height)


@dataclass(frozen=True)
class Cells:
    """How vectors are drawn: the first `shown` numbers, `columns` columns each, full colour at their scale."""

    shown: int
    columns: int
    k_scale: float
    v_scale: float

    @classmethod
    def of(cls, head: Head, width: int, look: Look) -> Cells:
        """As many as fit into the table's two columns of vectors."""
        size, room = head.k.shape[1], max(0, width - FIGURES) // 2
        # without colours a number needs a second column for its sign
        columns = 1 if look.depth == "many" and 2 * size > room else 2
        k_scale, v_scale = (float(np.abs(x).max()) or 1.0 for x in (head.k, head.v))
        return cls(min(size, room // columns), columns, k_scale, v_scale)

    @property
    def width(self) -> int:
        """Columns of one vector."""
        return self.shown * self.columns

    def draw(self, vector: Array, scale: float, look: Look) -> list[Piece]:
        """Teal above zero, red below, brighter = further away from it."""
        drawn = [look.cell(max(-1.0, min(1.0, float(x) / scale))) for x in vector[: self.shown]]
        return [(text[: self.columns], style) for text, style in drawn]


def _title(head: Head, query: int, look: Look) -> Strip:
    towards = look.names[0]
    return line(
        (f"{token_glyph(head.letters[query])} ({query + 1}) looks", look.style("amber")),
        (spelt(f"  softmax(q·k / √{head.q.shape[1]}) · V", look), look.style("title")),
        (f"   {towards}: above 0", look.style("dim")),
    )


def _vector(name: str, vector: Array, width: int, look: Look) -> Strip:
    """A vector in figures, as many as fit, and how many there are."""
    fit = max(1, (width - 10 - 8) // 6)
    figures = "".join(f"{x:>+6.2f}" for x in vector[:fit])
    more = f" … {len(vector)}" if len(vector) > fit else ""
    return line((pad(name, 10), look.style("amber")), (figures, look.style("text")), (more, look.style("dim")))


def _heading(cells: Cells, look: Look) -> Strip:
    words = f"{'q·k':>9}{'score':>9}{'mask':>6}{'e^(s−max)':>10}{'share':>9}"
    return line((f"{'key':<{LABEL}}{pad('k', cells.width)}{words} {pad('v', cells.width)}", look.style("dim")))


def _row(w: Worked, head: Head, i: int, key: int, cells: Cells, look: Look) -> Strip:
    later = i > w.query
    role = "faint" if later else "text"
    marked = "cursor" if i == key else "amber" if i == w.query else role
    label = (pad(named(head, i, LABEL), LABEL), look.style(marked))
    mask = spelt("−∞", look) if later else "0"
    figures = f"{w.products[i]:>+9.4f}{w.scores[i]:>+9.4f}{mask:>6}{w.exps[i]:>10.4f}{w.shares[i]:>9.2%} "
    k, v = cells.draw(head.k[i], cells.k_scale, look), cells.draw(head.v[i], cells.v_scale, look)
    return line(label, *k, (figures, look.style(role)), *v)


def _unseen(above: int, below: int, cells: Cells, size: int) -> str:
    """What of the table is not in view: keys scrolled off above and below, and numbers of each vector."""
    arrows = [f"{arrow} {count}" for arrow, count in (("↑", above), ("↓", below)) if count]
    said = [" ".join(arrows) + " more"] if arrows else []
    said += [f"k, v: {cells.shown} of {size}"] if cells.shown < size else []
    return "; ".join(said)


def _sum(w: Worked, cells: Cells, unseen: str, look: Look) -> Strip:
    words = f"{pad(unseen, LABEL + cells.width + 24)}{w.total:>10.4f}{w.shares.sum():>9.2%} "
    return line((words, look.style("dim")), *cells.draw(w.mixed, cells.v_scale, look))


def _key_worked(w: Worked, head: Head, key: int, width: int, look: Look) -> list[Strip]:
    """The vectors of the chosen key, and how its score becomes its share."""
    name = named(head, key, LABEL)
    vectors = [_vector(f"{which} {name}", x[key], width, look) for which, x in (("k", head.k), ("v", head.v))]
    return [*vectors, line((spelt(_from_score_to_share(w, len(head.k[key]), key, width), look), look.style("text")))]


def _from_score_to_share(w: Worked, d: int, key: int, width: int) -> str:
    if key > w.query:
        return pad("comes later: the mask adds −∞, and e^−∞ = 0, so its share is 0", width).rstrip()
    less_top = f"{'−' if w.top >= 0 else '+'} {abs(w.top):.4f}"
    score = f"{w.products[key]:+.4f} / √{d} = {w.scores[key]:+.4f}"
    share = f"e^(score {less_top}) = {w.exps[key]:.4f};  / {w.total:.4f} = {w.shares[key]:.2%}"
    return f"{score};  {share}" if len(score) + len(share) + 3 <= width else pad(share, width).rstrip()
