"""The line of keys at the bottom."""

from __future__ import annotations

from textual.events import Click
from textual.screen import Screen

from tinylm_tui.ui.drawing.offered import Offered, key_at, offered_line
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.widgets.canvas import Canvas


class KeysLine(Canvas):
    """The keys that do something now, as one drawing.

    Textual's Footer makes a widget of every key, anew for every change of the focus: more than half of the work from
    the key to the new screen.
    """

    def __init__(self, look: Look) -> None:
        super().__init__(lambda width, height: [offered_line(self.offered, width, look)], id="keys")
        self.offered: tuple[Offered, ...] = ()
        self._waiting = False

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def on_unmount(self) -> None:
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _changed(self, screen: Screen[object]) -> None:
        if screen.app.app_focus and self.is_attached and screen is self.screen:
            self.follow()

    def follow(self) -> None:
        """Other keys may do something now. A change of screen says so several times before the focus has arrived."""
        if not self._waiting:
            self._waiting = True
            self.call_after_refresh(self._arrived)

    def _arrived(self) -> None:
        self._waiting = False
        self.offered = offered_on(self.screen) if self.app.screen is self.screen else ()
        self.redraw()

    def on_click(self, event: Click) -> None:
        """A click on a key presses it."""
        event.stop()
        if key := key_at(self.offered, self.size.width, event.x):
            self.app.simulate_key(key)


def offered_on(screen: Screen[object]) -> tuple[Offered, ...]:
    """The keys of a screen that the line shows: the first one of each action."""
    found: dict[str, Offered] = {}
    for key, one in screen.active_bindings.items():
        if one.binding.show:
            shown, everywhere = screen.app.get_key_display(one.binding), one.node is screen.app
            found.setdefault(one.binding.action, Offered(key, shown, one.binding.description, everywhere))
    return tuple(found.values())
