"""Batches: pieces of the text cut out at random places, and the same pieces one token later."""

from __future__ import annotations

import numpy as np

from tinylm_tui.engine.tokenizer import Ids


def draw_windows(stream: Ids, batch: int, context: int, rng: np.random.Generator) -> tuple[Ids, Ids]:
    """stream (N,) → inputs, targets (B, T): `batch` windows of `context` tokens, each start equally likely.

    targets[b, t] is the token after inputs[b, t]. Raises ValueError for a stream shorter than context + 1.
    """
    if len(stream) <= context:
        raise ValueError(f"a window of {context} tokens and the one after it need a longer text than {len(stream)}")
    starts = rng.integers(0, len(stream) - context, batch)
    places = starts[:, None] + np.arange(context)  # (B, T)
    return stream[places], stream[places + 1]


def all_windows(stream: Ids, context: int) -> tuple[Ids, Ids]:
    """stream (N,) → inputs, targets (N // context, T): the whole text side by side, for a loss that is not drawn."""
    count = (len(stream) - 1) // context
    if not count:
        raise ValueError(f"a window of {context} tokens and the one after it need a longer text than {len(stream)}")
    whole = count * context
    return stream[:whole].reshape(count, context), stream[1 : whole + 1].reshape(count, context)
