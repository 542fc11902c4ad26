"""Tokens: the text as a tokenizer cuts it, and how byte pairs come about, merge by merge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.lab import kept
from tinylm_tui.lab.cutting import Cut, cut_of, shortage
from tinylm_tui.lab.tokens import Piece, Story, pieces_of
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.drawing.tokens_page import Layout, View, tokens_page
from tinylm_tui.ui.panes.trying import TryingPane, cut_kept
from tinylm_tui.ui.widgets.canvas import Canvas

KEPT_HERE = {
    "text": kept.maybe(kept.text()), "place": kept.whole(), "moment": kept.maybe(kept.whole()),
    "wanted": cut_kept("bpe"),
}  # fmt: skip


class TokensPane(TryingPane):
    """One page: the text in tokens, the merges beside it; and a try of other tokens, which the model does not see."""

    BINDINGS = bindings_for("tokens")
    main = "#tokens-page"
    keeps: ClassVar = KEPT_HERE

    def compose(self) -> ComposeResult:
        self.text: str | None = None  # what the person typed; None: the beginning of the corpus
        self.place = 0  # of the cursor, in characters from the beginning: no merge moves it
        self._follow()
        yield Canvas(self._page, id="tokens-page", focusable=True)

    def _follow(self) -> None:
        """Look at the model's own text and tokens."""
        self._version = self.snapshot.corpus_version
        self.back()
        settings = self.snapshot.settings
        self.wanted = Cut("bpe", settings.vocabulary, settings.split_words)

    def back(self) -> None:
        """From what was tried to the tokens of the model."""
        self._tell(Story(self.snapshot.corpus))

    def _tell(self, story: Story, tried: Cut | None = None, moment: int | None = None) -> None:
        self.story, self.tried, self.note = story, tried, ""
        self.moment = moment  # after how many merges the text is shown; None: all of them
        self._later: int | None = None  # the moment of the try under way, where an earlier lab had looked at it
        self._pieces: tuple[object, list[Piece]] | None = None
        self.arranged: Layout | None = None

    def show(self) -> None:
        """Another text, or other tokens of the model: what was tried is of yesterday."""
        if self._version != self.snapshot.corpus_version:
            self.stop_try()
            self._follow()
        self.redraw()

    def restore(self, told: Mapping[str, object]) -> None:
        if self._version != self.snapshot.corpus_version:
            self._follow()
        super().restore(told)
        if self.progress:  # the moment is one of the tokens that are being made again
            self._later, self.moment = self.moment, None

    # ---- what is drawn

    @property
    def shown_moment(self) -> int:
        """After how many merges the text is shown."""
        last = len(self.story.merges)
        return last if self.moment is None else min(max(self.moment, 0), last)

    @property
    def shown(self) -> Cut:
        """The tokens in view: after fewer merges, those of a smaller vocabulary."""
        cut = super().shown
        return replace(cut, vocabulary=self.story.first + self.shown_moment) if self._early else cut

    @property
    def _early(self) -> bool:
        """Whether the text is shown as it was before its last merge."""
        return self.shown_moment < len(self.story.merges)

    def pieces(self) -> list[Piece]:
        """The visible beginning of the text, in the tokens of the moment."""
        asked = (self.story, self.shown_moment, self.text)
        if self._pieces is None or self._pieces[0] != asked:
            corpus = self.story.corpus
            text = corpus.text if self.text is None else self.text
            tokenizer = self.story.at(self.shown_moment)
            self._pieces = (asked, pieces_of(tokenizer, text, corpus.reading))
        return self._pieces[1]

    def cursor(self) -> int:
        """The number of the piece that the cursor is on."""
        pieces = self.pieces()
        return next((i for i, piece in enumerate(pieces) if self.place < piece.end), max(0, len(pieces) - 1))

    def _page(self, width: int, height: int) -> list[Strip]:
        view = View(
            self.story, self.tried or cut_of(self.snapshot.settings), self.tried is not None, self.shown_moment,
            self.pieces(), self.cursor(), self.snapshot.bits_per_character, self.note, self.progress,
            typed=self.text is not None, lossless=self.snapshot.corpus.tokenizer.bounded,
        )  # fmt: skip
        before = self.arranged.text.first if self.arranged else 0
        page, self.arranged = tokens_page(view, width, height, self.look, before)
        return page

    # ---- keys

    def action_move(self, direction: int) -> None:
        """To the token before, or the next one."""
        pieces = self.pieces()
        if pieces:
            self.place = pieces[min(max(self.cursor() + direction, 0), len(pieces) - 1)].start
            self.redraw()

    def action_merge(self, steps: int) -> None:
        """So many merges on, or back; far enough is the first or the last moment."""
        if not self.story.merges:
            self.lab.tell("there are no merges to step through: b makes byte pairs")
            return
        before, self.moment = self.shown_moment, min(max(self.shown_moment + steps, 0), len(self.story.merges))
        if self.moment and self.moment != before:
            self._look_for(self.story.merges[self.moment - 1].token)
        self.redraw()

    def _look_for(self, token: int) -> None:
        """Put the cursor on the token just made, where the beginning of the text has it but the rows in view do not."""
        starts = [piece.start for piece in self.pieces() if piece.id == token]
        if starts and self.arranged and not any(map(self.arranged.shows, starts)):
            self.place = starts[0]

    def action_type_text(self) -> None:
        hint = "A text to see cut; nothing means the beginning of the corpus. The model does not learn it."
        self.app.push_screen(Question("Cut a text", hint), self._typed)

    def _typed(self, answer: str | None) -> None:
        if answer is not None:
            self.text, self.place, self.arranged = answer or None, 0, None
            self.redraw()

    def leave(self) -> None:
        """Esc stops a try that is under way, else drops one that is there."""
        if not self.stop_try() and self.tried:
            self.back()
        self.redraw()
        super().leave()

    @on(Canvas.Clicked, "#tokens-page")
    def click(self, event: Canvas.Clicked) -> None:
        if self.arranged and (index := self.arranged.token_at(event.x, event.y)) is not None:
            self.place = self.pieces()[index].start
        if self.arranged and (moment := self.arranged.moment_at(event.x, event.y)) is not None:
            self.moment = moment
        self.redraw()

    def stop_try(self) -> bool:
        self._later = None
        return super().stop_try()

    def found(self, cut: Cut, result: Story | str) -> None:
        """Show what a try came to, or say why it cannot be."""
        if isinstance(result, str):
            self.note = result
        else:
            self._tell(result, cut, self._later)
            self.note = shortage(result.corpus.tokenizer, cut)
