"""Counting pairs: what the text itself says about which token follows which, and the exact floor it sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.tokenizer import Ids

Counts = NDArray[np.int64]


def pair_counts(ids: Ids, size: int) -> Counts:
    """How often each token follows each other one. ids (N,) → counts (V, V), row = current, column = next."""
    codes = ids[:-1].astype(np.int64) * size + ids[1:]
    return np.bincount(codes, minlength=size * size).reshape(size, size)


def row_shares(counts: Counts) -> Array:
    """Each row of counts divided by its sum: (V, V) float64, the text's own P(next | current).

    A row that never occurs stays all zero.
    """
    totals = counts.sum(axis=1, keepdims=True)
    shares: Array = counts / np.maximum(totals, 1)
    return shares


def conditional_entropy(counts: Counts) -> float:
    """H(next | current) of the counted pairs, in nats a token.

    −Σ share(pair) · log P(next | current) (Shannon 1948, section 6). No model that sees only the current
    token can have a lower loss on this text, whatever its size.
    """
    pairs = counts[counts > 0] / counts.sum()
    conditional = row_shares(counts)[counts > 0]
    return -float((pairs * np.log(conditional)).sum()) + 0.0


@dataclass(frozen=True, eq=False)
class PairShares:
    """What a full batch needs of a text: `pair` (V, V) = share of all pairs, `row` (V, 1) = share of all rows."""

    pair: Array
    row: Array

    @classmethod
    def of(cls, counts: Counts, dtype: type = np.float32) -> PairShares:
        """The shares of counted pairs; `counts` must hold at least one pair."""
        shares = counts / counts.sum()
        return cls(shares.astype(dtype), shares.sum(axis=1, keepdims=True).astype(dtype))
