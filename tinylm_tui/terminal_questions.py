"""Questions to a terminal: how large it is, whether it says where its cursor is, and how it shows one character.

The terminal's modes are as they were afterwards, also after an interrupt.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

PATIENCE = 2.0  # seconds: a connection around the world answers in less than half of one
WHERE = b"\x1b[6n"
PLACE = re.compile(rb"\x1b\[(\d+);(\d+)R")
SHOWN = "⣿".encode()  # three bytes, one column
CLEAN = b"\r\x1b[K"


@dataclass(frozen=True)
class Answers:
    """What a terminal said. `seconds` until it told its cursor's place, None where it never did.

    `cells`: how many columns one character in UTF-8 took; None where that is not known.
    """

    width: int
    height: int
    seconds: float | None
    cells: int | None
    patience: float = PATIENCE


def ask(patience: float = PATIENCE) -> Answers | None:
    """Ask the terminal on standard input and output; None where they are no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    sys.stdout.flush()
    width, height = os.get_terminal_size(sys.stdout.fileno())
    seconds, cells = _questioned(sys.stdin.fileno(), sys.stdout.fileno(), patience)
    return Answers(width, height, seconds, cells, patience)


def _questioned(source: int, sink: int, patience: float) -> tuple[float | None, int | None]:
    """How long the first answer took, and how wide a character was."""
    if os.name != "posix":  # the console of Windows answers through another interface
        return None, None
    with _silent(source):
        began = time.monotonic()
        if _column(source, sink, CLEAN, patience) is None:
            return None, None
        seconds = time.monotonic() - began
        column = _column(source, sink, b"\r" + SHOWN, patience)
        os.write(sink, CLEAN)
    return seconds, None if column is None else column - 1


@contextlib.contextmanager
def _silent(source: int) -> Iterator[None]:
    """Keys and answers are given at once, and not shown; what came too late is thrown away at the end."""
    import termios
    import tty

    before = termios.tcgetattr(source)
    try:
        tty.setcbreak(source)  # ctrl+c still interrupts
        yield
    finally:
        termios.tcsetattr(source, termios.TCSAFLUSH, before)


def _column(source: int, sink: int, text: bytes, patience: float) -> int | None:
    """The cursor's column, from 1, after `text`; None where nobody answers."""
    os.write(sink, text + WHERE)
    end, heard = time.monotonic() + patience, b""
    while (left := end - time.monotonic()) > 0 and select.select([source], [], [], left)[0]:
        more = os.read(source, 1024)
        heard += more
        if place := PLACE.search(heard):
            return int(place[2])
        if not more:
            return None
    return None
