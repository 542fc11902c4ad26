"""Names of files from somebody who may use one folder and nothing else."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from tinylm_tui.lab.errors import RunFileError, TextError
from tinylm_tui.lab.numbers import shorten

MOST_NAME = 200  # bytes: room for what is put behind a name, below the 255 that file systems take
# What Windows takes for a device, whatever stands behind the first point.
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\..*)?", re.IGNORECASE)
OUTSIDE = "only the starter texts and your own runs can be opened here: type the name of one"
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:<>"|?*]')


_kiosk: Path | None = None


def confine(folder: Path) -> None:
    """From now on, and for good, this process opens files of somebody's choice only where they lie in `folder`."""
    global _kiosk
    _kiosk = folder


def confined() -> bool:
    """Whether this process is a guest's."""
    return _kiosk is not None


def confined_to() -> Path | None:
    """The guest's folder, for the processes that this one starts."""
    return _kiosk


def refuse_outside(path: Path) -> None:
    """Raises TextError where this process is confined and the file lies, or leads, out of its folder."""
    if _kiosk is not None and not path.expanduser().resolve().is_relative_to(_kiosk.resolve()):
        raise TextError(OUTSIDE)


def inside(folder: Path, name: str, suffix: str = "") -> Path:
    """The file of that name, with the suffix behind it, in `folder`. What would lie, or lead, elsewhere is refused.

    A link is refused unless it leads to an ordinary file in `folder` itself. Raises RunFileError.
    """
    _refuse_unplain(name, suffix)
    path = folder / f"{name}{suffix}"
    try:
        home, real = folder.resolve(strict=True), path.resolve()
        if real.parent != home or (os.path.lexists(path) and not stat.S_ISREG(os.stat(path).st_mode)):
            raise RunFileError(f"{shorten(name)} is no file of this folder: choose another name")
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a ring
        reason = getattr(error, "strerror", None) or "it leads nowhere"
        raise RunFileError(f"{shorten(name)} cannot be used here ({reason}): choose another name") from None
    return path


def folder_inside(folder: Path, name: str) -> Path:
    """The folder of that name in `folder`, which need not be there yet. A link is refused: it may lead to another's.

    Raises RunFileError.
    """
    _refuse_unplain(name)
    path = folder / name
    if os.path.lexists(path) and not stat.S_ISDIR(os.lstat(path).st_mode):
        raise RunFileError(f"{shorten(name)} is no folder: choose another name")
    return path


def _refuse_unplain(name: str, suffix: str = "") -> None:
    if not name:
        raise RunFileError("a name is needed, for instance: first-try")
    if not _plain(name + suffix):
        shown = shorten(name if name.isprintable() else ascii(name)[1:-1])
        raise RunFileError(f"{shown!r} is no plain name: letters, digits, blanks, - and _ will do, and no folder")


def _plain(name: str) -> bool:
    """Whether a name is just a name, on every system: no path, no device, nothing hidden, nothing invisible."""
    try:
        length = len(name.encode())
    except UnicodeEncodeError:  # half a character
        return False
    return (
        0 < length <= MOST_NAME
        and name == name.strip()
        and not name.startswith((".", "~", "-"))
        and not name.endswith(".")
        and name.isprintable()
        and not FORBIDDEN.search(name)
        and not DEVICES.fullmatch(name)
    )
