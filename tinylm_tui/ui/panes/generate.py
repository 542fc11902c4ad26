"""Generate: what the model writes, at a temperature, alone or on from a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip
from textual.widgets import Input

from tinylm_tui.engine.sampling import Growing, Sample
from tinylm_tui.engine.strategies import HIGHEST_TEMPERATURE
from tinylm_tui.engine.tokenizer import BOUNDARY
from tinylm_tui.lab import kept
from tinylm_tui.lab.candidates import Candidates, Reader
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.memorised import memorised
from tinylm_tui.lab.writing import MOST_KEPT, Request, begin, prompt_ids
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.drawing.samples import sample_lines
from tinylm_tui.ui.drawing.sampling import (
    RULES,
    RUNNING,
    UNIT,
    dial_lines,
    effect,
    next_lines,
    shade_lines,
    stacked,
    what_counts,
)  # fmt: skip
from tinylm_tui.ui.ink import line, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes.drafts import Draft
from tinylm_tui.ui.panes.strategy import Dials, StrategyPane
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.canvas import Canvas

ROOMY = 24  # lines from which the bars take more than one
TEMPERATURE = kept.number(0, HIGHEST_TEMPERATURE)
FEWEST_LINES = 3  # that a running text takes, unless it ends early


@dataclass(frozen=True, eq=False)
class Page:
    """Texts as they are drawn; how many are in view as a whole, and how many of those stand in the corpus."""

    asked: object  # what they were drawn for
    lines: list[Strip]
    whole: int
    known: int


def arranged(asked: object, samples: Sequence[Sample], corpus: Corpus, width: int, height: int, look: Look) -> Page:
    """The page of these samples, those that stand in the text of `corpus` marked."""
    lines: list[Strip] = []
    whole = known = 0
    for sample in samples:
        found = memorised(corpus, sample)
        rows = sample_lines([sample], corpus.tokenizer, width, look, known=[0] if found else [])
        lines += rows
        if len(lines) <= height:
            whole, known = whole + 1, known + found
        elif len(lines) - len(rows) < height:  # it goes on below the edge
            lines[height - 1] = Strip.join([lines[height - 1], line((" …", look.style("faint")))])
    return Page(asked, lines[:height], whole, known)


class GeneratePane(StrategyPane):
    """The samples large; prompt above; beside it the dials and what they make of the next token's probabilities."""

    BINDINGS = bindings_for("generate")
    main = "#samples"
    keeps: ClassVar = {
        "prompt": kept.text(), "dials.dice": kept.whole(), "dials.temperature": TEMPERATURE,
        "dials.warmth": TEMPERATURE, "dials.top_k": kept.whole(0, MOST_KEPT), "dials.top_p": kept.number(0, 1),
    }  # fmt: skip

    def compose(self) -> ComposeResult:
        self._dials = Dials()
        self._page: Page | None = None
        self._draft = Draft(self)
        self._reader = Reader()
        with Vertical(classes="column"):
            prompt = Input(placeholder="p: write a beginning, the model goes on", id="prompt")
            prompt.border_title = "prompt"
            prompt.cursor_blink = False
            yield prompt
            yield Canvas(self._samples, id="samples", focusable=True)
        side = Canvas(self._side)
        side.add_class("side")
        yield side

    @property
    def dials(self) -> Dials:
        return self._dials

    @property
    def prompt(self) -> str:
        """What stands in the prompt."""
        return self.query_one("#prompt", Input).value

    @prompt.setter
    def prompt(self, text: str) -> None:
        self.query_one("#prompt", Input).value = text

    def _samples(self, width: int, height: int) -> list[Strip]:
        try:
            return self.page(width, height).lines
        except LabError as error:
            return wrapped(visible(str(error)), width, self.look.style("bad"))

    def page(self, width: int, height: int) -> Page:
        """The texts of the model of this moment, as many as fit. Raises LabError for a prompt it cannot read.

        Drawn once for each moment, prompt, strategy, throw of the dice and size; a large model writes for longer than
        a frame, and its texts are seen growing.
        """
        s, dice = self.snapshot, self.dials.dice
        strategy, _ = self.dials.strategy(s.corpus.size)
        chosen = (s.corpus_version, s.settings, self.prompt, strategy, dice, width, height)
        samples = self._draft.samples(chosen, s.version, lambda: self._begin(height))
        if self._page is None or self._page.asked is not samples:
            self._page = arranged(samples, samples, s.corpus, width, height, self.look)
        return self._page

    def _begin(self, height: int) -> Growing:
        """Texts for so many lines, before their first token. Raises LabError for a prompt the model cannot read."""
        s = self.snapshot
        strategy, _ = self.dials.strategy(s.corpus.size)
        length = RUNNING if s.corpus.running else UNIT
        many = height if length == UNIT else 1 + height // FEWEST_LINES
        heat, k, p = strategy.temperature, strategy.top_k, strategy.top_p
        request = Request(many if heat else 1, length, heat, self.prompt, self.dials.dice, k, p)
        return begin(s.params, s.corpus.tokenizer, request, s.settings)

    def next(self) -> Candidates:
        """What may come first, after the prompt. Raises LabError for one the model cannot read."""
        s = self.snapshot
        given = [BOUNDARY, *prompt_ids(s.corpus.tokenizer, self.prompt)]
        return self._reader.candidates(s, given, self.dials.strategy(s.corpus.size)[0])

    def _side(self, width: int, height: int) -> list[Strip]:
        look, corpus = self.look, self.snapshot.corpus
        dim, text = look.style("dim"), look.style("text")
        strategy, said = self.dials.strategy(corpus.size)
        does = " ".join(said) or effect(strategy, corpus.tokenizer)
        return stacked(
            [
                (0, dial_lines(strategy, self.dials.dice, width, look)),
                (1, self._bars(width, 2 if height >= ROOMY else 1)),
                (4, shade_lines(look)),
                (3, self._counted(width)),
                (5, wrapped(RULES["text" if corpus.running else corpus.reading], width, dim)),
                (2, wrapped(does, width, dim)),
                (1, wrapped(what_counts(self.snapshot, self.prompt), width, text)),
            ],
            height,
        )

    def _bars(self, width: int, rows: int) -> list[Strip]:
        try:
            return next_lines(self.next(), self.letters, rows, width, self.look)
        except LabError:
            return []

    def _counted(self, width: int) -> list[Strip]:
        """How many of the texts in view stand in the corpus."""
        try:
            page = self.page(*self.query_one("#samples", Canvas).size)
        except LabError:
            return []
        return wrapped(f"= {page.known} of {page.whole} stand in the text", width, self.look.style("amber"))

    @on(Input.Changed)
    def prompt_changed(self) -> None:
        self.redraw()

    @on(Input.Submitted)
    def prompt_done(self) -> None:
        self.focus_main()

    def action_prompt(self) -> None:
        self.query_one("#prompt").focus()

    def action_again(self) -> None:
        self.action_new_dice()

    async def action_steps(self) -> None:
        await self.lab.action_tab("steps")
