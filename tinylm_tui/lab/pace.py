"""How fast: at most so many steps a second, and how many it really were."""

from __future__ import annotations

from collections import deque

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


class Speedometer:
    """Steps a second over the last second of training."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()
        self.speed = 0.0

    def mark(self, now: float, step: int) -> None:
        """Training reached `step` at `now`."""
        self._marks.append((now, step))
        while self._marks[0][0] < now - WINDOW and len(self._marks) > 2:
            self._marks.popleft()
        (then, first), (last, latest) = self._marks[0], self._marks[-1]
        if last - then >= LEAST:
            self.speed = (latest - first) / (last - then)

    def stop(self) -> None:
        """Training paused: the next mark begins a new measurement; the last figure stays."""
        self._marks.clear()
