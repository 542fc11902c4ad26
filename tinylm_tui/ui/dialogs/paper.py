"""A sheet for a text of several lines, typed or pasted."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tinylm_tui.ui.dialogs.base import Dialog
from tinylm_tui.ui.widgets.editor import Editor


class Paper(Dialog[str]):
    """Asks for a text. Ctrl+l takes it, as on the Corpus screen; esc leaves everything as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", priority=True),
        Binding("ctrl+l", "take", "take it", priority=True),
    ]
    DEFAULT_CSS = """
    Paper > .box { height: 80%; max-height: 24; }
    Paper Editor { height: 1fr; margin-top: 1; }
    Paper Editor, Paper Editor:focus { border: none; }
    """

    def __init__(self, title: str, hint: str, initial: str = "") -> None:
        super().__init__()
        self._title, self._hint, self._initial = title, hint, initial

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title, box.border_subtitle = self._title, "ctrl+l: take it   esc: leave"
            yield Static(self._hint, markup=False)
            yield Editor(self._initial)

    def on_mount(self) -> None:
        self.query_one(Editor).focus()

    def action_take(self) -> None:
        self.dismiss(self.query_one(Editor).exact)
