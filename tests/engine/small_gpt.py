"""What the tests of the transformer share: a small model with weights that mean something, and a batch."""

import numpy as np

from tinylm_tui.engine import gpt
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Parameters

RIGHT, WRONG = 1e-6, 1e-3  # below: the gradient is right; above: something is wrong

TIED = GPTConfig(vocabulary=7, layers=2, heads=2, width=8, context=5, tie_head=True)
UNTIED = GPTConfig(vocabulary=7, layers=2, heads=2, width=8, context=5, tie_head=False)


def weights(config, seed=0, spread=0.3):
    """Float64 weights far enough from the start that every part of the model matters."""
    rng = np.random.default_rng(seed)
    params = gpt.start(config, rng).copy(np.float64)
    params.flat += spread * rng.standard_normal(params.count)
    return params


def batch(config, examples=4, seed=1):
    """Inputs and targets (examples, context)."""
    both = np.random.default_rng(seed).integers(0, config.vocabulary, (2, examples, config.context))
    inputs, targets = both.astype(np.int32)
    return inputs, targets


def loss_of_part(forward, backward, outputs):
    """A loss Σ y·outputs of one part of the model, with the gradient of its weights and of its input `x`.

    For `worst_relative_error`: forward(p, x) → y, trace and backward(p, g, trace, dy) → dx, as the parts have them.
    """

    def loss_and_grads(params):
        y, trace = forward(params, params["x"])
        grads = Parameters.zeros(params.shapes, np.float64)
        grads["x"][...] = backward(params, grads, trace, outputs)
        return float((y * outputs).sum()), grads

    return loss_and_grads


def random_parameters(shapes, rng):
    params = Parameters.zeros(shapes, np.float64)
    params.flat[...] = rng.standard_normal(params.count)
    return params


def spoilt(loss_of, name, factor=1.1):
    """The same loss, with the gradient of one array a tenth too large."""

    def loss_and_wrong_gradient(params):
        loss, grads = loss_of(params)
        grads[name][...] *= factor
        return loss, grads

    return loss_and_wrong_gradient
