"""The average: one vector for a window of tokens, and from it the scores of what comes next.

    mean   = the average of the embedding rows of the W tokens      (E,)
    logits = mean · output                                          (V,)

The smallest model with embeddings: what a token is becomes E numbers that are learnt. It sees W tokens but not their
order, for a + b = b + a: "t on " and " on t" are the same to it. It leaves out order, hidden layers and attention.
Letters: B examples, W tokens in a window, V vocabulary, E width of the embedding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine import lookup
from tinylm_tui.engine.parameters import Array, Parameters, Shapes
from tinylm_tui.engine.softmax import cross_entropy
from tinylm_tui.engine.tokenizer import Ids

SPREAD = 0.1  # standard deviation of the numbers a model starts with


@dataclass(frozen=True, eq=False)
class Trace:
    """What one forward pass computed."""

    inputs: Ids  # (B, W)
    vectors: Array  # (B, W, E), the rows that were looked up
    mean: Array  # (B, E)
    logits: Array  # (B, V)


def shapes(size: int, width: int) -> Shapes:
    """The model's arrays for a vocabulary of `size` tokens: V·E + E·V weights, and no biases."""
    return {"embedding": (size, width), "output": (width, size)}


def start(size: int, width: int, rng: np.random.Generator) -> Parameters:
    """Fresh float32 weights, normal with mean 0 and standard deviation 0.1: the loss starts near ln V."""
    table = shapes(size, width)
    return Parameters(np.float32(SPREAD) * rng.standard_normal(2 * size * width, dtype=np.float32), table)


def forward(params: Parameters, inputs: Ids) -> tuple[Array, Trace]:
    """inputs (B, W) → logits (B, V). Raises IndexError for an id outside the vocabulary."""
    lookup.refuse_foreign(inputs, len(params["embedding"]))
    vectors = params["embedding"][inputs]  # (B, W, E)
    mean = vectors.mean(axis=1)  # (B, E)
    logits = mean @ params["output"]  # (B, V)
    return logits, Trace(inputs, vectors, mean, logits)


def backward(params: Parameters, trace: Trace, dlogits: Array) -> Parameters:
    """dlogits (B, V) → the gradient of every weight.

    Each of the W rows has the W-th part in the mean, so each gets the W-th part of dmean.
    """
    grads = Parameters.zeros(params.shapes, dlogits.dtype)
    grads["output"][...] = trace.mean.T @ dlogits  # (E, V)
    dmean = dlogits @ params["output"].T  # (B, E)
    dvectors = np.broadcast_to(dmean[:, None] / trace.inputs.shape[1], trace.vectors.shape)  # (B, W, E)
    grads["embedding"][...] = lookup.backward(trace.inputs, dvectors, len(params["embedding"]))
    return grads


def loss_and_grads(params: Parameters, inputs: Ids, targets: Ids) -> tuple[float, Parameters]:
    """Mean surprise in nats a token over inputs (B, W), targets (B,), and its gradient."""
    logits, trace = forward(params, inputs)
    loss, dlogits = cross_entropy(logits, targets)
    return loss, backward(params, trace, dlogits)


def next_logits(params: Parameters, inputs: Ids) -> Array:
    """The scores (B, V) of the token after each of the windows (B, W)."""
    return forward(params, inputs)[0]
