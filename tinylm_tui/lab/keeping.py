"""Writing a file whole or not at all, with the generation before kept beside it, readable by nobody else.

What is being written stands in a part file in the same folder. Its name tells machine and process, and the process
holds a lock on it: so what a killed process left can be told from what another one is writing at this moment.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

PREVIOUS = ".previous"
PIECE = 1 << 20  # bytes that are written or compared at one time
PRIVATE = 0o600
PART = re.compile(r"\.tinylm-([0-9a-f]{8})-([0-9]{1,10})-[0-9a-f]{8}\.part")


def previous_of(where: Path) -> Path:
    """Where the generation before the file `where` is kept."""
    return where.with_name(where.name + PREVIOUS)


def write_whole(where: Path, data: bytes, *, previous: bool = True) -> bool:
    """Replace the file `where` by `data` when all of it is on the disk; the one before is kept as `previous_of` it.

    Whether there was one that is kept. Raises OSError or ValueError, with the old file as it was, nothing left behind.
    """
    sweep(where.parent)
    handle, part = _new_part(where.parent)
    try:
        try:
            _write(handle, data)
            if not _holds(handle, data):
                raise OSError(errno.EIO, "what was written could not be read back; the old file was kept")
        finally:
            os.close(handle)
        kept = previous and _keep_previous(where)
        os.replace(part, where)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)
    _sync_folder(where.parent)
    return kept


def refuse_unwritable(where: Path) -> None:
    """Raises OSError or ValueError where nothing can be written; leaves nothing behind."""
    if where.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    with suppress(FileNotFoundError):
        os.lstat(where)  # a name that is too long is found here
    handle, part = _new_part(where.parent)
    os.close(handle)
    os.unlink(part)


def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _new_part(folder: Path) -> tuple[int, Path]:
    """An empty file with a name of its own, open and locked by this process."""
    part = folder / f".tinylm-{_machine()}-{os.getpid()}-{secrets.token_hex(4)}.part"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(part, flags, PRIVATE)
    _locked(handle)
    return handle, part


def _locked(handle: int) -> bool:
    """Take the lock of an open file; False where another holds it. A file system without locks counts as free."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def _write(handle: int, data: bytes) -> None:
    """All of it, down to the disk."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest[:PIECE]) :]
    os.fsync(handle)


def _holds(handle: int, data: bytes) -> bool:
    """Whether an open file holds just these bytes."""
    os.lseek(handle, 0, os.SEEK_SET)
    rest = memoryview(data)
    while piece := os.read(handle, PIECE):
        if piece != rest[: len(piece)]:
            return False
        rest = rest[len(piece) :]
    return not rest


def _keep_previous(where: Path) -> bool:
    """Give the file that will be replaced a second name. False where there is none, or that cannot be."""
    if not stat.S_ISREG(_mode(where)):
        return False
    aside = where.parent / f".tinylm-{_machine()}-{os.getpid()}-{secrets.token_hex(4)}.part"
    try:
        try:
            os.link(where, aside)
        except OSError:  # a file system without second names
            shutil.copyfile(where, aside)
            os.chmod(aside, PRIVATE)
        os.replace(aside, previous_of(where))
    except OSError:
        return False
    else:
        return True
    finally:
        with suppress(OSError):  # two names of one file are not renamed onto each other, says POSIX
            os.unlink(aside)


def _mode(path: Path) -> int:
    """What kind of file it is, links not followed; 0 for none."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


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


def sweep(folder: Path) -> list[str]:
    """Remove the part files in `folder` that processes left which are no more; returns their names.

    Nothing else is touched: only what has a name as above, is an ordinary file of ours, was made on this machine, and
    is held by nobody.
    """
    swept = []
    with suppress(OSError):
        for name in os.listdir(folder):
            if (found := PART.fullmatch(name)) and _left_behind(folder / name, *found.groups()):
                with suppress(OSError):
                    os.unlink(folder / name)
                    swept.append(name)
    return swept


def _left_behind(part: Path, machine: str, process: str) -> bool:
    """Whether nobody writes to the part file any more."""
    if machine != _machine() or (int(process) != os.getpid() and _lives(int(process))):
        return False
    try:
        handle = os.open(part, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return False
    try:
        state = os.fstat(handle)
        ours = not hasattr(os, "geteuid") or state.st_uid == os.geteuid()
        return ours and stat.S_ISREG(state.st_mode) and _locked(handle)
    finally:
        os.close(handle)


def _lives(process: int) -> bool:
    """Whether there is such a process. On Windows asking would end it; there the open file itself says so."""
    if os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
