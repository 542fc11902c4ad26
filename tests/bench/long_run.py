"""Eight hours in fast motion: a trainer with a clock of its own, snapshots taken, the run saved every half minute.

    python tests/bench/long_run.py [--hours H] [--steps N]

The bigram trains at its pace of 100 steps a second for so many hours; the average, at 1,000 a second, so many steps.
What is asked: does memory stay where it was, and do the curves stay as short as they are. Memory is the resident set
of the process (Linux), taken at equal parts of the way.
"""

from __future__ import annotations

import argparse
import gc
import os
import pickle
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tinylm_tui
from tinylm_tui.lab import commands as c
from tinylm_tui.lab import store
from tinylm_tui.lab.history import CAPACITY
from tinylm_tui.lab.recipes import fresh_run
from tinylm_tui.lab.starters import starter
from tinylm_tui.lab.trainer import Trainer

assert os.environ["OPENBLAS_NUM_THREADS"], tinylm_tui
SLICE = 0.25  # seconds of the made-up clock between two looks at the trainer
PARTS = 8
MODELS = {
    "bigram": (("model", "bigram"), ("pace", "100"), ("held_out", "0.1")),
    "average": (("model", "average"), ("pace", "1000")),
}


class FastMotion:
    """A clock that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Mark:
    """How things stand after so many steps: bytes of the process, bytes that Python has asked for, and counts."""

    step: int
    hours: float  # of the made-up clock
    resident: int
    traced: int  # the most since the mark before; 0 where nothing is traced
    objects: int
    points: int  # of the longest curve
    sent: int  # bytes of a snapshot
    files: int  # beside the saved run


def resident() -> int:
    """Bytes of this process in memory; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def marks(model: str, steps: int, folder: Path, parts: int = PARTS) -> Iterator[Mark]:
    """Train so many steps, and tell after each of equal parts of the way how things stand."""
    text = starter("names")
    clock = FastMotion()
    trainer = Trainer(fresh_run("names", text.text(), text.reading, MODELS[model]), clock)
    trainer.handle(c.Keep(str(folder / "run.safetensors")))
    trainer.handle(c.Train())
    for part in range(1, parts + 1):
        while trainer.run.step < steps * part // parts and trainer.running:
            clock.now += SLICE
            trainer.work(SLICE)
            trainer.snapshot()
        yield _mark(trainer, clock, folder)
    if not trainer.running:
        raise SystemExit(f"it paused by itself: {trainer.snapshot().notice}")
    trainer.keep()
    assert store.load(folder / "run.safetensors").step == trainer.run.step


def _mark(trainer: Trainer, clock: FastMotion, folder: Path) -> Mark:
    snapshot = trainer.snapshot()
    traced = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    gc.collect()
    return Mark(
        step=trainer.run.step, hours=clock.now / 3600, resident=resident(), traced=traced,
        objects=len(gc.get_objects()), points=max(map(len, snapshot.curves.values())),
        sent=len(pickle.dumps(snapshot)), files=len(list(folder.iterdir())),
    )  # fmt: skip


def main() -> None:
    """Print a line for each part of the way."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=float, default=8.0)
    options.add_argument("--steps", type=int, default=3_000_000, help="of the average")
    chosen = options.parse_args()
    wanted = {"bigram": round(chosen.hours * 3600 * 100), "average": chosen.steps}
    for model, steps in wanted.items():
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            for m in marks(model, steps, Path(folder)):
                print(
                    f"{model:<8} step {m.step:>10,}  {m.hours:5.2f} h  {m.resident / 2**20:7.1f} MiB  "
                    f"{m.objects:,} objects  curves {m.points:,} of {CAPACITY:,} points  "
                    f"snapshot {m.sent / 1000:.1f} kB  {m.files} file(s)  {time.monotonic() - began:6.1f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main()
