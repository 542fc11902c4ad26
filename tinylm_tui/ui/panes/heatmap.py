"""Heatmap: the whole model at a glance, one cell read out, one weight nudged."""

from __future__ import annotations

from dataclasses import replace

from textual import events, on
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.lab.commands import Nudge
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.drawing.heat import MARGIN, Values, Window, amounts_of, heat, scrolled, visible_cells
from tinylm_tui.ui.drawing.readout import readout, readout_line
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.widgets.canvas import Canvas

NUDGE = 0.5
WIDE = 96  # columns from which the read-out stands beside the map


class HeatmapPane(Pane):
    """The map, a cursor on it, and the read-out beside it."""

    BINDINGS = bindings_for("heatmap")
    main = "#map"

    def compose(self) -> ComposeResult:
        self.cursor = (0, 0)
        self.values: Values = "probabilities"
        self.window = Window(0, 0, dense=False)
        self.large_cells: bool | None = None  # None: as fits best
        yield Canvas(self._map, id="map", focusable=True)
        side = Canvas(self._side)
        side.add_class("side")
        yield side

    def on_resize(self, event: events.Resize) -> None:
        """A narrow terminal gives the map the whole width, and the read-out three lines under it."""
        self.set_class(event.size.width < WIDE, "narrow")

    def _map(self, width: int, height: int) -> list[Strip]:
        size = self.snapshot.corpus.size
        self.cursor = (min(self.cursor[0], size - 1), min(self.cursor[1], size - 1))
        self.window = self._fitted(width, height, size)
        amounts = amounts_of(self.snapshot, self.values)
        return heat(amounts, self.letters, self.cursor, self.window, width, height, self.look)

    def _fitted(self, width: int, height: int, size: int) -> Window:
        """The window moved so that the cursor is in view, its cells as small as needed and possible."""
        too_tall = visible_cells(width, height, dense=False)[0] < size
        dense = self.look.halves and (too_tall if self.large_cells is None else not self.large_cells)
        rows, columns = visible_cells(width, height, dense)
        top = scrolled(self.window.top, self.cursor[0], rows, size)
        left = scrolled(self.window.left, self.cursor[1], columns, size)
        return replace(self.window, top=top, left=left, dense=dense)

    def _side(self, width: int, height: int) -> list[Strip]:
        size = self.snapshot.corpus.size
        cursor = (min(self.cursor[0], size - 1), min(self.cursor[1], size - 1))
        if self.has_class("narrow"):
            return readout_line(self.snapshot, cursor, self.values, self.look)
        return readout(self.snapshot, cursor, self.values, width, self.look)

    def action_move(self, rows: int, columns: int) -> None:
        last = self.snapshot.corpus.size - 1
        row, column = self.cursor[0] + rows, self.cursor[1] + columns
        self.cursor = (min(max(row, 0), last), min(max(column, 0), last))
        self.redraw()

    def action_open_row(self) -> None:
        self.lab.trace(self.cursor[0])

    def action_change_values(self) -> None:
        self.values = "scores" if self.values == "probabilities" else "probabilities"
        self.redraw()

    def action_zoom(self) -> None:
        self.large_cells = self.window.dense
        self.redraw()

    def action_nudge(self, direction: int) -> None:
        self.lab.send(Nudge(*self.cursor, direction * NUDGE))

    @on(Canvas.Clicked, "#map")
    def click(self, event: Canvas.Clicked) -> None:
        row = self.window.top + (event.y - 1) * (2 if self.window.dense else 1)
        column = self.window.left + (event.x - MARGIN) // 2
        if event.y > 0 and event.x >= MARGIN:
            self.action_move(row - self.cursor[0], column - self.cursor[1])
