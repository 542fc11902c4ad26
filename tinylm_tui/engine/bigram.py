"""The bigram: one matrix W (V, V). Row = current token, column = next token, number = score.

    logits = onehot(current) · W        which is simply: row `current` of W
    loss   = −log softmax(logits)[next]

The smallest language model that looks at anything before: it sees one token and guesses the next. It leaves out any
longer context, embeddings and hidden layers; a transformer has all three.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine.counts import PairShares
from tinylm_tui.engine.parameters import Array, Parameters, Shapes
from tinylm_tui.engine.softmax import log_softmax
from tinylm_tui.engine.tokenizer import Ids


@dataclass(frozen=True, eq=False)
class Trace:
    """What one forward pass computed: the inputs (B,) and the row of scores each one picked, (B, V)."""

    inputs: Ids
    logits: Array


def shapes(size: int) -> Shapes:
    """The bigram's arrays for a vocabulary of `size` tokens."""
    return {"W": (size, size)}


def zero_start(size: int) -> Parameters:
    """All scores 0: every next token equally likely, so the loss is exactly ln V."""
    return Parameters.zeros(shapes(size))


def random_start(size: int, rng: np.random.Generator) -> Parameters:
    """Scores drawn from the normal distribution N(0, 1): the loss nearly always starts above ln V, wrong at random."""
    return Parameters(rng.standard_normal(size * size, dtype=np.float32), shapes(size))


def forward(params: Parameters, inputs: Ids) -> tuple[Array, Trace]:
    """inputs (B,) → logits (B, V). A one-hot vector times W is a row of W, so the row is looked up."""
    logits = params["W"][inputs]  # (B, V)
    return logits, Trace(inputs, logits)


def backward(params: Parameters, trace: Trace, dlogits: Array) -> Parameters:
    """dlogits (B, V) → dW (V, V). From logits = X·W with one-hot rows X (B, V) follows dW = Xᵀ·dlogits."""
    one_hot = np.zeros((len(trace.inputs), len(params["W"])), dtype=dlogits.dtype)  # (B, V)
    one_hot[np.arange(len(trace.inputs)), trace.inputs] = 1
    grads = Parameters.zeros(params.shapes, dlogits.dtype)
    grads["W"][...] = one_hot.T @ dlogits
    return grads


def full_batch(params: Parameters, shares: PairShares) -> tuple[float, Parameters]:
    """Loss over every pair of the text, and its exact gradient, at a cost that does not grow with the text.

    Pairs that are alike have the same surprise, so each is computed once and weighted by its share:
        loss    = −Σ share(current, next) · log p(next | current)
        dW      = share(current) · p(next | current) − share(current, next)
    the same as forward, cross_entropy and backward over all pairs one by one (a test holds this).
    """
    log_p = log_softmax(params["W"])  # (V, V)
    loss = -float(np.vdot(log_p, shares.pair))
    dW = np.exp(log_p, out=log_p)  # (V, V), now p
    dW *= shares.row
    dW -= shares.pair
    return loss, Parameters(dW.reshape(-1), params.shapes)
