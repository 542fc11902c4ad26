"""Math: one token followed through the model, every figure real and live."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.engine.journey import journey
from tinylm_tui.engine.tokenizer import BOUNDARY, Ids
from tinylm_tui.engine.walk import walk
from tinylm_tui.lab import kept
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.models import WINDOWS
from tinylm_tui.lab.views import (
    ReadText,
    beginning_of,
    first_word,
    gpt_trace,
    read_text,
    window_journey,
    windows_of,
)
from tinylm_tui.lab.writing import prompt_ids
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.drawing.position import journey_lines
from tinylm_tui.ui.drawing.readout import piece, token_words
from tinylm_tui.ui.drawing.walk import columns_in, is_wide, walk_lines
from tinylm_tui.ui.drawing.window import Examples, window_lines
from tinylm_tui.ui.ink import line
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.widgets.canvas import Canvas

LONGEST = 500  # tokens of a text that a window model is followed on: the last ones
BEGINNING = 40  # characters of a running text that are followed, if no other text is typed


class MathPane(Pane):
    """The whole pipeline of one token on one page."""

    BINDINGS = bindings_for("math")
    main = "#walk"
    keeps: ClassVar = {
        "text": kept.maybe(kept.text()), "token": kept.whole(), "first": kept.whole(), "position": kept.whole(),
    }  # fmt: skip

    def compose(self) -> ComposeResult:
        self.token = 1
        self.first = 0
        self.text: str | None = None  # what a model that sees a text is followed on; None: the beginning of the corpus
        self.position = 2
        yield Canvas(self._walk, id="walk", focusable=True)

    @property
    def on_text(self) -> bool:
        """Whether the model sees a text, and not one token alone."""
        return self.snapshot.settings.model != "bigram"

    def _walk(self, width: int, height: int) -> list[Strip]:
        if not self.on_text:
            return self._letter(width, height)
        ids = self.ids()
        self.position = min(max(self.position, 0), len(ids) - 1)
        draw = self._window if self.snapshot.settings.model in WINDOWS else self._position
        return draw(ids, width, height)

    def ids(self) -> Ids:
        """The tokens that the model is followed on; of a GPT at most as many as its context, the last ones."""
        return self._read().ids

    def _read(self) -> ReadText:
        s = self.snapshot
        most = LONGEST if s.settings.model in WINDOWS else s.settings.context
        text = self.text if self.text is not None else self._beginning()
        return read_text(s.corpus.tokenizer, text, most)

    def _first_example(self) -> int:
        """The first position with a window such as the model learns from: without a boundary only full ones are."""
        read, context = self._read(), self.snapshot.settings.context
        begins = len(read.ids) == read.tokens  # with a blank that is none of the text
        return 0 if self.snapshot.corpus.tokenizer.bounded else context - 1 + begins

    def _beginning(self) -> str:
        """The first word of the corpus; of lines and running texts some more, so that there are windows to see."""
        corpus = self.snapshot.corpus
        if self.snapshot.settings.model not in WINDOWS or (corpus.reading == "words" and not corpus.running):
            return first_word(corpus.text)
        return beginning_of(corpus, BEGINNING)

    def _position(self, ids: Ids, width: int, height: int) -> list[Strip]:
        s = self.snapshot
        trace = gpt_trace(s.params, s.corpus.size, s.settings, ids)
        return journey_lines(journey(s.params, trace, self.position), self.letters, width, height, self.look)

    def _window(self, ids: Ids, width: int, height: int) -> list[Strip]:
        s = self.snapshot
        tokenizer = s.corpus.tokenizer
        way = window_journey(s.params, tokenizer, s.settings, ids, self.position)
        windows = windows_of(tokenizer, s.settings, ids)
        examples = Examples(windows, [*map(int, ids[1:]), None], self._first_example())
        return window_lines(way, examples, self.letters, width, height, self.look)

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
            self.text, self.position = self.letters[token], LONGEST  # its last token
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
        s = self.snapshot
        tokenizer, one = s.corpus.tokenizer, piece(s.corpus.tokenizer)
        nothing = "the boundary" if tokenizer.bounded else "a blank"
        hint = f"Type a {one} of the text; nothing means {nothing}. Of several, the last {one} counts."
        if s.settings.model in WINDOWS:
            hint = f"Type a text; left and right choose the position. It sees {s.settings.context} tokens at a time."
        elif self.on_text:
            hint = f"Type a text; left and right choose the position. The last {s.settings.context} count."
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
            self.text, self.position = answer, LONGEST  # at the end of it
            self.redraw()
        else:
            self.trace(ids[-1] if ids else BOUNDARY)
