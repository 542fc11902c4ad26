"""Keys in their turn: what one key opens has the focus before the next key is given to anybody."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import ModalScreen
from textual.widgets import Input, TextArea

PASSES = 3  # the key itself; what it makes a widget say; what is opened on hearing that
PATIENCE = 1.0  # seconds after which a key whose end nobody tells no longer holds up the others


class InTurn(App[int]):
    """A key travels from the focus up to the app, widget by widget, and only there is a letter a command.

    Textual hands the next key out meanwhile, to whatever has the focus then: typed quickly, the text after the key
    that opens a field would be commands too. Here it waits until a marker that follows the key has come back.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[events.Key] = deque()
        self._turn = 0  # the number of the key whose end is awaited
        self._held_up = False  # whether there is one
        self._held_back = False  # whether all keys wait for what is being put together
        self._since = 0.0

    async def on_event(self, event: events.Event) -> None:
        """Give a key out, unless one before it is not done with yet."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
        elif self._held_up or self._held_back:
            self._waiting.append(event)
        else:
            await self._give(event)

    async def _give(self, key: events.Key) -> None:
        if self._notifications:  # read or not, they are in the way of what comes now
            self.clear_notifications()
        plain = key.is_printable and isinstance(self.focused, (Input, TextArea))
        if not plain:  # a letter for a field stays there: nothing to wait for
            self._held_up, self._since = True, time.monotonic()
            self._turn += 1
        await super().on_event(key)
        if not plain:
            asyncio.get_running_loop().call_later(PATIENCE, self._give_up, self._turn)
            self._follow(self._turn, 1)

    def _follow(self, turn: int, passes: int) -> None:
        """Send a marker the way of the key, through the same queues: `way` leads from the app down to the focus."""
        way: list[MessagePump] = [self, *(self.focused or self.screen).ancestors_with_self[-2::-1]]

        def on() -> None:
            if way:
                way.pop().call_later(on)
            elif passes < PASSES:
                self._follow(turn, passes + 1)
            else:
                self.call_later(self._ended, turn)

        on()

    async def _ended(self, turn: int) -> None:
        """The key is done with: the next one, once a dialog that was opened has its focus."""
        while self._opening and turn == self._turn:
            await asyncio.sleep(0.002)
        if turn == self._turn:
            await self._next()

    @property
    def _opening(self) -> bool:
        """Whether a dialog is in view that has not got its focus yet."""
        return (
            isinstance(self.screen, ModalScreen)
            and self.focused is None
            and (time.monotonic() - self._since < PATIENCE)
        )

    async def _next(self) -> None:
        self._held_up = False
        while self._waiting and not (self._held_up or self._held_back):
            await self._give(self._waiting.popleft())

    def hold_keys(self, patience: float) -> None:
        """Give out no key until `release_keys`, or for so many seconds at most: they are for what is not there yet."""
        self._held_back = True
        self.set_timer(patience, self.release_keys)

    def release_keys(self) -> None:
        """Give out what was typed meanwhile."""
        if self._held_back:
            self._held_back = False
            if not self._held_up:
                self.call_later(self._next)

    def _give_up(self, turn: int) -> None:
        """Whoever had the marker is gone, or busy for long."""
        if self._held_up and turn == self._turn and self.is_running:
            self._turn += 1
            self.call_later(self._next)
