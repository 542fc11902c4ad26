"""The linear layer: y = x·W + b, the one operation that most of a transformer's weights and time belong to."""

from __future__ import annotations

from tinylm_tui.engine.parameters import Array


def forward(x: Array, w: Array, b: Array) -> Array:
    """y = x·W + b. x (..., I), w (I, O), b (O,) → y (..., O).

    The leading axes are put into one, so that it is a single matrix product for all tokens of all examples.
    """
    y = rows(x) @ w  # (N, O)
    y += b
    return y.reshape(*x.shape[:-1], w.shape[1])


def backward(x: Array, w: Array, dy: Array) -> tuple[Array, Array, Array]:
    """dy (..., O) → dx (..., I), dw (I, O), db (O,).

    y[n,o] = Σᵢ x[n,i]·w[i,o] + b[o], so   dx = dy·Wᵀ,   dW = xᵀ·dy,   db = Σₙ dy.
    """
    dx = (rows(dy) @ w.T).reshape(x.shape)
    dw = rows(x).T @ rows(dy)
    db = rows(dy).sum(axis=0)
    return dx, dw, db


def rows(x: Array) -> Array:
    """x (..., D) → (N, D), with N the product of the leading axes."""
    return x.reshape(-1, x.shape[-1])
