"""Ablation: switch heads and MLPs of a copy of the model off, and see at once what is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from textual import on
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.lab import kept
from tinylm_tui.lab.ablation import Asked, Off
from tinylm_tui.lab.models import article
from tinylm_tui.lab.snapshot import Snapshot, same_model
from tinylm_tui.lab.writing import Request, prompt_ids
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.drawing.ablation import Lattice, Parts
from tinylm_tui.ui.drawing.ablation_page import Shown, ablation_page, no_parts
from tinylm_tui.ui.drawing.embeddings import not_finite
from tinylm_tui.ui.panes.lens import beginning_that_fits
from tinylm_tui.ui.panes.measuring import MeasuringPane
from tinylm_tui.ui.widgets.canvas import Canvas

BEGINNING = 16  # characters of the corpus on which attention is shown, if no other text is typed
WORDS, LONG = (12, 40), (2, 120)  # how many texts, of how many tokens at most: of a list, of a running text
CHEAP = 64  # tokens that are quickly written, whatever the context; beyond that no further than the context

KEPT_HERE = {
    "text": kept.maybe(kept.text()), "prompt": kept.text(), "throw": kept.whole(), "cursor": kept.place,
}  # fmt: skip


class AblationPane(MeasuringPane):
    """The grid of parts, and what the ones that are off are missed for. The run is never told of it."""

    BINDINGS = bindings_for("ablation")
    main = "#ablation-grid"
    keeps: ClassVar = KEPT_HERE

    def compose(self) -> ComposeResult:
        self.off = Off()
        self.cursor = (0, 0)  # layer, column; the last column is the MLP
        self.text: str | None = None  # on which attention is shown; None: the first word of the corpus
        self.prompt, self.throw = "", 0
        self.place: Lattice | None = None
        self.above = 0  # lines over the grid
        self._of: Snapshot | None = None  # the last moment that was shown
        yield Canvas(self._page, id="ablation-grid", focusable=True)

    @property
    def has_parts(self) -> bool:
        """Whether the model has heads and MLPs."""
        return self.snapshot.settings.model == "gpt"

    @property
    def can_be_measured(self) -> bool:
        """Whether there are parts, with numbers that are numbers."""
        return self.has_parts and bool(np.isfinite(self.snapshot.params.flat).all())

    @property
    def keys_without_use(self) -> frozenset[str]:
        """Without parts there is nothing to switch."""
        return frozenset() if self.has_parts else frozenset({"switch", "all_on", "measure"})

    def question(self) -> tuple[Snapshot, Off, Asked] | None:
        """What the screen shows of the newest moment."""
        if not self.can_be_measured:
            return None
        corpus = self.snapshot.corpus
        text = self.text if self.text is not None else beginning_that_fits(self.snapshot, BEGINNING)
        count, length = LONG if corpus.running else WORDS
        length = min(length, max(CHEAP, self.snapshot.settings.context))
        request = Request(count=count, length=length, prompt=self.prompt, seed=self.throw)
        return self.snapshot, self.off, Asked(text, request)

    def show(self) -> None:
        """Another text or model begins with all parts on; the same one started over keeps what is off."""
        before, self._of = self._of, self.snapshot
        if before is not None and not same_model(before, self.snapshot):
            self.forget()
            if before.corpus_version != self.snapshot.corpus_version or before.params.shapes != self._of.params.shapes:
                self.off, self.prompt = Off(), ""
        s = self.snapshot.settings
        self.cursor = (min(self.cursor[0], s.layers - 1), min(self.cursor[1], s.heads))
        self.redraw()
        self.ask()
        self.offer_keys()

    def _page(self, width: int, height: int) -> list[Strip]:
        s, look = self.snapshot, self.look
        if not self.has_parts:
            return no_parts(s.settings, width, look)
        if not self.can_be_measured:
            return not_finite("the model", width, look)
        before = (self.place.top, self.place.left) if self.place else (0, 0)
        page, self.place, self.above = ablation_page(self.shown(), width, height, look, before)
        return page

    def shown(self) -> Shown:
        """All that the page is drawn from."""
        s, effect, table = self.snapshot, self.effect, self.table
        costs = table.cells if table else None
        named = effect.heads if effect else ()
        parts = Parts(s.settings.layers, s.settings.heads, self.off, self.cursor, costs, named)
        return Shown(
            parts, effect, table, self.progress, self.problem, self.letters, self.prompt, self.throw, s.step
        )  # fmt: skip

    def leave(self) -> None:
        """Esc stops a table that is under way."""
        self.stop_table()
        self.redraw()
        super().leave()

    # ---- keys

    def change(self) -> None:
        """Something else is to be known."""
        self.redraw()
        self.ask()

    def refuse(self) -> bool:
        """Say that there is nothing to switch off, where there is nothing."""
        if not self.has_parts:
            self.lab.tell(f"{article(self.snapshot.settings.model)} has no heads to switch off; M chooses a gpt")
        return not self.can_be_measured

    def action_move(self, layers: int, columns: int) -> None:
        s = self.snapshot.settings
        layer, column = self.cursor
        self.cursor = (min(max(layer + layers, 0), s.layers - 1), min(max(column + columns, 0), s.heads))
        self.redraw()

    def action_switch(self) -> None:
        if self.refuse():
            return
        layer, column = self.cursor
        self.off = self.off.switched(layer, column if column < self.snapshot.settings.heads else None)
        self.change()

    def action_all_on(self) -> None:
        self.off = Off()
        self.change()

    def action_measure(self) -> None:
        if not self.stop_table() and not self.refuse():
            self.begin_table()
        self.redraw()

    def action_dice(self) -> None:
        self.throw += 1
        self.change()

    def action_type_text(self) -> None:
        s = self.snapshot
        hint = f"The text on which attention is shown. The last {s.settings.context} tokens are used."
        self._put("Attention on", hint, self._typed)

    def action_prompt(self) -> None:
        self._put("Go on from", "A beginning that both models go on from; nothing means the start.", self._prompted)

    def _put(self, title: str, hint: str, taken: Callable[[str | None], None]) -> None:
        if not self.refuse():
            tokenizer = self.snapshot.corpus.tokenizer
            self.app.push_screen(Question(title, hint, check=lambda text: prompt_ids(tokenizer, text)), taken)

    def _typed(self, answer: str | None) -> None:
        if answer is not None:
            self.text = answer
            self.change()

    def _prompted(self, answer: str | None) -> None:
        if answer is not None:
            self.prompt = answer
            self.change()

    @on(Canvas.Clicked, "#ablation-grid")
    def click(self, event: Canvas.Clicked) -> None:
        cell = self.place.at(event.x, event.y - self.above) if self.place else None
        if cell and self.has_parts:
            self.cursor = cell
            self.redraw()
