"""The average in plain Python, lists and loops, one example at a time: how a first guide would write it."""

from __future__ import annotations

import math
import random


def random_table(rows: int, columns: int, dice: random.Random) -> list[list[float]]:
    """Small random numbers."""
    return [[dice.gauss(0, 0.1) for _ in range(columns)] for _ in range(rows)]


def forward(window: list[int], embedding: list[list[float]], output: list[list[float]]):
    """→ the mean vector and the probabilities of what comes next."""
    width, size = len(output), len(embedding)
    mean = [0.0] * width
    for token in window:
        for i in range(width):
            mean[i] += embedding[token][i]
    mean = [x / len(window) for x in mean]
    logits = [0.0] * size
    for j in range(size):
        for i in range(width):
            logits[j] += mean[i] * output[i][j]
    top = max(logits)
    exps = [math.exp(x - top) for x in logits]
    total = sum(exps)
    return mean, [e / total for e in exps]


def learn(
    window: list[int], target: int, embedding: list[list[float]], output: list[list[float]], rate: float
) -> float:
    """One step of gradient descent on one example; returns its surprise in nats."""
    mean, p = forward(window, embedding, output)
    width, size = len(output), len(embedding)
    errors = list(p)
    errors[target] -= 1
    dmean = [0.0] * width
    for i in range(width):
        for j in range(size):
            dmean[i] += output[i][j] * errors[j]
    for i in range(width):
        for j in range(size):
            output[i][j] -= rate * mean[i] * errors[j]
    for token in window:
        for i in range(width):
            embedding[token][i] -= rate * dmean[i] / len(window)
    return -math.log(p[target])
