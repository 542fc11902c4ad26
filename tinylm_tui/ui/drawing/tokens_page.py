"""The Tokens screen as a whole: what tokens these are, the text, the merges, and why bits per character compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from tinylm_tui.lab.cutting import Cut
from tinylm_tui.lab.tokens import Piece, Story
from tinylm_tui.ui.drawing.merges import column, first_merge, list_lines, merge_lines, token_sentence
from tinylm_tui.ui.drawing.tokens import Rows, row_lines, rows_of
from tinylm_tui.ui.ink import Piece as Inked
from tinylm_tui.ui.ink import beside, fitted, line, wrapped
from tinylm_tui.ui.look import Look

WIDE = 72  # columns from which the merges stand beside the text
GAP = 2
ROOMY = 24  # lines from which an empty one parts the text from what is said below it
BAR = 24  # columns of the progress bar
WHY = (
    "A longer token is a harder guess, but fewer of them make the text: compare bits per character, not nats per token."
)
ANOTHER_TEXT = (
    "The alphabet throws away capitals, line ends and punctuation: another, easier text. So its bits cannot be "
    "compared with those of characters or byte pairs."
)
NAMES = {"characters": "Characters", "alphabet": "The 27-symbol alphabet", "bpe": "Byte pairs"}


@dataclass
class Progress:
    """How far a try is. The thread that cuts writes it, the screen reads it now and then."""

    done: int = 0
    of: int = 1


@dataclass(frozen=True)
class View:
    """What is shown: a text cut as `choice` says, after `moment` merges, with the cursor on piece number `cursor`."""

    story: Story
    choice: Cut
    tried: bool  # whether the model has other tokens than these
    moment: int
    pieces: Sequence[Piece]
    cursor: int
    bits: float  # of the model, per character
    note: str = ""
    progress: Progress | None = None
    typed: bool = False  # whether the text is one of the person's own, while the counts are of the corpus
    lossless: bool = True  # whether the model's own tokens keep all of its text


@dataclass(frozen=True)
class Layout:
    """Where on the page the text and the list stand."""

    head: int  # the lines above both
    text: Rows
    list_left: int  # the column of the list; the width of the page where there is none
    list_first: int  # the moment in the list's first line
    list_height: int

    def token_at(self, x: int, y: int) -> int | None:
        """The number of the piece at this place of the page."""
        return self.text.at(x, y - self.head) if y >= self.head and x < self.text.width else None

    def shows(self, place: int) -> bool:
        """Whether this character of the text is in view."""
        return self.text.shows(place)

    def moment_at(self, x: int, y: int) -> int | None:
        """The moment at this place of the page."""
        row = y - self.head - 1
        return self.list_first + row if x >= self.list_left and 0 <= row < self.list_height - 1 else None


def tokens_page(view: View, width: int, height: int, look: Look, before: int = 0) -> tuple[list[Strip], Layout]:
    """The whole page, and where things stand on it. `before`: the first row of the text as it was scrolled."""
    head, foot = _head(view, width, look), _foot(view, width, height, look)
    room = max(2, height - len(head) - len(foot))
    beside_text = list_width(width)
    left = width - beside_text - GAP if beside_text else width
    text = rows_of(view.pieces, view.cursor, left, room, before)
    merges = view.story.merges
    fresh = merges[view.moment - 1].token if merges and view.moment else None
    body = row_lines(text, view.cursor, fresh, room, look)
    if beside_text:
        body = beside(body, column(view.story, view.moment, beside_text, room, look), left, GAP)[:room]
    body += [Strip.blank(0)] * (room - len(body))
    listed = list_lines(room) if merges else 0
    layout = Layout(len(head), text, left + GAP, first_merge(view.story, view.moment, listed), listed)
    return [*head, *body, *foot], layout


def list_width(width: int) -> int:
    """The columns of what stands beside the text; 0 where it does not fit."""
    return 0 if width < WIDE else max(28, min(44, width // 3))


def _head(view: View, width: int, look: Look) -> list[Strip]:
    """What tokens these are, and their figures or how far the cutting is; then what stands in the way, if anything."""
    inside = {True: " inside words", False: " across words"}[view.choice.split_words]
    name = NAMES[view.choice.tokenizer] + (inside if view.choice.tokenizer == "bpe" else "")
    state = _state(view)
    title = fitted(line((name, look.style("title")), (state[0], look.style(state[1]))), width)
    second = _progress(view.progress, look) if view.progress else _figures(view, width, look)
    return [title, second, *(wrapped(view.note, width, look.style("amber")) if view.note else [Strip.blank(0)])]


def _state(view: View) -> tuple[str, str]:
    """Whose tokens these are, and what enter does with them."""
    early = view.moment < len(view.story.merges)
    seen = f"these {view.story.first + view.moment:,} tokens" if early else "them"
    if view.tried:
        return f"  tried: enter uses {seen}" + ("" if early else ", esc drops"), "amber"
    return (f"  on the way: enter uses {seen}", "amber") if early else ("  the model's tokens", "dim")


def _figures(view: View, width: int, look: Look) -> Strip:
    story, moment, letters = view.story, view.moment, len(view.story.corpus.tokenizer.letters)
    bounded = story.corpus.tokenizer.bounded
    merged = f" + {moment:,} merge{'s' * (moment != 1)}" if story.pairs else ""
    parts = f" = {'boundary + ' * bounded}{letters:,} characters{merged}" if width >= WIDE and bounded else ""
    each = f"; {story.characters_per_token(moment):.3f} characters a token"
    return line(
        (f"{story.first + moment:,} tokens", look.style("text")), (parts, look.style("dim")), (each, look.style("text"))
    )


def _progress(progress: Progress, look: Look) -> Strip:
    share = min(1.0, progress.done / max(1, progress.of))
    done = round(BAR * share)
    parts: list[Inked] = [
        ("cutting ", look.style("text")),
        ("█" * done, look.style("towards")),
        ("·" * (BAR - done), look.style("faint")),
        (f" {share:>4.0%}", look.style("text")),
        ("  esc stops it", look.style("dim")),
    ]
    return line(*parts)


def _foot(view: View, width: int, height: int, look: Look) -> list[Strip]:
    """The merge and the token under the cursors, and what makes tokenizers comparable."""
    piece = view.pieces[view.cursor] if view.pieces else None
    own = not view.tried and view.moment == len(view.story.merges)
    now = f"This model: {view.bits:.3f} bits per character. " if own else ""
    merge = merge_lines(view.story, view.moment, width, look)
    said = not view.story.merges and list_width(width)  # beside the text already
    return [
        *([Strip.blank(0)] if height >= ROOMY else []),
        *([] if said else merge),
        token_sentence(view.story, piece, view.moment, width, look, where="corpus" if view.typed else "text"),
        *wrapped(now + (WHY if view.lossless else ANOTHER_TEXT), width, look.style("dim")),
    ]
