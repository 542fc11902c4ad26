"""One letter's way through the bigram, every intermediate number kept: what the Math screen shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinylm_tui.engine.bigram import forward
from tinylm_tui.engine.counts import Counts
from tinylm_tui.engine.parameters import Array, Parameters

LARGEST_EXPONENT = 300.0  # beyond this e^score is written relative to the top score, or it would overflow


@dataclass(frozen=True, eq=False)
class Walk:
    """Everything between one current token and its loss. All arrays have shape (V,), float64."""

    token: int
    scores: Array  # row `token` of W
    shift: float  # 0, or the top score where e^score itself would be too large to write
    exps: Array  # e^(score − shift)
    total: float  # the sum of exps
    probabilities: Array  # exps / total
    top: int  # the likeliest next token
    shares: Array  # the text's own P(next | token)
    commonest: int  # the commonest real successor
    occurs: int  # how often `token` is the current one in the text
    share_of_row: float  # occurs / all pairs: how much this row weighs in the loss
    gradient: Array  # share_of_row · (probabilities − shares): the gradient of the loss for this row

    @property
    def commonest_share(self) -> float:
        """The commonest successor's share of all that follows this token in the text."""
        return float(self.shares[self.commonest])

    @property
    def commonest_probability(self) -> float:
        """What the model gives the commonest successor."""
        return float(self.probabilities[self.commonest])

    @property
    def surprise(self) -> float:
        """−log of that probability, in nats: this one pair's loss, not the average the training lowers."""
        return -float(np.log(max(self.commonest_probability, np.finfo(float).tiny)))

    @property
    def row_floor(self) -> float:
        """The entropy of this row's shares: the least mean surprise possible after this token, in nats."""
        p = self.shares[self.shares > 0]
        return -float((p * np.log(p)).sum()) + 0.0


def walk(params: Parameters, counts: Counts, token: int) -> Walk:
    """Follow `token` through the bigram. Raises IndexError for an id outside the vocabulary."""
    size = len(counts)
    if not 0 <= token < size:
        raise IndexError(f"id {token} is not in a vocabulary of {size}")
    scores = forward(params, np.array([token], dtype=np.int32))[0][0].astype(np.float64)
    shift = float(scores.max()) if np.abs(scores).max() > LARGEST_EXPONENT else 0.0
    exps = np.exp(scores - shift)
    total = float(exps.sum())
    probabilities = exps / total
    row: NDArray[Any] = counts[token]
    occurs = int(row.sum())
    shares = row / max(occurs, 1)
    share_of_row = occurs / int(counts.sum())
    return Walk(
        token=token, scores=scores, shift=shift, exps=exps, total=total, probabilities=probabilities,
        top=int(probabilities.argmax()), shares=shares, commonest=int(row.argmax()), occurs=occurs,
        share_of_row=share_of_row, gradient=share_of_row * (probabilities - shares),
    )  # fmt: skip
