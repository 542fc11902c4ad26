"""Writing with a key/value cache: each new token looks back at keys and values that were computed once and kept.

Without it every token of the text would go through the whole model again for each token drawn. It holds as long
as the text fits the context; after that the window slides, every token changes its position, and the kept keys
and values are worth nothing. The scores are those of `gpt.next_logits`, to rounding.

Letters as in `engine.gpt`; B texts of T tokens each are written side by side, of which M tokens are new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np

from tinylm_tui.engine import embedding
from tinylm_tui.engine.attention import join
from tinylm_tui.engine.gpt import head, windows_of
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.layernorm import EPSILON
from tinylm_tui.engine.linear import rows
from tinylm_tui.engine.mlp import gelu
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.parts import Part, part
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.engine.tokenizer import Ids


class BlockWeights(NamedTuple):
    """One block's weights, arranged so that a token takes fewer operations (see `fold` and `centred`)."""

    w_qkv: Array  # (D, 3D), norm1's gain folded in, the queries' third divided by √d
    b_qkv: Array
    w_looked: Array  # (D, D), attention's w_out
    b_looked: Array
    w_in: Array  # (D, 4D)
    b_in: Array
    w_out: Array  # (4D, D)
    b_out: Array


@dataclass(eq=False)
class Cache:
    """The keys and values of the tokens seen so far, for one set of weights, taken as they were when it was made."""

    config: GPTConfig
    embedding: Part
    blocks: Sequence[BlockWeights]
    w_head: Array  # (D, V), with the final LayerNorm's gain folded in
    b_head: Array  # (V,)
    share: Array  # (D,), 1/D everywhere: a product with it is a mean
    keys: Array  # (layers, B, H, context, d)
    values: Array  # (layers, B, H, context, d)
    seen: Ids  # (B, T), the tokens whose keys and values are kept

    @classmethod
    def of(cls, params: Parameters, config: GPTConfig) -> Cache:
        """Nothing seen yet."""
        taken, dtype = params.copy(), params.flat.dtype
        blocks = [block_weights(part(taken, f"block{i}"), config) for i in range(config.layers)]
        w_head, b_head = fold(part(taken, "final_norm"), head(taken).T, np.zeros(config.vocabulary, dtype))
        share = np.full(config.width, 1 / config.width, dtype)
        none = np.zeros((config.layers, 0, config.heads, config.context, config.head_width), dtype)
        nothing = np.zeros((0, 0), np.int32)
        tables = {name: centred(table) for name, table in part(taken, "embedding").items()}
        return cls(config, tables, blocks, w_head, b_head, share, none, none, nothing)


def fold(norm: Part, w: Array, b: Array) -> tuple[Array, Array]:
    """W and b as they must be where a LayerNorm before them leaves out its gain g and bias c.

    (g·n + c)·W + b = n·(g·W) + (c·W + b): the same numbers with two operations fewer for each token.
    """
    return norm["gain"][:, None] * w, norm["bias"] @ w + b


def centred(w: Array) -> Array:
    """w (..., D) with mean 0 along D.

    If all that is written into the residual stream has mean 0, so has the stream, and no LayerNorm needs to take its
    mean away. The scores stay the same: what a LayerNorm takes away never reached anything behind it.
    """
    around_zero: Array = w - w.mean(axis=-1, keepdims=True)
    return around_zero


def block_weights(p: Part, config: GPTConfig) -> BlockWeights:
    """What `block` needs of one block's weights."""
    w_qkv, b_qkv = fold(part(p, "norm1"), p["attention.w_qkv"], p["attention.b_qkv"])
    w_in, b_in = fold(part(p, "norm2"), p["mlp.w_in"], p["mlp.b_in"])
    w_qkv[:, : config.width] /= sqrt(config.head_width)
    b_qkv[: config.width] /= sqrt(config.head_width)
    written = (centred(p[name]) for name in ("attention.w_out", "attention.b_out", "mlp.w_out", "mlp.b_out"))
    w_looked, b_looked, w_out, b_out = written
    return BlockWeights(w_qkv, b_qkv, w_looked, b_looked, w_in, b_in, w_out, b_out)


def next_logits(cache: Cache, texts: Sequence[Sequence[int]]) -> Array:
    """The scores (B, V) of the token after each text; only tokens not seen before are computed.

    The texts are equally long, and the last `context` tokens of each are used. Raises as `gpt.forward`.
    """
    ids = windows_of(texts, cache.config.context)  # (B, T)
    embedding.refuse_unfit(cache.embedding, ids)
    recognise(cache, ids)
    resid = feed(cache, ids[:, cache.seen.shape[1] :])  # (B·M, D)
    cache.seen = ids
    final = normed(resid.reshape(len(ids), -1, resid.shape[1])[:, -1], cache.share)  # (B, D)
    logits: Array = final @ cache.w_head + cache.b_head
    return logits


def recognise(cache: Cache, ids: Ids) -> None:
    """Leaves in the cache, row by row, what is known of the beginnings of `ids` (B, T), but for the last token.

    Some texts may have ended meanwhile, or one beginning may go on in several ways: rows are taken as needed.
    """
    known = cache.seen.shape[1]
    if np.array_equal(cache.seen, ids[:, :known]):
        cache.seen = cache.seen[:, : ids.shape[1] - 1]
        return
    places = {tuple(row): i for i, row in enumerate(cache.seen.tolist())}
    rows = [places.get(tuple(row), -1) for row in ids[:, :known].tolist()]
    if known < ids.shape[1] and min(rows) >= 0:
        cache.keys, cache.values, cache.seen = cache.keys[:, rows], cache.values[:, rows], ids[:, :known]
    else:
        layers, _, *shape = cache.keys.shape
        cache.keys, cache.values = np.zeros((2, layers, len(ids), *shape), cache.keys.dtype)
        cache.seen = ids[:, :0]


def feed(cache: Cache, new: Ids) -> Array:
    """Takes new tokens (B, M) through the blocks, keeping their keys and values → the residual stream (B·M, D)."""
    p, at = cache.embedding, cache.seen.shape[1]
    resid = rows(p["token"][new] + p["position"][at : at + new.shape[1]])
    for weights, keys, values in zip(cache.blocks, cache.keys, cache.values, strict=True):
        resid = block(weights, cache.share, resid, keys, values, at)
    return resid


def block(w: BlockWeights, share: Array, resid: Array, keys: Array, values: Array, at: int) -> Array:
    """`gpt.block_forward` for new tokens, resid (B·M, D) → resid (B·M, D), that stand after `at` others."""
    mixed = attend(normed(resid, share) @ w.w_qkv + w.b_qkv, keys, values, at)  # (B·M, D)
    resid = resid + mixed @ w.w_looked + w.b_looked
    activated = gelu(normed(resid, share) @ w.w_in + w.b_in)  # (B·M, 4D)
    written: Array = resid + activated @ w.w_out + w.b_out
    return written


def normed(x: Array, share: Array) -> Array:
    """x/σ of each row of x (N, D), whose mean is 0 already: a LayerNorm but for its gain and bias."""
    y: Array = x / np.sqrt((x * x) @ share + EPSILON)[:, None]
    return y


def attend(qkv: Array, keys: Array, values: Array, at: int) -> Array:
    """The middle of `attention.forward`: qkv (B·M, 3D) of new tokens → mixed (B·M, D).

    They see the `at` kept tokens and each other; their keys and values are written to keys, values (B, H, context, d)
    from place `at` on.
    """
    B, heads, _, d = keys.shape
    q, k, v = qkv.reshape(B, -1, 3, heads, d).transpose(2, 0, 3, 1, 4)  # each (B, H, M, d)
    new = q.shape[2]
    to = at + new
    keys[:, :, at:to], values[:, :, at:to] = k, v
    scores = q @ keys[:, :, :to].swapaxes(-1, -2)  # (B, H, M, to)
    if new > 1:  # a single new token may look at all
        scores = np.where(np.tri(new, to, at, dtype=bool), scores, -np.inf)
    return rows(join(softmax(scores) @ values[:, :, :to]))
