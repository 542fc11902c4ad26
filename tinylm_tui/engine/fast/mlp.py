"""GELU of `engine.mlp` into kept arrays, its derivative taken while the numbers are at hand."""

from __future__ import annotations

import numpy as np

from tinylm_tui.engine.mlp import CUBIC, SLOPE
from tinylm_tui.engine.parameters import Array


def gelu(x: Array, y: Array, slope: Array, scratch: Array) -> None:
    """y = ½·x·(1 + tanh u), u = x·√(2/π)·(1 + 0.044715·x²), and slope = dy/dx. All (N, 4D).

    With s = 1 + tanh u (and so 1 − tanh² u = s·(2 − s)) the derivative ½·s + ½·x·s·(2 − s)·u′ is ½·s + y·(2 − s)·u′.
    """
    np.multiply(x, x, out=scratch)
    scratch *= SLOPE * CUBIC
    np.add(scratch, SLOPE, out=y)
    y *= x  # u
    scratch *= 3
    scratch += SLOPE  # u′
    np.tanh(y, out=slope)
    slope += 1  # s
    np.multiply(slope, x, out=y)
    y *= 0.5  # ½·x·s
    np.subtract(2, slope, out=x)  # 2 − s; x is used up
    scratch *= x
    scratch *= y
    slope *= 0.5
    slope += scratch
