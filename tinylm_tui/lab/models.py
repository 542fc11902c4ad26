"""What differs from model to model, in one table: their arrays, what they refuse, and what comes next after a text.

What the screens say of each model stands in the ui; how it learns stands in `learners`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine import bigram, gpt
from tinylm_tui.engine.parameters import Array, Parameters, Shapes
from tinylm_tui.engine.sampling import NextLogits
from tinylm_tui.engine.tokenizer import BOUNDARY, Tokenizer
from tinylm_tui.lab.learners import bigram as bigrams
from tinylm_tui.lab.learners import gpt as gpts
from tinylm_tui.lab.learners.window_models import MLP, Average, WindowModel
from tinylm_tui.lab.learners.windows import refuse_short
from tinylm_tui.lab.settings import Settings

# The models that see the last `context` tokens, and nothing before those.
WINDOWS: dict[str, type[WindowModel]] = {"average": Average, "mlp": MLP}


@dataclass(frozen=True)
class Model:
    """What the lab asks of a model that it does not train: each a function of the settings and the vocabulary's size.

    `refuse` gets how many tokens there are to learn from, and raises SettingError or TextError. `single` gives (V, V):
    what follows each token alone. `memory` is about how many bytes training takes, None where nobody needs to know.
    """

    shapes: Callable[[Settings, int], Shapes]
    memory: Callable[[Settings, int], int | None]
    refuse: Callable[[Settings, Tokenizer, int], None]
    next_logits: Callable[[Parameters, Settings, Tokenizer], NextLogits]
    single: Callable[[Parameters, Settings, int], Array]


def article(model: str) -> str:
    """The model's name with its article, for a sentence."""
    return f"{'an' if model in WINDOWS else 'a'} {model}"


def model_of(settings: Settings) -> Model:
    """The row of the settings' model."""
    return TABLE[settings.model]


def _gpt_refuse(settings: Settings, tokenizer: Tokenizer, tokens: int) -> None:
    gpts.refuse_unaffordable(gpts.config_of(settings, tokenizer.size), settings.batch)
    gpts.refuse_short(settings.context, tokens)


def _gpt_single(params: Parameters, settings: Settings, size: int) -> Array:
    """Each token as the first one after the boundary, and the boundary alone."""
    config = gpts.config_of(settings, size)
    first = [[BOUNDARY, i] for i in range(size) if i != BOUNDARY]
    logits = [gpt.next_logits(params, config, texts) for texts in ([[BOUNDARY]], first) if texts]
    return np.concatenate(logits)


def _window(kind: type[WindowModel]) -> Model:
    """A model that sees a window, filled up with token 0, the boundary (or the blank), on the left."""

    def refuse(settings: Settings, tokenizer: Tokenizer, tokens: int) -> None:
        kind(settings, tokenizer.size).refuse_unaffordable()
        refuse_short(settings.context, tokens, bounded=tokenizer.bounded)

    def next_logits(params: Parameters, settings: Settings, tokenizer: Tokenizer) -> NextLogits:
        return kind(settings, tokenizer.size).next_logits(params, bounded=tokenizer.bounded)

    def single(params: Parameters, settings: Settings, size: int) -> Array:
        windows = np.full((size, settings.context), BOUNDARY, np.int32)
        windows[:, -1] = np.arange(size)
        return kind(settings, size).logits(params, windows)

    return Model(
        shapes=lambda settings, size: kind(settings, size).shapes,
        memory=lambda settings, size: kind(settings, size).memory,
        refuse=refuse,
        next_logits=next_logits,
        single=single,
    )


TABLE: dict[str, Model] = {
    "bigram": Model(
        shapes=lambda settings, size: bigram.shapes(size),
        memory=lambda settings, size: None,
        refuse=lambda settings, tokenizer, tokens: None,
        next_logits=lambda params, settings, tokenizer: bigrams.next_logits_of(params),
        single=lambda params, settings, size: params["W"],
    ),
    **{name: _window(kind) for name, kind in WINDOWS.items()},
    "gpt": Model(
        shapes=lambda settings, size: gpts.config_of(settings, size).shapes(),
        memory=lambda settings, size: gpts.config_of(settings, size).memory(settings.batch),
        refuse=_gpt_refuse,
        next_logits=lambda params, settings, tokenizer: gpts.next_logits_of(
            params, gpts.config_of(settings, tokenizer.size)
        ),
        single=_gpt_single,
    ),
}
