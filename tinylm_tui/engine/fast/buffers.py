"""Every array one training step writes to, allocated once. Letters as in `engine.gpt`, N = B·T tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.parts import Part, by_part
from tinylm_tui.engine.tokenizer import Ids


@dataclass(frozen=True, eq=False)
class NormBuffers:
    """Kept by a LayerNorm from forward to backward."""

    normed: Array  # (N, D)
    scale: Array  # (N,)
    y: Array  # (N, D)


@dataclass(frozen=True, eq=False)
class BlockBuffers:
    """Kept by one block from forward to backward; q, k, v and heads are views, so the heads are never copied."""

    norm1: NormBuffers
    qkv: Array  # (N, 3D)
    q: Array  # (B, H, T, d), the first third of qkv
    k: Array  # (B, H, T, d)
    v: Array  # (B, H, T, d)
    pattern: Array  # (B, H, T, T)
    mixed: Array  # (N, D)
    heads: Array  # (B, H, T, d), a view of mixed
    norm2: NormBuffers
    activated: Array  # (N, 4D)
    slope: Array  # (N, 4D), the derivative of GELU at each hidden unit


@dataclass(frozen=True, eq=False)
class Scratch:
    """Used for a moment, by every block again."""

    ones: Array  # (N,), a sum over tokens is a product with it
    mask: Array  # (T, T), 1 on and below the diagonal, 0 above
    wide: Array  # (N, D)
    mean: Array  # (N,)
    hidden: Array  # (N, 4D)
    hidden2: Array  # (N, 4D)
    dresid: Array  # (N, D)
    dnormed: Array  # (N, D)
    dqkv: Array  # (N, 3D)
    dq: Array  # (B, H, T, d), views of dqkv
    dk: Array  # (B, H, T, d)
    dv: Array  # (B, H, T, d)
    dmixed: Array  # (N, D)
    dheads: Array  # (B, H, T, d), a view of dmixed
    scores: Array  # (B, H, T, T)
    total: Array  # (B·H·T,)


@dataclass(frozen=True, eq=False)
class Buffers:
    """All of it, for pieces of `batch` examples with `tokens` tokens each."""

    batch: int
    tokens: int
    resid: Array  # (N, D), the residual stream: one array, to which every block adds
    blocks: tuple[BlockBuffers, ...]
    final: NormBuffers
    logits: Array  # (N, V)
    one_hot: Array  # (N, V)
    scratch: Scratch
    grads: Parameters  # of one piece
    grad_parts: Mapping[str, Part]  # the same arrays by part

    @classmethod
    def of(cls, config: GPTConfig, batch: int, tokens: int, dtype: Any = np.float32) -> Buffers:
        """Arrays for one shape of model and piece. Their content means nothing before the first step."""
        N, D = batch * tokens, config.width

        def array(*shape: int) -> Array:
            return np.zeros(shape, dtype)

        def norm() -> NormBuffers:
            return NormBuffers(array(N, D), array(N), array(N, D))

        def block() -> BlockBuffers:
            qkv, mixed = array(N, 3 * D), array(N, D)
            return BlockBuffers(
                norm(), qkv, *_thirds(qkv, config, batch), array(batch, config.heads, tokens, tokens),
                mixed, _heads(mixed, config, batch), norm(), array(N, 4 * D), array(N, 4 * D),
            )  # fmt: skip

        def scratch() -> Scratch:
            dqkv, dmixed = array(N, 3 * D), array(N, D)
            return Scratch(
                np.ones(N, dtype), np.tri(tokens, dtype=dtype), array(N, D), array(N), array(N, 4 * D),
                array(N, 4 * D), array(N, D), array(N, D), dqkv, *_thirds(dqkv, config, batch), dmixed,
                _heads(dmixed, config, batch), array(batch, config.heads, tokens, tokens),
                array(batch * config.heads * tokens),
            )  # fmt: skip

        grads = Parameters.zeros(config.shapes(), dtype)
        return cls(
            batch, tokens, array(N, D), tuple(block() for _ in range(config.layers)), norm(),
            array(N, config.vocabulary), array(N, config.vocabulary), scratch(), grads, by_part(grads),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Workspace:
    """What a training step of one shape needs: the pieces of a batch, each with its buffers, and the gradient."""

    config: GPTConfig
    batch: int
    tokens: int
    pieces: tuple[tuple[slice, Buffers], ...]
    grads: Parameters

    @classmethod
    def of(cls, config: GPTConfig, batch: int, tokens: int, dtype: Any = np.float32, most: int = 0) -> Workspace:
        """Buffers for the pieces of `config.piece_sizes(batch, most)`."""
        sizes = config.piece_sizes(batch, most)
        buffers = {size: Buffers.of(config, size, tokens, dtype) for size in set(sizes)}
        ends = np.cumsum(sizes).tolist()
        cut = tuple((slice(end - size, end), buffers[size]) for size, end in zip(sizes, ends, strict=True))
        return cls(config, batch, tokens, cut, Parameters.zeros(config.shapes(), dtype))

    def refuse_other(self, ids: Ids) -> None:
        """Raises ValueError for ids of another shape."""
        if ids.shape != (self.batch, self.tokens):
            raise ValueError(f"this workspace is for ids of shape {(self.batch, self.tokens)}, got {ids.shape}")


def _thirds(qkv: Array, config: GPTConfig, batch: int) -> tuple[Array, Array, Array]:
    """qkv (N, 3D) → views q, k, v, each (B, H, T, d)."""
    q, k, v = qkv.reshape(batch, -1, 3, config.heads, config.head_width).transpose(2, 0, 3, 1, 4)
    return q, k, v


def _heads(mixed: Array, config: GPTConfig, batch: int) -> Array:
    """mixed (N, D) → a view (B, H, T, d)."""
    by_head: Array = mixed.reshape(batch, -1, config.heads, config.head_width).swapaxes(1, 2)
    return by_head
