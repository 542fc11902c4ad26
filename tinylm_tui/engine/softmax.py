"""Softmax and cross-entropy: from scores to probabilities, and how surprising the truth was."""

from __future__ import annotations

import numpy as np

from tinylm_tui.engine.parameters import Array


def softmax(logits: Array) -> Array:
    """e^score / sum of all e^scores along the last axis. Any shape; each row of the result sums to 1.

    The largest score of a row is subtracted first: it cancels in the fraction and keeps e^score finite.
    """
    exps = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Array = exps / exps.sum(axis=-1, keepdims=True)
    return probabilities


def log_softmax(logits: Array) -> Array:
    """The natural logarithm of `softmax(logits)`, without ever taking the logarithm of zero."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probabilities: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return log_probabilities


def cross_entropy(logits: Array, targets: Array) -> tuple[float, Array]:
    """Mean surprise −log p(target) in nats, and its gradient with respect to the logits.

    logits (B, V), targets (B,) ids → loss, dlogits (B, V).
    From loss = −log softmax(z)[t] follows dloss/dz = softmax(z) − onehot(t), here divided by B for the mean.
    """
    rows = np.arange(len(targets))
    log_p = log_softmax(logits)  # (B, V)
    dlogits = np.exp(log_p)  # (B, V)
    dlogits[rows, targets] -= 1
    dlogits /= len(targets)
    return -float(log_p[rows, targets].mean()), dlogits
