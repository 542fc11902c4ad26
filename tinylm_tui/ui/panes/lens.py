"""Lens: what each layer would say next, at every place of a text, live while it trains."""

from __future__ import annotations

from typing import ClassVar, get_args

import numpy as np
from textual import on
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.lab import kept
from tinylm_tui.lab.lens import TextLens, text_lens
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.lab.views import beginning_of
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.drawing.embeddings import not_finite
from tinylm_tui.ui.drawing.lens import Grid, Values
from tinylm_tui.ui.drawing.lens_page import Shown, lens_page, no_lens, ten_page, without_lens
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.widgets.canvas import Canvas

BEGINNING = 60  # characters of the corpus that are looked at, if no other text is typed


class LensPane(Pane):
    """The grid of layers and places; and one of its cells large."""

    BINDINGS = bindings_for("lens")
    main = "#lens-grid"
    keeps: ClassVar = {
        "text": kept.maybe(kept.text()), "cursor": kept.maybe(kept.place), "values": kept.one_of(*get_args(Values)),
        "opened": kept.flag,
    }  # fmt: skip

    def compose(self) -> ComposeResult:
        self.text: str | None = None  # what the person typed; None: the beginning of the corpus
        self.cursor: tuple[int, int] | None = None  # row, place; None: the output, at the last place with a right one
        self.values: Values = "tokens"
        self.opened = False  # whether one cell is shown alone
        self.grid: Grid | None = None
        self.above = 0  # lines over the grid
        self._seen: tuple[object, TextLens] | None = None
        yield Canvas(self._page, id="lens-grid", focusable=True)

    @property
    def has_layers(self) -> bool:
        """Whether there is anything to look between."""
        return self.snapshot.settings.model == "gpt"

    @property
    def keys_without_use(self) -> frozenset[str]:
        """Without layers there is nothing to look between."""
        return frozenset() if self.has_layers else frozenset({"open", "change_values", "type_text"})

    @property
    def typed(self) -> str:
        """The text that is looked at."""
        return self.text if self.text is not None else beginning_that_fits(self.snapshot, BEGINNING)

    def seen(self) -> TextLens:
        """The lens on the text: once for each snapshot and text."""
        s, text = self.snapshot, self.typed
        asked = (s.version, s.corpus_version, text)
        if self._seen is None or self._seen[0] != asked:
            self._seen = (asked, text_lens(s.params, s.corpus.tokenizer, s.settings, text))
        return self._seen[1]

    def at(self, seen: TextLens) -> tuple[int, int]:
        """The cursor, inside the grid."""
        row, place = self.cursor or (seen.rows - 1, seen.places - 2)
        return min(max(row, 0), seen.rows - 1), min(max(place, 0), seen.places - 1)

    def _page(self, width: int, height: int) -> list[Strip]:
        s, look = self.snapshot, self.look
        if not self.has_layers:
            return no_lens(s.settings, width, look)
        if not np.isfinite(s.params.flat).all():
            return not_finite("the model", width, look)
        seen = self.seen()
        shown = Shown(seen, self.letters, self.at(seen), self.values, s.settings, s.step)
        if self.opened:
            return ten_page(shown, width, height, look)
        before = (self.grid.bottom, self.grid.left) if self.grid else (0, 0)
        page, self.grid, self.above = lens_page(shown, width, height, look, before)
        return page

    def focus_main(self) -> None:
        """Esc comes here too: then back to the grid."""
        if self.query_one(self.main).has_focus and self.opened:
            self.action_open()
        super().focus_main()

    # ---- keys

    def action_move(self, up: int, right: int) -> None:
        if not self.has_layers:
            return
        seen = self.seen()
        row, place = self.at(seen)
        self.cursor = min(max(row + up, 0), seen.rows - 1), min(max(place + right, 0), seen.places - 1)
        self.redraw()

    def action_open(self) -> None:
        self.opened = self.has_layers and not self.opened
        self.redraw()

    def action_change_values(self) -> None:
        self.values = "ranks" if self.values == "tokens" else "tokens"
        self.redraw()

    def action_type_text(self) -> None:
        s = self.snapshot
        if not self.has_layers:
            self.lab.tell(without_lens(s.settings.model))
            return
        start = "the boundary" if s.corpus.tokenizer.bounded else "a blank"
        hint = f"Type a text; nothing means {start} alone. The last {s.settings.context} tokens are used."
        self.app.push_screen(Question("Look through", hint), self._typed)

    def _typed(self, answer: str | None) -> None:
        if answer is not None:
            self.text, self.cursor = answer, None
            self.redraw()

    @on(Canvas.Clicked, "#lens-grid")
    def click(self, event: Canvas.Clicked) -> None:
        cell = self.grid.at(event.x, event.y - self.above) if self.grid and not self.opened else None
        if cell and self.has_layers:
            self.cursor = cell
            self.redraw()


def beginning_that_fits(snapshot: Snapshot, most: int) -> str:
    """The beginning of the corpus: no more of it than the context holds with what stands before it."""
    return beginning_of(snapshot.corpus, max(1, min(most, snapshot.settings.context - 1)))
