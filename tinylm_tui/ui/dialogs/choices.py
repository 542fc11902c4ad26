"""Every setting of the run, with its value and what it does."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tinylm_tui.lab.settings import SETTINGS, Settings, setting
from tinylm_tui.ui.dialogs.base import Dialog
from tinylm_tui.ui.dials import value_text
from tinylm_tui.ui.drawing.figures import FULL_SPEED


class Choices(Dialog[str]):
    """A list of settings; enter picks one to change, and its name is the result."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Settings"
            box.border_subtitle = "enter: change   esc: close"
            yield OptionList(
                *[Option(self._line(row.name), id=row.name) for row in SETTINGS if self._settings.model in row.models]
            )
            yield Static("", markup=False)

    def _line(self, name: str) -> Content:
        value = getattr(self._settings, name)
        return Content(f"{name:<16}{FULL_SPEED if name == 'pace' and not value else value_text(value)}")

    @on(OptionList.OptionHighlighted)
    def explain(self, event: OptionList.OptionHighlighted) -> None:
        row = setting(str(event.option_id))
        restarts = " A change starts the model over." if row.restarts else ""
        self.query_one(Static).update(f"{row.help}.{restarts}")

    @on(OptionList.OptionSelected)
    def pick(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(str(event.option_id))
