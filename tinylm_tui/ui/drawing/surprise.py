"""The Surprise screen as a whole: the text in its colours, what it comes to, and what was expected at the cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.lab.readers import Counted
from tinylm_tui.lab.surprising import Expected, Figures, Surprise
from tinylm_tui.ui.drawing import surprise_text as parts
from tinylm_tui.ui.drawing.readout import token_words
from tinylm_tui.ui.drawing.surprise_text import TextLayout, breaks, counterpart, text_layout, text_lines
from tinylm_tui.ui.drawing.tokens import glyphs, left_out
from tinylm_tui.ui.ink import Piece as Inked
from tinylm_tui.ui.ink import beside, line, pad, wrapped
from tinylm_tui.ui.look import Look

GAP = 2
MOST_MARGIN = 12  # columns of a reader's name before its rows
LOW = 16  # lines up to which no empty one parts the head from the text
TALL = 24  # lines from which the guesses stand in rows of their own, with bars
MOST_GUESSES = 8
ROOM_FOR_WORDS = 36  # columns
GAPS = 2  # empty lines: before the guesses, and before the figures
LEAST_NAME = 16  # columns of a reader's name before its figures
COLUMNS = {"tokens": 8, "characters": 12, "bits": 11, "bits/char": 11, "perplexity": 12}
NARROW = {name: room for name, room in COLUMNS.items() if name != "characters"}  # for 60 columns


@dataclass(frozen=True, eq=False)
class Told:
    """One reader: its name before the rows, its name in full, and the text as it takes it."""

    name: str
    title: str
    surprise: Surprise

    @property
    def counts(self) -> bool:
        """Whether it is the counts: then there are many of it."""
        return isinstance(self.surprise.reader, Counted)


@dataclass(frozen=True, eq=False)
class View:
    """What is shown: of one reader, or of two; the cursor is on a piece of the first one's text."""

    source: str  # what text this is
    readers: Sequence[Told]
    cursor: int
    threshold: float  # bits
    note: str = ""
    aside: str = ""  # shown where there is room for all of it


@dataclass(frozen=True)
class Layout:
    """Where on the page the text stands."""

    head: int
    text: TextLayout
    expected: tuple[Expected | None, ...] = ()


def surprise_page(view: View, width: int, height: int, look: Look, before: int = 0) -> tuple[list[Strip], Layout]:
    """The whole page, and where the text stands on it. `before`: its first row as it was scrolled."""
    head = _head(view, width, look)[: None if view.note or height >= LOW else -1]
    figures = figure_lines(view.readers, width, look)
    places = [view.cursor, *[counterpart(view.readers[0].surprise, t.surprise, view.cursor) for t in view.readers[1:]]]
    expected = [
        told.surprise.expected(place) if place is not None else None
        for told, place in zip(view.readers, places, strict=True)
    ]
    margin = min(MOST_MARGIN, 1 + max(cell_len(told.name) for told in view.readers)) if len(view.readers) > 1 else 0
    fixed = len(head) + len(figures) + GAPS
    rows = _rows_for_guesses(view, width - margin, height, height - fixed)
    guesses = guess_lines(view, places, expected, width, rows, look)
    room = max(2, height - fixed - len(guesses))
    layout = text_layout(view.readers[0].surprise, view.cursor, width, room, len(view.readers), margin, before)
    texts = [(told.name, told.surprise, place) for told, place in zip(view.readers, places, strict=True)]
    body = text_lines(texts, layout, view.threshold, look)[:room]
    empty = Strip.blank(0)
    page = [*head, *body, empty, *guesses, *[empty] * (room - len(body)), empty, *figures]
    return page, Layout(len(head), layout, tuple(expected))


def _rows_for_guesses(view: View, width: int, height: int, room: int) -> int:
    """One where the text needs the lines, more on a tall page and under a short text."""
    readers = len(view.readers)
    text = len(breaks(view.readers[0].surprise, max(2, width))) * (readers + (readers > 1))
    least = 1 if height < TALL else height - TALL + 3
    return min(MOST_GUESSES, max(least, room - text - 1))


def _head(view: View, width: int, look: Look) -> list[Strip]:
    """Which text, the legend, and what should be known."""
    notes = wrapped(view.note, width, look.style("amber"))[:2] if view.note else [Strip.blank(0)]
    return [parts.title(view.source, view.aside, width, look), parts.legend(view.threshold, width, look), *notes]


# ---- what it comes to


def figure_lines(readers: Sequence[Told], width: int, look: Look) -> list[Strip]:
    """A row for each reader, and one for whoever knows nothing."""
    first = readers[0].surprise
    same = all(first.same_tokens(told.surprise) for told in readers)
    least = max(told.surprise.first for told in readers) if same else 0
    table = Table(width, look)
    lines = [table.row("", {name: name for name in COLUMNS}, "dim")]
    for n, told in enumerate(readers):
        lines += _figures(told.title, told.surprise.figures(least), table, "text" if n else "bright")
        if n and told.surprise.unknown:
            said = "  " + left_out(told.surprise.unknown, "the counts" if told.counts else told.name, many=told.counts)
            lines.append(line((pad(said, width).rstrip(), look.style("amber"))))
    nothing = first.figures(least)
    if nothing:
        lines.append(_nothing(nothing, first.reader.corpus.size, table))
    if not same:
        said = _comparing(first, readers[-1].surprise)
        lines += wrapped(said, width, look.style("amber"))
    return lines


def _comparing(first: Surprise, second: Surprise) -> str:
    """What of a reader of other tokens compares: bits per character, if they are those of the same characters."""
    ours, theirs = first.figures(), second.figures()
    if first.reader.corpus.tokenizer.bounded != second.reader.corpus.tokenizer.bounded:
        return "another text: one of the two reads it in the 27-symbol alphabet, so nothing compares"
    if missing := len(first.missing ^ second.missing):
        are = "character is" if missing == 1 else "characters are"
        return f"another text: {missing:,} {are} left out, so nothing compares"
    if ours and theirs and ours.characters != theirs.characters:
        return f"another text: {ours.characters:,} characters and {theirs.characters:,}, so nothing compares"
    return "other tokens: only bits per character compare"


@dataclass(frozen=True)
class Table:
    """A name and figures under their headings, as many as the width has room for."""

    width: int
    look: Look

    def row(self, title: str, values: dict[str, str], role: str) -> Strip:
        """One row; the role is that of the figures."""
        wide = sum(COLUMNS.values()) + LEAST_NAME <= self.width
        columns = COLUMNS if wide else NARROW
        name = max(LEAST_NAME, self.width - sum(columns.values()))
        figures = "".join(pad(values.get(column, ""), room, right=True) for column, room in columns.items())
        return line((pad(title, name), self.look.style("dim")), (figures, self.look.style(role)))


def _figures(title: str, f: Figures | None, table: Table, role: str) -> list[Strip]:
    if f is None:
        return [table.row(title, {"perplexity": "nothing"}, "dim")]
    values = {
        "tokens": f"{f.tokens:,}", "characters": f"{f.characters:,}", "bits": _number(f.bits),
        "bits/char": _number(f.bits_per_character), "perplexity": _number(f.perplexity),
    }  # fmt: skip
    row = [table.row(title, values, role)]
    if not f.impossible:
        return row
    rest = f"{f.other_bits / f.other_characters:.3f} bits/char" if f.other_characters else "nothing"
    said = f"  ∞: {f.impossible:,} of the pairs never stood in its text; all others {rest}"
    return [*row, line((pad(said, table.width).rstrip(), table.look.style("amber")))]


def _nothing(f: Figures, size: int, table: Table) -> Strip:
    """Every token equally likely."""
    bits = f.tokens * math.log2(size)
    values = {"bits": _number(bits), "bits/char": _number(bits / f.characters), "perplexity": _number(size)}
    return table.row("knowing nothing", values, "faint")


def _number(x: float) -> str:
    if not math.isfinite(x):
        return "∞" if x > 0 else "no number"
    return f"{x:,.3f}" if abs(x) < 1e6 else f"{x:.2e}"


# ---- what was expected


def guess_lines(
    view: View, places: Sequence[int | None], expected: Sequence[Expected | None], width: int, rows: int, look: Look
) -> list[Strip]:
    """For each reader what it expected at its piece, side by side: `rows` guesses below each other, or in one line."""
    columns = [
        _guesses(told, place, e, (width - GAP * (len(view.readers) - 1)) // len(view.readers), rows, look)
        for told, place, e in zip(view.readers, places, expected, strict=True)
    ]
    if len(columns) == 1:
        return columns[0]
    return beside(columns[0], columns[1], (width - GAP) // 2, GAP)


def _guesses(told: Told, place: int | None, e: Expected | None, width: int, rows: int, look: Look) -> list[Strip]:
    tokens = told.surprise.reader.corpus.tokenizer.tokens
    name = (told.name + "  ", look.style("dim"))
    if e is None:
        said = _why_not(told, place)
        return [line(name, (pad(said, width - cell_len(name[0])), look.style("dim"))), *[Strip.blank(0)] * rows]
    of = f" of {len(tokens):,}" if width >= ROOM_FOR_WORDS else ""
    bits = _number(e.bits) if width >= ROOM_FOR_WORDS or not math.isfinite(e.bits) else f"{e.bits:.2f}"
    came = f"rank {e.rank:,}{of}, {bits} bits"
    word, room = token_words(tokens[e.came]), max(2, width - cell_len(name[0]) - len(came) - 2)
    word = pad(word if cell_len(word) <= room else glyphs(tokens[e.came]), room).rstrip()
    top = line(name, (word, look.style("bright")), (f": {came}", look.style("text"))).crop(0, width)
    if rows == 1:
        return [top, _in_one_line(e, tokens, width, look)]
    return [top, *[_guess(tokens[i], p, i == e.came, width, look) for i, p in e.best(rows)]]


def _why_not(told: Told, place: int | None) -> str:
    has = "have" if told.counts else "has"
    if place is None:
        return f"{has} no token here"
    if place not in told.surprise.places:
        return f"{has} never seen {glyphs(told.surprise.pieces[place].text)}: left out"
    return "begins here: nothing to guess" if place == 0 else "too little before it to guess from"


def _in_one_line(e: Expected, tokens: Sequence[str], width: int, look: Look) -> Strip:
    pieces: list[Inked] = [("expected ", look.style("dim"))]
    used = len("expected ")
    for i, p in e.best(MOST_GUESSES):
        glyph, share = glyphs(tokens[i]), f" {p:.1%}  "
        used += cell_len(glyph) + len(share)
        if used > width + 2:
            break
        pieces += [(glyph, look.style("amber" if i == e.came else "text")), (share, look.style("dim"))]
    return line(*pieces).crop(0, width)


def _guess(token: str, p: float, came: bool, width: int, look: Look) -> Strip:
    """A guess with its bar; the one that came is marked."""
    name, figure = 10, 8
    room = max(1, width - name - figure - 2)
    bar = "█" * round(room * p) if p * room >= 0.5 else "▏" * (p > 0)
    mark = ("> " if look.ascii else "▸ ") if came else "  "
    return line(
        (mark + pad(glyphs(token), name - 2), look.style("amber" if came else "text")),
        (f"{p:>{figure - 1}.2%} ", look.style("text")),
        (bar, look.style("amber" if came else "towards")),
    )
