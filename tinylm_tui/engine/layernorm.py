"""LayerNorm: bring each token's numbers to mean 0 and variance 1, then to a learned gain and bias.

It keeps the numbers of a deep model in a range where the next layer can use them, whatever came before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine.linear import rows
from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.parts import Part

EPSILON = 1e-5  # keeps a token whose numbers are all alike from being divided by zero; GPT-2's value


@dataclass(frozen=True, eq=False)
class Trace:
    """normed (B, T, D): mean 0, variance 1.   scale (B, T, 1): 1/σ.   y (B, T, D): gain · normed + bias."""

    normed: Array
    scale: Array
    y: Array


def forward(p: Part, x: Array) -> tuple[Array, Trace]:
    """y = gain · (x − μ)/σ + bias, with μ and σ² the mean and variance of each token's own D numbers.

    x (B, T, D) → y (B, T, D). p: gain (D,), bias (D,).
    """
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)  # (B, T, 1)
    scale = 1 / np.sqrt(variance + EPSILON)
    normed = centred * scale
    y = p["gain"] * normed + p["bias"]
    return y, Trace(normed, scale, y)


def backward(p: Part, g: Part, trace: Trace, dy: Array) -> Array:
    """dy (B, T, D) → dx (B, T, D).

    With n = normed:   dgain = Σ dy·n,   dbias = Σ dy,   dn = dy·gain,   and through μ and σ, which x also moves,
    dx = (dn − mean(dn) − n·mean(dn·n)) / σ.
    """
    g["gain"][...] = rows(dy * trace.normed).sum(axis=0)
    g["bias"][...] = rows(dy).sum(axis=0)
    dnormed = dy * p["gain"]
    along_mean = dnormed.mean(axis=-1, keepdims=True)  # (B, T, 1)
    along_normed = (dnormed * trace.normed).mean(axis=-1, keepdims=True)  # (B, T, 1)
    dx: Array = (dnormed - along_mean - trace.normed * along_normed) * trace.scale
    return dx
