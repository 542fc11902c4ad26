"""Step by step as a whole: the text so far, its surprise, the candidates for the next token, and what was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.lab.candidates import Moment
from tinylm_tui.lab.stepping import Step, Tree
from tinylm_tui.ui.drawing.branches import Branches, branch_lines, text_lines
from tinylm_tui.ui.drawing.candidates import Table, bits_text, share, table_lines, thrown_words
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.drawing.readout import token_words
from tinylm_tui.ui.ink import beside, fitted, line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

WIDE = 100  # columns from which the steps stand beside the candidates
STEPS = 34  # their columns
GAP = 3
ROOMY = 20  # lines from which empty ones part the page
KEYS = (
    "enter takes the token under the cursor; d: the dice choose; g: the likeliest; t: type; u: take back; ← →: go "
    "through the steps; b: the tree of branches"
)
TREE = "enter goes to the end of the line under the cursor; b or esc: back to the candidates"
ENDED = "The text has ended: the boundary was chosen. ← goes back to an earlier step, u takes the boundary back."


@dataclass(frozen=True, eq=False)
class View:
    """What is shown. `table` is None where the text has ended."""

    tree: Tree
    tokenizer: Tokenizer
    table: Table | None
    strategy: str  # in words, with the dice
    moment: Moment  # of the model that is asked now
    notes: list[str]  # what must be known about the text that the model reads
    branches: Branches | None = None  # in place of the table


@dataclass(frozen=True)
class Layout:
    """Where on the page the table or the tree stands, and its first row in view."""

    top: int = 0
    first: int = 0

    def row_at(self, y: int) -> int:
        """The row of the table or the tree in line y; below 0 for what stands above it."""
        row = y - self.top - 1
        return self.first + row if row >= 0 else -1


def steps_page(view: View, width: int, height: int, look: Look, before: int = 0) -> tuple[list[Strip], Layout]:
    """The whole page, and where things stand on it. `before`: the first row of the table as it was scrolled."""
    roomy = height >= ROOMY
    head = _head(view, width, roomy, look)
    foot = [line(), *_foot(view, width, look)] if roomy else _foot(view, width, look)
    room = max(2, height - len(head) - len(foot))
    wide = width >= WIDE
    left = width - STEPS - GAP if wide else width
    body, first = _body(view, before, left, room, look)
    if wide:
        body = beside(body, step_lines(view, room, look), left, GAP)
    body = [*body, *[Strip.blank(0)] * (room - len(body))]
    return [*head, *body, *foot][:height], Layout(len(head), first)


def _body(view: View, before: int, width: int, room: int, look: Look) -> tuple[list[Strip], int]:
    """The tree, or the candidates."""
    if view.branches:
        return branch_lines(view.branches, view.tokenizer, before, width, room, look)
    if view.table:
        return table_lines(view.table, before, width, room, look)
    return wrapped(ENDED, width, look.style("amber")), 0


def _head(view: View, width: int, roomy: bool, look: Look) -> list[Strip]:
    """Figures of the text, the strategy with what it cuts, and the text itself."""
    notes = [strip for note in view.notes for strip in wrapped(note, width, look.style("dim"))]
    strategy = _strategy(view, width, look)
    text = text_lines(view.tree, view.tokenizer, width, 3 if roomy else 2, look)
    blank = [Strip.blank(0)] if roomy else []
    return [_figures(view, width, look), *strategy, *notes, *blank, *text, *blank]


def _strategy(view: View, width: int, look: Look) -> list[Strip]:
    """The dials and what they cut, in one line where that fits."""
    cut = thrown_words(view.table.candidates) if view.table else ""
    if cell_len(view.strategy) + 3 + cell_len(cut) <= width:
        return [line((view.strategy, look.style("amber")), ("   " + cut, look.style("text")))]
    return [line((view.strategy, look.style("amber"))), line((cut, look.style("text")))]


def _figures(view: View, width: int, look: Look) -> Strip:
    tree, tokenizer = view.tree, view.tokenizer
    many, ends = len(tree.done), tree.ends
    each = tree.bits_per_character(tree.done, tokenizer)
    figures = f"  {many:,} step{'s' * (many != 1)}"
    if each is not None:
        figures += f" · {bits_text(tree.bits(tree.done))} bits · {bits_text(each)} bits a character"
    figures += f" · {ends:,} branches" if ends > 1 else ""
    return fitted(line(("Step by step", look.style("title")), (figures, look.style("text"))), width)


def _foot(view: View, width: int, look: Look) -> list[Strip]:
    """What was chosen here, or last; on an empty page and in the tree the keys."""
    tree = view.tree
    if view.branches:
        return wrapped(TREE, width, look.style("dim"))
    if not tree.steps:
        return wrapped(KEYS, width, look.style("dim"))
    said = []
    if tree.done:
        said.append(f"Last choice: {_told(tree.steps[tree.at], view.tokenizer)}.")
    if tree.next is not None:
        said.append(_here(tree.steps[tree.next], view))
    return wrapped(" ".join(said) or "The beginning: nothing is chosen yet.", width, look.style("dim"))


def _told(step: Step, tokenizer: Tokenizer) -> str:
    by = {"you": "you", "dice": "the dice", "greedy": "greedy"}[step.by]
    bits = "never" if isinf(step.bits) else f"{bits_text(step.bits)} bits"
    out = "" if step.chance else ", outside the cut"
    return f"{token_words(tokenizer.token(step.token))} by {by}, {share(step.probability)}, {bits}{out}"


def _here(step: Step, view: View) -> str:
    """What was chosen at the place in view, then and, where the model has moved, now."""
    words = f"Here ▸ {_told(step, view.tokenizer)}"
    if step.moment == view.moment or view.table is None:
        return f"{words}."
    c = view.table.candidates
    now = share(float(c.own[c.place(step.token)]))
    return f"{words} at training step {step.moment.step:,}; now {now}: the model has moved since."


def step_lines(view: View, height: int, look: Look) -> list[Strip]:
    """The steps of the branch in view as a column; * marks those whose model was another one than now."""
    tree, branch = view.tree, view.tree.branch
    if not branch:
        return [line(("the steps will stand here", look.style("faint")))]
    here = len(tree.done)
    moved = any(tree.steps[n].moment != view.moment for n in branch)
    rows = max(1, height - 1 - moved)
    first = scrolled(max(0, here - rows // 2), min(here, len(branch) - 1), rows, len(branch))
    head = line((f"{'step':>5}  {'token':<9}{'by':<8}{'bits':>8}", look.style("dim")))
    shown = range(first, min(first + rows, len(branch)))
    lines = [_step(place, tree.steps[branch[place]], place == here, place > here, view, look) for place in shown]
    return [head, *lines, *([line(("   * the model has moved since", look.style("dim")))] if moved else [])]


def _step(place: int, step: Step, here: bool, later: bool, view: View, look: Look) -> Strip:
    role = "faint" if later else "text"
    name = pad(token_glyph(view.tokenizer.token(step.token)), 8)
    return line(
        (f"{place + 1:>5}  ", look.style("faint")),
        (name, look.style("cursor") if here else look.style(role)),
        (f" {step.by:<8}{bits_text(step.bits):>8}", look.style(role)),
        (" *" if step.moment != view.moment else "", look.style("amber")),
    )
