"""Saving without being asked: at least every half minute of training, and soon after anything else has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tinylm_tui.lab import store
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.run import Run

EVERY = 30.0  # seconds of training between two saves, and between two tries where saving is not possible
SETTLE = 1.0  # seconds between two saves otherwise: keys come in bursts, and each save waits for the disk


class Autosave:
    """Keeps the run of a trainer in the file `path`, and the one that it replaced in the file `replaced_of` it.

    `changes` is the trainer's count of them.
    """

    def __init__(self, path: str, clock: Callable[[], float], changes: int) -> None:
        self.path, self._clock = path, clock
        self.trouble: str | None = None  # why the last save was not possible
        self._saved, self._at = changes, clock()
        self._replaced: Run | None = None  # as it was saved last: only one that is brought back changes

    def due_in(self, changes: int, *, running: bool) -> float | None:
        """Seconds until there is something to save; None where nothing has changed."""
        if changes == self._saved:
            return None
        period = EVERY if running or self.trouble else SETTLE
        return max(0.0, self._at + period - self._clock())

    def brought_back(self) -> None:
        """The run that was replaced is the one at hand again: what is trained now may be replaced later."""
        self._replaced = None

    def save(self, run: Run, changes: int, replaced: Run | None = None) -> None:
        """Save it now, if anything has changed. What goes wrong is kept in `trouble`, and the file before stays."""
        if changes == self._saved:
            return
        trouble = None
        if replaced is not None and replaced is not self._replaced:
            trouble = _trouble_with(replaced, replaced_of(self.path))
            self._replaced = None if trouble else replaced
        self.trouble = _trouble_with(run, Path(self.path)) or trouble
        if self.trouble is None:
            self._saved = changes
        self._at = self._clock()


def replaced_of(path: str | Path) -> Path:
    """Where the run is kept that the one in `path` replaced."""
    return Path(path).with_suffix(f".replaced{store.SUFFIX}")


def _trouble_with(run: Run, path: Path) -> str | None:
    """Save it; why that was not possible."""
    try:
        store.save(run, path)
    except LabError as error:
        return str(error)
    except MemoryError:
        return "there is not enough memory to save the run"
    return None
