"""How fast: at most so many steps a second, and how many it really were."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

CATCH_UP = 0.25  # seconds of delay that are made up for; older ones are forgiven
WINDOW = 1.0  # seconds over which the speed is measured
LEAST = 0.2  # seconds below which a measurement would be noise


class Pace:
    """Tells when the next step is due. `steps_a_second` 0 means at once."""

    def __init__(self, steps_a_second: int, now: float) -> None:
        self.limit = steps_a_second
        self._next = now

    def due(self, now: float) -> bool:
        """Whether a step may be made now."""
        return not self.limit or now >= self._next

    def made(self, now: float) -> None:
        """One step was made."""
        if self.limit:
            self._next = max(self._next, now - CATCH_UP) + 1 / self.limit

    def wait(self, now: float) -> float:
        """Seconds until the next step is due."""
        return max(0.0, self._next - now) if self.limit else 0.0


class Duty:
    """Leaves the rest of a core to others: work / (work + rest) is at most `share`.

    Work is counted in seconds of processor time, so a machine that gives little of it is not made to rest as well.
    """

    def __init__(self, share: float, worked: Callable[[], float] = time.process_time) -> None:
        """`share` above 0, up to 1; `worked()` is the processor time used so far."""
        self.share, self._worked = share, worked
        self._counted = worked()
        self._until = float("-inf")
        self._last: float | None = None  # when it was counted before: work began no earlier

    def count(self, now: float) -> None:
        """Work was done up to `now`: what was used since the last count is paid for with rest."""
        if self.share < 1:
            used = self._worked() - self._counted
            self._counted += used
            began = now - used if self._last is None else self._last
            self._until = max(self._until, began) + used / self.share
            self._last = now

    def rest(self, now: float) -> float:
        """Seconds of rest still owed."""
        return max(0.0, self._until - now)


class Speedometer:
    """Steps a second over the last second of training."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()
        self.speed = 0.0

    def begin(self, now: float, step: int) -> None:
        """Training begins at `step`."""
        self.stop()
        self.mark(now, step)

    def mark(self, now: float, step: int) -> None:
        """Training reached `step` at `now`."""
        self._marks.append((now, step))
        while self._marks[0][0] < now - WINDOW and len(self._marks) > 2:
            self._marks.popleft()
        (then, first), (last, latest) = self._marks[0], self._marks[-1]
        if last - then >= LEAST:
            self.speed = (latest - first) / (last - then)

    def stop(self) -> None:
        """Training paused: the next mark begins a new measurement."""
        self._marks.clear()
        self.speed = 0.0
