"""Multi-head causal self-attention: each token looks at those before it (and itself) and takes what it needs.

    pattern = softmax(Q·Kᵀ / √d_head), only over tokens not later than the one looking
    mixed   = pattern · V

Letters: B examples, T tokens, D width, H heads, d = D/H the width of a head. Row of a pattern = the token looking
(query), column = the token looked at (key).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from tinylm_tui.engine import linear
from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.parts import Part
from tinylm_tui.engine.softmax import softmax


@dataclass(frozen=True, eq=False)
class Trace:
    """What attention computed on the way."""

    x: Array  # (B, T, D), what it was given: the normed residual stream
    q: Array  # (B, H, T, d), what each token looks for
    k: Array  # (B, H, T, d), what each token offers to be found by
    v: Array  # (B, H, T, d), what each token hands over when it is looked at
    scores: Array  # (B, H, T, T), q·k / √d, before the mask
    pattern: Array  # (B, H, T, T), the shares of attention: each row sums to 1, nothing above the diagonal
    mixed: Array  # (B, T, D), the values mixed by the pattern, the heads side by side


def forward(p: Part, x: Array, heads: int) -> tuple[Array, Trace]:
    """x (B, T, D) → y (B, T, D). p: w_qkv (D, 3D) = queries, keys, values side by side, b_qkv, w_out (D, D), b_out."""
    qkv = linear.forward(x, p["w_qkv"], p["b_qkv"])  # (B, T, 3D)
    q, k, v = (split(part, heads) for part in np.split(qkv, 3, axis=-1))  # each (B, H, T, d)
    scores = q @ k.swapaxes(-1, -2) / sqrt(q.shape[-1])  # (B, H, T, T)
    pattern = softmax(masked(scores))  # (B, H, T, T)
    mixed = join(pattern @ v)  # (B, T, D)
    y = linear.forward(mixed, p["w_out"], p["b_out"])
    return y, Trace(x, q, k, v, scores, pattern, mixed)


def backward(p: Part, g: Part, trace: Trace, dy: Array) -> Array:
    """dy (B, T, D) → dx (B, T, D).

    Each matrix product C = A·B gives dA = dC·Bᵀ and dB = Aᵀ·dC; the mask needs no line of its own, because where
    the pattern is 0 so is the gradient of its score.
    """
    q, k, v, pattern = trace.q, trace.k, trace.v, trace.pattern
    dmixed, g["w_out"][...], g["b_out"][...] = linear.backward(trace.mixed, p["w_out"], dy)
    dheads = split(dmixed, q.shape[1])  # (B, H, T, d)
    dpattern = dheads @ v.swapaxes(-1, -2)  # (B, H, T, T)
    dv = pattern.swapaxes(-1, -2) @ dheads  # (B, H, T, d)
    dscores = softmax_backward(pattern, dpattern) / sqrt(q.shape[-1])  # (B, H, T, T)
    dq = dscores @ k  # (B, H, T, d)
    dk = dscores.swapaxes(-1, -2) @ q  # (B, H, T, d)
    dqkv = np.concatenate([join(dq), join(dk), join(dv)], axis=-1)  # (B, T, 3D)
    dx, g["w_qkv"][...], g["b_qkv"][...] = linear.backward(trace.x, p["w_qkv"], dqkv)
    return dx


def masked(scores: Array) -> Array:
    """The scores (..., T, T) with −∞ above the diagonal, so that softmax gives what comes later no share at all."""
    below: Array = np.where(causal_mask(scores.shape[-1]), scores, -np.inf)
    return below


def causal_mask(tokens: int) -> Array:
    """(T, T), True where the row's token may look at the column's: on and below the diagonal."""
    return np.tri(tokens, dtype=bool)


def softmax_backward(p: Array, dp: Array) -> Array:
    """dp (..., T) → dscores (..., T): p · (dp − Σ p·dp), from dp[i]/dscore[j] = p[i]·(1[i=j] − p[j])."""
    dscores: Array = p * (dp - (p * dp).sum(axis=-1, keepdims=True))
    return dscores


def split(x: Array, heads: int) -> Array:
    """(B, T, D) → (B, H, T, d): each head its share of the width."""
    B, T, D = x.shape
    by_head: Array = x.reshape(B, T, heads, D // heads).swapaxes(1, 2)
    return by_head


def join(x: Array) -> Array:
    """(B, H, T, d) → (B, T, D): the heads side by side again."""
    B, H, T, d = x.shape
    side_by_side: Array = x.swapaxes(1, 2).reshape(B, T, H * d)
    return side_by_side
