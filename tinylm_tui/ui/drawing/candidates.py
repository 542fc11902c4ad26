"""The candidates for the next token: sorted bars, and the cut through them as a line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import isinf

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.engine.strategies import Strategy
from tinylm_tui.lab.candidates import Candidates
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.drawing.walk import EIGHTHS
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

FIGURE = 9  # columns of one
LEAST_BAR = 4
INSIDE, OUTSIDE = "█", "░"
CUT = "─"
MOST_BARS = 100  # vertical ones, side by side


@dataclass(frozen=True, eq=False)
class Table:
    """What is shown of the candidates, with the cursor on number `cursor` of them."""

    candidates: Candidates
    strategy: Strategy
    letters: list[str]  # the text of each token of the vocabulary
    cursor: int
    taken: int | None = None  # the token chosen here on the branch in view
    others: Collection[int] = ()  # the tokens chosen here on other branches

    @property
    def lines(self) -> int:
        """The rows of the whole table: the tokens, and the line of the cut."""
        return len(self.candidates.ids) + self.cuts

    @property
    def cuts(self) -> bool:
        """Whether the strategy throws anything away."""
        return self.candidates.kept < len(self.candidates.ids)

    def line_of(self, place: int) -> int:
        """In which row a candidate stands."""
        return place + (self.cuts and place >= self.candidates.kept)

    def place_at(self, number: int) -> int | None:
        """Which candidate stands in row `number`; None for the line of the cut and for what lies beyond."""
        if not 0 <= number < self.lines or (self.cuts and number == self.candidates.kept):
            return None
        return number - (self.cuts and number > self.candidates.kept)


def share(probability: float) -> str:
    """A probability in percent, also a small one."""
    if 0 < probability < 0.00005:
        return "<0.01%"
    return f"{probability:.2%}" if probability < 0.99995 else "100%"


def bits_text(bits: float) -> str:
    """A surprise with two decimals."""
    return "∞" if isinf(bits) else f"{bits:.2f}"


def cut_words(strategy: Strategy) -> str:
    """The strategy in a few words, in the order in which it works."""
    if strategy.temperature == 0:
        return "greedy: temperature 0"
    k = f"top-k {strategy.top_k}" if strategy.top_k else "top-k off"
    p = f"top-p {strategy.top_p:.2f}" if strategy.top_p < 1 else "top-p off"
    return f"temp {strategy.temperature:.2f} › {k} › {p}"


def thrown_words(c: Candidates) -> str:
    """How many tokens stay, and what share of the probability is thrown away."""
    if c.kept == len(c.ids):
        return f"keeps all {c.kept:,}, nothing thrown away"
    return f"keeps {c.kept:,} of {len(c.ids):,}, {share(c.thrown)} thrown away"


def table_lines(table: Table, first: int, width: int, height: int, look: Look) -> tuple[list[Strip], int]:
    """The heading and the rows around the cursor; and the first row in view, to begin with the next time."""
    rows = max(1, height - 1)
    first = scrolled(first, table.line_of(table.cursor), rows, table.lines)
    columns = _Columns.of(table, width)
    shown = [_row(table, n, columns, look) for n in range(first, min(first + rows, table.lines))]
    return [columns.heading(look), *shown], first


@dataclass(frozen=True)
class _Columns:
    """Which columns there are, and how wide."""

    token: int
    heated: str | None  # the heading of the probabilities at a temperature that is neither 0 nor 1
    bar: int

    @classmethod
    def of(cls, table: Table, width: int) -> _Columns:
        """The columns for this width."""
        heat = table.strategy.temperature
        heated = None if heat in (0, 1) else f"at {heat:.2f}"
        figures = FIGURE * (5 if heated else 4)
        longest = max((cell_len(token_glyph(table.letters[i])) for i in table.candidates.ids[:100]), default=1)
        token = min(max(5, longest), max(5, width - 2 - figures - LEAST_BAR - 2, 0), 16)
        return cls(token + 1, heated, max(0, width - 2 - token - 1 - figures - 2))

    def heading(self, look: Look) -> Strip:
        """The names of the columns."""
        names = ["model", *([self.heated] if self.heated else []), "sum", "drawn", "bits"]
        figures = "".join(f"{name:>{FIGURE}}" for name in names)
        return line(("  " + pad("token", self.token) + figures, look.style("dim")))


def _row(table: Table, number: int, columns: _Columns, look: Look) -> Strip:
    place = table.place_at(number)
    if place is None:
        return _cut_line(table, columns, look)
    c, here = table.candidates, place == table.cursor
    token, inside = int(c.ids[place]), place < c.kept
    mark = "▸ " if token == table.taken else "• " if token in table.others else "  "
    figures = [share(c.own[place]), *([share(c.probabilities[place])] if columns.heated else [])]
    figures += [share(c.cumulated[place]), share(c.chances[place]) if inside else "out", bits_text(c.bits[place])]
    length = round(float(c.probabilities[place] / c.probabilities[0]) * columns.bar) if c.probabilities[0] else 0
    return line(
        (mark, look.style("amber")),
        (pad(token_glyph(table.letters[token]), columns.token), look.style("cursor" if here else "bright")),
        ("".join(f"{figure:>{FIGURE}}" for figure in figures), look.style("text" if inside else "faint")),
        ("  " + (INSIDE if inside else OUTSIDE) * length, look.style("towards" if inside else "faint")),
    )


def _cut_line(table: Table, columns: _Columns, look: Look) -> Strip:
    c = table.candidates
    words = f" cut: {len(c.ids) - c.kept:,} below it, {share(c.thrown)} thrown away "
    room = 2 + columns.token + FIGURE * (5 if columns.heated else 4) + 2 + columns.bar
    return line((CUT * 2, look.style("away")), (pad(words, room - 2).rstrip() + " ", look.style("text")),
                (CUT * max(0, room - 2 - cell_len(words)), look.style("away")))  # fmt: skip


def standing_bars(c: Candidates, letters: list[str], rows: int, width: int, look: Look) -> list[Strip]:
    """The same bars upright and small, likeliest first, with the cut as a line between them and the tokens below."""
    many = min(len(c.ids), max(1, (width - 1) // 2), MOST_BARS)
    each = 3 if any(cell_len(letters[i]) > len(letters[i]) == 1 for i in c.ids[:many]) else 2  # 北 has two columns
    many = min(many, max(1, (width - 1) // each))
    tallest = float(c.probabilities[0]) or 1.0
    heights = [round(float(p) / tallest * 8 * rows) for p in c.probabilities[:many]]
    lines = []
    for row in reversed(range(rows)):
        bars = [pad(EIGHTHS[min(max(height - 8 * row, 0), 8)], each) for height in heights]
        lines.append(_with_cut(bars, c.kept, ("towards", "faint"), "│", look))
    names = [pad(token_glyph(letters[i]), each) for i in c.ids[:many]]
    return [*lines, _with_cut(names, c.kept, ("text", "faint"), "│", look)]


def _with_cut(cells: list[str], kept: int, roles: tuple[str, str], cut: str, look: Look) -> Strip:
    """Cells side by side; what is cut away in another style, behind a line."""
    pieces: list[Piece] = [("".join(cells[:kept]), look.style(roles[0]))]
    if kept < len(cells):
        pieces += [(cut, look.style("away")), ("".join(cells[kept:]), look.style(roles[1]))]
    return line(*pieces)
