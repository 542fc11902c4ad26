"""Turning a number up and down with a key: 1, 2, 5, 10, 20, 50 …"""

from __future__ import annotations

import math

LEAST, MOST = 1e-4, 1e6
WARMEST = 5.0  # the highest temperature that the keys reach


def dialled(value: float, direction: int) -> float:
    """The next number of the series above (direction 1) or below (−1) `value`."""
    exponent = math.floor(math.log10(value)) if value > 0 else round(math.log10(LEAST))
    series = sorted(float(f"{m}e{e}") for e in range(exponent - 1, exponent + 2) for m in (1, 2, 5))
    if direction > 0:
        return min(MOST, next(x for x in series if x > value * (1 + 1e-9)))
    below = [x for x in series if x < value * (1 - 1e-9)]
    return max(LEAST, below[-1]) if below else LEAST


def stepped(value: float, direction: int, step: float, low: float, high: float) -> float:
    """`value` one step up or down, on the grid of `step`, between `low` and `high`."""
    return min(high, max(low, round(round(value / step + direction) * step, 6)))


def value_text(value: object) -> str:
    """The value of a setting as a person would write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
