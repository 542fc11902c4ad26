"""Embedding: what a token is and where it stands, as one vector. resid = token row + position row."""

from __future__ import annotations

import numpy as np

from tinylm_tui.engine.linear import rows
from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.parts import Part
from tinylm_tui.engine.tokenizer import Ids


def forward(p: Part, ids: Ids) -> Array:
    """ids (B, T) → resid (B, T, D). p: token (V, D), position (context, D).

    Raises ValueError for more tokens than there are positions and IndexError for an id outside the vocabulary.
    """
    refuse_unfit(p, ids)
    resid: Array = p["token"][ids] + p["position"][: ids.shape[1]]
    return resid


def backward(p: Part, g: Part, ids: Ids, dresid: Array) -> None:
    """dresid (B, T, D) → the gradients of both tables, added to g.

    A lookup is a product with one-hot rows X, resid = X·token, so dtoken = Xᵀ·dresid: the row of each token gets
    the sum over all places where it occurs. A position gets the sum over the examples.
    """
    g["token"][...] += one_hot(ids.reshape(-1), len(p["token"]), dresid.dtype).T @ rows(dresid)
    g["position"][: ids.shape[1]] += dresid.sum(axis=0)


def one_hot(ids: Ids, size: int, dtype: np.dtype[np.generic]) -> Array:
    """ids (N,) → (N, size), each row all 0 but for a 1 at its id."""
    table = np.zeros((len(ids), size), dtype=dtype)
    table[np.arange(len(ids)), ids] = 1
    return table


def refuse_unfit(p: Part, ids: Ids) -> None:
    """Raises where `ids` has more tokens than there are positions, or an id that is no row of the table."""
    vocabulary, context = len(p["token"]), len(p["position"])
    if ids.ndim != 2 or not 1 <= ids.shape[1] <= context:
        raise ValueError(f"ids must have shape (examples, 1 to {context} tokens), got {ids.shape}")
    if ids.size and (ids.min() < 0 or ids.max() >= vocabulary):
        raise IndexError(f"ids go from {ids.min()} to {ids.max()}, the vocabulary from 0 to {vocabulary - 1}")
