"""Which vectors point the same way: the cosine of the angle between them."""

from __future__ import annotations

import numpy as np

from tinylm_tui.engine.parameters import Array


def cosines(X: Array, i: int) -> Array:
    """x_i·x_j / (|x_i|·|x_j|) for each row j of X (V, E), shape (V,): 1 = the same direction, 0 = at right angles.

    A vector of zeros has no direction; its cosine with any other is taken as 0.
    """
    X = X.astype(np.float64)
    lengths = np.sqrt((X * X).sum(axis=1))  # (V,)
    units = X / np.where(lengths > 0, lengths, 1)[:, None]
    return np.asarray(np.clip(units @ units[i], -1, 1))


def ranked(cosine: Array, i: int) -> Array:
    """The ids of all rows but i, the most alike first, equal ones in the order of their ids; (V − 1,)."""
    order = np.argsort(-cosine, kind="stable")
    return np.asarray(order[order != i])
