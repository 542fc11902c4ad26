"""Model: how it is built, what flows through it, and how far it is from GPT-2."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.ink import wrapped
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.widgets.canvas import Canvas


class ModelPane(Pane):
    """The block diagram."""

    BINDINGS = bindings_for("model")
    main = "#diagram"

    def compose(self) -> ComposeResult:
        yield Canvas(self._diagram, id="diagram", focusable=True)

    def _diagram(self, width: int, height: int) -> list[Strip]:
        return wrapped("One matrix: a row for each letter.", width, self.look.style("dim"))
