"""What all dialogs share: they lie over a screen, and esc closes them without doing anything."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A box in the middle of the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "close")]
    _answered = False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close it with a result, once: a key pressed twice may arrive twice before it is gone."""
        if self._answered:
            return AwaitComplete()
        self._answered = True
        return super().dismiss(result)

    def action_close(self) -> None:
        self.dismiss(None)
