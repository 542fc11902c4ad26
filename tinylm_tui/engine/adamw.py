"""AdamW: step by a running mean of the gradient, each weight's step divided by the usual size of its gradient.

    m ← β₁·m + (1−β₁)·g          the mean of the gradients so far
    s ← β₂·s + (1−β₂)·g²         the mean of their squares
    w ← w − r·λ·w                weight decay, apart from the gradient: that is the W of AdamW
    w ← w − r·m̂ / (√ŝ + ε)       with m̂ = m/(1−β₁ᵗ), ŝ = s/(1−β₂ᵗ): both start at 0 and are too small at first

Sources: Kingma & Ba 2015 (Adam), Loshchilov & Hutter 2019 (decoupled weight decay).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, sqrt

import numpy as np

from tinylm_tui.engine.parameters import Array, Parameters


@dataclass(frozen=True)
class AdamWSettings:
    """What stays the same from step to step; the learn rate does not and is given with each step."""

    beta1: float = 0.9  # how long the mean gradient remembers: about 1/(1−β₁) steps
    beta2: float = 0.99  # the same for the mean square
    epsilon: float = 1e-8  # keeps the step of a weight without gradient from being divided by zero
    weight_decay: float = 0.1  # λ, how strongly matrices are pulled towards 0; gains and biases are not


@dataclass(eq=False)
class Moments:
    """AdamW's memory: the running means m and s of every weight, as flat as the weights, and the steps taken."""

    mean: Array
    square: Array
    steps: int = 0
    scratch: Array = field(init=False, repr=False)  # means nothing between steps

    def __post_init__(self) -> None:
        self.scratch = np.zeros_like(self.mean)

    @classmethod
    def zeros(cls, params: Parameters) -> Moments:
        """Nothing remembered yet."""
        return cls(np.zeros_like(params.flat), np.zeros_like(params.flat))


def adamw_step(
    params: Parameters, grads: Parameters, moments: Moments, learn_rate: float, settings: AdamWSettings
) -> None:
    """One step of every weight, in place; `moments` is brought up to date in place too.

    The last formula is written (r·c₂/c₁) · m/(√s + ε·c₂), c₁ = 1−β₁ᵗ and c₂ = √(1−β₂ᵗ): the same in fewer passes.
    """
    decay(params, learn_rate * settings.weight_decay)
    moments.steps += 1
    w, g, m, s, scratch = params.flat, grads.flat, moments.mean, moments.square, moments.scratch
    c1, c2 = 1 - settings.beta1**moments.steps, sqrt(1 - settings.beta2**moments.steps)
    np.subtract(g, m, out=scratch)
    scratch *= 1 - settings.beta1
    m += scratch  # m + (1−β₁)(g − m)
    np.multiply(g, g, out=scratch)
    scratch -= s
    scratch *= 1 - settings.beta2
    s += scratch  # s + (1−β₂)(g² − s)
    np.sqrt(s, out=scratch)
    scratch += settings.epsilon * c2
    np.divide(m, scratch, out=scratch)
    scratch *= learn_rate * c2 / c1
    w -= scratch


def decay(params: Parameters, rate: float) -> None:
    """w ← w − rate·w for every matrix; vectors (gains and biases) are left alone."""
    if rate:
        for weights in params.values():
            if weights.ndim >= 2:
                weights *= 1 - rate


def clip(grads: Parameters, most: float) -> float:
    """Shorten the gradient, in place, to the length `most` where it is longer. Returns the length it had.

    length = √(Σ g²) over all weights together, so the direction stays the same. A gradient whose length is not a
    finite number is left as it is.
    """
    with np.errstate(over="ignore"):
        length = sqrt(float(np.dot(grads.flat, grads.flat)))
    if most < length < inf:
        grads.flat *= most / length
    return length
