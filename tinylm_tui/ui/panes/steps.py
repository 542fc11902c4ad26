"""Step by step: one token at a time, and the person may be the sampler."""

from __future__ import annotations

import time

from textual import on
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.lab.stepping import entered, moved, undone
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.drawing.branches import Branches
from tinylm_tui.ui.drawing.candidates import Table, cut_words
from tinylm_tui.ui.drawing.sampling import reading_notes
from tinylm_tui.ui.drawing.steps_page import Layout, View, steps_page
from tinylm_tui.ui.panes.choosing import ChoosingPane
from tinylm_tui.ui.widgets.canvas import Canvas

QUICK = 0.03  # seconds that a drawing may take at every moment of training
REST = 8  # times as long as a slower one took, nothing is drawn after it


class StepsPane(ChoosingPane):
    """Behind the same tab as Generate: the text, the candidates for the next token, or the tree of branches."""

    BINDINGS = bindings_for("steps")
    main = "#steps-page"

    def compose(self) -> ComposeResult:
        self.begin()
        yield Canvas(self._page, id="steps-page", focusable=True)

    def begin(self) -> None:
        super().begin()
        self.line: int | None = None  # of the tree's, while the tree is shown
        self.arranged = Layout()
        self._rested = 0.0  # until when a moment of training need not be drawn

    def show(self) -> None:
        """Other tokens make every id another text: then it begins anew.

        A model that takes long to read its context is not asked at every moment of training, so that keys are answered.
        """
        if self.tokens != self.snapshot.corpus.tokenizer.tokens:
            self.stop_writing()
            self.begin()
        if self.snapshot.running and time.perf_counter() < self._rested:
            return
        began = time.perf_counter()
        self.redraw()
        ended = time.perf_counter()
        self._rested = ended + (REST * (ended - began) if ended - began > QUICK else 0.0)

    # ---- what is drawn

    def _page(self, width: int, height: int) -> list[Strip]:
        page, self.arranged = steps_page(self._view(), width, height, self.look, self.arranged.first)
        return page

    def _view(self) -> View:
        tree, s = self.written, self.snapshot
        strategy, said = self.dials.strategy(s.corpus.size)
        notes = [*self.prompt()[1], *said, *reading_notes(s, tree.ids)]
        branches = None if self.line is None else Branches.of(tree, self.line)
        words = f"{cut_words(strategy)} · dice {self.dials.dice}"
        return View(tree, s.corpus.tokenizer, self._table(), words, self.moment, notes, branches)

    def _table(self) -> Table | None:
        """The candidates as they are shown; None where the text has ended."""
        if self.ended:
            return None
        tree, c = self.written, self.candidates()
        taken = None if tree.next is None else tree.steps[tree.next].token
        others = {tree.steps[n].token for n in tree.after(tree.at)} - {taken}
        return Table(c, self.strategy, self.letters, c.place(self.under_cursor()), taken, others)

    # ---- keys

    def action_take(self) -> None:
        """The candidate under the cursor; in the tree, the end of the line under the cursor."""
        if self.line is not None:
            chosen = Branches.of(self.written, self.line).chosen
            self.line, self.arranged = None, Layout()
            self.go_to(entered(self.written, chosen))
        elif self.is_open():
            self.choose(self.under_cursor(), "you")

    def action_undo(self) -> None:
        tree = self.written
        if not tree.done:
            self.lab.tell("this is the beginning: there is no choice to take back")
        elif tree.after(tree.at):
            self.lab.tell("something follows this choice, so it stays: left goes back, b shows every branch")
        self.go_to(undone(tree))

    def action_step(self, places: int) -> None:
        self.go_to(moved(self.written, places))

    def action_move(self, rows: int) -> None:
        """The cursor up or down: among the candidates, or in the tree."""
        if self.line is not None:
            self.line = Branches.of(self.written, self.line + rows).cursor
        elif table := self._table():
            ids = table.candidates.ids
            self.cursor = int(ids[min(max(table.cursor + rows, 0), len(ids) - 1)])
        self.redraw()

    def action_branches(self) -> None:
        self.line = None if self.line is not None else Branches.of(self.written, 0).here
        self.arranged = Layout()
        self.redraw()

    async def action_samples(self) -> None:
        await self.lab.action_tab("generate")

    def leave(self) -> None:
        """Esc: ends what is being written, goes from the tree to the table, and then to the samples."""
        if self.stop_writing():
            return
        if self.line is not None:
            self.action_branches()
        else:
            self.app.call_later(self.action_samples)

    @on(Canvas.Clicked, "#steps-page")
    def click(self, event: Canvas.Clicked) -> None:
        row, table = self.arranged.row_at(event.y), self._table()
        if self.line is not None:
            self.line = Branches.of(self.written, row).cursor if row >= 0 else self.line
        elif table and (place := table.place_at(row)) is not None:
            self.cursor = int(table.candidates.ids[place])
        self.redraw()
