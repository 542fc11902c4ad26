"""Saliency on a text: what each earlier token did for one that may come next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine import average, saliency, window_mlp
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.saliency import Saliency
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.engine.tokenizer import Ids, Tokenizer
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.models import WINDOWS, model_of
from tinylm_tui.lab.settings import Settings

MOST = 128  # tokens of a text that are left out one by one: for a gpt each costs a pass over all the others
MODULES = {"average": average, "mlp": window_mlp}
WORDS = (  # from which rank correlation on, what is said of it
    (0.8, "they agree"),
    (0.5, "they mostly agree"),
    (0.2, "they agree a little"),
    (-0.2, "they do not agree"),
    (-1.0, "they contradict each other"),
)


@dataclass(frozen=True, eq=False)
class Moved:
    """What each token of `ids` (T,) did for `target`, and what the model expects after them."""

    ids: Ids
    target: int
    probabilities: Array  # (V,)
    saliency: Saliency

    @property
    def probability(self) -> float:
        """Of the target."""
        return float(self.probabilities[self.target])

    @property
    def rank(self) -> int:
        """Of the target, from 0 on."""
        return int(np.flatnonzero(ranking(self.probabilities) == self.target)[0])


def ranking(probabilities: Array) -> Ids:
    """The ids of all tokens, the likeliest first, (V,)."""
    return np.asarray(np.argsort(-probabilities, kind="stable"), dtype=np.int32)


def reach(settings: Settings) -> int:
    """How many tokens before a guess are used at most; of a window, at least one more than the model sees."""
    return min(MOST, settings.context) if settings.model == "gpt" else max(MOST, settings.context + 1)


def expected_after(params: Parameters, tokenizer: Tokenizer, settings: Settings, ids: Ids) -> Array:
    """What the model expects after the tokens ids (T,): probabilities (V,)."""
    logits = model_of(settings).next_logits(params, settings, tokenizer)([ids.tolist()])[0]
    return softmax(logits.astype(np.float64))


def moved(
    params: Parameters, tokenizer: Tokenizer, settings: Settings, ids: Ids, target: int | None, rank: int | None = None
) -> Moved:
    """What the last tokens of ids (T,), as far as the model's `reach`, did for `target`.

    Without one: for the token of that `rank` among the guesses, from 0 on, or the likeliest. For gpt, mlp and average.
    """
    text = ids[-reach(settings) :]
    p = expected_after(params, tokenizer, settings, text)
    if rank is not None or target is None:
        target = int(ranking(p)[min(rank or 0, len(p) - 1)])
    return Moved(text, target, p, _saliency(params, tokenizer, settings, text, target))


def _saliency(params: Parameters, tokenizer: Tokenizer, settings: Settings, text: Ids, target: int) -> Saliency:
    if settings.model not in WINDOWS:
        return saliency.of_gpt(params, config_of(settings, tokenizer.size), text, target)
    model = MODULES[settings.model]
    return saliency.of_window(model, params, text, target, settings.context, bounded=tokenizer.bounded)


def work(params: Parameters, settings: Settings, tokens: int) -> int:
    """About how many multiplications `moved` takes after so many tokens."""
    used = min(tokens, reach(settings))
    return used * params.count * (used if settings.model == "gpt" else 1)


def in_a_word(agreement: float) -> str:
    """What a rank correlation says of two orders."""
    return next(words for least, words in WORDS if agreement >= least)
