"""Damaged and forged run files: each must open to a run that can make a step, or be refused with a sentence.

    python tests/bench/fuzz_files.py [--count N] [--seed N]

Starts from saved runs of all models and tokenizers; flips bits, cuts, splices, edits headers, and changes values of
the state and of the arrays under a checksum that is made again. Prints a line of JSON; the exit status is 1 where
anything but a RunFileError came out. Times are reported, and decide nothing.
"""

from __future__ import annotations

import argparse
import copy
import json
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from saved_seeds import Parts, file_of, sealed, seeds

# isort: split
import numpy as np

from tinylm_tui.lab import store
from tinylm_tui.lab.errors import LabError, RunFileError
from tinylm_tui.lab.run_file import bytes_of

NESTED: Any = 0
for _ in range(150):
    NESTED = [NESTED]
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2, 3, 7, 64, 0.5, -0.5, 1e-9, 1e308, float("nan"), float("inf"), 2**31, 2**53, 2**63,
    2**64, 2**128, 10**400, "", "x", "gpt", "bigram", "mlp", "average", "bpe", "alphabet", "nan", "1e999", "text",
    "words", "lines", "\ud800", "\0", "ab" * 3000, [], {}, [[]], [1, 2], {"a": 1}, [0.5] * 1000, NESTED,
]  # fmt: skip
NUMBERS = [float("nan"), float("inf"), -1.0, 0.0, 1e38, -1e38, 255.0, 1e-45]
STEP_TOKENS = 20_000  # a batch of more tokens than this is made smaller before a step is asked for


class Mutations:
    """Ways to change a file, each drawn by `rng`."""

    def __init__(self, rng: np.random.Generator, files: list[bytes]) -> None:
        self.rng, self.files = rng, files
        self.ways: list[Callable[[bytes], bytes]] = [
            self.flip, self.cut, self.splice, self.fill, self.header, self.header, self.state, self.state, self.state,
            self.state, self.drop, self.text_of_state, self.numbers, self.numbers, self.lengths, self.arrays,
            self.mixed,
        ]  # fmt: skip

    def one(self) -> tuple[str, bytes]:
        """The name of a way, and a file changed in that way."""
        way = self.ways[self.rng.integers(len(self.ways))]
        return way.__name__, way(self.pick(self.files))

    def pick(self, choices: Any) -> Any:
        """One of them."""
        return choices[self.rng.integers(len(choices))]

    def flip(self, data: bytes) -> bytes:
        """Some bits are others."""
        changed = bytearray(data)
        for place in self.rng.integers(0, 8 * len(data), self.rng.integers(1, 9)):
            changed[place // 8] ^= 1 << place % 8
        return bytes(changed)

    def cut(self, data: bytes) -> bytes:
        """The end is missing."""
        return data[: self.rng.integers(len(data))]

    def splice(self, data: bytes) -> bytes:
        """The beginning of one and the end of another."""
        other = self.pick(self.files)
        return data[: self.rng.integers(len(data))] + other[self.rng.integers(len(other)) :]

    def fill(self, data: bytes) -> bytes:
        """A stretch of the same byte, or bytes put in."""
        begin, length = int(self.rng.integers(len(data))), int(self.rng.integers(1, 200))
        end = begin + (length if self.rng.integers(2) else 0)
        return data[:begin] + bytes([self.rng.integers(256)]) * length + data[end:]

    def header(self, data: bytes) -> bytes:
        """An entry of the header says something else; the checksum is that of the arrays as they were."""
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        name = self.pick(sorted(set(header) - {"__metadata__"}))
        kind = self.rng.integers(4)
        if kind == 0:
            header[name][self.pick(["dtype", "shape", "data_offsets"])] = self.value(header[name]["shape"])
        elif kind == 1:
            header[name]["data_offsets"][self.rng.integers(2)] += int(self.pick([-8, -4, -1, 1, 4, 8, 2**40]))
        elif kind == 2:
            header[name] = header[self.pick(sorted(set(header) - {"__metadata__"}))]
        else:
            header[self.pick(["weights", "text", "learner.train", "x", "__metadata__"])] = header.pop(name)
        return file_of(json.dumps(header).encode(), data[8 + length :])

    def value(self, old: Any) -> Any:
        """Another value, often one near to the old one."""
        if isinstance(old, (int, float)) and not isinstance(old, bool) and self.rng.integers(2):
            return self.pick([old + 1, old - 1, old * 2, old * 1000, -old, old // 2, old % 1000 / 3])
        return copy.deepcopy(self.pick(VALUES))

    def places(self, part: Any, depth: int = 8) -> list[tuple[Any, Any]]:
        """Every place in a state where a value stands, and not too deep."""
        items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) and depth else []
        return [place for key, inner in items for place in [(part, key), *self.places(inner, depth - 1)]]

    def state(self, data: bytes) -> bytes:
        """One or two values of the state are others."""
        parts = Parts.of(data)
        for _ in range(self.rng.integers(1, 3)):
            part, key = self.pick(self.places(parts.state))
            part[key] = self.value(part[key])
        return parts.sealed()

    def drop(self, data: bytes) -> bytes:
        """A part of the state is missing, or one too many."""
        parts = Parts.of(data)
        part, key = self.pick(self.places(parts.state))
        if self.rng.integers(2):
            del part[key]
        elif isinstance(part, list):
            part.append(part[key])
        else:
            part[self.pick(["x", "batch", "model", "step", "earlier", "good_loss"])] = part[key]
        return parts.sealed()

    def text_of_state(self, data: bytes) -> bytes:
        """Characters of the state's text are others, so that it may be no JSON any more."""
        parts = Parts.of(data)
        text = list(json.dumps(parts.state))
        for place in self.rng.integers(0, len(text), self.rng.integers(1, 4)):
            text[place] = self.pick(list('0123456789-.,:[]{}"\\aeNu '))
        return parts.sealed("".join(text))

    def numbers(self, data: bytes) -> bytes:
        """Some numbers of an array are others."""
        parts = Parts.of(data)
        name = self.pick([name for name, array in parts.arrays.items() if len(array)])
        array = parts.arrays[name] = parts.arrays[name].copy()
        with np.errstate(all="ignore"):
            for place in self.rng.integers(0, len(array), self.rng.integers(1, 4)):
                array[place] = np.array(self.pick(NUMBERS)).astype(array.dtype)
        return parts.sealed()

    def lengths(self, data: bytes) -> bytes:
        """An array is longer or shorter."""
        parts = Parts.of(data)
        name = self.pick(sorted(parts.arrays))
        array = parts.arrays[name]
        length = max(0, self.pick([0, 1, len(array) // 2, len(array) - 1, len(array) + 1, 2 * len(array), 5000]))
        parts.arrays[name] = np.resize(array, length) if len(array) else np.zeros(length, array.dtype)
        return parts.sealed()

    def arrays(self, data: bytes) -> bytes:
        """An array is missing, has another name, another kind of numbers, or another shape."""
        parts = Parts.of(data)
        name = self.pick(sorted(parts.arrays))
        array = parts.arrays.pop(name)
        kind = self.rng.integers(4)
        if kind == 1:
            parts.arrays[self.pick(["reference", "learner.held", "learner.train", "learner.good", "x"])] = array
        elif kind == 2:
            with np.errstate(all="ignore"):
                parts.arrays[name] = array.astype(self.pick(["float16", "float64", "int8", "int64", "uint8"]))
        elif kind == 3:
            parts.arrays[name] = array[None]
        return parts.sealed()

    def mixed(self, data: bytes) -> bytes:
        """Some parts of another run."""
        parts, other = Parts.of(data), Parts.of(self.pick(self.files))
        for name in sorted(other.arrays):
            if self.rng.integers(3) == 0:
                parts.arrays[name] = other.arrays[name]
        for name in sorted(other.state):
            if self.rng.integers(4) == 0:
                parts.state[name] = other.state[name]
        return sealed(json.dumps(parts.state), parts.arrays)


def tried(file: Path, again: bool) -> tuple[str, float]:
    """What became of a file, and the seconds of processor time that opening took."""
    began = time.process_time()
    try:
        run = store.load(file)
    except RunFileError as error:
        sentence = str(error)
        assert "\n" not in sentence, sentence
        late = "no run of this lab, or is damaged (" in sentence  # no check of ours, but something after them, minded
        return "late" if late else "refused", time.process_time() - began
    seconds = time.process_time() - began
    if run.settings.batch * run.settings.context > STEP_TOKENS:
        run.change("batch", "1")
    step = run.step
    try:
        run.train_step()
        assert run.step == step + 1
    except LabError:  # it exploded, and said so
        assert run.step <= step
    run.loss()
    if again:
        opened_again(run, file)
    return "opened", seconds


def opened_again(run: Any, file: Path) -> None:
    """What opens can be saved, and opens again; or it is told at once that it cannot."""
    try:
        file.write_bytes(bytes_of(run))
    except RunFileError:
        return
    assert store.load(file).step == run.step


def main() -> int:
    """Runs it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    shared = Path("/dev/shm")
    outcomes: Counter[str] = Counter()
    slowest, failures = (0.0, ""), []
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        file = Path(folder) / "run.safetensors"
        mutations = Mutations(np.random.default_rng(options.seed), seeds())
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for i in range(options.count):
            way, data = mutations.one()
            file.write_bytes(data)
            try:
                outcome, seconds = tried(file, again=i % 8 == 0)
            except Exception:
                outcome, seconds = "failed", 0.0
                failures.append(f"file {i} ({way}): {traceback.format_exc()}")
            outcomes[outcome] += 1
            outcomes[f"{way} {outcome}"] += 1
            slowest = max(slowest, (seconds, f"file {i} ({way}): {outcome}"))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        json.dumps(
            {
                "files": options.count, "seed": options.seed, **dict(sorted(outcomes.items())),
                "slowest_seconds": round(slowest[0], 3), "slowest": slowest[1], "grown_MiB": round(grown, 1),
            }
        )
    )  # fmt: skip
    for failure in failures[:20]:
        print(failure, file=sys.stderr)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
