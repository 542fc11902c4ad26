"""A stream of tokens cut into its words or lines, and put together again in another order or in two parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinylm_tui.engine.tokenizer import BOUNDARY, Ids


def split(ids: Ids, share: float, rng: np.random.Generator) -> tuple[list[Ids], Ids]:
    """The units to learn from, and the stream kept to check on.

    Of words or lines, a random part is kept. Of one running text the end is kept, and the rest is one unit.
    """
    if np.count_nonzero(ids == BOUNDARY) == 2:
        cut = round(len(ids) * (1 - share))
        return [ids[:cut]], ids[cut:]
    units = units_in(ids[1:])
    order, held = rng.permutation(len(units)), round(len(units) * share)
    return [units[i] for i in order[held:]], joined([units[i] for i in order[:held]])


def units_in(stream: Ids) -> list[Ids]:
    """Each word or line with the boundary after it; what stands behind the last boundary is a unit too."""
    pieces = np.split(stream, np.flatnonzero(stream == BOUNDARY) + 1)
    return [piece for piece in pieces if len(piece)]


def joined(units: Sequence[Ids]) -> Ids:
    """Units, with a boundary after each, as one stream that begins with a boundary too; empty for none."""
    if len(units) == 0:
        return np.zeros(0, dtype=np.int32)
    start = [] if units[0][0] == BOUNDARY else [np.array([BOUNDARY], dtype=np.int32)]
    return np.concatenate((*start, *units))
