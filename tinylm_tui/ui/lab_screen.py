"""The lab's own screen, under all dialogs: its footer leaves out the keys that would do nothing now."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.binding import ActiveBinding
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.widgets.keys_line import KeysLine

if TYPE_CHECKING:
    from tinylm_tui.ui.shell import Shell


class LabScreen(Screen[None]):
    """Such a key still works, and may say why there is nothing to do: only its place in the footer is for others."""

    # Textual's own paints the whole screen at every change of the focus; what looks different with it repaints itself.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def on_screen_suspend(self) -> None:
        """A dialog is opened over it, which has keys of its own."""
        self.query_one(KeysLine).follow()

    def on_screen_resume(self) -> None:
        """It is the one in view again: Textual paints it whole, and this brings what changed under a dialog."""
        cast("Shell", self.app).pacing.uncovered()
        self.query_one(KeysLine).follow()

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that do something, by what is pressed."""
        return {key: one for key, one in super().active_bindings.items() if not _idle(one)}


def _idle(one: ActiveBinding) -> bool:
    return isinstance(one.node, Pane) and one.binding.action.partition("(")[0] in one.node.keys_without_use
