"""Is the hand-written gradient right? Compare it with central differences, weight by weight, in float64."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinylm_tui.engine.parameters import Array, Parameters

LossAndGradient = Callable[[Parameters], tuple[float, Parameters]]

STEP = 1e-5  # small enough for the h² error of a central difference, large enough for float64 rounding
FINER_STEP = 3e-4  # the same for a difference whose error is h⁴
SMALL = 1e-7  # where every gradient is below this there is nothing to compare but rounding


def central_difference(loss_of: LossAndGradient, params: Parameters, index: int) -> float:
    """(loss(w + h) − loss(w − h)) / 2h for one weight; the weight is put back."""
    kept = params.flat[index]
    params.flat[index] = kept + STEP
    above, _ = loss_of(params)
    params.flat[index] = kept - STEP
    below, _ = loss_of(params)
    params.flat[index] = kept
    return (above - below) / (2 * STEP)


def finer_difference(loss_of: Callable[[Parameters], float], params: Parameters, index: int) -> float:
    """The central difference over h and the one over 2h, combined so that their h² errors cancel.

    (8·(loss(w+h) − loss(w−h)) − (loss(w+2h) − loss(w−2h))) / 12h is exact to h⁴. So the step can be 30 times as
    large, and the rounding of the loss weighs 30 times less: a model with many weights has small gradients.
    """
    kept = params.flat[index]

    def at(distance: float) -> float:
        params.flat[index] = kept + distance
        return loss_of(params)

    near, far = at(FINER_STEP) - at(-FINER_STEP), at(2 * FINER_STEP) - at(-2 * FINER_STEP)
    params.flat[index] = kept
    return (8 * near - far) / (12 * FINER_STEP)


def worst_relative_error(
    loss_of: LossAndGradient, params: Parameters, rng: np.random.Generator, most: int = 2000
) -> float:
    """The largest relative error between the gradient and its central difference, over the weights.

    Checks all weights, or `most` drawn at random where there are more. Raises TypeError for params that are
    not float64: in float32 the difference is mostly rounding.
    """
    if params.flat.dtype != np.float64:
        raise TypeError(f"a gradient check needs float64 weights, got {params.flat.dtype}")
    count = params.count
    indices = np.arange(count) if count <= most else rng.choice(count, most, replace=False)
    analytic = loss_of(params)[1].flat[indices]
    numeric = np.array([central_difference(loss_of, params, int(i)) for i in indices])
    return float(relative_errors(analytic, numeric).max())


def relative_errors(analytic: Array, numeric: Array, largest: float = 0.0) -> Array:
    """|analytic − numeric| / max(|analytic|, |numeric|), element by element; same shape.

    The denominator is at least a thousandth of the largest gradient, among these or elsewhere (`largest`): a weight
    whose gradient is nearly zero is held to the rounding of the loss, not to itself.
    """
    sizes = np.maximum(np.abs(analytic), np.abs(numeric))
    scale = np.maximum(sizes, 1e-3 * max(float(sizes.max()), largest, SMALL))
    errors: Array = np.abs(analytic - numeric) / scale
    return errors
