"""Timing side by side: each round runs every candidate once, so that a busy machine is busy for all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median

Work = Callable[[], object]
Clock = Callable[[], float]


def rounds(
    candidates: Mapping[str, Work], seconds: float, count: int, clock: Clock = time.perf_counter
) -> dict[str, list[float]]:
    """Milliseconds a call of each candidate in each of `count` rounds, each turn lasting about `seconds`.

    Where everything runs on one thread, `time.process_time` as the clock leaves out what other programs take.
    """
    times: dict[str, list[float]] = {name: [] for name in candidates}
    calls = {name: max(1, round(seconds / once(work))) for name, work in candidates.items()}
    for _ in range(count):
        for name, work in candidates.items():
            began = clock()
            for _ in range(calls[name]):
                work()
            times[name].append((clock() - began) / calls[name] * 1e3)
    return times


def once(work: Work) -> float:
    """Seconds of one call, after three to warm up: the shortest of five, for others may take the core meanwhile."""
    for _ in range(3):
        work()
    times = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def ratio(times: Mapping[str, list[float]], slow: str, fast: str) -> float:
    """How many times faster `fast` was than `slow`: the median over the rounds."""
    return median(s / f for s, f in zip(times[slow], times[fast], strict=True))


def best(times: Mapping[str, list[float]], names: list[str]) -> str:
    """The one of `names` with the smallest median."""
    return min(names, key=lambda name: median(times[name]))
