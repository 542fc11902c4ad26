"""One position's way through a window model, every vector kept under its name: what the Math screen shows of it.

    average    lookup 1 … lookup W, average, logits
    mlp        lookup 1 … lookup W, concatenation, hidden, tanh, logits

Lookup W is the vector of the token at the position itself, the last one that the window holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinylm_tui.engine import average, window_mlp
from tinylm_tui.engine.examples import last_windows
from tinylm_tui.engine.journey import Journey, Stage, finished
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.tokenizer import Ids


@dataclass(frozen=True, eq=False)
class WindowJourney:
    """The window (W,) that is seen from a position, filled up with 0 on the left, and the way from it to the end."""

    window: list[int]
    way: Journey


def average_journey(
    params: Parameters, ids: Sequence[int], position: int, window: int, *, bounded: bool
) -> WindowJourney:
    """Of one position of a text. Raises IndexError for one that the text does not have."""
    seen = _seen(ids, position, window, bounded=bounded)
    _, trace = average.forward(params, seen)
    stages = [*_lookups(trace.vectors[0]), Stage("average", trace.mean[0])]
    return WindowJourney(seen[0].tolist(), finished(list(ids), position, stages, trace.logits[0]))


def mlp_journey(params: Parameters, ids: Sequence[int], position: int, window: int, *, bounded: bool) -> WindowJourney:
    """Of one position of a text. Raises IndexError for one that the text does not have."""
    seen = _seen(ids, position, window, bounded=bounded)
    _, trace = window_mlp.forward(params, seen)
    stages = [
        *_lookups(trace.vectors[0]),
        Stage("concatenation", trace.joined[0]),
        Stage("hidden", trace.hidden[0]),
        Stage("tanh", trace.activated[0]),
    ]
    return WindowJourney(seen[0].tolist(), finished(list(ids), position, stages, trace.logits[0]))


def _seen(ids: Sequence[int], position: int, window: int, *, bounded: bool) -> Ids:
    """The window that ends at the position, (1, W)."""
    if not 0 <= position < len(ids):
        raise IndexError(f"position {position} is not in a text of {len(ids)} tokens")
    return last_windows([ids[: position + 1]], window, bounded=bounded)


def _lookups(vectors: Array) -> list[Stage]:
    """vectors (W, E) → a stage for each place of the window."""
    return [Stage(f"lookup {place}", vector) for place, vector in enumerate(vectors, 1)]
