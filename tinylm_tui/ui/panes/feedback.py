"""Feedback: rate words, apply, and see how the model moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.engine.feedback import Rating
from tinylm_tui.engine.sampling import Sample
from tinylm_tui.lab import kept
from tinylm_tui.lab.commands import Feedback, UndoFeedback
from tinylm_tui.lab.kept_trees import plain_samples, samples
from tinylm_tui.lab.writing import Request, write
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.drawing.rating import rating_lines, report_lines
from tinylm_tui.ui.ink import line, wrapped
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.widgets.canvas import Canvas

WORDS = 14
LENGTH = 22  # tokens at most: as many characters stand whole in the column, with the mark that the word goes on
ONLY_BIGRAM = (
    "This toy re-weights the pairs of tokens in rated words, and only a bigram's weights are such pairs. "
    "M brings a bigram back."
)
HEAD = 2


class FeedbackPane(Pane):
    """Words to rate on the left; what the ratings did on the right."""

    BINDINGS = bindings_for("feedback")
    main = "#words"

    def compose(self) -> ComposeResult:
        self.dice, self.cursor = 0, 0
        self.samples: list[Sample] = []
        self.ratings: dict[int, int] = {}
        self.written_for = -1
        yield Canvas(self._words, id="words", focusable=True)
        yield Canvas(self._report, id="report")

    @property
    def can_be_rated(self) -> bool:
        """Whether the model's weights are pairs of tokens."""
        return self.snapshot.settings.model == "bigram"

    @property
    def keys_without_use(self) -> frozenset[str]:
        """Without such weights ratings move nothing."""
        return frozenset() if self.can_be_rated else frozenset({"rate", "apply"})

    def kept(self) -> dict[str, Any]:
        """The words with their ratings; the ids mean something among these tokens only."""
        written = self.written_for == self.snapshot.corpus_version
        return {
            "tokens": kept.mark_of(self.letters), "samples": plain_samples(self.samples) if written else [],
            "ratings": kept.plain(list(self.ratings.items())), "cursor": self.cursor, "dice": self.dice,
        }  # fmt: skip

    def restore(self, told: Mapping[str, object]) -> None:
        self.dice = kept.taken(kept.whole(), told.get("dice")) or self.dice
        words = kept.taken(samples(len(self.letters), WORDS, LENGTH + 2), told.get("samples"))
        if words and told.get("tokens") == kept.mark_of(self.letters):
            self.samples, self.written_for = words, self.snapshot.corpus_version
            rated = kept.several(kept.row(kept.whole(0, len(words) - 1), kept.one_of(-1, 1)), len(words))
            self.ratings = dict(kept.taken(rated, told.get("ratings")) or ())
            self.cursor = kept.taken(kept.whole(0, len(words) - 1), told.get("cursor")) or 0

    def show(self) -> None:
        """The words stay as they are while they are being rated, until another text makes them meaningless."""
        if self.written_for != self.snapshot.corpus_version:
            self._write()
        self.redraw()
        self.offer_keys()

    def _write(self) -> None:
        s = self.snapshot
        request = Request(WORDS, LENGTH, 1.0, "", 1000 + self.dice)
        self.samples = write(s.params, s.corpus.tokenizer, request, s.settings)
        self.ratings, self.cursor, self.written_for = {}, 0, s.corpus_version

    def _words(self, width: int, height: int) -> list[Strip]:
        look, tokenizer = self.look, self.snapshot.corpus.tokenizer
        rated = f"{len(self.ratings)} rated" if self.can_be_rated else "not for rating"
        head = f"it wrote these; {rated}" if self.samples else "no words yet: g"
        ratings = self.ratings if self.can_be_rated else {}
        return [
            line((head, look.style("title"))),
            Strip.blank(0),
            *rating_lines(self.samples, tokenizer, ratings, self.cursor, min(width, 40), look),
        ]

    def _report(self, width: int, height: int) -> list[Strip]:
        if not self.can_be_rated:
            return wrapped(ONLY_BIGRAM, min(width, 60), self.look.style("dim"))
        report = self.snapshot.feedback
        title = "what it did" if report is None else f"what round {report.rounds} did"
        undo = "   z: undo" if self.snapshot.can_undo else ""
        return [
            line((title, self.look.style("title")), (undo, self.look.style("dim"))),
            Strip.blank(0),
            *report_lines(report, self.snapshot.corpus.tokenizer, min(width, 60), self.look),
        ]

    def action_move(self, rows: int) -> None:
        self.cursor = min(max(self.cursor + rows, 0), max(0, len(self.samples) - 1))
        self.redraw()

    def action_rate(self, sign: int) -> None:
        if not self.can_be_rated:
            self.lab.tell(ONLY_BIGRAM)
            return
        if sign:
            self.ratings[self.cursor] = sign
        else:
            self.ratings.pop(self.cursor, None)
        if sign and self.cursor < len(self.samples) - 1:
            self.cursor += 1
        self.redraw()

    def action_apply(self) -> None:
        if not self.can_be_rated:
            self.lab.tell(ONLY_BIGRAM)
            return
        ratings = tuple(Rating(self.samples[n].ids, sign) for n, sign in sorted(self.ratings.items()))
        self.lab.send(Feedback(ratings))

    def action_undo(self) -> None:
        self.lab.send(UndoFeedback())

    def action_again(self) -> None:
        self.dice += 1
        self._write()
        self.redraw()

    @on(Canvas.Clicked, "#words")
    def click(self, event: Canvas.Clicked) -> None:
        self.action_move(event.y - HEAD - self.cursor)
