"""A stream of tokens cut into its words or lines, and put together again in another order or in two parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinylm_tui.engine.tokenizer import BOUNDARY, Ids
from tinylm_tui.lab.corpus import Corpus


def split(ids: Ids, share: float, rng: np.random.Generator, *, running: bool) -> tuple[list[Ids], Ids]:
    """The units to learn from, and the stream kept to check on.

    Of words or lines, a random part is kept. Of one `running` text the end is kept, and the rest is one unit.
    """
    if running:
        cut = round(len(ids) * (1 - share))
        return [ids[:cut]], ids[cut:]
    units = units_in(ids[1:])
    order, held = rng.permutation(len(units)), round(len(units) * share)
    return [units[i] for i in order[held:]], joined([units[i] for i in order[:held]])


def units_in(stream: Ids) -> list[Ids]:
    """Each word or line with the boundary after it; what stands behind the last boundary is a unit too."""
    pieces = np.split(stream, np.flatnonzero(stream == BOUNDARY) + 1)
    return [piece for piece in pieces if len(piece)]


def joined(units: Sequence[Ids], *, running: bool = False) -> Ids:
    """Units, with a boundary after each, as one stream that begins with a boundary too; empty for none.

    The pieces of a `running` text are put together as they are.
    """
    if len(units) == 0:
        return np.zeros(0, dtype=np.int32)
    if running:
        return np.concatenate(units)
    start = [] if units[0][0] == BOUNDARY else [np.array([BOUNDARY], dtype=np.int32)]
    return np.concatenate((*start, *units))


def added_units(old: Corpus, new: Corpus) -> list[Ids]:
    """What the text `new` has behind the text `old`, in the ids of the new one.

    Where two running texts meet, a byte-pair token may reach over the seam: what differs counts as added.
    """
    assert old.ids is not None
    assert new.ids is not None
    if not new.running:
        return units_in(new.ids[len(old.ids) :])
    before = old.tokenizer.places_in(new.tokenizer)[old.ids]
    different = np.flatnonzero(before != new.ids[: len(before)])
    return [new.ids[int(different[0]) if len(different) else len(before) :]]
