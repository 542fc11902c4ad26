"""kill -9 at random moments of saving: no file may be unreadable, or older than the last save reported as done.

    python tests/bench/kill_saves.py [--rounds N] [--seed N] [--folder FOLDER] [--in-place]

In each round a child process goes on training the run in the file and saves it after every step, reports each save
that is done through a pipe, and is killed at a random moment. Prints a line of JSON; the exit status is 1 where
something was lost. With --in-place the old file is written over piece by piece: a control, in which something must be.
A kill of the process is no power cut: what the system had taken over is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from saved_seeds import small_run

# isort: split
import numpy as np

from tinylm_tui.lab import keeping, store
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.run_file import bytes_of

Save = Callable[[Run, Path], None]
LONGEST = 0.12  # seconds from the start of a child to its end
MODELS = [("bigram", "bpe"), ("average", "alphabet"), ("mlp", "characters"), ("gpt", "bpe")]


def in_place(run: Run, file: Path) -> None:
    """How not to save."""
    data = bytes_of(run)
    with open(file, "wb", buffering=0) as opened:
        for start in range(0, len(data), 500):
            opened.write(data[start : start + 500])
            os.fsync(opened)


def saving(save: Save, run: Run, file: Path, report: int) -> None:
    """What a child does until it is killed."""
    while True:
        run.train_step()
        save(run, file)
        os.write(report, struct.pack("<q", run.step))


def killed(save: Save, run: Run, file: Path, after: float) -> list[int]:
    """The steps whose saves a child reported as done before it was killed."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(read)
            saving(save, run, file, write)
        finally:
            os._exit(1)
    os.close(write)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read()
    assert os.WIFSIGNALED(status), "the child ended by itself"
    return [step for (step,) in struct.iter_unpack("<q", told)]


def parts_of(file: Path) -> set[str]:
    """The names of the part files beside it."""
    return {name for name in os.listdir(file.parent) if keeping.PART.fullmatch(name)}


class Tally:
    """What was found over all rounds."""

    def __init__(self) -> None:
        self.rounds = self.saves = self.while_writing = self.unreadable = self.older = self.previous_bad = 0
        self.not_swept = 0

    def round(self, save: Save, run: Run, file: Path, after: float) -> Run:
        """One child; returns the run to go on with."""
        last = run.step if file.exists() else None
        done = killed(save, run, file, after)
        self.rounds += 1
        self.saves += len(done)
        self.while_writing += bool(parts_of(file))
        keeping.sweep(file.parent)
        self.not_swept += bool(parts_of(file))
        last = done[-1] if done else last
        return self.found(run, file, last)

    def found(self, run: Run, file: Path, last: int | None) -> Run:
        """Look at the file, and at the one before it, after `last` was reported as done."""
        if last is None and not file.exists():
            return run
        try:
            found = store.load(file)
        except LabError as error:
            print(error, file=sys.stderr)
            self.unreadable += 1
            return run
        self.older += last is not None and found.step < last
        previous = keeping.previous_of(file)
        if previous.exists():
            try:
                self.previous_bad += store.load(previous).step > found.step
            except LabError:
                self.previous_bad += 1
        return found


def main() -> int:
    """Runs it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder")
    parser.add_argument("--in-place", action="store_true")
    options = parser.parse_args()
    save = in_place if options.in_place else store.save
    rng, tally = np.random.default_rng(options.seed), Tally()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        runs = [(small_run(*kind, steps=5), Path(folder) / f"{kind[0]}.safetensors") for kind in MODELS]
        for _ in range(options.rounds):
            run, file = runs.pop(0)
            runs.append((tally.round(save, run, file, rng.uniform(0, LONGEST)), file))
        left = sorted(os.listdir(folder))
    names = {name for _, file in runs for name in (file.name, keeping.previous_of(file).name)}
    others = sorted(set(left) - names)
    print(json.dumps({**vars(tally), "left_behind": others}))
    return bool(others or tally.unreadable or tally.older or tally.previous_bad or tally.not_swept)


if __name__ == "__main__":
    sys.exit(main())
