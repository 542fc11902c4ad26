"""Thumbs up, thumbs down: one gradient step that makes liked words likelier and disliked ones less likely.

A toy of preference tuning. What real methods add and this leaves out: a reward model or preference pairs, and
a penalty that holds the model near its reference. Here nothing holds it; the KL distance shows how far it went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.softmax import log_softmax


@dataclass(frozen=True)
class Rating:
    """A word as ids, its boundaries included, and +1 (liked) or −1 (disliked)."""

    ids: tuple[int, ...]
    sign: int


def log_probability(W: Array, ids: Sequence[int]) -> float:
    """log p of a whole word under the bigram W (V, V): the sum over its pairs, in nats (0 or below)."""
    log_p = log_softmax(W.astype(np.float64))
    return float(log_p[list(ids[:-1]), list(ids[1:])].sum())


def feedback_gradient(params: Parameters, ratings: Sequence[Rating]) -> Parameters:
    """The gradient of the mean of sign · log p(word) with respect to W: where the rated words want the scores.

    Each pair (a, b) of a word adds sign · (onehot(b) − p(· | a)) / number of ratings to row a (Williams 1992,
    REINFORCE, with the rating as the reward). The mean, not the sum: all words share the boundary's row, and many
    ratings at once would overshoot there.
    """
    grads = Parameters.zeros(params.shapes, params.flat.dtype)
    p = np.exp(log_softmax(params["W"]))  # (V, V)
    for rating in ratings:
        for a, b in zip(rating.ids[:-1], rating.ids[1:], strict=True):
            grads["W"][a] -= rating.sign * p[a]
            grads["W"][a, b] += rating.sign
    grads.flat /= max(1, len(ratings))
    return grads


def kl_divergence(W: Array, reference: Array, row_weights: Array) -> float:
    """How far W has moved from `reference` (both (V, V) scores): nats a token, 0 when nothing moved.

    Σ weight(a) · Σ p(b | a) · log(p(b | a) / reference(b | a)); the weights (V,) say how often each token is
    the current one in the text, and sum to 1.
    """
    log_p, log_q = log_softmax(W.astype(np.float64)), log_softmax(reference.astype(np.float64))
    rows = (np.exp(log_p) * (log_p - log_q)).sum(axis=1)  # (V,)
    return max(0.0, float(rows @ row_weights))
