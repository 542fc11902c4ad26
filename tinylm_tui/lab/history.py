"""A curve that never outgrows its memory: neighbouring points merge when it is full, keeping their extremes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CAPACITY = 1024


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
        """Take one more value."""
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
