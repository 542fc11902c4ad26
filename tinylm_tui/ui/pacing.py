"""One live frame at a time on the way to the terminal: the next one waits until the terminal has read the last.

On a slow line frames would else queue up, and a key's answer would stand behind seconds of them. Only live frames
wait; what a key does is always drawn at once. So that it does not stand behind a whole frame either, a live frame
goes out a few rows at a time where the line is slow, each when the rows before have left (`owed`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.timer import Timer

from tinylm_tui.ui import wire
from tinylm_tui.ui.ending import Ending
from tinylm_tui.ui.line import Line
from tinylm_tui.ui.owed import Owed

if TYPE_CHECKING:
    from tinylm_tui.ui.widgets.canvas import Canvas

PATIENCE = 2.0  # seconds to wait for an answer, from when the line has taken the question by what is known of it
FIRST_QUESTIONS = 2  # so many without an answer, and a terminal that has never given one is not asked again
SILENT = 4  # questions without an answer until a frame goes out in any case
LAST_PATIENCE = 1.0  # seconds to wait at the end: an answer that comes later would be typed into the shell
USUAL = 0.025  # seconds that a frame waits until Textual draws it, on a machine with nothing else to do
YIELD = 300  # each second that a frame has waited for the machine, the next one comes that many seconds later
LONGEST = 2.0  # seconds between two live frames on the busiest machine
GIVE_UP = 20  # questions without an answer until it is not asked again: it may be another terminal by now


class Pacing:
    """Calls `ask_next` when it is time for the next live frame."""

    def __init__(
        self, app: Ending, ask_next: Callable[[], None], question: Callable[[Ending], None] = wire.ask
    ) -> None:
        self._app, self._ask_next, self._question = app, ask_next, question
        self.line = Line()
        self._owed = Owed(app, self.line, self._piece_drawn)
        self.asks = False  # whether the terminal is asked at all
        self.drawing = False  # what is drawn now belongs to a live frame
        self._known = False  # whether it has ever answered
        self._undrawn = False  # a live frame is on its way to the terminal's driver
        self._open = False  # the question after a frame has no answer yet
        self._again = False  # it was asked again: nothing but questions was written since the one before
        self._spoke = False  # there was an answer since it was asked, to an older one
        self._silent = 0
        self._answers = 0  # still to come; counted in the keyboard's thread
        self._due = self._began = self._worked = 0.0
        self._clock: Timer | None = None
        self._next: Timer | None = None

    def hear(self) -> None:
        """Listen for the terminal's answers, and begin to ask. Before the app runs."""
        self.asks = True
        wire.hear(self._heard, lambda: self._answers > 0, self.line.sent)

    def _heard(self) -> None:
        self._answers = max(0, self._answers - 1)
        self._app.call_later(self.answered, time.monotonic())

    # ---- a frame's way

    def holds(self, canvas: Canvas, rows: list[Region]) -> bool:
        """Whether these rows belong to a live frame, and are sent in their turn. What a key changes is sent at once."""
        if self.drawing:
            self._owed.add(canvas, rows)
        return self.drawing

    def live(self, wait: float) -> None:
        """A live frame was drawn: it is sent, and the next one comes after `wait` seconds at the earliest."""
        self.drawing = False
        self._began, self._worked = time.monotonic(), time.thread_time()
        self._due = self._began + wait
        if self._owed and self.asks and not self.line.asks:
            self._ask(begins=True)  # how much later than this answer the next one comes tells how slow the line is
        self._undrawn = True
        self._owed.begin() if self.asks else self._owed.all()
        self._app.call_after_refresh(self._app.call_after_refresh, self._drawn)

    def rest(self) -> None:
        """Nothing is live any more: there is nothing to ask and nothing to wait for, and everything is sent."""
        self.drawing = self._undrawn = self._open = False
        self._owed.all()
        self._stop()

    def uncovered(self) -> None:
        """The last dialog is gone: what changed under it is sent at once."""
        self._owed.all()

    def displayed(self) -> None:
        """Something was written to the terminal."""
        self._owed.go_on()
        if not self._undrawn or not self.asks or self._open:
            return
        if not self._owed:
            self._undrawn = False
            self._ask_for_next()
        elif self.line.measuring:
            self._ask()

    def _drawn(self) -> None:
        """The screen has nothing left to draw; a frame in which nothing had changed was never written."""
        waited = time.monotonic() - self._began - (time.thread_time() - self._worked)
        self._due = max(self._due, self._began + busy_wait(waited))
        if not self._open and not self._owed:
            self._undrawn = False
            self._go_on()

    def _piece_drawn(self) -> None:
        """Where nothing had changed that is in view, nothing was written."""
        if self._undrawn and not self._open and not self._owed:
            self._undrawn = False
            self._go_on()

    def _go_on(self) -> None:
        if self._next is not None:
            self._next.stop()
        self._next = self._app.set_timer(max(0.001, self._due - time.monotonic()), self._ask_next)

    # ---- questions and answers

    def _ask(self, *, begins: bool = False) -> None:
        self._answers += 1
        self.line.asked(begins=begins)
        self._question(self._app)

    def _ask_for_next(self, *, again: bool = False) -> None:
        self._open, self._again, self._spoke = True, again, False
        self._ask()
        self._wait()

    def _wait(self) -> None:
        self._stop()
        self._clock = self._app.set_timer(PATIENCE + self.line.busy, self._late)

    def answered(self, at: float) -> None:
        """The terminal has read everything up to a question. A late answer counts for one that it does answer."""
        self._known = self.asks = True
        self._silent = 0
        self.line.answered(at)
        if not self._open:
            return
        self._stop()
        self._spoke = self._open = self.line.asks
        if self._open:
            self._wait()
        elif not self._undrawn:
            self._go_on()
        elif not self._owed:  # a key brought another live frame meanwhile: wait for that one too
            self._undrawn = False
            self._ask_for_next()

    def _late(self) -> None:
        if not self._open:
            return
        self._silent += 1
        self._open = False
        if self._again and self._spoke:  # the line does bring answers: those that are missing were lost on the way
            self.line.lost()
        self.asks = self._silent < GIVE_UP if self._known else self._answers < FIRST_QUESTIONS
        if self.asks and self._known and self._silent % SILENT:
            self._ask_for_next(again=True)  # a few bytes, where a frame would only queue up
        else:
            self._go_on()

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None

    async def settle(self) -> None:
        """Before the terminal is given back: wait for the answers still to come, of a terminal that does answer."""
        end = time.monotonic() + LAST_PATIENCE
        while self._known and self._answers and time.monotonic() < end:
            await asyncio.sleep(0.005)


def busy_wait(waited: float) -> float:
    """Seconds between two live frames, when the last one has `waited` so long for its turn on the machine.

    Keys of everybody there come before live frames: a crowded machine draws fewer.
    """
    return min(LONGEST, YIELD * max(0.0, waited - USUAL))
