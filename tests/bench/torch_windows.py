"""The window models in PyTorch, as somebody who knows PyTorch would write them for speed. Only for benchmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

OPTIMIZERS = {"for-loop": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}


class Average(nn.Module):
    """Embedding and mean, or the one layer that does both."""

    def __init__(self, size: int, width: int, *, bag: bool) -> None:
        super().__init__()
        self.bag = bag
        self.embedding = nn.EmbeddingBag(size, width, mode="mean") if bag else nn.Embedding(size, width)
        self.output = nn.Linear(width, size, bias=False)
        for weights in self.parameters():
            nn.init.normal_(weights, std=0.1)

    def forward(self, windows):
        vectors = self.embedding(windows)
        return self.output(vectors if self.bag else vectors.mean(1))


class MLP(nn.Module):
    """With PyTorch's own start of every layer."""

    def __init__(self, size: int, window: int, width: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(size, width)
        self.hidden, self.output = nn.Linear(window * width, hidden), nn.Linear(hidden, size)

    def forward(self, windows):
        return self.output(torch.tanh(self.hidden(self.embedding(windows).flatten(1))))


def batches(inputs: np.ndarray, targets: np.ndarray, batch: int, seed: int = 0) -> Iterator:
    """Batches of all examples (M, W), (M,), in another order each epoch; what is left over is left out."""
    x, y = (torch.from_numpy(array.astype(np.int64)) for array in (inputs, targets))
    dice = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(len(y), generator=dice)
        shuffled, wanted = x[order], y[order]
        for start in range(0, len(y) - batch + 1, batch):
            yield shuffled[start : start + batch], wanted[start : start + batch]


def training_step(model: nn.Module, optimizer: torch.optim.Optimizer, source: Iterator, most: float = 0.0) -> Callable:
    """A function that makes one step, with the gradient shortened to the length `most` unless that is 0."""
    weights = list(model.parameters())

    def step() -> None:
        windows, targets = next(source)
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(windows), targets).backward()
        if most:
            nn.utils.clip_grad_norm_(weights, most, foreach=True)
        optimizer.step()

    return step


@torch.inference_mode()
def mean_loss(model: nn.Module, inputs: np.ndarray, targets: np.ndarray) -> float:
    """Over all examples, nats."""
    x, y = (torch.from_numpy(array.astype(np.int64)) for array in (inputs, targets))
    return F.cross_entropy(model(x), y).item()
