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


def refuse_outside(path: Path) -> None:
    """Raises TextError where this process is confined and the file lies, or leads, out of its folder."""
    if _kiosk is not None and not path.expanduser().resolve().is_relative_to(_kiosk.resolve()):
        raise TextError(OUTSIDE)


def inside(folder: Path, name: str) -> Path:
    """The file of that name in `folder`. Whatever would lie, or lead, anywhere else is refused.

    A link is refused unless it leads to an ordinary file in `folder` itself. Raises RunFileError.
    """
    if not _plain(name):
        shown = shorten(name if name.isprintable() else ascii(name)[1:-1])
        raise RunFileError(f"{shown!r} is no plain name: letters, digits, blanks, - and _ will do, and no folder")
    path = folder / name
    try:
        home, real = folder.resolve(strict=True), path.resolve()
        if real.parent != home or (os.path.lexists(path) and not stat.S_ISREG(os.stat(path).st_mode)):
            raise RunFileError(f"{shorten(name)} is no file of this folder: choose another name")
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a ring
        reason = getattr(error, "strerror", None) or "it leads nowhere"
        raise RunFileError(f"{shorten(name)} cannot be used here ({reason}): choose another name") from None
    return path


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
