"""One lab at a time: a lock that lives as long as the process that holds it, and is let go by the system at its death.

    lock = hold_run(path)
    if lock is None: another lab has this run open

A run is locked through a file beside it, since the run's own file is replaced at every save.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

try:
    import fcntl
except ImportError:  # Windows: there nothing is locked
    fcntl = None  # type: ignore[assignment]

TAKEN = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)
TRIES = 10  # a lock file may be removed by who let go of it between our opening and our locking it


class Lock:
    """Held until `release`, or the end of a `with`, or the death of the process."""

    def __init__(self, file: Path, handle: int | None) -> None:
        self.file, self._handle = file, handle

    @property
    def real(self) -> bool:
        """Whether it keeps others out; not so where the system or the file system has no locks."""
        return self._handle is not None

    def release(self) -> None:
        """Let go, and remove the lock file; a second time does nothing."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        with suppress(OSError):  # while it is held, so that nobody holds a file that is no longer there
            os.unlink(self.file)
        os.close(handle)

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def lock_file_of(run_file: Path) -> Path:
    """The file beside a run that stands for it; the same for every name that leads to the run."""
    real = Path(os.path.realpath(run_file.expanduser()))
    return real.with_name(f".{real.name}.lock")


def hold_run(run_file: Path) -> Lock | None:
    """The lock of a run, or None where another lab (or this one) has it.

    Where nothing can be locked, in a folder that cannot be written to for instance, the lock is not `real`.
    """
    try:
        file = lock_file_of(run_file)
        return hold(file)
    except (OSError, ValueError, RuntimeError):  # ValueError: NUL in the name; RuntimeError: no such ~user
        return Lock(run_file, None)


def hold(lock_file: Path) -> Lock | None:
    """The lock that `lock_file` stands for, which is made where it is missing; None where somebody has it.

    Raises OSError where there can be no such file.
    """
    for _ in range(TRIES):
        handle = os.open(lock_file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            taken = _take(handle)
            if taken and _is_still(lock_file, handle):
                return Lock(lock_file, handle)
        except OSError as error:
            os.close(handle)
            if error.errno in TAKEN:
                return None
            return Lock(lock_file, None)
        os.close(handle)
        if not taken:
            return Lock(lock_file, None)
    return None


def _take(handle: int) -> bool:
    """Lock an open file; False where this system cannot. Raises OSError where another holds it."""
    if fcntl is None:
        return False
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return True


def _is_still(lock_file: Path, handle: int) -> bool:
    """Whether the file that is open is the one that has this name."""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(lock_file))
    except FileNotFoundError:
        return False
