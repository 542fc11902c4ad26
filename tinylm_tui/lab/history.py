"""A curve that never outgrows its memory: neighbouring points merge when it is full, keeping their extremes."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CAPACITY = 1024
TURNED = 3  # measurements: one alone may be noise


@dataclass(frozen=True, eq=False)
class Curve:
    """A frozen curve of n points: at `steps` (n,) the values lay between `low` (n,) and `high` (n,)."""

    steps: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.steps)

    @classmethod
    def empty(cls) -> Curve:
        """A curve without points."""
        return cls(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


class History:
    """Values by step, at most CAPACITY points. Each point covers `stride` values: the first step, least, largest."""

    def __init__(self) -> None:
        self.stride = 1
        self._steps: list[int] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self._in_last = 0  # how many values the last point covers so far

    def add(self, step: int, value: float) -> None:
        """Take one more value; what is no finite number cannot be drawn, nor kept in a file, and is left out."""
        if not math.isfinite(value):
            return
        if self._in_last and self._in_last < self.stride:
            self._low[-1] = min(self._low[-1], value)
            self._high[-1] = max(self._high[-1], value)
            self._in_last += 1
            return
        if len(self._steps) == CAPACITY:
            self._merge()
        self._steps.append(step)
        self._low.append(value)
        self._high.append(value)
        self._in_last = 1

    def _merge(self) -> None:
        """Two neighbouring points become one; from now on each covers twice as many values."""
        self._steps = self._steps[::2]
        self._low = [min(pair) for pair in zip(self._low[::2], self._low[1::2], strict=True)]
        self._high = [max(pair) for pair in zip(self._high[::2], self._high[1::2], strict=True)]
        self.stride *= 2

    def forget(self, step: int) -> bool:
        """Drop what was added at `step` or later, and points that may hold some of it. Whether there was any."""
        left = bisect_left(self._steps, step)
        whole = self.stride == 1 or (self._steps[left] == step if left < len(self._steps) else self._in_last == 1)
        if left and not whole:
            left -= 1
        if left == len(self._steps):
            return False
        self._steps, self._low, self._high = self._steps[:left], self._low[:left], self._high[:left]
        self._in_last = self.stride if left else 0  # only the last point ever holds fewer
        return True

    def curve(self) -> Curve:
        """The points so far, frozen."""
        return Curve(np.array(self._steps, np.int64), np.array(self._low), np.array(self._high))

    def state(self) -> dict[str, int]:
        """What `of` needs beside the curve to go on exactly."""
        return {"stride": self.stride, "in_last": self._in_last}

    @classmethod
    def of(cls, curve: Curve, stride: int, in_last: int) -> History:
        """Go on from a saved curve. Raises ValueError for one that no History can have made."""
        same_length = len(curve.steps) == len(curve.low) == len(curve.high) <= CAPACITY
        if not same_length or not bool(len(curve)) <= in_last <= (stride if len(curve) else 0):
            raise ValueError(f"no curve of {len(curve)} points has stride {stride} and {in_last} values in the last")
        history = cls()
        history.stride, history._in_last = stride, in_last
        history._steps, history._low, history._high = curve.steps.tolist(), curve.low.tolist(), curve.high.tolist()
        return history


@dataclass
class Lowest:
    """The least value so far: the step it was measured at, and how many were `since`. A curve may have merged it."""

    step: int = 0
    value: float = math.inf
    since: int = 0

    def add(self, step: int, value: float) -> None:
        """Take one more value."""
        if value < self.value:
            self.step, self.value, self.since = step, float(value), 0
        else:
            self.since += 1

    @property
    def turned(self) -> int | None:
        """Its step, once TURNED later values were higher; else None."""
        return self.step if math.isfinite(self.value) and self.since >= TURNED else None

    def state(self) -> dict[str, float]:
        """What `Lowest(**state)` is made from again; nothing before the first value."""
        return {"step": self.step, "value": self.value, "since": self.since} if math.isfinite(self.value) else {}

    @classmethod
    def seen_in(cls, curve: Curve, stride: int = 1) -> Lowest:
        """As far as a curve tells it, whose points stand for `stride` values each: of that point, the first step."""
        if not len(curve):
            return cls()
        best = int(curve.low.argmin())
        return cls(int(curve.steps[best]), float(curve.low[best]), (len(curve) - 1 - best) * stride)
