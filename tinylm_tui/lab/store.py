"""A run in one file: `.safetensors`, written whole or not at all, read back before it counts as saved.

The arrays are tensors; everything else is one JSON text in the file's metadata, and beside it a checksum of
both, so that a damaged file is refused instead of opened with other weights. Nothing is pickled, so opening
somebody else's file runs nothing of theirs.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.reading import units_of
from tinylm_tui.engine.tokenizer import CharTokenizer
from tinylm_tui.lab.corpus import Corpus, corpus_of
from tinylm_tui.lab.cutting import refuse_many, tokenizer_from
from tinylm_tui.lab.errors import LabError, RunFileError
from tinylm_tui.lab.history import Curve, History
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import parse_pairs

FORMAT = 2  # 1 knew characters as tokens only
SUFFIX = ".safetensors"
MOST_BYTES = 400_000_000


def save(run: Run, path: str | Path) -> None:
    """Write `run` to `path`. The old file stays until the new one is complete and has been read back.

    Raises RunFileError.
    """
    where, data = Path(path), bytes_of(run)
    temporary = ""
    try:
        where = where.expanduser()
        handle, temporary = tempfile.mkstemp(dir=where.parent, prefix=f".{where.name}.", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if Path(temporary).read_bytes() != data:
            raise RunFileError("what was written could not be read back; the old file was kept. Another disk may do.")
        os.replace(temporary, where)
        _sync_folder(where.parent)
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: NUL in the name; RuntimeError: no such ~user
        raise _unsaved(where, error) from None
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def refuse_unwritable(path: str | Path) -> None:
    """Raises RunFileError where `save` would find no place; leaves nothing behind."""
    where = Path(path)
    try:
        where = where.expanduser()
        handle, temporary = tempfile.mkstemp(dir=where.parent, prefix=f".{where.name}.", suffix=".part")
        os.close(handle)
        os.unlink(temporary)
    except (OSError, ValueError, RuntimeError) as error:
        raise _unsaved(where, error) from None


def _unsaved(where: Path, error: Exception) -> RunFileError:
    reason = getattr(error, "strerror", None) or error
    return RunFileError(f"cannot save to {where}: {reason}. Another folder may do.")


def bytes_of(run: Run) -> bytes:
    """The whole file, in memory. Raises RunFileError unless it gives back every array that goes in."""
    tensors = {name: np.ascontiguousarray(array) for name, array in tensors_of(run).items()}
    state = json.dumps(state_of(run))
    data = to_bytes(tensors, metadata={"tinylm": state, "sha256": checksum(tensors, state)})
    back = from_bytes(data)
    if not all(np.array_equal(back[name], array) for name, array in tensors.items()):
        raise RunFileError("the run holds numbers that cannot be saved: restart it, or undo what was changed last")
    return data


def checksum(tensors: dict[str, Array], state: str) -> str:
    """SHA-256, in hexadecimal, over the state and over the name, kind, shape and bytes of every array."""
    digest = hashlib.sha256(state.encode())
    for name, array in sorted(tensors.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last through a power cut, where the system can do that; the file is in place."""
    if os.name != "posix":
        return
    with suppress(OSError):  # some network file systems, and folders one may write to but not read
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def tensors_of(run: Run) -> dict[str, Array]:
    """Every array of the run, by name."""
    text = run.corpus.text.encode("utf-8", "surrogatepass")
    tensors: dict[str, Array] = {"weights": run.params.flat, "text": np.frombuffer(text, dtype=np.uint8)}
    if run.tuning.reference is not None:
        tensors["reference"] = run.tuning.reference
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
        "curves": {name: history.state() for name, history in run.history.items()},
    }


def run_in(data: bytes) -> Run:
    """The run in the bytes of a file. Raises one of many errors where they are no run; see `load`."""
    tensors, metadata = from_bytes(data), metadata_of(data)
    state = json.loads(metadata["tinylm"])
    if state["format"] not in (1, FORMAT):
        raise RunFileError(f"it is in format {state['format']}, and this version reads formats 1 and {FORMAT}")
    if checksum(tensors, metadata["tinylm"]) != metadata["sha256"]:
        raise RunFileError("it is damaged: its numbers do not fit its checksum. A copy of it may do.")
    run = Run(_corpus(tensors, state), parse_pairs([f"{name}={value}" for name, value in state["settings"].items()]))
    _fill(run, tensors, state)
    return run


def _corpus(tensors: dict[str, Array], state: dict[str, Any]) -> Corpus:
    """The text, cut by the tokenizer that was saved with it; format 1 saved its letters only."""
    saved = state.get("tokenizer") or {"kind": "characters", "letters": state["letters"]}
    text = tensors["text"].tobytes().decode("utf-8", "surrogatepass")
    tokenizer = tokenizer_from(saved)
    refuse_many(tokenizer)
    if tokenizer.bounded and tokenizer.letters != CharTokenizer.of("".join(units_of(text, state["reading"]))).letters:
        raise RunFileError("its letters are not those of its text")
    return corpus_of(str(state["name"]), text, state["reading"], tokenizer)


def _fill(run: Run, tensors: dict[str, Array], state: dict[str, Any]) -> None:
    """Put the saved numbers in place of the fresh ones."""
    weights = tensors["weights"].astype(np.float32)
    if not np.isfinite(weights).all():
        raise RunFileError("it holds weights that are not finite numbers")
    run.learner.params = Parameters(weights, run.params.shapes)
    run.step, run.start_loss = int(state["step"]), float(state["start_loss"])
    arrays = {name[8:]: array for name, array in tensors.items() if name.startswith("learner.")}
    run.learner.restore(arrays, state["learner"])
    for name, saved in state["curves"].items():
        curve = Curve(tensors[f"{name}.steps"], tensors[f"{name}.low"], tensors[f"{name}.high"])
        run.history[name] = History.of(curve, **saved)
    if "reference" in tensors:
        run.tuning.reference = Parameters(tensors["reference"].astype(np.float32), run.params.shapes).flat
    run.tuning.rounds = int(state["feedback_rounds"])


def metadata_of(data: bytes) -> dict[str, str]:
    """The text pairs in the header of a safetensors file: eight bytes of length, then JSON."""
    length = int.from_bytes(data[:8], "little")
    metadata: dict[str, str] = json.loads(data[8 : 8 + length])["__metadata__"]
    return metadata


def load(path: str | Path) -> Run:
    """The run saved in `path`. Raises RunFileError, whatever the file holds."""
    where = Path(path)
    try:
        where = where.expanduser()
        if not where.is_file():
            raise RunFileError(f"there is no run {where}: check the name, or train one with --out")
        if where.stat().st_size > MOST_BYTES:
            raise RunFileError(f"{where.name} is larger than any run of this lab")
        return run_in(where.read_bytes())
    except OSError as error:
        raise RunFileError(f"{where} cannot be read: {error.strerror or error}") from None
    except LabError as error:
        raise RunFileError(f"{where.name} cannot be opened: {error}") from None
    except Exception as error:  # a file from anywhere can go wrong in any way, and none of them may end the trainer
        raise RunFileError(f"{where.name} is no run of this lab, or is damaged ({type(error).__name__})") from None
