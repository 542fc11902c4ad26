"""A run as the bytes of one `.safetensors` file, and back.

The arrays are tensors; everything else is one JSON text in the file's metadata, and beside it a checksum of both, so
that a damaged file is refused instead of opened with other weights. Nothing is pickled, so opening somebody else's
file runs nothing of theirs. FORMAT.md tells what is in it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from safetensors.numpy import save as to_bytes

from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.reading import units_of
from tinylm_tui.engine.tokenizer import CharTokenizer, Tokenizer
from tinylm_tui.lab import tensor_file
from tinylm_tui.lab.corpus import Corpus, corpus_of
from tinylm_tui.lab.cutting import refuse_many, tokenizer_from
from tinylm_tui.lab.errors import LabError, RunFileError
from tinylm_tui.lab.history import Curve, History, Lowest
from tinylm_tui.lab.marks import Mark
from tinylm_tui.lab.plausible import ARRAYS, refuse_implausible, settings_in, tokenizer_in
from tinylm_tui.lab.proof import refuse, whole
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.sifting import refuse_foreign_letters, refuse_numbers
from tinylm_tui.lab.tensor_file import Stored, checksum

FORMAT = 2  # 1 knew characters as tokens only
MOST_BYTES = 256_000_000
LARGE = 16_000_000  # bytes whose checksum takes so long that what can be seen at once is looked at before
UNSAVABLE = "the run holds numbers that cannot be saved: restart it, or undo what was changed last"


def bytes_of(run: Run) -> bytes:
    """The whole file, in memory. Raises RunFileError unless it will open again and gives back every array."""
    tensors = {name: np.ascontiguousarray(array) for name, array in tensors_of(run).items()}
    if sum(array.nbytes for array in tensors.values()) > MOST_BYTES - tensor_file.MOST_HEADER:
        raise RunFileError(f"the run is larger than the {MOST_BYTES // 10**6} MB that the lab keeps in a file")
    try:
        state = json.dumps(state_of(run), allow_nan=False)
        data = to_bytes(tensors, metadata={"tinylm": state, "sha256": checksum(state, tensors.items())})
        back = _sound_arrays(io.BytesIO(data))
    except (ValueError, LabError):
        raise RunFileError(UNSAVABLE) from None
    if not all(np.array_equal(back[name], array) for name, array in tensors.items()):
        raise RunFileError(UNSAVABLE)
    return data


def tensors_of(run: Run) -> dict[str, Array]:
    """Every array of the run, by name."""
    text = run.corpus.text.encode("utf-8", "surrogatepass")
    tensors: dict[str, Array] = {"weights": run.params.flat, "text": np.frombuffer(text, dtype=np.uint8)}
    tensors |= run.tuning.arrays()
    tensors |= {f"learner.{name}": array for name, array in run.learner.arrays().items()}
    for name, history in run.history.items():
        curve = history.curve()
        tensors |= {f"{name}.steps": curve.steps, f"{name}.low": curve.low, f"{name}.high": curve.high}
    return tensors


def state_of(run: Run) -> dict[str, Any]:
    """Everything of the run that is no array, ready for JSON."""
    return {
        "format": FORMAT,
        "name": run.corpus.name,
        "reading": run.corpus.reading,
        "tokenizer": run.corpus.tokenizer.state(),
        "settings": run.settings.as_dict(),
        "step": run.step,
        "start_loss": run.start_loss,
        "learner": run.learner.state(),
        "feedback_rounds": run.tuning.rounds,
        "feedback": run.tuning.state(),
        "curves": {name: history.state() for name, history in run.history.items()},
        "lowest": run.lowest.state(),
        "marks": [list(mark) for mark in run.marks],
    }


def contents_of(file: BinaryIO) -> tuple[dict[str, str], dict[str, Any], dict[str, Stored]]:
    """The metadata of an open file, the state in it, and where its arrays are. Raises RunFileError.

    Only the header has been read then. A later format is told before anything else that may be new in it.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    header = tensor_file.header_of(file, size)
    metadata = tensor_file.metadata_of(header)
    if not {"tinylm", "sha256"} <= metadata.keys():
        raise RunFileError("it is no run of this lab")
    state = tensor_file.strict_json(metadata["tinylm"])
    if not isinstance(state, dict):
        raise refuse("state")
    if (version := whole(state.get("format"), "format", 1)) > FORMAT:
        raise RunFileError(
            f"it is in format {version}, and this version reads formats 1 and {FORMAT}. A newer version would do."
        )
    return metadata, state, tensor_file.arrays_of(header, ARRAYS, file.tell(), size)


def run_in(file: BinaryIO) -> Run:
    """The run in an open file. Raises one of many errors where there is none; see `store.load`."""
    metadata, state, stored = contents_of(file)
    if sum(array.size for array in stored.values()) > LARGE:
        refuse_implausible(state, stored)
    if tensor_file.checksum_in(file, metadata["tinylm"], stored) != metadata["sha256"]:
        raise RunFileError("it is damaged: its numbers do not fit its checksum. A copy of it may do.")
    tensors = _sound_arrays(file)
    run = Run(_corpus(tensors, state), settings_in(state))
    _fill(run, tensors, state)
    return run


def _sound_arrays(file: BinaryIO) -> dict[str, Array]:
    """Every array in an open file, once all of them and the state have been found plausible. Raises LabError."""
    _, state, stored = contents_of(file)
    size = refuse_implausible(state, stored)
    refuse_foreign_letters(file, stored["text"], tokenizer_in(state), state["reading"])
    refuse_numbers(file, stored, size, state["step"])
    return {name: tensor_file.read(file, array) for name, array in stored.items()}


def arrays_in(file: BinaryIO) -> dict[str, Array]:
    """Every array in an open file, whatever numbers it holds. Raises RunFileError."""
    return {name: tensor_file.read(file, array) for name, array in contents_of(file)[2].items()}


def _corpus(tensors: Mapping[str, Array], state: Mapping[str, Any]) -> Corpus:
    """The text, cut by the tokenizer that was saved with it."""
    text = str(tensors["text"].data, "utf-8", "surrogatepass")
    tokenizer = _tokenizer(tokenizer_in(state))
    if tokenizer.bounded and tokenizer.letters != CharTokenizer.of("".join(units_of(text, state["reading"]))).letters:
        raise RunFileError("its letters are not those of its text")
    return corpus_of(state["name"], text, state["reading"], tokenizer)


def _tokenizer(saved: dict[str, Any]) -> Tokenizer:
    """The tokenizer that was saved. Raises LabError."""
    try:
        tokenizer = tokenizer_from(saved)
    except (KeyError, TypeError, ValueError):
        raise refuse("tokenizer") from None
    refuse_many(tokenizer)
    if tokenizer.state() != saved:
        raise refuse("tokenizer")
    return tokenizer


def _fill(run: Run, tensors: Mapping[str, Array], state: Mapping[str, Any]) -> None:
    """Put the saved numbers in place of the fresh ones."""
    run.learner.params = Parameters(tensors["weights"].copy(), run.params.shapes)
    run.step, run.start_loss = state["step"], float(state["start_loss"])
    arrays = {name[8:]: array for name, array in tensors.items() if name.startswith("learner.")}
    try:
        run.learner.restore(arrays, state["learner"])
    except (KeyError, TypeError, ValueError):
        raise refuse("memory") from None
    for name, saved in state["curves"].items():
        curve = Curve(tensors[f"{name}.steps"], tensors[f"{name}.low"], tensors[f"{name}.high"])
        run.history[name] = History.of(curve, **saved)
    held = run.history["held_out"]
    run.lowest = Lowest(**state["lowest"]) if "lowest" in state else Lowest.seen_in(held.curve(), held.stride)
    run.marks = tuple(Mark(step, kind) for step, kind in state.get("marks", []))
    run.tuning.restore(tensors, state.get("feedback", {}), state["feedback_rounds"])
