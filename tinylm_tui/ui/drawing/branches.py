"""The text written step by step: the branch in view as a line of tokens, and all branches as a small tree."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.lab.stepping import START, Stretch, Tree, stretches
from tinylm_tui.ui.drawing.candidates import bits_text
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.drawing.samples import UNDERLINE, folded, glyph
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import BLANK

BESIDE = 26  # columns of the figures of a branch
OPEN = "▁"  # where the next token will stand


def text_lines(tree: Tree, tokenizer: Tokenizer, width: int, rows: int, look: Look) -> list[Strip]:
    """The branch in view: what was given underlined, what was chosen by its probability, the next place marked.

    Where it takes more than `rows` lines, those around the next place are shown.
    """
    before, after = _pieces(tree, tokenizer, rows * width, look)
    lines = folded([*before, *after], max(4, width))
    place = len(folded(before, max(4, width))) - 1 if before else 0
    first = min(max(0, place - rows + 1), max(0, len(lines) - rows))
    return [line(*one) for one in lines[first : first + rows]]


def _pieces(tree: Tree, tokenizer: Tokenizer, room: int, look: Look) -> tuple[list[Piece], list[Piece]]:
    """The text up to the next place, that place with it; and what comes after on the branch in view.

    Of a long text as much as `room` columns can hold. It begins at a multiple of so many tokens, so that its lines
    stay where they are from one step to the next.
    """
    given, done = look.style("text") + UNDERLINE, len(tree.done)
    first = max(0, (len(tree.given) + done) // room - 1) * room
    pieces: list[Piece] = [("…", look.style("faint"))] if first else []
    pieces += [(glyph(tokenizer.token(i)), given) for i in tree.given[first:]]
    for number in tree.done[max(0, first - len(tree.given)) :]:
        step = tree.steps[number]
        pieces.append((glyph(tokenizer.token(step.token)), look.by_probability(step.probability)))
    later = [glyph(tokenizer.token(tree.steps[number].token)) for number in tree.branch[done : done + room]]
    if not later:
        return [*pieces, *([] if tree.ended(tokenizer) else [(OPEN, look.style("cursor"))])], []
    return [*pieces, (later[0], look.style("cursor"))], [(text, look.style("faint")) for text in later[1:]]


@dataclass(frozen=True)
class Branches:
    """The lines of a tree, one for each stretch, with the cursor on one of them."""

    tree: Tree
    stretches: list[Stretch]
    cursor: int

    @classmethod
    def of(cls, tree: Tree, cursor: int) -> Branches:
        """The whole tree; a cursor beyond its end stands on the last line."""
        found = stretches(tree)
        return cls(tree, found, min(max(cursor, 0), max(0, len(found) - 1)))

    @property
    def here(self) -> int:
        """The line that the person stands in."""
        return next((n for n, one in enumerate(self.stretches) if self.tree.at in one.steps), 0)

    @property
    def chosen(self) -> int:
        """The last step of the line under the cursor."""
        return self.stretches[self.cursor].steps[-1] if self.stretches else START


def branch_lines(
    branches: Branches, tokenizer: Tokenizer, first: int, width: int, height: int, look: Look
) -> tuple[list[Strip], int]:
    """Every branch under what it branches off, with its bits so far; and the first line in view."""
    if not branches.stretches:
        return [line(("nothing is chosen yet: enter takes a token, and the tree begins", look.style("dim")))], 0
    rows = max(1, height - 1)
    first = scrolled(first, branches.cursor, rows, len(branches.stretches))
    head = pad("branches", width - BESIDE) + f"{'bits':>10}{'a character':>{BESIDE - 10}}"
    shown = range(first, min(first + rows, len(branches.stretches)))
    return [line((head, look.style("dim"))), *[_branch(branches, n, tokenizer, width, look) for n in shown]], first


def _branch(branches: Branches, number: int, tokenizer: Tokenizer, width: int, look: Look) -> Strip:
    tree, one = branches.tree, branches.stretches[number]
    room = max(4, width - BESIDE - 2)
    stem = _stem(one.lasts)[-max(0, room // 2) :]
    text = _edges_shown("".join(glyph(tokenizer.token(tree.steps[n].token)) for n in one.steps))
    way, here = tree.way(one.steps[-1]), tree.at in one.steps
    each = tree.bits_per_character(way, tokenizer)
    figures = f"{bits_text(tree.bits(way)):>10}{bits_text(each or 0.0):>{BESIDE - 10}}"
    return line(
        ("▸ " if here else "  ", look.style("amber")),
        (stem, look.style("faint")),
        (_end_of(text, room - cell_len(stem)), look.style("cursor" if number == branches.cursor else "text")),
        (" " * max(0, room - cell_len(stem) - cell_len(text)), look.style("text")),
        (figures, look.style("dim")),
    )


def _stem(lasts: tuple[bool, ...]) -> str:
    """The lines that lead to a branch."""
    above = "".join("   " if last else "│  " for last in lasts[:-1])
    return above + ("" if not lasts else "└─ " if lasts[-1] else "├─ ")


def _edges_shown(text: str) -> str:
    """Blanks at the ends of a branch, where nobody would see them, as glyphs."""
    left, right = len(text) - len(text.lstrip(" ")), len(text.rstrip(" "))
    return BLANK * left + text[left:right] + BLANK * (len(text) - max(left, right))


def _end_of(text: str, width: int) -> str:
    """The end of a text that is too long, after an ellipsis."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) > width - 1:
        text = text[1:]
    return "…" + text
