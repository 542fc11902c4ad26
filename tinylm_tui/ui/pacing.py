"""One live frame at a time on the way to the terminal: the next one waits until the terminal has read the last.

On a slow line frames would else queue up, and a key's answer would stand behind seconds of them. Only live frames
wait; what a key does is always drawn at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from textual.timer import Timer

from tinylm_tui.ui import wire
from tinylm_tui.ui.ending import Ending

FIRST_PATIENCE = 1.0  # seconds to wait for an answer of a terminal that has never given one
PATIENCE = 2.0  # and of one that has: it answers, but the line has come to a halt
FIRST_QUESTIONS = 2  # so many without an answer, and the terminal is not asked again
SILENT = 4  # questions without an answer until a frame goes out in any case
LAST_PATIENCE = 1.0  # seconds to wait at the end: an answer that comes later would be typed into the shell
USUAL = 0.025  # seconds that a frame waits until Textual draws it, on a machine with nothing else to do
YIELD = 100  # each second that a frame has waited for the machine, the next one comes that many seconds later
LONGEST = 2.0  # seconds between two live frames on the busiest machine
GIVE_UP = 20  # questions without an answer until it is not asked again: it may be another terminal by now


class Pacing:
    """Calls `ask_next` when it is time for the next live frame."""

    def __init__(
        self, app: Ending, ask_next: Callable[[], None], question: Callable[[Ending], None] = wire.ask
    ) -> None:
        self._app, self._ask_next, self._question = app, ask_next, question
        self.asks = False  # whether the terminal is asked at all
        self._known = False  # whether it has ever answered
        self._undrawn = False  # a live frame is on its way to the terminal's driver
        self._open = False  # a question has no answer yet
        self._silent = 0
        self._owed = 0  # answers still to come; counted in the keyboard's thread
        self._due = self._began = self._worked = 0.0
        self._clock: Timer | None = None
        self._next: Timer | None = None

    def hear(self) -> None:
        """Listen for the terminal's answers, and begin to ask. Before the app runs."""
        self.asks = True
        wire.hear(self._heard, lambda: self._owed > 0)

    def _heard(self) -> None:
        self._owed = max(0, self._owed - 1)
        self._app.call_later(self.answered)

    # ---- a frame's way

    def live(self, wait: float) -> None:
        """A live frame is being drawn: the next one comes after `wait` seconds at the earliest."""
        self._began, self._worked = time.monotonic(), time.thread_time()
        self._due = self._began + wait
        self._undrawn = True
        self._app.call_after_refresh(self._app.call_after_refresh, self._drawn)

    def rest(self) -> None:
        """Nothing is live any more: there is nothing to ask and nothing to wait for."""
        self._undrawn = self._open = False
        self._stop()

    def displayed(self) -> None:
        """Something was written to the terminal."""
        if self._undrawn and self.asks and not self._open:
            self._undrawn = False
            self._ask()

    def _drawn(self) -> None:
        """The screen has nothing left to draw; a frame in which nothing had changed was never written."""
        waited = time.monotonic() - self._began - (time.thread_time() - self._worked)
        self._due = max(self._due, self._began + busy_wait(waited))
        if not self._open:
            self._undrawn = False
            self._go_on()

    def _go_on(self) -> None:
        if self._next is not None:
            self._next.stop()
        self._next = self._app.set_timer(max(0.001, self._due - time.monotonic()), self._ask_next)

    # ---- questions and answers

    def _ask(self) -> None:
        self._open = True
        self._owed += 1
        self._question(self._app)
        self._stop()
        self._clock = self._app.set_timer(PATIENCE if self._known else FIRST_PATIENCE, self._late)

    def answered(self) -> None:
        """The terminal has read everything up to a question. A late answer counts for one that it does answer."""
        self._known = self.asks = True
        self._silent = 0
        if not self._open:
            return
        self._open = False
        self._stop()
        if self._undrawn:  # a key brought another live frame meanwhile: wait for that one too
            self._undrawn = False
            self._ask()
        else:
            self._go_on()

    def _late(self) -> None:
        if not self._open:
            return
        self._silent += 1
        self._open = False
        self.asks = self._silent < (GIVE_UP if self._known else FIRST_QUESTIONS)
        if self.asks and self._known and self._silent % SILENT:
            self._ask()  # a few bytes, where a frame would only queue up
        else:
            self._go_on()

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None

    async def settle(self) -> None:
        """Before the terminal is given back: wait for the answers still to come, of a terminal that does answer."""
        end = time.monotonic() + LAST_PATIENCE
        while self._known and self._owed and time.monotonic() < end:
            await asyncio.sleep(0.005)


def busy_wait(waited: float) -> float:
    """Seconds between two live frames, when the last one has `waited` so long for its turn on the machine.

    Keys of everybody there come before live frames: a crowded machine draws fewer.
    """
    return min(LONGEST, YIELD * max(0.0, waited - USUAL))
