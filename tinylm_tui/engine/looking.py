"""One look of attention, every intermediate number kept: what the Attention screen works out in figures."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from tinylm_tui.engine.parameters import Array


@dataclass(frozen=True, eq=False)
class Worked:
    """softmax(q·Kᵀ/√d)·V for the token at position `query`. Arrays over the keys are (T,), float64."""

    query: int
    products: Array  # q·k of every key, also of those that come later
    scores: Array  # products / √d, before the mask
    top: float  # the largest score that the mask leaves: subtracted before e^, it cancels in the fraction
    exps: Array  # e^(score − top), and 0 for keys that come later
    total: float  # the sum of exps
    shares: Array  # exps / total
    mixed: Array  # (d,), the values mixed by the shares


def work(q: Array, k: Array, v: Array, query: int) -> Worked:
    """The look of one token of one head: q, k, v (T, d)."""
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    products = k @ q[query]
    scores = products / sqrt(q.shape[1])
    seen = np.arange(len(k)) <= query
    top = float(scores[seen].max())
    exps = np.where(seen, np.exp(np.minimum(scores - top, 0.0)), 0.0)
    total = float(exps.sum())
    shares = exps / total
    return Worked(query, products, scores, top, exps, total, shares, shares @ v)


@dataclass(frozen=True)
class Habits:
    """Where a head looks on average, over the tokens of a text that have one before them. 0 to 1 each.

    The three are figures of their own: for the second token, the one before is the first.
    """

    itself: float
    before: float  # the token just before
    first: float


def habits(pattern: Array) -> Habits:
    """Of one head's pattern (T, T). A text of one token can only look at itself."""
    if len(pattern) < 2:
        return Habits(1.0, 0.0, 0.0)
    itself, before, first = np.diag(pattern)[1:], np.diag(pattern, -1), pattern[1:, 0]
    return Habits(float(itself.mean()), float(before.mean()), float(first.mean()))
