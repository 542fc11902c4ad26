"""The frame of the lab: tabs, one line of state, and the newest snapshot. The screens are in `panes`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.filter import ANSIToTruecolor, LineFilter
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input, Static, TextArea

from tinylm_tui.lab.commands import Command
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui import keys
from tinylm_tui.ui.bindings import TYPING_ACTIONS, LabCommands, bindings_for
from tinylm_tui.ui.drawing.stages import stages
from tinylm_tui.ui.drawing.state import state
from tinylm_tui.ui.drawing.tabs import tab_at, tab_lines, tab_rows
from tinylm_tui.ui.ending import Ending
from tinylm_tui.ui.filters import Sparing, gate_for
from tinylm_tui.ui.lab_screen import LabScreen
from tinylm_tui.ui.link import Link
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.messages import Arrived, Lost
from tinylm_tui.ui.pacing import Pacing
from tinylm_tui.ui.panes import PANES
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.surroundings import Surroundings
from tinylm_tui.ui.theme import CSS, THEME
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.canvas import Canvas
from tinylm_tui.ui.widgets.keys_line import KeysLine

SMALLEST = (60, 20)
ROOMY = 30  # lines from which there is an empty one above the screens in any case


class Shell(Ending):
    """Holds the newest snapshot, hands it to the screen in view, and sends commands to the trainer."""

    CSS = CSS
    TITLE = "tinylm"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = {LabCommands}  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(keys.EVERYWHERE)

    def __init__(self, link: Link, snapshot: Snapshot, look: Look, begun: Callable[[], None] = lambda: None) -> None:
        """`begun` is called once, when every screen is there."""
        super().__init__()
        self._begun: Callable[[], None] | None = begun  # None once it was called
        self.link, self.snapshot, self.look = link, snapshot, look
        self.tab = keys.TABS[0].id
        self._told = 0
        self._focus_kept: Widget | None = None
        self._mounting = asyncio.Lock()
        self._gate = gate_for(look)
        self.surroundings = Surroundings(self)
        self.pacing = Pacing(self, link.ask)
        self.register_theme(THEME)
        self.theme = THEME.name

    # ---- what is on the screen

    def get_default_screen(self) -> LabScreen:
        """In place of Textual's own."""
        return LabScreen(id="_default")

    def compose(self) -> ComposeResult:
        yield Canvas(self._tabs, id="tabs")
        yield Canvas(self._stages, id="stages")
        yield Canvas(self._state, id="state")
        yield Canvas(self._banner, id="banner")
        with ContentSwitcher(initial=self.tab, id="panes"):
            yield PANES[self.tab](id=self.tab)
        yield Static(f"the lab needs at least {SMALLEST[0]} × {SMALLEST[1]} characters", id="too-small")
        yield KeysLine(self.look)

    def on_mount(self) -> None:
        self.surroundings.watch()
        self.pane(self.tab).focus_main()
        self.link.listen(lambda s: self._post(Arrived(s)), lambda why: self._post(Lost(why)))
        self.call_after_refresh(self._mount_others)

    async def _mount_others(self) -> None:
        """The screens not in view yet, after the first frame is out, or sooner when somebody types ahead."""
        async with self._mounting:
            for tab in keys.screens() if self._begun else ():
                if self._exit:  # somebody quits already
                    return
                switcher = self.query_one(ContentSwitcher)
                if not switcher.query(f"#{tab.id}"):
                    pane = PANES[tab.id](id=tab.id)
                    pane.display = False
                    await switcher.mount(pane)
                    pane.rehearse()
            begun, self._begun = self._begun, None
            if begun:
                begun()

    def _post(self, message: Message) -> None:
        if self.is_running:
            self.post_message(message)

    def pane(self, tab: str) -> Pane:
        """The screen behind a tab."""
        return self.query_one(f"#panes > #{tab}", Pane)

    def _tabs(self, width: int, height: int) -> list[Strip]:
        return tab_lines(keys.TABS, keys.tab_of(self.tab).id, width, self.look)

    def _stages(self, width: int, height: int) -> list[Strip]:
        return stages(self.tab, self.snapshot.settings.model, width, self.look)

    def _state(self, width: int, height: int) -> list[Strip]:
        return state(self.snapshot, width, self.look)

    def _banner(self, width: int, height: int) -> list[Strip]:
        """One line for what goes wrong while the lab goes on; none is there as long as nothing does."""
        return []

    def show_banner(self) -> None:
        """Make room for it, or take the room back."""
        banner = self.query_one("#banner", Canvas)
        banner.display = bool(self._banner(80, 1))
        banner.redraw()

    def on_resize(self, event: events.Resize) -> None:
        too_small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        lab = self.screen_stack[0]
        if too_small and not lab.has_class("too-small"):
            self._focus_kept = lab.focused  # what is hidden loses the focus, and with it the keys of its screen
        elif lab.has_class("too-small") and not too_small:
            self.call_after_refresh(lab.set_focus, self._focus_kept)
        lab.set_class(too_small, "too-small")
        rows = len(tab_rows(keys.TABS, event.size.width))
        lab.set_class(rows > 1 and event.size.height < ROOMY, "low")  # a second row of tabs costs the screens no line
        # Textual melts quick resizes into one. When that one changes nothing it draws nothing, yet text was lost.
        self.screen.refresh()

    # ---- snapshots in, commands out

    @on(Arrived)
    def show_snapshot(self, message: Arrived) -> None:
        self.snapshot = message.snapshot
        self.pacing.drawing = is_live(self.snapshot)
        self.query_one("#state", Canvas).redraw()
        self.query_one("#stages", Canvas).redraw()
        self.pane(self.tab).show()
        self._tell_notice()
        if is_live(self.snapshot):
            self.pacing.live(self.link.next_frame_in())
        else:
            self.pacing.rest()
            self.link.ask()

    def post_display_hook(self) -> None:
        """Textual calls this when it has written to the terminal."""
        self.pacing.displayed()

    def _tell_notice(self) -> None:
        notice = self.snapshot.notice
        if notice and notice.number > self._told:
            self._told = notice.number
            if notice.shown_on != self.tab:
                self.tell(notice.text, notice.kind)

    def tell(self, sentence: str, kind: str = "information") -> None:
        """One sentence in a corner, for a few seconds or until the next key."""
        self.clear_notifications()  # one at a time: a stack of them covers what they are about
        self.notify(visible(sentence), severity=kind, markup=False, timeout=4)  # type: ignore[arg-type]

    @on(Lost)
    def trainer_lost(self, message: Lost) -> None:
        if self._exit:  # the lab ends already, and the same signal reached both
            return
        self.last_words = message.why
        self.exit(1, return_code=1)

    def send(self, command: Command) -> None:
        """Tell the trainer."""
        self.link.send(command)

    # ---- keys

    @property
    def typing(self) -> bool:
        """Whether letters go into a field."""
        return isinstance(self.focused, (Input, TextArea))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters typed into a field are text, not keys; and a dialog has keys of its own."""
        elsewhere = self.typing or isinstance(self.screen, ModalScreen)
        return not elsewhere or action in TYPING_ACTIONS or action not in LAB_ACTIONS

    async def run_key(self, key: keys.Key) -> None:
        """Do what a key does, wherever one is: the palette's way."""
        if key.where == keys.EVERYWHERE:
            await self.run_action(key.action)
            return
        await self._mount_others()
        await self.action_tab(key.where)
        await self.run_action(key.action, self.pane(key.where))

    async def action_tab(self, tab: str) -> None:
        """Turn to a screen; when this is done its main thing has the focus."""
        if tab == self.tab:
            return
        await self._mount_others()
        if self._exit:
            return
        self.tab = tab
        self.query_one("#tabs", Canvas).redraw()
        self.query_one(ContentSwitcher).current = tab
        self.query_one("#stages", Canvas).redraw()
        self.pane(tab).show()
        self.pane(tab).focus_main()

    @on(Canvas.Clicked, "#tabs")
    async def tab_clicked(self, event: Canvas.Clicked) -> None:
        if tab := tab_at(keys.TABS, event.canvas.size.width, event.x, event.y):
            await self.action_tab(tab.id)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own colour conversion, and our gate in place of its monochrome filter.

        The conversion also turns dim text into a darker colour, which 16 colours do not have.
        """
        theirs = [f for f in super().get_line_filters() if isinstance(f, ANSIToTruecolor)]
        sparing = [] if self.is_headless else [Sparing()]  # pictures of the screens keep every style as it was drawn
        return [*(theirs if self.look.depth == "many" else []), *self._gate, *sparing]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None of Textual's: every command of the lab stands in the table of keys."""
        return ()


def is_live(s: Snapshot) -> bool:
    """Whether the next moment comes by itself, without a key."""
    return s.running or s.busy is not None or (s.ladder is not None and s.ladder.running)


LAB_ACTIONS = frozenset(key.action.partition("(")[0] for key in keys.KEYS)
