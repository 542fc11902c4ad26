"""Ready experiments and a person's own: each is one line of settings, which can be taken, changed, saved and shared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.strip import Strip
from textual.widgets import Input

from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.presets import READY, Preset, Recipe, parse_preset
from tinylm_tui.ui.dialogs.base import Dialog
from tinylm_tui.ui.drawing.presets import first_row, list_lines, rows_of, told_lines
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.places import presets_file, save_preset, saved_presets
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.canvas import Canvas

FRAME, FIELD = 2, 3  # lines of the box's border, and of the field to type in
HEIGHT = 0.9  # of the screen, at most
KEYS = "enter take it  e edit  s save yours  y copy  esc"
TYPING = "enter take it  esc back to the list"


class PresetList(Dialog[Recipe]):
    """Gives back what the chosen or typed line says; esc leaves everything as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "preset before"),
        Binding("down,j", "move(1)", "next preset"),
        Binding("pageup", "move(-5)", "five back"),
        Binding("pagedown", "move(5)", "five on"),
        Binding("home", "move(-10000)", "first"),
        Binding("end", "move(10000)", "last"),
        Binding("enter", "take", "take it"),
        Binding("y", "copy", "copy the line"),
    ]

    def __init__(self, present: Callable[[], str], look: Look, chosen: str = "") -> None:
        """`present` gives the line of the lab as it is, and may raise LabError; `chosen` is the one to begin at."""
        super().__init__()
        self._present, self._look = present, look
        self.cursor = 0
        self.said: tuple[str, ...] = ()  # in place of what there is to see
        self.bad = False  # whether that says why something will not do
        self.asks = ""  # what is being typed: "line", "name", or nothing
        self._to_save = ""  # the line that gets a name
        self.presets: tuple[Preset, ...] = READY
        self._read()
        self.cursor = next((i for i, preset in enumerate(self.presets) if preset.name == chosen), 0)

    def _read(self) -> None:
        """The presets there are. A file that cannot be read takes nothing else away."""
        try:
            self.presets = (*READY, *map(marked, saved_presets()))
        except LabError as error:
            self.presets = READY
            self._say(str(error), bad=True)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Canvas(self._list, id="preset-list", focusable=True)
            field = Input(id="preset-field")
            field.cursor_blink = field.display = False
            yield field
            yield Canvas(self._about, id="preset-about")

    def on_mount(self) -> None:
        self.redraw()

    @property
    def preset(self) -> Preset:
        """The one under the cursor."""
        return self.presets[self.cursor]

    # ---- drawing

    def _rows(self, width: int) -> tuple[int, int]:
        return rows_of(self.presets, width, int(HEIGHT * self.app.size.height) - FRAME, self._look)

    def _list(self, width: int, height: int) -> list[Strip]:
        rows, _ = self._rows(width)
        return [*list_lines(self.presets, self.cursor, rows, width, self._look), Strip.blank(0)]

    def _about(self, width: int, height: int) -> list[Strip]:
        """The line, and what there is to see or to say of it; where one types, both are about what is typed."""
        _, rows = self._rows(width)
        line = {"": self.preset.line, "line": "", "name": self._to_save}[self.asks]
        said = self.said or (() if self.asks == "name" else self.preset.about)
        lines = told_lines(line, said, width, self._look, bad=self.bad)
        rows -= FIELD if self.asks else 0
        return [*lines, *[Strip.blank(0)] * (rows - len(lines))][:rows]

    def redraw(self) -> None:
        """Draw again."""
        box = self.query_one(".box")
        box.border_title = f"Presets: {self.cursor + 1} of {len(self.presets)}"
        box.border_subtitle = TYPING if self.asks else KEYS
        for canvas in self.query(Canvas):
            canvas.redraw()
            canvas.refresh(layout=True)

    def _say(self, sentence: str, *, bad: bool = False) -> None:
        self.said, self.bad = (sentence,) if sentence else (), bad

    def _refuse(self, error: LabError) -> None:
        self._say(str(error), bad=True)
        self.redraw()

    # ---- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While something is typed, only esc is no letter."""
        return not self.asks or action == "close"

    def action_move(self, direction: int) -> None:
        """One step beyond either end is the other one."""
        last, there = len(self.presets) - 1, self.cursor + direction
        around = {-1: last, last + 1: 0} if abs(direction) == 1 else {}
        self.cursor = around.get(there, min(max(there, 0), last))
        self._say("")
        self.redraw()

    def action_take(self) -> None:
        self._take(self.preset.line)

    def _take(self, line: str) -> None:
        try:
            recipe = parse_preset(line)
        except LabError as error:
            self._refuse(error)
        else:
            self.dismiss(recipe)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.preset.line)
        self._say("The line was sent to the clipboard of your terminal. Not every terminal takes it: it stands above.")
        self.redraw()

    @on(Canvas.Clicked, "#preset-list")
    def click(self, event: Canvas.Clicked) -> None:
        rows, _ = self._rows(event.canvas.size.width)
        row = first_row(len(self.presets), self.cursor, rows) + event.y
        if not self.asks and event.y < rows and row < len(self.presets):
            self.action_move(row - self.cursor)


class Presets(PresetList):
    """The same with a field: for another line, or for a name for the lab as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "edit the line"),
        Binding("s", "save", "save the present settings"),
    ]

    def action_edit(self) -> None:
        self._ask("line", "the line", self.preset.line)

    def action_save(self) -> None:
        """The text and the settings of the lab as it is."""
        try:
            self._to_save = self._present()
        except LabError as error:
            self._refuse(error)
        else:
            self._ask("name", "a name for the lab as it is now", "")

    def _ask(self, what: str, title: str, initial: str) -> None:
        self.asks = what
        self._say("")
        field = self.query_one(Input)
        field.border_title, field.value, field.display = title, visible(initial), True
        field.cursor_position = len(field.value)
        field.focus()
        self.redraw()

    def action_close(self) -> None:
        """Esc: out of the field first."""
        if self.asks:
            self._close_field("")
        else:
            self.dismiss(None)

    def _close_field(self, said: str) -> None:
        self.asks = ""
        self._say(said)
        self.query_one(Input).display = False
        self.query_one("#preset-list").focus()
        self.redraw()

    @on(Input.Submitted)
    def take_answer(self, event: Input.Submitted) -> None:
        event.stop()
        if self.asks == "line":
            self._take(event.value)
        elif self.asks == "name":
            self._keep(event.value.strip())

    def _keep(self, name: str) -> None:
        try:
            save_preset(name, self._to_save)
        except LabError as error:
            self._refuse(error)
            return
        self._read()
        self.cursor = [preset.name for preset in self.presets].index(name)
        self._close_field(f"Saved to {presets_file()}, one line a preset.")


def marked(preset: Preset) -> Preset:
    """A preset of one's own; where its line will not do, with the reason in place of what there is to see."""
    try:
        parse_preset(preset.line)
    except LabError as error:
        return replace(preset, about=(f"will not do: {error}",))
    return preset
