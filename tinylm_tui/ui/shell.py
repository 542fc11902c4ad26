"""The newest snapshot comes in here, and commands go out. What stands around the screens is in `frame`."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, TextArea

from tinylm_tui.lab.commands import Command
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui import keys
from tinylm_tui.ui.bindings import TYPING_ACTIONS, LabCommands, bindings_for
from tinylm_tui.ui.frame import Frame
from tinylm_tui.ui.link import Link
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.messages import Arrived, Lost
from tinylm_tui.ui.pacing import Pacing
from tinylm_tui.ui.surroundings import Surroundings
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.canvas import Canvas


class Shell(Frame):
    """Holds the newest snapshot, hands it to the screen in view, and sends commands to the trainer."""

    ENABLE_COMMAND_PALETTE = True
    COMMANDS = {LabCommands}  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(keys.EVERYWHERE)

    def __init__(self, link: Link, snapshot: Snapshot, look: Look, begun: Callable[[], None] = lambda: None) -> None:
        """`begun` is called once, when every screen is there."""
        super().__init__(snapshot, look, begun)
        self.link = link
        self._told = 0
        self.surroundings = Surroundings(self)
        self.pacing = Pacing(self, link.ask)

    def on_mount(self) -> None:
        self.surroundings.watch()
        self.pane(self.tab).focus_main()
        self.link.listen(lambda s: self._post(Arrived(s)), lambda why: self._post(Lost(why)))
        self.call_after_refresh(self.mount_others)

    def _post(self, message: Message) -> None:
        if self.is_running:
            self.post_message(message)

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
        await self.mount_others()
        await self.action_tab(key.where)
        await self.run_action(key.action, self.pane(key.where))


def is_live(s: Snapshot) -> bool:
    """Whether the next moment comes by itself, without a key."""
    return s.running or s.busy is not None or (s.ladder is not None and s.ladder.running)


LAB_ACTIONS = frozenset(key.action.partition("(")[0] for key in keys.KEYS)
