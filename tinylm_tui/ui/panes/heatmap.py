"""Heatmap: the whole model at a glance, one cell read out, one weight nudged."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, get_args

from textual import events, on
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.lab import kept
from tinylm_tui.lab.commands import Nudge
from tinylm_tui.lab.views import matrix_names, single_token_logits, token_axes
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.drawing.heat import MARGIN, Labels, Values, Window, amounts_of, heat, scrolled, visible_cells
from tinylm_tui.ui.drawing.readout import matrix_readout, matrix_readout_line, readout, readout_line
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.widgets.canvas import Canvas

NUDGE = 0.5
OF_A_BIGRAM = frozenset({"nudge"})  # only its map has one weight a cell
OTHER_MATRICES = frozenset({"change_matrix"})
OF_NEXT_TOKENS = frozenset({"open_row", "change_values"})  # actions of the map that no single matrix has
WIDE = 96  # columns from which the read-out stands beside the map


class HeatmapPane(Pane):
    """The map, a cursor on it, and the read-out beside it."""

    BINDINGS = bindings_for("heatmap")
    main = "#map"
    keeps: ClassVar = {
        "cursor": kept.place, "name_in_view": kept.text(), "values": kept.one_of(*get_args(Values)),
        "large_cells": kept.maybe(kept.flag),
    }  # fmt: skip

    def compose(self) -> ComposeResult:
        self.cursor = (0, 0)
        self.name_in_view = ""  # of a weight matrix; "" is the map of next tokens
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

    def show(self) -> None:
        """Another model may not have the matrix that is in view."""
        if self.name_in_view not in ("", *matrix_names(self.snapshot.params)):
            self.name_in_view = ""
        self.redraw()
        self.offer_keys()

    @property
    def keys_without_use(self) -> frozenset[str]:
        """A bigram has no other matrix; m says so."""
        return self._impossible | (OTHER_MATRICES if self.snapshot.settings.model == "bigram" else frozenset())

    @property
    def _impossible(self) -> frozenset[str]:
        """Another matrix than that of next tokens has no rows to open; only a bigram's can be nudged."""
        nudge = frozenset() if self.snapshot.settings.model == "bigram" else OF_A_BIGRAM
        return nudge | (OF_NEXT_TOKENS if self.name_in_view else frozenset())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that means nothing for what is in view does nothing, and the footer does not show it."""
        return action not in self._impossible and super().check_action(action, parameters)

    @property
    def matrix(self) -> Array:
        """What is in view: the scores of next tokens (V, V), or one of the model's matrices (R, C)."""
        s = self.snapshot
        if self.name_in_view:
            return s.params[self.name_in_view]
        return single_token_logits(s.params, s.corpus.size, s.settings)

    def _map(self, width: int, height: int) -> list[Strip]:
        matrix = self.matrix
        rows, columns = matrix.shape
        self.cursor = (min(self.cursor[0], rows - 1), min(self.cursor[1], columns - 1))
        self.window = self._fitted(width, height, rows, columns)
        amounts = amounts_of(matrix, "scores" if self.name_in_view else self.values)
        labels = self._labels(rows, columns)
        return heat(amounts, labels, self.cursor, self.window, width, height, self.look)

    def _labels(self, rows: int, columns: int) -> Labels:
        axes = token_axes(self.name_in_view) if self.name_in_view else (0, 1)
        return Labels.of((rows, columns), self.letters, axes)

    def _fitted(self, width: int, height: int, row_count: int, column_count: int) -> Window:
        """The window moved so that the cursor is in view, its cells as small as needed and possible."""
        too_tall = visible_cells(width, height, dense=False)[0] < row_count
        dense = self.look.halves and (too_tall if self.large_cells is None else not self.large_cells)
        rows, columns = visible_cells(width, height, dense)
        top = scrolled(self.window.top, self.cursor[0], rows, row_count)
        left = scrolled(self.window.left, self.cursor[1], columns, column_count)
        return replace(self.window, top=top, left=left, dense=dense)

    def _side(self, width: int, height: int) -> list[Strip]:
        matrix, corpus, narrow = self.matrix, self.snapshot.corpus, self.has_class("narrow")
        cursor = (min(self.cursor[0], len(matrix) - 1), min(self.cursor[1], matrix.shape[1] - 1))
        if self.name_in_view:
            told = matrix_readout_line if narrow else matrix_readout
            return told(self.name_in_view, matrix, self._labels(*matrix.shape), cursor, width, self.look)
        first = self.snapshot.settings.model != "bigram"
        if narrow:
            return readout_line(matrix, corpus, cursor, self.values, width, self.look, first=first)
        return readout(matrix, corpus, cursor, self.values, width, self.look, first=first)

    def action_move(self, rows: int, columns: int) -> None:
        shape = self.matrix.shape
        row, column = self.cursor[0] + rows, self.cursor[1] + columns
        self.cursor = (min(max(row, 0), shape[0] - 1), min(max(column, 0), shape[1] - 1))
        self.redraw()

    async def action_open_row(self) -> None:
        await self.lab.trace(self.cursor[0])

    def action_change_matrix(self, direction: int) -> None:
        names = ["", *matrix_names(self.snapshot.params)]
        if self.snapshot.settings.model == "bigram":
            names = [""]  # its one matrix is what the map shows already
            self.lab.tell("a bigram has one matrix, and this is it; the other models have more (M)")
        self.name_in_view = names[(names.index(self.name_in_view) + direction) % len(names)]
        self.redraw()
        self.offer_keys()

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
