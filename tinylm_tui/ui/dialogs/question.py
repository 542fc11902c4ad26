"""One line to type, checked before it is taken."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from tinylm_tui.lab.errors import LabError
from tinylm_tui.ui.dialogs.base import Dialog
from tinylm_tui.ui.visible import visible

Check = Callable[[str], object]  # raises LabError when the answer will not do


class Question(Dialog[str]):
    """Asks for one line. Enter takes it, if `check` has nothing against it; esc leaves everything as it was."""

    def __init__(self, title: str, hint: str, initial: str = "", check: Check = str) -> None:
        super().__init__()
        self._title, self._hint, self._initial, self._check = title, hint, initial, check

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = visible(self._title).replace("[", "\\[")
            box.border_subtitle = "enter: take it   esc: leave"
            yield Static(self._hint, markup=False)
            answer = Input(self._initial)
            answer.cursor_blink = False
            yield answer
            yield Static("", classes="error", markup=False)

    @on(Input.Changed)
    def change(self) -> None:
        """What was said of another answer holds no longer."""
        self.query_one(".error", Static).update("")

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        try:
            self._check(event.value)
        except LabError as error:
            self.query_one(".error", Static).update(visible(str(error)))
        else:
            self.dismiss(event.value)
