"""Reading text files that may be anything: a clear sentence instead of a traceback or a hang."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from tinylm_tui.lab.confining import refuse_outside
from tinylm_tui.lab.errors import TextError

MOST_BYTES = 40_000_000
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(path: str | Path) -> str:
    """The text of a file: UTF-8, or UTF-16/32 with a byte order mark; CRLF and CR become LF.

    Raises TextError for anything that is not a readable text file of a bearable size. Never waits on a FIFO
    and never reads a device.
    """
    where = Path(path)
    data = _read_regular_file(where)
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise TextError(
            f"{where.name} is not {encoding.removesuffix('-sig').upper()} text: byte {error.start:,} cannot be read. "
            "Save it as UTF-8 and open it again."
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_regular_file(where: Path) -> bytes:
    """The bytes of a regular file of bearable size; TextError otherwise."""
    try:
        refuse_outside(where)
        with open(where.expanduser(), "rb", opener=without_waiting) as file:
            _refuse_unusual(where, os.fstat(file.fileno()))
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: NUL in the name; RuntimeError: no such ~user
        raise TextError(_why_not(where, error)) from None


def without_waiting(path: str, flags: int) -> int:
    """Opening a FIFO nobody writes to would otherwise wait for ever."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refuse_unusual(where: Path, state: os.stat_result) -> None:
    """Raises TextError for a device, a FIFO or a file that is too large. A folder cannot be opened at all."""
    if not stat.S_ISREG(state.st_mode):
        raise TextError(f"{where} is not an ordinary file: name a text file.")
    if state.st_size > MOST_BYTES:
        raise TextError(
            f"{where.name} has {state.st_size / 1e6:,.0f} MB; the lab reads text files up to "
            f"{MOST_BYTES / 1e6:,.0f} MB. A part of it would do."
        )


def _why_not(where: Path, error: Exception) -> str:
    reasons: dict[type, str] = {
        FileNotFoundError: f"there is no file {where}: check the name.",
        PermissionError: f"{where} may not be read by you: choose another, or change its permissions.",
        IsADirectoryError: f"{where} is a folder: name a text file.",
    }
    fallback = f"{where} cannot be read ({getattr(error, 'strerror', None) or error})."
    return reasons.get(type(error), fallback)
