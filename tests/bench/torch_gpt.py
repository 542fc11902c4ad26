"""The same model in PyTorch, as somebody who knows PyTorch would write it for speed. Only benchmarks import this."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tinylm_tui.engine.gpt_config import GPTConfig


class Form(NamedTuple):
    """The choices that change PyTorch's speed and not the model's shape."""

    gelu: str = "tanh"  # or "none", the exact one
    fused_attention: bool = True  # F.scaled_dot_product_attention, or softmax(QKᵀ)V written out
    compiled: bool = False

    @property
    def name(self) -> str:
        attention = "sdpa" if self.fused_attention else "manual"
        return f"{'compile' if self.compiled else 'eager'}, {'tanh' if self.gelu == 'tanh' else 'exact'}, {attention}"


class Block(nn.Module):
    def __init__(self, config: GPTConfig, form: Form) -> None:
        super().__init__()
        D, T = config.width, config.context
        self.heads, self.form = config.heads, form
        self.norm1, self.norm2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.qkv, self.out = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.w_in, self.w_out = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)
        self.register_buffer("mask", torch.triu(torch.full((T, T), float("-inf")), 1))

    def forward(self, x, kept=None):
        B, T, D = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(B, T, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        if kept is not None:
            k, v = kept.add(k, v)
        mixed = self.mix(q, k, v, causal=kept is None)
        x = x + self.out(mixed.transpose(1, 2).reshape(B, T, D))
        return x + self.w_out(F.gelu(self.w_in(self.norm2(x)), approximate=self.form.gelu))

    def mix(self, q, k, v, causal):
        if self.form.fused_attention:
            return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        scores = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
        if causal:
            scores = scores + self.mask[: q.shape[2], : q.shape[2]]
        return torch.softmax(scores, -1) @ v


class Kept:
    """One block's keys and values, written into tensors allocated once."""

    def __init__(self, config: GPTConfig) -> None:
        shape = (1, config.heads, config.context, config.head_width)
        self.k, self.v, self.at = torch.zeros(shape), torch.zeros(shape), 0

    def add(self, k, v):
        to = self.at + k.shape[2]
        self.k[:, :, self.at : to], self.v[:, :, self.at : to], self.at = k, v, to
        return self.k[:, :, :to], self.v[:, :, :to]


class TorchGPT(nn.Module):
    def __init__(self, config: GPTConfig, form: Form) -> None:
        super().__init__()
        self.token, self.position = (
            nn.Embedding(config.vocabulary, config.width),
            nn.Embedding(config.context, config.width),
        )
        self.blocks = nn.ModuleList([Block(config, form) for _ in range(config.layers)])
        self.final_norm = nn.LayerNorm(config.width)
        self.head = nn.Linear(config.width, config.vocabulary, bias=False)
        if config.tie_head:
            self.head.weight = self.token.weight
        self.register_buffer("places", torch.arange(config.context))

    def forward(self, ids, kept=None):
        at = kept[0].at if kept else 0
        x = self.token(ids) + self.position(self.places[at : at + ids.shape[1]])
        for i, block in enumerate(self.blocks):
            x = block(x, kept[i] if kept else None)
        return self.head(self.final_norm(x))


def training_step(config: GPTConfig, form: Form, stream: np.ndarray, batch: int) -> Callable[[], None]:
    """A function that makes one step: draw a batch, forward, backward, clip, fused AdamW."""
    torch.manual_seed(0)
    model = TorchGPT(config, form)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    forward = torch.compile(model) if form.compiled else model
    data, window, V = torch.from_numpy(stream.astype(np.int64)), torch.arange(config.context + 1), config.vocabulary

    def step() -> None:
        ids = data[torch.randint(0, len(data) - config.context - 1, (batch, 1)) + window]
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(forward(ids[:, :-1]).reshape(-1, V), ids[:, 1:].reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0, foreach=True)
        optimizer.step()

    return step


def writer(config: GPTConfig, form: Form) -> Callable[[], None]:
    """A function that writes one text of `context` tokens from a boundary, with a key/value cache."""
    torch.manual_seed(0)
    model = TorchGPT(config, form).eval()

    @torch.inference_mode()
    def write() -> None:
        kept = [Kept(config) for _ in range(config.layers)]
        ids = torch.zeros((1, 1), dtype=torch.long)
        for _ in range(config.context):
            p = torch.softmax(model(ids, kept)[0, -1], -1)
            ids = torch.multinomial(p, 1)[None]

    return write
