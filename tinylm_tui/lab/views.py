"""What a model thinks, computed from a snapshot: the questions that screens and `inspect` ask of any model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine import gpt
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.tokenizer import BOUNDARY, CharTokenizer, Ids
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.settings import Settings


def single_token_logits(params: Parameters, size: int, settings: Settings) -> Array:
    """(V, V): row = the token now, column = the score of each next one. For a bigram that is W itself.

    A GPT is shown each token as the first one after the boundary, and the boundary alone, as on the Math screen; with
    more before it, it may say something else.
    """
    if settings.model == "bigram":
        return params["W"]
    config = config_of(settings, size)
    first = [[BOUNDARY, i] for i in range(size) if i != BOUNDARY]
    logits = [gpt.next_logits(params, config, texts) for texts in ([[BOUNDARY]], first) if texts]
    return np.concatenate(logits)


def gpt_trace(params: Parameters, size: int, settings: Settings, ids: Ids) -> gpt.Trace:
    """Everything a GPT computes on the tokens ids (T,), T at most its context."""
    return gpt.forward(params, config_of(settings, size), ids[None])[1]


def matrix_names(params: Parameters) -> list[str]:
    """The names of all weights that are matrices."""
    return [name for name, weights in params.items() if weights.ndim == 2]


@dataclass(frozen=True, eq=False)
class ReadText:
    """A text as a GPT reads it: the boundary, then its letters, of all that the last ones that fit."""

    ids: Ids  # (T,), T at most the context, and at least 1
    tokens: int  # how many there would be with a context without end
    unknown: str  # letters of the text that the model has never seen; they are left out of ids


def read_text(tokenizer: CharTokenizer, text: str, context: int) -> ReadText:
    """Read `text` with a context of so many tokens. An empty text is the boundary alone."""
    unknown = tokenizer.unknown(text)
    known = "".join(c for c in text if c not in unknown)
    ids = np.concatenate(([BOUNDARY], tokenizer.encode(known))).astype(np.int32)
    return ReadText(ids[-context:], len(ids), unknown)


def attention_patterns(trace: gpt.Trace) -> Array:
    """(layers, heads, T, T) of the one text in `trace`: row = the token looking, column = the token looked at."""
    return np.stack([block.attention.pattern[0] for block in trace.blocks])
