"""When the trainer's process dies, the screen still holds its last snapshot: a run can be made of it and kept."""

from __future__ import annotations

import numpy as np

from tinylm_tui.lab.corpus import corpus_of
from tinylm_tui.lab.history import History, Lowest
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.snapshot import Snapshot


def run_of(snapshot: Snapshot) -> Run:
    """A run with the weights, text, settings, step and curves of `snapshot`.

    What a snapshot does not hold begins afresh: the generators' states, and the optimizer's memory of a GPT.
    """
    seen = snapshot.corpus
    run = Run(corpus_of(seen.name, seen.text, seen.reading, seen.tokenizer), snapshot.settings)
    np.copyto(run.params.flat, snapshot.params.flat)
    run.step, run.start_loss = snapshot.step, snapshot.start_loss
    run.history = {name: History.of(curve, 1, min(1, len(curve))) for name, curve in snapshot.curves.items()}
    run.lowest = Lowest.seen_in(snapshot.curves["held_out"])
    run.marks = snapshot.marks
    return run
