"""The merges as a list, the commonest tokens, and what can be said of one merge and of one token."""

from __future__ import annotations

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.engine.tokenizer import UNKNOWN
from tinylm_tui.lab.tokens import Merge, Piece, Story
from tinylm_tui.lab.writing import spoken
from tinylm_tui.ui.drawing.tokens import glyphs
from tinylm_tui.ui.ink import Piece as Inked
from tinylm_tui.ui.ink import line, pad, wrapped
from tinylm_tui.ui.look import Look

COMMONEST = 8  # tokens listed under the merges where there is room for both
BOTH = 20  # lines from which there is
NO_ROOM = "So small a vocabulary holds the characters and no merge. v asks for a larger one."
NO_MERGES = "Each character is a token of its own: no merges. b makes byte pairs."
FIXED = "27 symbols, the blank and a to z, whatever the text; anything else becomes a blank. b makes byte pairs."


def quoted(token: str) -> str:
    """A token in a sentence."""
    return f"'{glyphs(token)}'" if token else "the boundary"


def times(count: int) -> str:
    """How often, in words."""
    return f"{count:,} time{'s' * (count != 1)}"


def no_merges(story: Story) -> str:
    """Why there is nothing to step through, and which key changes that."""
    if story.corpus.tokenizer.kind == "bpe":
        return NO_ROOM
    return NO_MERGES if story.corpus.tokenizer.bounded else FIXED


def merge_lines(story: Story, moment: int, width: int, look: Look) -> list[Strip]:
    """The merge under the cursor in one line; or why there is none."""
    if not story.merges:
        return wrapped(no_merges(story), width, look.style("dim"))
    if not moment:
        return [line((f"before the first of {len(story.merges):,} merges: characters alone", look.style("text")))]
    merge, tokens = story.merges[moment - 1], story.corpus.tokenizer.tokens
    parts: list[Inked] = [
        (f"merge {moment:,} of {len(story.merges):,}: ", look.style("text")),
        (f"{quoted(tokens[merge.left])} + {quoted(tokens[merge.right])}", look.style("title")),
        (" → ", look.style("dim")),
        (quoted(tokens[merge.token]), look.style("towards")),
        (f", {times(merge.times)}", look.style("text")),
    ]
    return [line(*parts).crop(0, width)]


def token_sentence(
    story: Story, piece: Piece | None, moment: int, width: int, look: Look, where: str = "text"
) -> Strip:
    """The token under the cursor in one line: its text, its id, how often it stands in the text, what made it.

    `where` is what the counts are of.
    """
    if piece is None:
        return Strip.blank(0)
    if piece.id == UNKNOWN:
        why = f"  no id: {spoken(piece.text)} is not in the vocabulary"
        return line((f" {glyphs(piece.text)} ", look.style("cursor")), (why, look.style("bad")))
    count = int(story.counts_at(moment)[piece.id])
    parts: list[Inked] = [
        (f" {glyphs(piece.text)} ", look.style("cursor")),
        (f"  id {piece.id}   {count:,} in the {where}", look.style("text")),
        (f"   {_origin(story, piece)}", look.style("dim")),
    ]
    return line(*parts).crop(0, width)


def _origin(story: Story, piece: Piece) -> str:
    merge, tokens = story.maker(piece.id), story.corpus.tokenizer.tokens
    if merge:
        return f"made by merge {merge.number}: {quoted(tokens[merge.left])} + {quoted(tokens[merge.right])}"
    if not piece.text:
        return "the boundary"
    return "one character" if story.corpus.tokenizer.bounded else "one of the 27 symbols"


def column(story: Story, moment: int, width: int, height: int, look: Look) -> list[Strip]:
    """What stands beside the text: the merges, the commonest tokens, or the one under the other."""
    if not story.merges:
        words = wrapped(no_merges(story), width, look.style("dim"))
        return [*words, Strip.blank(0), *commonest(story, moment, width, height - len(words) - 1, look)]
    if height < BOTH:
        return merge_list(story, moment, width, height, look)
    room = list_lines(height)
    merges = merge_list(story, moment, width, room, look)
    merges += [Strip.blank(0)] * (room - len(merges))
    return [*merges, Strip.blank(0), *commonest(story, moment, width, COMMONEST + 1, look)]


def list_lines(height: int) -> int:
    """The lines of the list of merges, with its title, in a column of so many."""
    return height if height < BOTH else height - COMMONEST - 2


def first_merge(story: Story, moment: int, height: int) -> int:
    """The moment in the first line under the title of a list of so many lines."""
    shown = height - 1
    return max(0, min(moment - shown // 2, len(story.merges) + 1 - shown))


def merge_list(story: Story, moment: int, width: int, height: int, look: Look) -> list[Strip]:
    """The merges around the one under the cursor; those after it are faint: they have not happened yet."""
    head = pad("merges", width - 5) + "times"
    lines = [line((head, look.style("dim")))]
    first = first_merge(story, moment, height)
    for number in range(first, min(first + height - 1, len(story.merges) + 1)):
        role = "cursor" if number == moment else "text" if number < moment else "faint"
        lines.append(line((_merge_row(story, number, width), look.style(role))))
    return lines


def _merge_row(story: Story, number: int, width: int) -> str:
    digits = len(str(len(story.merges)))
    if not number:
        return pad(f"{0:>{digits}}  characters alone", width)
    merge, tokens = story.merges[number - 1], story.corpus.tokenizer.tokens
    count = f"{merge.times:,}"
    made = _made(merge, tokens, width - digits - 3 - len(count))
    return f"{number:>{digits}}  {made} {count}"


def _made(merge: Merge, tokens: tuple[str, ...], width: int) -> str:
    """`t + h → th` where that fits, else `t + h`: the token made is the two together."""
    parts = f"{glyphs(tokens[merge.left])} + {glyphs(tokens[merge.right])}"
    whole = f"{parts} → {glyphs(tokens[merge.token])}"
    return pad(whole if cell_len(whole) <= width else parts, width)


def commonest(story: Story, moment: int, width: int, height: int, look: Look) -> list[Strip]:
    """The tokens that stand in the text most often, with their ids and counts."""
    counts = story.counts_at(moment)
    order = np.argsort(-counts, kind="stable")[: max(0, height - 1)].tolist()
    head = pad("commonest", width - 16) + f"{'id':>5}{'count':>11}"
    lines = [line((head, look.style("dim")))]
    for i in order:
        name = pad(glyphs(story.corpus.tokenizer.tokens[i]), width - 16)
        lines.append(line((name, look.style("text")), (f"{i:>5}", look.style("faint")),
                          (f"{int(counts[i]):>11,}", look.style("text"))))  # fmt: skip
    return lines[: max(0, height)]
