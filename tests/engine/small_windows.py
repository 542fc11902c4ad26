"""What the tests of the window models share: small models with weights that mean something, and windows for them."""

import numpy as np

from tinylm_tui.engine import average, window_mlp
from tinylm_tui.engine.parameters import Parameters

V, W, E, H, B = 7, 5, 4, 6, 9  # seven tokens, five in a window: many windows hold one twice


def average_weights(seed=0):
    """Float64, far enough from the start that everything matters."""
    rng = np.random.default_rng(seed)
    return Parameters(rng.standard_normal(2 * V * E), average.shapes(V, E))


def mlp_weights(seed=0):
    rng = np.random.default_rng(seed)
    params = window_mlp.start(V, W, E, H, rng).copy(np.float64)
    params.flat += 0.3 * rng.standard_normal(params.count)
    return params


def windows(seed=1, examples=B):
    """Inputs (B, W) and targets (B,)."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, V, (examples, W)).astype(np.int32), rng.integers(0, V, examples).astype(np.int32)


def spoilt(loss_of, name):
    """The same loss, with one array of the gradient a tenth too large."""

    def wrong(params):
        loss, grads = loss_of(params)
        grads = grads.copy()
        grads[name][...] *= 1.1
        return loss, grads

    return wrong
