"""The exact floors of window models: the least loss possible for whoever sees only a window, in order or not.

Windows that look alike get one and the same prediction. The best one is what the text itself says about what follows
them, so the least mean surprise is H(target | window), found by counting (Shannon 1948, section 6).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinylm_tui.engine.examples import Examples, Places
from tinylm_tui.engine.parameters import Array

CHUNK = 1 << 20  # tokens in windows that are made at one time
MOST = 1 << 63  # codes are int64


def ordered_floor(examples: Examples, size: int) -> float:
    """H(target | the window) over all examples, in nats a token: the floor of the mlp. V = `size`."""
    return _entropy_of_targets(_codes(examples, size, in_order=True), size)


def unordered_floor(examples: Examples, size: int) -> float:
    """H(target | which tokens the window holds, and how often each), in nats a token: the floor of the average."""
    return _entropy_of_targets(_codes(examples, size, in_order=False), size)


def cost(examples: Examples, size: int) -> int:
    """How many tokens are read to find a floor: 20 million take about a second."""
    return examples.count * (examples.window + 1) * len(list(_groups(examples.window + 1, examples.count, size)))


def _codes(examples: Examples, size: int, *, in_order: bool) -> Places:
    """One number for each window with its target, (M,): equal where both are equal; the last digit is the target.

    The tokens are digits to the base V. Where the next ones would not fit into 64 bits, the different numbers so far
    are numbered 0, 1, 2, … first.
    """
    codes = np.zeros(examples.count, dtype=np.int64)
    for left, right in _groups(examples.window + 1, examples.count, size):
        if left:
            codes = np.unique(codes, return_inverse=True)[1].reshape(-1)
        for part, numbers in _parts(codes, examples.window):
            for digit in _digits(examples, numbers, in_order=in_order).T[left:right]:
                part *= size
                part += digit
    return codes


def _parts(codes: Places, window: int) -> Iterator[tuple[Places, Places]]:
    """The codes piece by piece, each with the numbers of its examples: all windows at once could fill the memory."""
    most = max(1, CHUNK // window)
    for start in range(0, len(codes), most):
        part = codes[start : start + most]
        yield part, np.arange(start, start + len(part))


def _digits(examples: Examples, numbers: Places, *, in_order: bool) -> Array:
    """The examples of these numbers, (n, W + 1): the window, sorted where its order does not count, then the target."""
    inputs, targets = examples.take(numbers)
    windows = inputs if in_order else np.sort(inputs, axis=1)
    return np.concatenate((windows, targets[:, None]), axis=1)


def _groups(columns: int, count: int, size: int) -> Iterator[tuple[int, int]]:
    """The columns, as many at a time as fit into 64 bits behind what stands there already: 0, or a number below M."""
    left, kinds = 0, 1
    while left < columns:
        right = left
        while right < columns and kinds * size <= MOST:
            kinds, right = kinds * size, right + 1
        yield left, right
        left, kinds = right, count


def _entropy_of_targets(codes: Places, size: int) -> float:
    """H(last digit | the digits before it) of codes (M,), in nats: Σ n/M · log(N/n).

    n is how often a window occurs with a target, N how often it occurs at all. Where every window has one target
    only, each n is its N, and the sum is exactly 0.
    """
    pairs, n = np.unique(codes, return_counts=True)
    firsts = np.flatnonzero(np.diff(pairs // size, prepend=-1))  # where another window begins
    N = np.repeat(np.add.reduceat(n, firsts), np.diff(firsts, append=len(n)))
    return float((n * np.log(N / n)).sum() / len(codes))
