"""Math: one letter followed through the model, every figure real and live."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.engine.tokenizer import BOUNDARY
from tinylm_tui.engine.walk import walk
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.writing import prompt_ids
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.drawing.readout import token_words
from tinylm_tui.ui.drawing.walk import columns_in, is_wide, walk_lines
from tinylm_tui.ui.ink import line
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.widgets.canvas import Canvas


class MathPane(Pane):
    """The whole pipeline of one letter on one page."""

    BINDINGS = bindings_for("math")
    main = "#walk"

    def compose(self) -> ComposeResult:
        self.token = 1
        self.first = 0
        yield Canvas(self._walk, id="walk", focusable=True)

    def _walk(self, width: int, height: int) -> list[Strip]:
        s = self.snapshot
        self.token = min(self.token, s.corpus.size - 1)
        self.first = self._scrolled(width)
        w = walk(s.params, s.corpus.counts, self.token)
        look = self.look
        title = line(
            ("tracing ", look.style("dim")),
            (f" {token_words(self.letters[self.token])} ", look.style("cursor")),
            (f"  {w.occurs:,} time{'s' * (w.occurs != 1)} in the text: row {self.token} is {w.share_of_row:.1%} of all "
             "pairs", look.style("dim")),
        )  # fmt: skip
        return [title, *walk_lines(w, self.letters, self.first, width, height - 1, look)]

    def _scrolled(self, width: int) -> int:
        size = self.snapshot.corpus.size
        shown = columns_in(width, is_wide(width, size))
        return max(0, min(self.first, size - shown))

    def trace(self, token: int) -> None:
        """Follow another token."""
        self.token = token
        width = self.query_one(Canvas).size.width or 80
        size = self.snapshot.corpus.size
        self.first = scrolled(self.first, token, columns_in(width, is_wide(width, size)), size)
        self.redraw()

    def action_choose(self, direction: int) -> None:
        self.trace((self.token + direction) % self.snapshot.corpus.size)

    def action_scroll(self, direction: int) -> None:
        self.first += 8 * direction
        self.redraw()

    def action_trace(self) -> None:
        tokenizer = self.snapshot.corpus.tokenizer
        question = Question(
            "Trace a letter",
            "Type a letter of the text; nothing means the boundary. Of a word, its last letter counts.",
            check=lambda text: prompt_ids(tokenizer, text),
        )
        self.app.push_screen(question, self._traced)

    def _traced(self, answer: str | None) -> None:
        if answer is None:
            return
        try:
            ids = prompt_ids(self.snapshot.corpus.tokenizer, answer)
        except LabError:  # the text was replaced while the question was open
            return
        self.trace(ids[-1] if ids else BOUNDARY)
