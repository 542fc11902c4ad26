"""What a training step costs beside its bare arithmetic, and how near to the floor it gets.

    python tests/bench/bench_bigram.py

Paired rounds in one run; prints ratios with the machine they were measured on. Nothing here is a test.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from machine import describe  # first: one BLAS thread before numpy looks

# isort: split
import numpy as np

from tinylm_tui.lab.headless import find_corpus, train
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings

STEPS, ROUNDS = 2000, 15


def bare(W: np.ndarray, pair: np.ndarray, row: np.ndarray, learn_rate: float) -> None:
    """The arithmetic of one full-batch step and its loss, in plain numpy and nothing around it."""
    shifted = W - W.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    _loss = -float((log_p * pair).sum())
    W -= learn_rate * (np.exp(log_p) * row - pair)


def seconds(work: Callable[[], None]) -> float:
    """How long STEPS calls take."""
    began = time.perf_counter()
    for _ in range(STEPS):
        work()
    return time.perf_counter() - began


def step_ratio() -> float:
    """The median over paired rounds of (our step) / (bare numpy)."""
    settings = Settings()
    run = Run(find_corpus("names", settings), settings)
    shares = run.learner.shares
    W, pair, row = run.params["W"].copy(), shares.pair, shares.row
    ratios = []
    for _ in range(ROUNDS):
        theirs = seconds(lambda: bare(W, pair, row, 20.0))
        ours = seconds(run.train_step)
        ratios.append(ours / theirs)
    print(f"full-batch step: {ours / STEPS * 1e6:.1f} µs, bare numpy {theirs / STEPS * 1e6:.1f} µs")
    return median(ratios)


def distances() -> None:
    """For every starter text: how far above the exact floor 1,000 default steps end."""
    for name in ("names", "animals", "places", "sentences", "nonsense", "story"):
        settings = Settings()
        run = Run(find_corpus(name, settings), settings)
        *_, done = train(run, 1000)
        print(f"{name:<10} V={run.corpus.size:<3} loss {done['loss']:.4f}  floor {done['floor']:.4f}  "
              f"above {done['loss'] - done['floor']:+.4f} nats  {done['steps_per_second']:>9,.0f} steps/s")  # fmt: skip


if __name__ == "__main__":
    print(describe())
    print(f"ratio step / bare numpy: {step_ratio():.2f} (median of {ROUNDS} paired rounds of {STEPS} steps)")
    distances()
