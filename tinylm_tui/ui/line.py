"""How slow the line to the terminal is: how much further apart than two questions their answers lie."""

from __future__ import annotations

import time
from collections import deque
from statistics import median_low
from typing import NamedTuple

REMEMBERED = 5  # measurements; their median is not misled by one pair of answers that was held up
TELLING = 600  # bytes from which a measurement says something
OUTWEIGHS = 4  # times as many bytes as may have been on the way before: what is left of those makes little difference


class Question(NamedTuple):
    """When it was asked, after how many bytes, how many of those may still have been on the way, and what for."""

    at: float
    after: int
    before_it: float
    begins: bool


class Line:
    """Counts what is written, and measures what one byte costs. Knows neither the terminal nor the screen."""

    def __init__(self) -> None:
        self.pace = 0.0  # seconds a byte; 0 as long as nothing is known
        self.written = 0  # bytes since the lab began
        self.measuring = False  # the next question ends a measurement
        self._arrived = 0  # bytes that the terminal has read for certain
        self._free_at = 0.0  # when the line has taken all that was written, by what is known of it
        self._open: deque[Question] = deque()  # also those given up: a late answer is still the oldest one's
        self._last: tuple[Question, float] | None = None  # the one answered last, and when
        self._measured: deque[float] = deque(maxlen=REMEMBERED)

    def sent(self, count: int) -> None:
        """So many bytes were written."""
        self.written += count
        self._free_at = max(self._free_at, time.monotonic()) + count * self.pace

    @property
    def busy(self) -> float:
        """Seconds until everything written has left; 0 as long as nothing is known."""
        return max(0.0, self._free_at - time.monotonic())

    @property
    def asks(self) -> bool:
        """Whether a question has no answer yet."""
        return bool(self._open)

    def asked(self, *, begins: bool) -> None:
        """A question is being written. One that `begins` is followed by one piece, and that by another question."""
        self.measuring = begins
        on_the_way = self.busy / self.pace if self.pace else self.written - self._arrived
        self._open.append(Question(time.monotonic(), self.written, on_the_way, begins))

    def answered(self, at: float) -> None:
        """The oldest open question was answered then."""
        if not self._open:
            return
        this, known = self._open.popleft(), self.pace > 0
        if self._last is not None:
            before, answered = self._last
            count = this.after - before.after
            if before.begins and count >= max(TELLING, OUTWEIGHS * before.before_it):
                self._measured.append(max(0.0, (at - answered) - (this.at - before.at)) / count)
                self.pace = median_low(self._measured)  # of two the lower: also the first one may have been held up
        self._arrived, self._last = this.after, (this, at)
        free_at = at + (self.written - this.after) * self.pace
        self._free_at = min(self._free_at, free_at) if known else free_at

    def lost(self) -> None:
        """The questions still open will never be answered; as long as they may be, they keep their place."""
        self._open.clear()
        self._last = None
