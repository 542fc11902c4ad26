"""Training without a screen: the same loop, told what to print."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinylm_tui.lab.corpus import Corpus, make_corpus
from tinylm_tui.lab.files import read_text
from tinylm_tui.lab.run import Run, suited
from tinylm_tui.lab.settings import Settings, parse_pairs
from tinylm_tui.lab.starters import STARTERS, starter

REPORTS = 10  # progress lines in one training


def find_corpus(name_or_path: str, settings: Settings) -> Corpus:
    """A starter text by its name, or a file. Raises TextError."""
    if name_or_path in {s.name for s in STARTERS}:
        chosen = starter(name_or_path)
        reading = chosen.reading if settings.reading == "auto" else settings.reading
        return make_corpus(chosen.name, chosen.text(), reading)
    return make_corpus(Path(name_or_path).name, read_text(name_or_path), settings.reading)


def fresh_run(name_or_path: str, pairs: list[str]) -> Run:
    """A run on a starter text or a file, with settings `NAME=VALUE`; the learn rate suits the text unless one is set.

    Raises TextError or SettingError.
    """
    settings = parse_pairs(pairs)
    corpus = find_corpus(name_or_path, settings)
    told = any(pair.partition("=")[0].strip() == "learn_rate" for pair in pairs)
    return Run(corpus, settings if told else suited(settings, corpus))


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
        "event": "done", "steps": run.step, "loss": run.loss(), "held_out": run.learner.held_out_loss(whole=True),
        "uniform": run.corpus.uniform, "floor": run.floor, "weights": run.params.count,
        "vocabulary": run.corpus.size, "steps_per_second": round(speed, 1),
    }  # fmt: skip
