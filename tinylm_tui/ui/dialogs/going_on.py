"""At the start: what the last lab left behind, and whether to go on with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tinylm_tui.lab.session import Left
from tinylm_tui.ui.dialogs.base import Dialog
from tinylm_tui.ui.visible import visible

HINT = (
    "The text, the model with its weights and settings, the screen, and what you typed and chose on every screen will "
    "be as you left them. A dialog that was open is not kept, nor what a ladder or a table of costs had measured, nor "
    "a text that Attention wrote."
)
LONG_AGO = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


class GoingOn(Dialog[int]):
    """Gives back which of them to go on with, or −1 for none of them, now and later; esc asks again next time."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "afresh", "never offer these again")]

    def __init__(self, left: Sequence[Left], now: float) -> None:
        super().__init__()
        self._left, self._now = left, now

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Go on?"
            box.border_subtitle = "enter: go on   n: never offer these again   esc: not now"
            yield Static(HINT, markup=False)
            yield OptionList(*[Option(Content(line_of(one, self._now))) for one in self._left])

    @on(OptionList.OptionSelected)
    def take(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def action_afresh(self) -> None:
        self.dismiss(-1)


def line_of(left: Left, now: float) -> str:
    """One session in a line: its text, model, step, what was not loaded yet, and how long ago."""
    note = left.note
    what = "a text you were writing" if note.draft is not None else "what you typed"
    run = f"{visible(note.text)}, {visible(note.model)}, step {note.step:,}" if left.run_file else what
    draft = " + an edited text" if left.run_file and note.draft is not None else ""
    return f"{run}{draft}, {ago(now - left.at)}"


def ago(seconds: float) -> str:
    """How long ago, in the largest unit that fits."""
    for size, name in LONG_AGO:
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' * (count != 1)} ago"
    return "just now"
