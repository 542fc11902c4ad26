"""Runs in files: saved whole or not at all, opened whatever a file holds, and the one before to fall back to."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

from tinylm_tui.lab import keeping
from tinylm_tui.lab.confining import confined
from tinylm_tui.lab.errors import LabError, RunFileError
from tinylm_tui.lab.files import without_waiting
from tinylm_tui.lab.keeping import previous_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.run_file import MOST_BYTES, bytes_of, run_in

SUFFIX = ".safetensors"
CANNOT_BE = (OSError, ValueError, RuntimeError)  # ValueError: NUL in the name; RuntimeError: no such ~user


class Opened(NamedTuple):
    """A run from a file, and a sentence where it is not the one that was saved last; else empty."""

    run: Run
    note: str


def save(run: Run, path: str | Path) -> Path | None:
    """Write `run` to `path`. The old file stays until the new one is complete and has been read back.

    The old one is then kept as `previous_of` it: returns where, None without one. Raises RunFileError.
    """
    where, data = Path(path), bytes_of(run)
    try:
        where = where.expanduser()
        return previous_of(where) if keeping.write_whole(where, data) else None
    except CANNOT_BE as error:
        raise _unsaved(where, error) from None


def refuse_unwritable(path: str | Path) -> None:
    """Raises RunFileError where `save` would find no place; leaves nothing behind."""
    where = Path(path)
    try:
        where = where.expanduser()
        keeping.refuse_unwritable(where)
    except CANNOT_BE as error:
        raise _unsaved(where, error) from None


def _unsaved(where: Path, error: Exception) -> RunFileError:
    reason = getattr(error, "strerror", None) or error
    if confined():  # a guest has one folder, and cannot make room on the disk
        return RunFileError(f"cannot save {where.stem}: {reason}. Whoever runs this server may help.")
    return RunFileError(f"cannot save to {where}: {reason}. Another folder may do.")


def load(path: str | Path) -> Run:
    """The run saved in `path`, and no other. Raises RunFileError, whatever the file holds."""
    where = Path(path)
    try:
        where = where.expanduser()
        if not where.is_file():
            raise RunFileError(f"there is no run {where}: check the name, or train one with --out")
        with open(where, "rb", opener=without_waiting) as file:
            _refuse_unusual(os.fstat(file.fileno()))
            return run_in(file)
    except OSError as error:
        raise RunFileError(f"{where} cannot be read: {error.strerror or error}") from None
    except LabError as error:
        raise RunFileError(f"{where.name} cannot be opened: {error}") from None
    except Exception as error:  # a file from anywhere can go wrong in any way, and none of them may end the trainer
        raise RunFileError(f"{where.name} is no run of this lab, or is damaged ({type(error).__name__})") from None


def _refuse_unusual(state: os.stat_result) -> None:
    """Raises RunFileError for what may never end: a device or a pipe put there in the meantime, a file too large."""
    if not stat.S_ISREG(state.st_mode):
        raise RunFileError("it is not an ordinary file")
    if state.st_size > MOST_BYTES:
        raise RunFileError(f"it is larger than any run of this lab: {state.st_size / 1e6:,.0f} MB")


def opened(path: str | Path) -> Opened:
    """The run saved in `path`, or the one saved before it where that file is there but cannot be opened any more.

    Raises RunFileError where neither can be.
    """
    try:
        return Opened(load(path), "")
    except RunFileError as error:
        run = _fallen_back(Path(os.path.expanduser(path)))
        if run is None:
            raise
        why = str(error).rstrip(".")
        return Opened(run, f"{why}. The one saved before it was opened instead, at step {run.step:,}.")


def _fallen_back(where: Path) -> Run | None:
    """The generation before a file that is there, if it is whole."""
    try:
        return load(previous_of(where)) if where.exists() else None
    except (RunFileError, OSError, ValueError):  # ValueError: no name to put anything behind
        return None
