"""Training without a screen: the same loop, told what to print."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tinylm_tui.engine import bigram
from tinylm_tui.engine.counts import PairShares
from tinylm_tui.engine.gradcheck import worst_relative_error
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.softmax import cross_entropy
from tinylm_tui.lab.corpus import Corpus, make_corpus
from tinylm_tui.lab.files import read_text
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.starters import STARTERS, starter

REPORTS = 10  # progress lines in one training


def find_corpus(name_or_path: str, settings: Settings) -> Corpus:
    """A starter text by its name, or a file. Raises TextError."""
    if name_or_path in {s.name for s in STARTERS}:
        chosen = starter(name_or_path)
        reading = chosen.reading if settings.reading == "auto" else settings.reading
        return make_corpus(chosen.name, chosen.text(), reading)
    return make_corpus(Path(name_or_path).name, read_text(name_or_path), settings.reading)


def train(run: Run, steps: int) -> Iterator[dict[str, Any]]:
    """Train `steps` steps at full speed; yield progress, then the closing record. Raises Diverged."""
    began, first = time.perf_counter(), run.step
    every = max(1, steps // REPORTS)
    for done in range(1, steps + 1):
        run.train_step()
        if done % every == 0 or done == steps:
            run.check()
            yield {"step": run.step, "loss": run.loss(), "held_out": run.learner.held_out_loss()}
    seconds = time.perf_counter() - began
    yield closing_record(run, (run.step - first) / seconds if seconds else 0.0)


def closing_record(run: Run, speed: float) -> dict[str, Any]:
    """How it ended; `loss` is over every pair of the text for a bigram, the mean of the last batches for a gpt."""
    return {
        "event": "done", "steps": run.step, "loss": run.loss(), "held_out": run.learner.held_out_loss(),
        "uniform": run.corpus.uniform, "floor": run.floor, "weights": run.params.count,
        "vocabulary": run.corpus.size, "steps_per_second": round(speed, 1),
    }  # fmt: skip


def gradient_check(seed: int = 0) -> dict[str, float]:
    """The bigram's two gradients, full batch and mini-batch, against central differences in float64."""
    rng = np.random.default_rng(seed)
    size = 12
    counts = rng.integers(0, 9, (size, size))
    shares = PairShares.of(counts, np.float64)
    params = Parameters(rng.standard_normal(size * size), bigram.shapes(size))
    inputs, targets = rng.integers(0, size, (2, 40))

    def by_batch(params: Parameters) -> tuple[float, Parameters]:
        logits, trace = bigram.forward(params, inputs)
        loss, dlogits = cross_entropy(logits, targets)
        return loss, bigram.backward(params, trace, dlogits)

    return {
        "full batch": worst_relative_error(lambda p: bigram.full_batch(p, shares), params, rng),
        "mini-batch": worst_relative_error(by_batch, params, rng),
    }
