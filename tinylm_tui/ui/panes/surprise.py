"""Surprise: any text, each token coloured by how unexpected it is, to this model and to another reader."""

from __future__ import annotations

import math
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.lab import kept
from tinylm_tui.lab.readers import Trained
from tinylm_tui.lab.surprising import Surprise
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.drawing.surprise import Layout, View, surprise_page
from tinylm_tui.ui.drawing.tokens import left_out, spelt
from tinylm_tui.ui.ink import wrapped
from tinylm_tui.ui.panes.reading import Answer, ReadingPane
from tinylm_tui.ui.panes.second import SecondReader, beside
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.canvas import Canvas
from tinylm_tui.ui.words_texts import TRAIN_TELLS

STEP = 0.5  # bits by which a key moves the threshold
MOST = 60.0  # bits that it can have
WORKING = "working it out…"


class SurprisePane(ReadingPane):
    """The text, what it comes to, and what was expected at the token under the cursor."""

    BINDINGS = bindings_for("surprise")
    main = "#surprise-page"
    keeps: ClassVar = {
        "text": kept.maybe(kept.text(kept.PAGE)), "beside": beside, "cursor": kept.maybe(kept.whole()),
        "threshold": kept.maybe(kept.number(0, MOST)),
    }  # fmt: skip

    def compose(self) -> ComposeResult:
        self.cursor: int | None = None  # the number of a piece; None: the first one that could be guessed
        self.threshold: float | None = None  # bits; None: what knowing nothing costs
        self.layout_now: Layout | None = None
        self.second = SecondReader()
        yield Canvas(self._page, id="surprise-page", focusable=True)

    @property
    def keys_without_use(self) -> frozenset[str]:
        """Where nothing could be guessed, nothing is underlined."""
        return frozenset() if self.shown else frozenset({"next"})

    def taken(self) -> None:
        """Another text may have something to guess, or nothing."""
        self.offer_keys()

    def text_typed(self) -> None:
        """It is gone through from its beginning."""
        self.cursor = self.layout_now = None

    # ---- the cursor and the threshold

    @property
    def limit(self) -> float:
        """The threshold in bits."""
        return math.log2(self.snapshot.corpus.size) if self.threshold is None else self.threshold

    def at(self, shown: Surprise) -> int:
        """The number of the piece under the cursor."""
        first = int(shown.places[shown.first])
        return first if self.cursor is None else min(max(self.cursor, 0), len(shown.pieces) - 1)

    # ---- the page

    def _page(self, width: int, height: int) -> list[Strip]:
        shown = self.shown
        if shown is None:
            return wrapped(self._instead(), width, self.look.style("text"))
        before = self.layout_now.text.first if self.layout_now else 0
        aside = TRAIN_TELLS[shown.reader.settings.model] if isinstance(shown.reader, Trained) else ""
        view = View(self._source(shown), self.answer.readers, self.at(shown), self.limit, self._note(shown), aside)
        page, self.layout_now = surprise_page(view, width, height, self.look, before)
        return page

    def _instead(self) -> str:
        """Why there is no text to see."""
        if isinstance(self.answer, str):
            return visible(self.answer)
        if not isinstance(self.answer, Answer):
            return WORKING
        surprise = self.answer.readers[0].surprise
        unknown = f" It has never seen {spelt(surprise.unknown)}." if surprise.unknown else ""
        model = self.snapshot.settings.model
        return f"There is nothing to guess for this {model}: {surprise.reader.wants}.{unknown} t takes another text."

    def _source(self, shown: Surprise) -> str:
        asked = self.answered.chosen[0] if self.answered else None
        if asked is None:
            return f"the beginning of {visible(shown.reader.corpus.name)}"
        return f"your text, {shown.characters:,} characters"

    def _note(self, shown: Surprise) -> str:
        """What should be known about what is in view."""
        asked = self.answered
        if self.busy and asked and not asked.about(self.question()):
            return f"{WORKING} {self.done:.0%}; esc stops it"
        notes = [self.answer.trouble] if self.answer.trouble else []
        if shown.unknown:
            notes.append(left_out(shown.unknown))
        if asked and asked.chosen[0] is not None and shown.characters > shown.read:
            notes.append(f"the first {shown.read:,} of {shown.characters:,} characters")
        if asked and asked.snapshot.step == 0:
            notes.append("not trained yet: space trains")
        return visible("; ".join(notes))

    # ---- keys

    def _go(self, piece: int) -> None:
        self.cursor = piece
        self.redraw()

    def action_move(self, direction: int) -> None:
        if self.shown:
            self._go(min(max(self.at(self.shown) + direction, 0), len(self.shown.pieces) - 1))

    def action_rows(self, rows: int) -> None:
        if self.shown and self.layout_now:
            self._go(self.layout_now.text.towards(self.shown, self.at(self.shown), rows))

    def action_next(self, direction: int) -> None:
        """To the next token, or the one before, that is underlined."""
        if not self.shown:
            return
        here, bits = self.at(self.shown), self.shown.by_piece
        ahead = [i for i in bits if (i - here) * direction > 0 and not bits[i] <= self.limit]
        if ahead:
            self._go(min(ahead, key=lambda i: abs(i - here)))
        else:
            self.lab.tell(f"no token {'after' if direction > 0 else 'before'} this one is above {self.limit:.1f} bits")

    def action_threshold(self, direction: int) -> None:
        steps = self.limit / STEP
        steps = math.floor(steps + 1e-9) + 1 if direction > 0 else math.ceil(steps - 1e-9) - 1
        self.threshold = min(max(steps * STEP, 0.0), MOST)
        self.redraw()

    @on(Canvas.Clicked, "#surprise-page")
    def click(self, event: Canvas.Clicked) -> None:
        if self.shown and self.layout_now:
            piece = self.layout_now.text.cell_at(self.shown, event.x, event.y - self.layout_now.head)
            if piece is not None:
                self._go(piece)
