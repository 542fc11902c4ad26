"""A text to read, longer than the screen if need be."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll

from tinylm_tui.ui.dialogs.base import Dialog
from tinylm_tui.ui.widgets.canvas import Canvas, Draw


class Reading(Dialog[None]):
    """Shows a drawing that scrolls with the arrow keys; esc, enter or the key that opened it closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q,question_mark,f1,c", "close", "close")]

    def __init__(self, title: str, draw: Draw) -> None:
        super().__init__()
        self._title, self._draw = title, draw

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = self._title
            box.border_subtitle = "arrows: scroll   esc: close"
            with VerticalScroll():
                yield Canvas(self._draw)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
