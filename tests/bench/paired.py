"""Timing side by side: each round runs every candidate once, so that a busy machine is busy for all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median

Work = Callable[[], object]


def rounds(candidates: Mapping[str, Work], seconds: float, count: int) -> dict[str, list[float]]:
    """Milliseconds a call of each candidate in each of `count` rounds, each turn lasting about `seconds`."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    calls = {name: max(1, round(seconds / once(work))) for name, work in candidates.items()}
    for _ in range(count):
        for name, work in candidates.items():
            began = time.perf_counter()
            for _ in range(calls[name]):
                work()
            times[name].append((time.perf_counter() - began) / calls[name] * 1e3)
    return times


def once(work: Work) -> float:
    """Seconds of one call, after three to warm up."""
    for _ in range(3):
        work()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ratio(times: Mapping[str, list[float]], slow: str, fast: str) -> float:
    """How many times faster `fast` was than `slow`: the median over the rounds."""
    return median(s / f for s, f in zip(times[slow], times[fast], strict=True))


def best(times: Mapping[str, list[float]], names: list[str]) -> str:
    """The one of `names` with the smallest median."""
    return min(names, key=lambda name: median(times[name]))
