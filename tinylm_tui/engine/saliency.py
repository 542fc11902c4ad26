"""Saliency: which of the tokens before it moved log p(target), in two ways that need not agree.

    gradient × input[i] = vector[i] · d log p(target)/d vector[i]         vector[i]: the embedding of token i
    leave-one-out[i]    = log p(target | text) − log p(target | text without token i)

Both in nats; above 0: the token spoke for the target. The first asks what would happen if the vector grew a little
longer, and holds positions still (Simonyan et al. 2014, "Deep Inside Convolutional Networks", for the gradient;
Shrikumar et al. 2017, "Learning Important Features", for the product). The second takes the token out and lets the
rest close up (Li et al. 2016, "Understanding Neural Networks through Representation Erasure"), which also moves it.
Letters: T tokens of the text, V vocabulary, D width; W, E as in `engine.average` and `engine.window_mlp`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tinylm_tui.engine import gpt
from tinylm_tui.engine.examples import last_windows
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.lookup import refuse_foreign
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.softmax import log_softmax
from tinylm_tui.engine.tokenizer import BOUNDARY, Ids

AT_ONCE = 256  # tokens in one batch of texts: 64 texts of 63 tokens took 98 ms of work, in batches of 2,048 183 ms
DECIMALS = 5  # of a nat: what differs by less may be rounding of float32, and has no order
NextLogits = Callable[[list[list[int]]], Array]  # equally long texts → the scores of what comes next, (n, V)


class WindowModel(Protocol):
    """`engine.average` or `engine.window_mlp`."""

    def forward(self, params: Parameters, inputs: Ids) -> tuple[Array, Any]:
        """inputs (B, W) → logits (B, V) and a trace."""

    def backward(self, params: Parameters, trace: Any, dlogits: Array) -> Parameters:
        """dlogits (B, V) → the gradient of every weight."""


@dataclass(frozen=True, eq=False)
class Saliency:
    """What each token of a text did for the one that follows it, (T,) float64, nats."""

    gradient_x_input: Array
    leave_one_out: Array  # NaN for the only token of a text: a transformer says nothing after nothing
    seen: Array  # bool: what the model could see at all; the others have 0 in both

    @property
    def agreement(self) -> float | None:
        """The rank correlation of the two over the tokens seen: 1 = the same order, −1 = the reverse."""
        return rank_correlation(
            np.round(self.gradient_x_input[self.seen], DECIMALS), np.round(self.leave_one_out[self.seen], DECIMALS)
        )


def of_gpt(params: Parameters, config: GPTConfig, text: Ids, target: int) -> Saliency:
    """What each token of text (T,) did for `target` after it. Raises as `gpt.forward`."""
    refuse_foreign(np.array([target, *text]), config.vocabulary)
    products = _gpt_products(params, config, text, target)
    left_out = np.full(1, np.nan)
    if len(text) > 1:
        left_out = leave_one_out(lambda texts: gpt.next_logits(params, config, texts), text, target)
    return Saliency(products, left_out, np.ones(len(text), dtype=bool))


def _gpt_products(params: Parameters, config: GPTConfig, text: Ids, target: int) -> Array:
    """Gradient × input of each token of text (T,), (T,).

    Each place gets a row of its own in the token embedding, so that the gradient of this table is the gradient by
    place; a head tied to the embedding keeps the old rows, and is held still.
    """
    rows = params["embedding.token"][text]  # (T, D)
    apart = replaced(params, {"embedding.token": rows, "head": gpt.head(params)})
    logits, trace = gpt.forward(apart, config, np.arange(len(text), dtype=np.int32)[None])  # (1, T, V)
    dlogits = np.zeros_like(logits)
    dlogits[0, -1] = _dlog_p(logits[0, -1], target)
    return _products(rows, gpt.backward(apart, config, trace, dlogits)["embedding.token"])


def of_window(
    model: WindowModel, params: Parameters, text: Ids, target: int, window: int, *, bounded: bool
) -> Saliency:
    """What each token of text (T,) did for `target` after it, in a model of its last `window` tokens (W).

    Raises IndexError for an id outside the vocabulary.
    """
    refuse_foreign(np.array([target, *text]), len(params["embedding"]))
    tail = text[-window - 1 :]  # tokens farther back are not seen, whichever one is left out

    def next_logits(texts: list[list[int]]) -> Array:
        return model.forward(params, last_windows(texts, window, bounded=bounded))[0]

    owners = places_of(text, window, bounded=bounded)  # (W,)
    owned, seen = owners >= 0, np.isin(np.arange(len(text)), owners)
    inputs = last_windows([tail.tolist()], window, bounded=bounded)[0]  # (W,)
    by_place = _window_products(model, params, inputs, target)
    left_out = np.zeros(len(text))
    left_out[len(text) - len(tail) :] = leave_one_out(next_logits, tail, target)
    left_out[~seen] = 0  # but for rounding it is 0 already
    if bounded and len(text) and text[0] == BOUNDARY:
        left_out[0] = 0  # the same: boundaries fill every empty place, also that of the one left out
    return Saliency(np.bincount(owners[owned], by_place[owned], len(text)), left_out, seen)


def _window_products(model: WindowModel, params: Parameters, inputs: Ids, target: int) -> Array:
    """Gradient × input of each place of one window (W,), (W,): each gets a row of its own, as in `_gpt_products`."""
    rows = params["embedding"][inputs]  # (W, E)
    apart = replaced(params, {"embedding": rows})
    logits, trace = model.forward(apart, np.arange(len(inputs), dtype=np.int32)[None])  # (1, V)
    return _products(rows, model.backward(apart, trace, _dlog_p(logits[0], target)[None])["embedding"])


def leave_one_out(next_logits: NextLogits, text: Ids, target: int) -> Array:
    """text (T,) → (T,): how much less log p(target) is without each token."""
    ids = text.tolist()
    shorter = [ids[:i] + ids[i + 1 :] for i in range(len(ids))]
    most = max(1, AT_ONCE // max(1, len(ids)))
    pieces = [_log_p(next_logits(shorter[i : i + most]), target) for i in range(0, len(ids), most)]
    return np.asarray(_log_p(next_logits([ids]), target) - np.concatenate([np.zeros(0), *pieces]))


def places_of(text: Ids, window: int, *, bounded: bool) -> Array:
    """For each place of the window `last_windows` cuts, the token of the text that stands there, (W,).

    −1 where the window is filled up before the text begins. Where the window reaches a boundary it is filled up with
    that boundary, which answers for all those places; leaving it out lets what stands before it in, if anything does.
    """
    places = np.arange(len(text) - window, len(text))
    boundaries = np.flatnonzero(text == BOUNDARY) if bounded else np.zeros(0, np.int64)
    return np.maximum(places, boundaries[-1] if len(boundaries) else -1)


def replaced(params: Parameters, arrays: dict[str, Array]) -> Parameters:
    """A copy with other arrays under some names, of any shape."""
    together = {**params, **arrays}
    shapes = {name: array.shape for name, array in together.items()}
    return Parameters(np.concatenate([array.reshape(-1) for array in together.values()]), shapes)


def _products(vectors: Array, dvectors: Array) -> Array:
    """vector · gradient, row by row: two (n, E) → (n,) float64."""
    return np.asarray((vectors.astype(np.float64) * dvectors).sum(axis=-1))


def _dlog_p(logits: Array, target: int) -> Array:
    """logits (V,) → d log p(target)/dlogits = onehot(target) − softmax(logits), (V,)."""
    dlogits = -np.exp(log_softmax(logits))
    dlogits[target] += 1
    return np.asarray(dlogits)


def _log_p(logits: Array, target: int) -> Array:
    """logits (n, V) → log p(target), (n,) float64."""
    return np.asarray(log_softmax(logits.astype(np.float64))[:, target])


def rank_correlation(a: Array, b: Array) -> float | None:
    """Spearman's: the correlation of the ranks of a and b, both (n,); equal numbers share the mean of their ranks.

    None where there is no order to compare: fewer than 3 numbers, all alike, or some that are not finite.
    """
    if len(a) < 3 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return None
    x, y = (_ranks(numbers) - (len(numbers) + 1) / 2 for numbers in (a, b))
    if not (x.any() and y.any()):
        return None
    return float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1, 1))


def _ranks(numbers: Array) -> Array:
    """(n,) → (n,): 1 for the smallest; equal numbers share the mean of their ranks."""
    _, which, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)  # the highest rank of each group of equal numbers
    return np.asarray((last - (counts - 1) / 2)[which])
