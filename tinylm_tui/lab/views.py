"""What a model thinks, computed from a snapshot: the questions that screens and `inspect` ask of any model."""

from __future__ import annotations

import numpy as np

from tinylm_tui.engine import gpt
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.settings import Settings


def single_token_logits(params: Parameters, size: int, settings: Settings) -> Array:
    """(V, V): row = a token alone, column = the score of each next one. For a bigram that is W itself.

    A GPT is shown each token as the first and only one of a text; with more before it, it may say something else.
    """
    if settings.model == "bigram":
        return params["W"]
    alone = np.arange(size, dtype=np.int32)[:, None]  # (V, 1)
    logits: Array = gpt.forward(params, config_of(settings, size), alone)[0][:, 0]
    return logits


def gpt_trace(params: Parameters, size: int, settings: Settings, ids: Ids) -> gpt.Trace:
    """Everything a GPT computes on the tokens ids (T,), T at most its context."""
    return gpt.forward(params, config_of(settings, size), ids[None])[1]


def matrix_names(params: Parameters) -> list[str]:
    """The names of all weights that are matrices."""
    return [name for name, weights in params.items() if weights.ndim == 2]
