"""What a lab leaves behind so that the next one can go on: the run, kept by the trainer, and a note about the screen.

Each lab has a session of its own in the folder of sessions: `ID.safetensors`, `ID.replaced.safetensors`, `ID.json`, and
`ID.lock`, which is held as long as the lab lives and let go by the system when it dies, however it dies.
"""

from __future__ import annotations

import os
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tinylm_tui.lab.autosave import replaced_of
from tinylm_tui.lab.errors import LabError, RunFileError
from tinylm_tui.lab.keeping import PREVIOUS, write_whole
from tinylm_tui.lab.kept import whole
from tinylm_tui.lab.locking import Lock, hold
from tinylm_tui.lab.note import Note, read_note
from tinylm_tui.lab.store import SUFFIX
from tinylm_tui.lab.tensor_file import header_of, metadata_of, strict_json

KEPT = 100  # sessions of labs that have ended, as long as they are offered: guests may share a folder
OTHERS = 20  # and of those that are not
MOST = 1_000_000_000  # bytes from which the oldest go, but never the newest
NEWEST = 5
BEGUN = re.compile("[0-9]{20}-")  # how the name of a session starts: with the time, in nanoseconds


@dataclass(frozen=True)
class Left:
    """What a lab that has ended left behind."""

    run_file: Path | None
    note_file: Path
    note: Note
    at: float  # seconds since 1970

    @property
    def replaced(self) -> Path | None:
        """The run that the one in `run_file` had replaced, where there was one."""
        path = replaced_of(self.run_file) if self.run_file else None
        return path if path and path.exists() else None

    def decline(self) -> None:
        """Never offer it again."""
        with suppress(OSError):  # then it is offered once more
            write_whole(self.note_file, replace(self.note, declined=True).json().encode(), previous=False)


class Session:
    """The place of a living lab among the sessions."""

    def __init__(self, folder: Path) -> None:
        """Raises RunFileError where nothing can be kept there."""
        self.folder, self.trouble = folder, ""
        self.newest = Note()  # to be written
        self._written, self._writing = self.newest.json(), threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.id = f"{time.time_ns():020d}-{os.getpid()}"
            self._lock: Lock | None = hold(self._file(".lock"))
        except OSError as error:
            raise RunFileError(f"nothing can be kept in {folder}: {error.strerror or error}") from None
        self._sweep()

    def _file(self, suffix: str) -> Path:
        return self.folder / f"{self.id}{suffix}"

    @property
    def run_file(self) -> Path:
        """Where the trainer keeps the run."""
        return self._file(SUFFIX)

    def note(self, note: Note) -> None:
        """Write down where the person is, if that has changed. What goes wrong is kept in `trouble`."""
        self.newest = note
        self.write()

    def write(self) -> None:
        """The newest note into its file; for any thread, for it waits for the disk."""
        with self._writing:
            text = self.newest.json()
            if text == self._written:
                return
            try:
                write_whole(self._file(".json"), text.encode(), previous=False)
                self._written, self.trouble = text, ""
            except OSError as error:
                self.trouble = f"what you type cannot be kept: {error.strerror or error}"

    def left(self) -> list[Left]:
        """What labs that have ended left behind, the newest first, without what was declined."""
        found = [left for left in map(_left, self._ended()) if left and not left.note.declined]
        return sorted(found, key=lambda left: -left.at)

    def another_since(self) -> float | None:
        """When the newest other lab that lives in this folder began, in seconds since 1970; None where none does."""
        others = [lock for lock in self.folder.glob("*.lock") if lock.stem != self.id and BEGUN.match(lock.stem)]
        return next((int(lock.stem[:20]) / 1e9 for lock in sorted(others, reverse=True) if not _is_free(lock)), None)

    def end(self) -> None:
        """The lab is closed in good order; what it kept stays."""
        if self._lock:
            self._lock.release()

    def _ended(self) -> list[Path]:
        """The note files of labs that live no more, the oldest first."""
        notes = sorted(self.folder.glob("*.json"))
        return [note for note in notes if note.stem != self.id and _is_free(note.with_suffix(".lock"))]

    def _worth_keeping(self) -> set[str]:
        """The sessions of ended labs that stay, by their names."""
        offered: list[str] = []
        others: list[str] = []
        size = 0
        for note_file in reversed(self._ended()):
            left = _left(note_file)
            if left and not left.note.declined:
                size += _size(note_file)
                if len(offered) < NEWEST or size <= MOST:
                    offered.append(note_file.stem)
            elif note_file.with_suffix(SUFFIX).exists():  # declined, or nobody can read its note
                others.append(note_file.stem)
        return {*offered[:KEPT], *others[:OTHERS]}

    def _sweep(self) -> None:
        """Remove the oldest sessions, and what labs left that had nothing to keep."""
        kept = self._worth_keeping()
        for file in self.folder.iterdir():
            of = file.name.partition(".")[0]  # the session that it belongs to
            if of in kept or of == self.id or file.suffix not in (SUFFIX, PREVIOUS, ".json", ".lock"):
                continue
            if _is_free(self.folder / f"{of}.lock"):
                with suppress(OSError):  # another lab sweeps at the same time
                    file.unlink()


def _size(note_file: Path) -> int:
    """Bytes of a session."""
    return sum(file.stat().st_size for file in note_file.parent.glob(f"{note_file.stem}.*"))


def _is_free(lock_file: Path) -> bool:
    """Whether the lab that held this lock has ended."""
    if not lock_file.exists():
        return True
    lock = hold(lock_file)
    if lock is None:
        return False
    lock.release()
    return True


def _left(note_file: Path) -> Left | None:
    """What stands in a session; None where that is nothing, or nobody can read it."""
    run_file = note_file.with_suffix(SUFFIX)
    try:
        note = read_note(note_file)
        at = max(file.stat().st_mtime for file in (note_file, run_file) if file.exists())
    except OSError:
        return None
    if note is None or not (run_file.exists() or note.typed):
        return None
    if not run_file.exists():
        return Left(None, note_file, note, at)
    return Left(run_file, note_file, replace(note, step=_step_in(run_file, note.step)), at)


def _step_in(run_file: Path, noted: int) -> int:
    """The step of the run, which may have been saved after the note; as noted where the file does not say."""
    try:
        with run_file.open("rb") as file:
            header = header_of(file, run_file.stat().st_size)
            return int(whole()(strict_json(metadata_of(header)["tinylm"])["step"]))
    except (OSError, LabError, KeyError, TypeError, ValueError):
        return noted
