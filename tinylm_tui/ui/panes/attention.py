"""Attention: which letter looks at which, in every head, live while it trains."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.ink import wrapped
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.widgets.canvas import Canvas

NO_ATTENTION = (
    "A bigram has no attention: it looks at one letter, the last, and at nothing before it. "
    "Press M to choose a GPT, which has."
)


class AttentionPane(Pane):
    """A map of one head, or all heads at a glance."""

    BINDINGS = bindings_for("attention")
    main = "#attention-map"

    def compose(self) -> ComposeResult:
        yield Canvas(self._map, id="attention-map", focusable=True)

    def _map(self, width: int, height: int) -> list[Strip]:
        return wrapped(NO_ATTENTION, width, self.look.style("dim"))
