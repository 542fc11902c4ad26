"""Stochastic gradient descent: a small step downhill, against the gradient."""

from __future__ import annotations

from tinylm_tui.engine.parameters import Parameters


def sgd_step(params: Parameters, grads: Parameters, learn_rate: float) -> None:
    """weights ← weights − learn_rate · gradient, in place, for every weight at once."""
    params.flat -= learn_rate * grads.flat
