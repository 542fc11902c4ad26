"""The trick behind attention, in four steps of one shape: weights (T, T) times values (T, d) gives (T, d).

    1  a plain average of the past, by a loop
    2  the same as a product with a triangle of weights 1/(t+1)
    3  the same as a product with the softmax of masked scores that are all zero
    4  learned attention: the softmax of masked scores q·k / √d

The first three give the same numbers. From the third to the fourth only the scores change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from tinylm_tui.engine.attention import masked
from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.softmax import softmax


@dataclass(frozen=True, eq=False)
class Step:
    """One step: how row t of the result is mixed from the rows of the values."""

    name: str
    scores: Array | None  # (T, T) after the mask, −∞ above the diagonal; None where the weights come from no scores
    weights: Array  # (T, T), each row sums to 1, nothing above the diagonal
    result: Array  # (T, d)


def steps(q: Array, k: Array, v: Array) -> tuple[Step, Step, Step, Step]:
    """The four steps for one head on one text: q, k, v (T, d). Computed in float64."""
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    T, d = v.shape
    unit = np.eye(T)  # what the loop makes of the unit vectors are the weights it gives to each row of the values
    by_loop = Step("loop", None, average_by_loop(unit), average_by_loop(v))
    by_product = Step("triangle", None, triangle(T), triangle(T) @ v)
    return by_loop, by_product, by_softmax("softmax", np.zeros((T, T)), v), by_softmax("learned", q @ k.T / sqrt(d), v)


def average_by_loop(values: Array) -> Array:
    """values (T, d) → (T, d): row t is the mean of the rows 0 … t, added up one by one."""
    result = np.zeros_like(values)
    for t in range(len(values)):
        for earlier in range(t + 1):
            result[t] += values[earlier]
        result[t] /= t + 1
    return result


def triangle(tokens: int) -> Array:
    """(T, T): row t holds 1/(t+1) up to the diagonal, and 0 after it."""
    weights: Array = np.tri(tokens) / np.arange(1, tokens + 1)[:, None]
    return weights


def by_softmax(name: str, scores: Array, values: Array) -> Step:
    """Mask the scores (T, T), turn each row into shares, and mix the values (T, d) by them."""
    scores = masked(scores)
    weights = softmax(scores)
    return Step(name, scores, weights, weights @ values)


def largest_difference(some: Sequence[Step]) -> float:
    """How far any number of the results is from that of the first."""
    return max(float(np.abs(one.result - some[0].result).max()) for one in some)
