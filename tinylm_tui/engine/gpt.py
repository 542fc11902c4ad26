"""The transformer: GPT-2's architecture in any size, forward and backward by hand.

    resid = token + position embedding               the residual stream, (B, T, D)
    resid = resid + attention(norm1(resid))          in each block: look around …
    resid = resid + mlp(norm2(resid))                … and think about it
    logits = final_norm(resid) · headᵀ               the head is the token embedding itself when it is tied

Letters: B examples, T tokens, V vocabulary, D width. This is the form to read and to look inside with; training
runs `engine.fast.gpt`, which computes the same numbers in less time. It leaves out dropout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from tinylm_tui.engine import attention, embedding, layernorm, mlp
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.linear import rows
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.parts import Part, part
from tinylm_tui.engine.softmax import cross_entropy
from tinylm_tui.engine.tokenizer import Ids

SPREAD = 0.02  # standard deviation of the weights a model starts with, as in GPT-2


@dataclass(frozen=True, eq=False)
class BlockTrace:
    """What one block computed. The three points of the residual stream are (B, T, D)."""

    resid_pre: Array  # the stream as it enters
    norm1: layernorm.Trace
    attention: attention.Trace
    resid_mid: Array  # after attention has been added
    norm2: layernorm.Trace
    mlp: mlp.Trace
    resid_post: Array  # after the MLP has been added


@dataclass(frozen=True, eq=False)
class Trace:
    """What one forward pass computed, from the ids (B, T) to the logits (B, T, V)."""

    ids: Ids
    blocks: tuple[BlockTrace, ...]
    final_norm: layernorm.Trace
    logits: Array


def start(config: GPTConfig, rng: np.random.Generator) -> Parameters:
    """Fresh float32 weights as in GPT-2: matrices normal with mean 0 and standard deviation 0.02, biases 0, gains 1.

    The matrices that write into the residual stream start smaller by the factor √(2·layers), so that the stream does
    not grow with depth: 2·layers is the number of writes.
    """
    params = Parameters.zeros(config.shapes())
    for name, weights in params.items():
        if name.endswith(".gain"):
            weights[...] = 1
        elif weights.ndim == 2:
            weights[...] = SPREAD * rng.standard_normal(weights.shape, dtype=np.float32)
        if name.endswith(".w_out"):
            weights /= sqrt(2 * config.layers)
    return params


def forward(params: Parameters, config: GPTConfig, ids: Ids) -> tuple[Array, Trace]:
    """ids (B, T) → logits (B, T, V): at each place the scores of the token that comes next.

    Raises ValueError for more than `context` tokens and IndexError for an id outside the vocabulary.
    """
    resid = embedding.forward(part(params, "embedding"), ids)  # (B, T, D)
    blocks = []
    for i in range(config.layers):
        resid, trace = block_forward(part(params, f"block{i}"), resid, config.heads)
        blocks.append(trace)
    final, norm = layernorm.forward(part(params, "final_norm"), resid)  # (B, T, D)
    logits = (rows(final) @ head(params).T).reshape(*ids.shape, -1)  # (B, T, V)
    return logits, Trace(ids, tuple(blocks), norm, logits)


def backward(params: Parameters, config: GPTConfig, trace: Trace, dlogits: Array) -> Parameters:
    """dlogits (B, T, V) → the gradient of every weight."""
    grads = Parameters.zeros(params.shapes, dlogits.dtype)
    dfinal = (rows(dlogits) @ head(params)).reshape(trace.final_norm.y.shape)  # (B, T, D)
    head(grads)[...] = rows(dlogits).T @ rows(trace.final_norm.y)  # (V, D)
    dresid = layernorm.backward(part(params, "final_norm"), part(grads, "final_norm"), trace.final_norm, dfinal)
    for i in reversed(range(config.layers)):
        dresid = block_backward(part(params, f"block{i}"), part(grads, f"block{i}"), trace.blocks[i], dresid)
    embedding.backward(part(params, "embedding"), part(grads, "embedding"), trace.ids, dresid)
    return grads


def block_forward(p: Part, resid_pre: Array, heads: int) -> tuple[Array, BlockTrace]:
    """resid (B, T, D) → resid (B, T, D). Attention and the MLP each read the stream and add to it."""
    normed, norm1 = layernorm.forward(part(p, "norm1"), resid_pre)
    looked, attended = attention.forward(part(p, "attention"), normed, heads)
    resid_mid = resid_pre + looked
    normed, norm2 = layernorm.forward(part(p, "norm2"), resid_mid)
    thought, mlp_trace = mlp.forward(part(p, "mlp"), normed)
    resid_post = resid_mid + thought
    return resid_post, BlockTrace(resid_pre, norm1, attended, resid_mid, norm2, mlp_trace, resid_post)


def block_backward(p: Part, g: Part, trace: BlockTrace, dresid: Array) -> Array:
    """dresid (B, T, D) after the block → before it. From y = x + f(x): dx = dy + the gradient through f."""
    dnormed = mlp.backward(part(p, "mlp"), part(g, "mlp"), trace.mlp, dresid)
    dresid = dresid + layernorm.backward(part(p, "norm2"), part(g, "norm2"), trace.norm2, dnormed)
    dnormed = attention.backward(part(p, "attention"), part(g, "attention"), trace.attention, dresid)
    return dresid + layernorm.backward(part(p, "norm1"), part(g, "norm1"), trace.norm1, dnormed)


def head(params: Parameters) -> Array:
    """(V, D), the matrix that turns the last vector of a token into scores: tied, it is the token embedding."""
    return params["head"] if "head" in params else params["embedding.token"]


def loss_and_grads(params: Parameters, config: GPTConfig, inputs: Ids, targets: Ids) -> tuple[float, Parameters]:
    """Mean surprise in nats a token over inputs, targets (B, T), and its gradient."""
    logits, trace = forward(params, config, inputs)
    loss, dlogits = cross_entropy(rows(logits), targets.reshape(-1))
    return loss, backward(params, config, trace, dlogits.reshape(logits.shape))


def next_logits(params: Parameters, config: GPTConfig, texts: Sequence[Sequence[int]]) -> Array:
    """The scores (B, V) of the token after each of B equally long texts, whose last `context` tokens are used."""
    logits, _ = forward(params, config, windows_of(texts, config.context))
    last: Array = logits[:, -1]
    return last


def windows_of(texts: Sequence[Sequence[int]], context: int) -> Ids:
    """The last `context` ids of each text, (B, T). Raises ValueError for texts that are not equally long."""
    if len(lengths := {len(text) for text in texts}) != 1:
        raise ValueError(f"texts to go on from side by side must be equally long, got lengths {sorted(lengths)}")
    return np.array([text[-context:] for text in texts], dtype=np.int32)
