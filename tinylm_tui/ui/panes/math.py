"""Math: one letter followed through the model, every figure real and live."""

from __future__ import annotations

import numpy as np
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.engine.journey import journey
from tinylm_tui.engine.tokenizer import BOUNDARY
from tinylm_tui.engine.walk import walk
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.views import gpt_trace
from tinylm_tui.lab.writing import prompt_ids
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.drawing.position import journey_lines
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
        self.text: str | None = None  # what a GPT is followed on; None: the first unit of the corpus
        self.position = 2
        yield Canvas(self._walk, id="walk", focusable=True)

    @property
    def on_text(self) -> bool:
        """Whether the model sees a text, and not one letter alone."""
        return self.snapshot.settings.model != "bigram"

    def _walk(self, width: int, height: int) -> list[Strip]:
        return self._position(width, height) if self.on_text else self._letter(width, height)

    def ids(self) -> list[int]:
        """The tokens that a GPT is followed on: at most as many as its context, the last ones."""
        s = self.snapshot
        text = self.text if self.text is not None else first_words(s.corpus.text)
        known = "".join(c for c in text if c in s.corpus.tokenizer.letters)
        return [BOUNDARY, *map(int, s.corpus.tokenizer.encode(known))][-s.settings.context :]

    def _position(self, width: int, height: int) -> list[Strip]:
        s, ids = self.snapshot, self.ids()
        self.position = min(max(self.position, 0), len(ids) - 1)
        trace = gpt_trace(s.params, s.corpus.size, s.settings, np.array(ids, dtype=np.int32))
        return journey_lines(journey(s.params, trace, self.position), self.letters, width, height, self.look)

    def _letter(self, width: int, height: int) -> list[Strip]:
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
        """Follow another token; a GPT is followed on it as a text of its own."""
        self.token = token
        if self.on_text:
            self.text, self.position = self.letters[token], 1
        width = self.query_one(Canvas).size.width or 80
        size = self.snapshot.corpus.size
        self.first = scrolled(self.first, token, columns_in(width, is_wide(width, size)), size)
        self.redraw()

    def action_choose(self, direction: int) -> None:
        if self.on_text:
            self.position = (self.position + direction) % len(self.ids())
            self.redraw()
            return
        self.trace((self.token + direction) % self.snapshot.corpus.size)

    def action_scroll(self, direction: int) -> None:
        self.first += 8 * direction
        self.redraw()

    def action_trace(self) -> None:
        tokenizer = self.snapshot.corpus.tokenizer
        hint = "Type a letter of the text; nothing means the boundary. Of a word, its last letter counts."
        if self.on_text:
            hint = f"Type a text; left and right choose the position. The last {self.snapshot.settings.context} count."
        question = Question("Trace", hint, check=lambda text: prompt_ids(tokenizer, text))
        self.app.push_screen(question, self._traced)

    def _traced(self, answer: str | None) -> None:
        if answer is None:
            return
        try:
            ids = prompt_ids(self.snapshot.corpus.tokenizer, answer)
        except LabError:  # the text was replaced while the question was open
            return
        if self.on_text:
            self.text, self.position = answer, len(ids)
            self.redraw()
        else:
            self.trace(ids[-1] if ids else BOUNDARY)


def first_words(text: str, most: int = 12) -> str:
    """The beginning of a text: its first word, or as many as fit."""
    words = text.split()
    return words[0][:most] if words else ""
