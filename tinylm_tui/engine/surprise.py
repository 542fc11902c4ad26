"""Surprise: how unexpected each token of a text is, −log p(token | what stands before it).

A nat is the unit of the natural logarithm, a bit that of the logarithm to base 2: 1 nat = 1/ln 2 = 1.44 bits. A token
expected with probability ½ has 1 bit, with ¼ two, and their sum is the surprise of the whole text.
"""

from __future__ import annotations

from math import log

import numpy as np

from tinylm_tui.engine.lookup import refuse_foreign
from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.softmax import log_softmax
from tinylm_tui.engine.tokenizer import Ids


def of_tokens(logits: Array, targets: Ids) -> Array:
    """logits (T, V), targets (T,) → the surprise of each target in nats, (T,) float64. Its mean is the loss.

    Raises IndexError for a target outside the vocabulary, ValueError for more or fewer targets than rows of scores.
    """
    if len(logits) != len(targets):
        raise ValueError(f"{len(logits)} rows of scores and {len(targets)} targets do not fit together")
    refuse_foreign(targets, logits.shape[-1])
    log_p = log_softmax(logits.astype(np.float64))  # (T, V)
    return np.asarray(-log_p[np.arange(len(targets)), targets])


def bits(nats: Array) -> Array:
    """Nats in bits, any shape."""
    return np.asarray(nats / log(2))


def total_bits(nats: Array) -> float:
    """The surprise of the whole text in bits: what an ideal code made with this model would take."""
    return float(bits(nats).sum())


def bits_per_character(nats: Array, characters: int) -> float:
    """Total bits / the characters that the targets stand for: it compares models that cut a text differently.

    Raises ValueError for no characters.
    """
    if characters < 1:
        raise ValueError("bits per character need at least one character")
    return total_bits(nats) / characters


def perplexity(nats: Array) -> float:
    """e^(mean surprise): among how many equally likely tokens a model would be as unsure.

    Raises ValueError for no tokens.
    """
    if not nats.size:
        raise ValueError("a perplexity needs at least one token with something before it")
    with np.errstate(over="ignore"):  # an exploded model is infinitely unsure
        return float(np.exp(nats.mean()))
