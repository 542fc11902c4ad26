"""The frame around the screens: tabs, the lines of stage and state, and the keys at the bottom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui import keys
from tinylm_tui.ui.drawing.stages import stages
from tinylm_tui.ui.drawing.state import state
from tinylm_tui.ui.drawing.tabs import tab_at, tab_lines, tab_rows
from tinylm_tui.ui.ending import Ending
from tinylm_tui.ui.filters import Sparing, gate_for
from tinylm_tui.ui.lab_screen import LabScreen
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes import pane_class
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.theme import CSS, THEME
from tinylm_tui.ui.widgets.canvas import Canvas
from tinylm_tui.ui.widgets.keys_line import KeysLine

SMALLEST = (60, 20)
ROOMY = 30  # lines from which there is an empty one above the screens in any case


class Frame(Ending):
    """Puts the screens together, and turns from one to the other."""

    CSS = CSS
    TITLE = "tinylm"

    def __init__(self, snapshot: Snapshot, look: Look, begun: Callable[[], None] = lambda: None) -> None:
        """`begun` is called once, when every screen is there."""
        super().__init__()
        self._begun: Callable[[], None] | None = begun  # None once it was called
        self.snapshot, self.look = snapshot, look
        self.tab = keys.TABS[0].id
        self._focus_kept: Widget | None = None
        self._mounting = asyncio.Lock()
        self._gate = gate_for(look)
        self.register_theme(THEME)
        self.theme = THEME.name

    def get_default_screen(self) -> LabScreen:
        """In place of Textual's own."""
        return LabScreen(id="_default")

    def compose(self) -> ComposeResult:
        yield Canvas(self._tabs, id="tabs")
        yield Canvas(self._stages, id="stages")
        yield Canvas(self._state, id="state")
        yield Canvas(self._banner, id="banner")
        with ContentSwitcher(initial=self.tab, id="panes"):
            yield pane_class(self.tab)(id=self.tab)
        yield Static(f"the lab needs at least {SMALLEST[0]} × {SMALLEST[1]} characters", id="too-small")
        yield KeysLine(self.look)

    async def mount_others(self) -> None:
        """The screens not in view yet, after the first frame is out, or sooner when somebody types ahead."""
        async with self._mounting:
            for tab in keys.screens() if self._begun else ():
                if self._exit:  # somebody quits already
                    return
                switcher = self.query_one(ContentSwitcher)
                if not switcher.query(f"#{tab.id}"):
                    pane = pane_class(tab.id)(id=tab.id)
                    pane.display = False
                    await switcher.mount(pane)
                    pane.rehearse()
            begun, self._begun = self._begun, None
            if begun:
                begun()

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

    # ---- turning

    async def action_tab(self, tab: str) -> None:
        """Turn to a screen; when this is done its main thing has the focus."""
        if tab == self.tab:
            return
        await self.mount_others()
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
