"""The page of the Lens screen: the picture large, the cell under the cursor in words, and its ten likeliest tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.lab.lens import TextLens
from tinylm_tui.lab.models import article
from tinylm_tui.lab.settings import Settings
from tinylm_tui.ui.drawing.head import within
from tinylm_tui.ui.drawing.lens import RIGHT, Grid, Values, label, percent, picture, place_grid, shown_name
from tinylm_tui.ui.drawing.pattern import legend
from tinylm_tui.ui.drawing.readout import token_words
from tinylm_tui.ui.drawing.tokens import left_out
from tinylm_tui.ui.ink import Piece, beside, line, pad, paragraphs, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

WIDE = 104  # columns from which the ten likeliest stand beside the picture
SIDE, BETWEEN = 38, 3  # columns: the list beside the picture, and between the two
UNDER = 6  # lines under the picture
BEFORE_BAR = 23  # columns of what stands before a bar
MOST = 10
WAY, ARROW = "its way up  ", " → "

GPT = "A GPT has blocks, one after the other, and the lens reads between them. Press M to choose one; the text stays."
NO_LENS = {
    "bigram": (
        "A bigram has no layers to look between: one matrix leads from the token to the scores of the next one "
        "(Heatmap, key 4).",
        GPT,
    ),
    "average": (
        "An average has no layers to look between: it takes the mean of {context} vectors, and one matrix leads from "
        "there to the scores. Math (key 5) shows every stage of that.",
        GPT,
    ),
    "mlp": (
        "An mlp has one hidden layer of {hidden} numbers, which is no vector that the output matrix could be given "
        "earlier: so there is nothing to read before its end. Math (key 5) shows every stage.",
        GPT,
    ),
}


@dataclass(frozen=True, eq=False)
class Shown:
    """All that the page is drawn from."""

    seen: TextLens
    tokens: Sequence[str]  # of the vocabulary
    cursor: tuple[int, int]  # row, place
    values: Values
    settings: Settings
    step: int

    @property
    def here(self) -> str:
        """The cell under the cursor, in a sentence."""
        row, place = self.cursor
        return f"{shown_name(row, self.seen.rows)}, at {self.word(int(self.seen.read.ids[place]))} ({place + 1})"

    def word(self, token: int) -> str:
        """A token in a sentence."""
        return token_words(self.tokens[token])


def lens_page(s: Shown, width: int, height: int, look: Look, before: tuple[int, int]) -> tuple[list[Strip], Grid, int]:
    """The page, how its picture lies, and in which line that begins. `before`: lowest row and first place of the last.

    From WIDE columns on the ten likeliest stand beside it.
    """
    wide = width >= WIDE
    top = [title_line(s, width, look), *notes(s, width, look)]
    left = width - SIDE - BETWEEN if wide else width
    longest = max(cell_len(token_glyph(token)) for token in s.tokens)
    room = height - len(top) - UNDER
    grid = place_grid((s.seen.rows, s.seen.places), s.cursor, left, room, longest, before)
    drawn = [*picture(s.seen, s.tokens, s.cursor, s.values, grid, look), Strip.blank(0), *_under(s, grid, left, look)]
    if wide:
        drawn = beside(drawn, ten_lines(s, SIDE, look), left, BETWEEN)
    return within([*top, *drawn], width, height), grid, len(top)


def title_line(s: Shown, width: int, look: Look) -> Strip:
    """The text, with the key that changes it, and what the cells show."""
    dim, key = look.style("dim"), look.style("amber")
    shows = (
        "what each layer would say next" if s.values == "tokens" else "the rank of the right one, and its probability"
    )
    end: list[Piece] = [("  t", key), (f"   {shows} ", dim), ("v", key)]
    room = max(6, width - 5 - sum(len(text) for text, _ in end))
    glyphs = "".join(token_glyph(s.tokens[int(i)]) for i in s.seen.read.ids)
    return line(("text ", dim), (pad(glyphs, room).rstrip(), look.style("title")), *end)


def notes(s: Shown, width: int, look: Look) -> list[Strip]:
    """What should be known about the text or the model before looking, at most two lines."""
    said, read = [], s.seen.read
    if read.unknown:
        said.append((left_out(read.unknown), "text"))
    if read.tokens > s.settings.context:
        context = s.settings.context
        said.append((f"the text has {read.tokens:,} tokens; the last {context} are used, the context of this model",
                     "text"))  # fmt: skip
    if s.step == 0:
        said.append(("not trained yet: random weights say almost anything; space trains", "dim"))
    return [line((pad(words, width).rstrip(), look.style(role))) for words, role in said[:2]]


def _under(s: Shown, grid: Grid, width: int, look: Look) -> list[Strip]:
    """The legend, then the cell under the cursor, and how the right token fares from layer to layer."""
    marked = (f"   {RIGHT} the right one", look.style("text"))
    before, after = grid.left, s.seen.places - grid.left - grid.places
    hidden = f"   ← {before} more" * (before > 0) + f"   {after} more →" * (after > 0)
    more = line(marked, (hidden, look.style("dim")))
    first = Strip.join([legend(look), more])
    return [first if first.cell_length <= width else Strip.join([legend(look), line(marked)]), *readout(s, width, look)]


def readout(s: Shown, width: int, look: Look) -> list[Strip]:
    """Where the cursor is, what that layer would say, and the right token's rank and probability: four lines."""
    (row, place), seen = s.cursor, s.seen
    text, dim = look.style("text"), look.style("dim")
    says = [
        ("would say ", dim), (s.word(int(seen.lens.top[row, place])), look.style("bright")),
        (f"  {float(seen.lens.sureness[row, place]):.2%}", text),
    ]  # fmt: skip
    top, right = [line((s.here, look.style("amber"))), line(*says)], seen.right(place)
    if right is None:
        return [*top, line(("the text ends here: it does not say what comes next", dim))]
    name = [("the right one, ", dim), (s.word(right), look.style("bright"))]
    rank = f"  rank {seen.ranks[row, place]} of {len(s.tokens):,}  {float(seen.chances[row, place]):.2%}"
    return [*top, line(*name, (rank, text)), _climb(s, width, look)]


def _climb(s: Shown, width: int, look: Look) -> Strip:
    """The right token's rank and probability in every layer, in one line; named where there is room, else the last."""
    (row, place), seen = s.cursor, s.seen
    figures = [f"#{seen.ranks[r, place]} {percent(float(seen.chances[r, place]))}" for r in range(seen.rows)]
    named = [f"{label(r, seen.rows)} {one}" for r, one in enumerate(figures)]
    kept = named if sum(len(one) + len(ARROW) for one in named) + len(WAY) <= width else figures
    while len(kept) > 1 and sum(len(one) + len(ARROW) for one in kept) + len(WAY) > width:
        kept = kept[1:]
    first, pieces = seen.rows - len(kept), [(WAY, look.style("dim"))]
    for r, one in enumerate(kept, first):
        pieces += [(ARROW, look.style("faint"))] if r > first else []
        pieces.append((one, look.style("amber" if r == row else "text")))
    return line(*pieces)


def ten_page(s: Shown, width: int, height: int, look: Look) -> list[Strip]:
    """One cell alone: its likeliest tokens with bars, and how the right one fares. Enter leads back."""
    top = [title_line(s, width, look), *notes(s, width, look)]
    tail = [Strip.blank(0), _climb(s, width, look)] if s.seen.right(s.cursor[1]) is not None else []
    return within([*top, Strip.blank(0), *ten_lines(s, min(width, 76), look), *tail], width, height)


def ten_lines(s: Shown, width: int, look: Look) -> list[Strip]:
    """The ten likeliest tokens of the cell under the cursor; the right one under them where it is none of these."""
    (row, place), seen = s.cursor, s.seen
    best, right = [int(i) for i in seen.lens.best(row, place, MOST)], seen.right(place)
    lines = wrapped(s.here, width, look.style("amber"))
    lines.append(line((f"the {len(best)} likeliest", look.style("dim"))))
    lines += [_ranked(s, n, token, width, look) for n, token in enumerate(best, 1)]
    if right is not None and right not in best:
        lines += [
            line(("the right one", look.style("dim"))),
            _ranked(s, int(seen.ranks[row, place]), right, width, look),
        ]
    return lines


def _ranked(s: Shown, rank: int, token: int, width: int, look: Look) -> Strip:
    """Rank, token, a bar, and the probability; marked where it is the right one."""
    row, place = s.cursor
    p = float(s.seen.lens.probabilities[row, place, token])
    right = token == s.seen.right(place)
    room = width - BEFORE_BAR
    style = look.style("good" if right else "text")
    return line(
        (f"{rank:>3} ", look.style("dim")),
        (pad(token_glyph(s.tokens[token]), 9), style),
        (RIGHT if right else " ", look.style("good")),
        (f"{p:>8.2%} ", style),
        ("━" * round(p * room), look.style("towards")),
    )


def no_lens(settings: Settings, width: int, look: Look) -> list[Strip]:
    """What a model without layers to look between has instead."""
    words = [text.format(context=settings.context, hidden=settings.hidden) for text in NO_LENS[settings.model]]
    return paragraphs(words, min(width, 76), look.style("text"))


def without_lens(model: str) -> str:
    """The same in one short sentence, for a corner of the screen."""
    return f"{article(model)} has no layers to look between; M chooses a gpt"
