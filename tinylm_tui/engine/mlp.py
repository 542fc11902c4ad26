"""The MLP of a block: four times as many hidden units, GELU, and back. Each token by itself.

GELU(x) = x · P(a standard normal number ≤ x): nearly x where x is large, nearly 0 where it is very negative, and
smooth between. What is computed here, as in GPT-2, is the approximation of it with tanh.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from tinylm_tui.engine import linear
from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.parts import Part

SLOPE = sqrt(2 / pi)
CUBIC = 0.044715


@dataclass(frozen=True, eq=False)
class Trace:
    """x (B, T, D) what it was given, hidden (B, T, 4D) before GELU, activated (B, T, 4D) after it."""

    x: Array
    hidden: Array
    activated: Array


def forward(p: Part, x: Array) -> tuple[Array, Trace]:
    """y = GELU(x·W_in + b_in)·W_out + b_out. x (B, T, D) → y (B, T, D). p: w_in (D, 4D), b_in, w_out (4D, D), b_out."""
    hidden = linear.forward(x, p["w_in"], p["b_in"])  # (B, T, 4D)
    activated = gelu(hidden)  # (B, T, 4D)
    y = linear.forward(activated, p["w_out"], p["b_out"])
    return y, Trace(x, hidden, activated)


def backward(p: Part, g: Part, trace: Trace, dy: Array) -> Array:
    """dy (B, T, D) → dx (B, T, D)."""
    dactivated, g["w_out"][...], g["b_out"][...] = linear.backward(trace.activated, p["w_out"], dy)
    dhidden = gelu_backward(trace.hidden, dactivated)  # (B, T, 4D)
    dx, g["w_in"][...], g["b_in"][...] = linear.backward(trace.x, p["w_in"], dhidden)
    return dx


def gelu(x: Array) -> Array:
    """½·x·(1 + tanh u), u = √(2/π)·(x + 0.044715·x³). Any shape. (In numpy x*x*x is 300 times faster than x**3.)"""
    u = SLOPE * (x + CUBIC * x * x * x)
    y: Array = 0.5 * x * (1 + np.tanh(u))
    return y


def gelu_backward(x: Array, dy: Array) -> Array:
    """dx = dy · (½·(1 + tanh u) + ½·x·(1 − tanh² u)·u′), u′ = √(2/π)·(1 + 3·0.044715·x²)."""
    t = np.tanh(SLOPE * (x + CUBIC * x * x * x))
    slope_of_u = SLOPE * (1 + 3 * CUBIC * x * x)
    dx: Array = dy * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope_of_u)
    return dx
