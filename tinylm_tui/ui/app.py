"""The lab: tabs, one line of state, and the newest snapshot. The screens themselves are in `panes`."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.content import Content
from textual.filter import ANSIToTruecolor, LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Footer, Input, Static, Tab, Tabs, TextArea

from tinylm_tui.lab.commands import Change, Command, Configure, Load, Open, Pause, Restart, Save, Steps, Train
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.files import read_text
from tinylm_tui.lab.settings import setting
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui import crash, keys, words
from tinylm_tui.ui.bindings import TYPING_ACTIONS, LabCommands, bindings_for
from tinylm_tui.ui.dialogs.choices import Choices
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.dialogs.reading import Reading
from tinylm_tui.ui.dialogs.sizes import Sizes
from tinylm_tui.ui.drawing.help import comparison_lines, help_lines
from tinylm_tui.ui.drawing.stages import stages
from tinylm_tui.ui.drawing.state import state
from tinylm_tui.ui.filters import Colourless, Harmless, PlainAscii
from tinylm_tui.ui.link import Link
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes import PANES
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.panes.math import MathPane
from tinylm_tui.ui.places import open_path, run_path
from tinylm_tui.ui.surroundings import Surroundings
from tinylm_tui.ui.theme import CSS, THEME
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.canvas import Canvas

PACES = (10, 100, 1000, 0)
SMALLEST = (60, 20)


class LabApp(App[int]):
    """Holds the newest snapshot, hands it to the screen in view, and sends commands to the trainer."""

    CSS = CSS
    TITLE = "tinylm"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = {LabCommands}  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(keys.EVERYWHERE)

    class Arrived(Message):
        """A newer moment is here."""

        def __init__(self, snapshot: Snapshot) -> None:
            super().__init__()
            self.snapshot = snapshot

    class Lost(Message):
        """The trainer is gone; `why` is its last word."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    def __init__(self, link: Link, snapshot: Snapshot, look: Look) -> None:
        super().__init__()
        self.link, self.snapshot, self.look = link, snapshot, look
        self.tab = keys.TABS[0].id
        self.last_words = ""
        self._told = 0
        self._focus_kept: Widget | None = None
        self._mounting = asyncio.Lock()
        self._gate = self._filters_for(look)
        self.surroundings = Surroundings(self)
        self.register_theme(THEME)
        self.theme = THEME.name

    # ---- what is on the screen

    def compose(self) -> ComposeResult:
        yield Tabs(*[Tab(Content(f"{tab.number} {tab.title}"), id=tab.id) for tab in keys.TABS], id="tabs")
        yield Canvas(self._stages, id="stages")
        yield Canvas(self._state, id="state")
        with ContentSwitcher(initial=self.tab, id="panes"):
            yield PANES[self.tab](id=self.tab)
        yield Static(f"the lab needs at least {SMALLEST[0]} × {SMALLEST[1]} characters", id="too-small")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(Tabs).can_focus = False
        self.surroundings.watch()
        self.pane(self.tab).focus_main()
        self.link.listen(lambda s: self._post(self.Arrived(s)), lambda why: self._post(self.Lost(why)))
        self.call_after_refresh(self._mount_others)

    async def _mount_others(self) -> None:
        """The screens not in view yet, after the first frame is out, or sooner when somebody types ahead."""
        async with self._mounting:
            gc.enable()
            for tab in keys.TABS:
                if self._exit:  # somebody quits already
                    return
                switcher = self.query_one(ContentSwitcher)
                if not switcher.query(f"#{tab.id}"):
                    pane = PANES[tab.id](id=tab.id)
                    pane.display = False
                    await switcher.mount(pane)

    def _post(self, message: Message) -> None:
        if self.is_running:
            self.post_message(message)

    def pane(self, tab: str) -> Pane:
        """The screen behind a tab."""
        return self.query_one(f"#panes > #{tab}", Pane)

    def _stages(self, width: int, height: int) -> list[Strip]:
        return stages(self.tab, self.snapshot.settings.model, width, self.look)

    def _state(self, width: int, height: int) -> list[Strip]:
        return state(self.snapshot, width, self.look)

    def on_resize(self, event: events.Resize) -> None:
        too_small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        lab = self.screen_stack[0]
        if too_small and not lab.has_class("too-small"):
            self._focus_kept = lab.focused  # what is hidden loses the focus, and with it the keys of its screen
        elif lab.has_class("too-small") and not too_small:
            self.call_after_refresh(lab.set_focus, self._focus_kept)
        lab.set_class(too_small, "too-small")
        # Textual melts quick resizes into one. When that one changes nothing it draws nothing, yet text was lost.
        self.screen.refresh()

    # ---- snapshots in, commands out

    @on(Arrived)
    def show_snapshot(self, message: Arrived) -> None:
        self.snapshot = message.snapshot
        self.query_one("#state", Canvas).redraw()
        self.query_one("#stages", Canvas).redraw()
        self.pane(self.tab).show()
        self._tell_notice()
        if self.snapshot.running:
            self.set_timer(max(0.001, self.link.next_frame_in()), self.link.ask)
        else:
            self.link.ask()

    def _tell_notice(self) -> None:
        notice = self.snapshot.notice
        if notice and notice.number > self._told:
            self._told = notice.number
            self.tell(notice.text, notice.kind)

    def tell(self, sentence: str, kind: str = "information") -> None:
        """One sentence in a corner, for a few seconds."""
        self.notify(visible(sentence), severity=kind, markup=False, timeout=6)  # type: ignore[arg-type]

    @on(Lost)
    def trainer_lost(self, message: Lost) -> None:
        if self._exit:  # the lab ends already, and the same signal reached both
            return
        self.last_words = message.why
        self.exit(1, return_code=1)

    def fail(self, error: BaseException) -> None:
        """Remember an error nobody foresaw, for the end."""
        self.last_words = crash.keep(error)
        self._return_code = 1

    def _fatal_error(self) -> None:
        """In place of Textual's: it prints pages, with the values of all variables in them."""
        if self._exit:  # a screen that was still being put together when the end came: the end's status stands
            self._return_code = self._return_value or 0
        else:
            self.fail(self._exception or RuntimeError("unknown"))
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """In place of Textual's, which leaves with status 0."""
        self.fail(sys.exc_info()[1] or self._exception or RuntimeError("the keyboard cannot be read"))
        self._close_messages_no_wait()

    def send(self, command: Command) -> None:
        """Tell the trainer."""
        self.link.send(command)

    # ---- keys

    @property
    def typing(self) -> bool:
        """Whether letters go into a field."""
        return isinstance(self.focused, (Input, TextArea))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters typed into a field are text, not keys."""
        return not self.typing or action in TYPING_ACTIONS or action not in LAB_ACTIONS

    async def run_key(self, key: keys.Key) -> None:
        """Do what a key does, wherever one is: the palette's way."""
        if key.where == keys.EVERYWHERE:
            await self.run_action(key.action)
            return
        await self._mount_others()
        self.action_tab(key.where)
        await self.run_action(key.action, self.pane(key.where))

    def action_tab(self, tab: str) -> None:
        self.query_one(Tabs).active = tab

    @on(Tabs.TabActivated)
    async def tab_activated(self, event: Tabs.TabActivated) -> None:
        tab = str(event.tab.id)
        if tab == self.tab:
            return
        await self._mount_others()
        if self._exit:
            return
        self.tab = tab
        self.query_one(ContentSwitcher).current = tab
        self.query_one("#stages", Canvas).redraw()
        self.pane(tab).show()
        self.pane(tab).focus_main()

    def trace(self, token: int) -> None:
        """Open the Math screen on a token."""
        self.action_tab("math")
        pane = self.pane("math")
        assert isinstance(pane, MathPane)
        pane.trace(token)

    def action_toggle_training(self) -> None:
        self.send(Pause() if self.snapshot.running else Train())

    def action_train_steps(self, count: int) -> None:
        self.send(Steps(count))

    def action_start_over(self) -> None:
        self.send(Restart())

    def action_change_pace(self) -> None:
        now = self.snapshot.settings.pace
        following = next((pace for pace in PACES if pace > now), 0) if now else PACES[0]
        self.tell(f"pace: {f'{following:,} steps a second' if following else 'full speed'}")
        self.send(Change("pace", str(following)))

    def action_leave_field(self) -> None:
        self.pane(self.tab).leave()

    def action_quit_lab(self) -> None:
        self.exit(0)

    def action_explain(self) -> None:
        tab = next(tab for tab in keys.TABS if tab.id == self.tab)
        self.push_screen(Reading(f"{tab.title} in plain words", lambda w, h: help_lines(self.tab, w, self.look)))

    def action_compare(self) -> None:
        rows, look = words.comparison(self.snapshot), self.look
        self.push_screen(Reading("This model and a frontier model", lambda w, h: comparison_lines(rows, w, look)))

    # ---- dialogs

    def action_choose_model(self) -> None:
        dialog = Sizes(lambda: self.snapshot, self.look)
        self.push_screen(dialog, lambda pairs: self.send(Configure(pairs)) if pairs else None)

    def action_settings(self) -> None:
        self.push_screen(Choices(self.snapshot.settings), self._change_setting)

    def _change_setting(self, name: str | None) -> None:
        if name is None:
            return
        now = getattr(self.snapshot.settings, name)
        question = Question(name, setting(name).help + ".", str(now), setting(name).parse)
        self.push_screen(question, lambda value: None if value is None else self.send(Change(name, value)))

    def action_save_run(self) -> None:
        hint = "A name, or a path. The file holds everything: weights, settings, text, step."
        question = Question("Save this run", hint, visible(Path(self.snapshot.corpus.name).stem), run_path)
        self.push_screen(question, lambda name: None if name is None else self.send(Save(str(run_path(name)))))

    def action_open_file(self) -> None:
        hint = "A text (.txt) to learn from, or a saved run (.safetensors). Type its path, or the name of a saved run."
        self.push_screen(Question("Open", hint, "", open_path), self._open)

    def _open(self, answer: str | None) -> None:
        if answer is None:
            return
        path = open_path(answer)
        if path.suffix == ".safetensors":
            self.send(Open(str(path)))
            return
        try:
            self.send(Load(path.name, read_text(path)))
        except LabError as error:
            self.tell(str(error), "error")

    # ---- the edge to the terminal

    def _filters_for(self, look: Look) -> list[LineFilter]:
        gate: list[LineFilter] = [Harmless()]
        gate += [PlainAscii()] if look.ascii else []
        gate += [Colourless()] if look.depth == "none" else []
        return gate

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own colour conversion, and our gate in place of its monochrome filter.

        The conversion also turns dim text into a darker colour, which 16 colours do not have.
        """
        theirs = [f for f in super().get_line_filters() if isinstance(f, ANSIToTruecolor)]
        return [*(theirs if self.look.depth == "many" else []), *self._gate]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None of Textual's: every command of the lab stands in the table of keys."""
        return ()


LAB_ACTIONS = frozenset(key.action.partition("(")[0] for key in keys.KEYS)
