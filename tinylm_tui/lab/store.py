"""A run in one file: `.safetensors`, written whole or not at all, read back before it counts as saved.

The arrays are tensors; everything else is one JSON text in the file's metadata. Nothing is pickled, so opening
somebody else's file runs nothing of theirs.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.errors import LabError, RunFileError
from tinylm_tui.lab.history import Curve, History
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import parse_pairs

FORMAT = 1
SUFFIX = ".safetensors"
MOST_BYTES = 400_000_000


def save(run: Run, path: str | Path) -> None:
    """Write `run` to `path`. The old file stays until the new one is complete and has been read back.

    Raises RunFileError.
    """
    where = Path(path).expanduser()
    tensors = {name: np.ascontiguousarray(array) for name, array in tensors_of(run).items()}
    data = to_bytes(tensors, metadata={"tinylm": json.dumps(state_of(run))})
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=where.parent, prefix=f".{where.name}.", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _compare(Path(temporary).read_bytes(), data, tensors)
        os.replace(temporary, where)
        _sync_folder(where.parent)
    except OSError as error:
        raise RunFileError(f"cannot save to {where}: {error.strerror or error}. Another folder may do.") from None
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _compare(written: bytes, meant: bytes, tensors: dict[str, Array]) -> None:
    """Raises RunFileError unless what stands in the file gives back what was to be saved."""
    back = from_bytes(written)
    same = written == meant and all(np.array_equal(back[name], array) for name, array in tensors.items())
    if not same:
        raise RunFileError("what was written could not be read back; the old file was kept. Another disk may do.")


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last through a power cut, where the system can do that."""
    if os.name != "posix":
        return
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
        "letters": run.corpus.tokenizer.letters,
        "settings": run.settings.as_dict(),
        "step": run.step,
        "start_loss": run.start_loss,
        "batches": run.batches.bit_generator.state,
        "feedback": {"step": run.tuning.step, "rounds": run.tuning.rounds},
        "curves": {name: history.state() for name, history in run.history.items()},
    }


def run_in(data: bytes) -> Run:
    """The run in the bytes of a file. Raises one of many errors where they are no run; see `load`."""
    tensors = from_bytes(data)
    state = json.loads(metadata_of(data)["tinylm"])
    if state["format"] != FORMAT:
        raise RunFileError(f"it is in format {state['format']}, and this version reads format {FORMAT}")
    corpus = make_corpus(state["name"], tensors["text"].tobytes().decode("utf-8", "surrogatepass"), state["reading"])
    if corpus.tokenizer.letters != state["letters"]:
        raise RunFileError("its letters are not those of its text")
    run = Run(corpus, parse_pairs([f"{name}={value}" for name, value in state["settings"].items()]))
    _fill(run, tensors, state)
    return run


def _fill(run: Run, tensors: dict[str, Array], state: dict[str, Any]) -> None:
    """Put the saved numbers in place of the fresh ones."""
    weights = tensors["weights"].astype(np.float32)
    if not np.isfinite(weights).all():
        raise RunFileError("it holds weights that are not finite numbers")
    run.params = Parameters(weights, run.params.shapes)
    run.step, run.start_loss = int(state["step"]), float(state["start_loss"])
    run.batches.bit_generator.state = state["batches"]
    for name, saved in state["curves"].items():
        curve = Curve(tensors[f"{name}.steps"], tensors[f"{name}.low"], tensors[f"{name}.high"])
        run.history[name] = History.of(curve, **saved)
    run.tuning.reference = tensors.get("reference")
    run.tuning.step, run.tuning.rounds = int(state["feedback"]["step"]), int(state["feedback"]["rounds"])


def metadata_of(data: bytes) -> dict[str, str]:
    """The text pairs in the header of a safetensors file: eight bytes of length, then JSON."""
    length = int.from_bytes(data[:8], "little")
    metadata: dict[str, str] = json.loads(data[8 : 8 + length])["__metadata__"]
    return metadata


def load(path: str | Path) -> Run:
    """The run saved in `path`. Raises RunFileError, whatever the file holds."""
    where = Path(path).expanduser()
    try:
        if not where.is_file():
            raise RunFileError(f"there is no run {where}: check the name, or train one with --out")
        if where.stat().st_size > MOST_BYTES:
            raise RunFileError(f"{where.name} is larger than any run of this lab")
        return run_in(where.read_bytes())
    except OSError as error:
        raise RunFileError(f"{where} cannot be read: {error.strerror or error}") from None
    except LabError as error:
        raise RunFileError(f"{where.name} cannot be opened: {error}") from None
    except (SafetensorError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunFileError(f"{where.name} is no run of this lab, or is damaged ({type(error).__name__})") from None
