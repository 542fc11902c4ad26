"""The two ends of the line to the terminal that Textual keeps to itself: all that is used of its private parts.

In: the keyboard's bytes, before they are read as keys. Out: a question to the terminal, after what was drawn.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

WHERE = "\x1b[6n"  # where is the cursor? The private form, [?6n, is answered by fewer: not by tmux 3.3
ANSWER = re.compile(r"\x1b\[\d+;\d+R")
BEGINNING = re.compile(r"\x1b\[[\d;]*\Z")


class Keyboard:
    """Decodes what comes from the terminal, and takes its answers out, wherever they stand.

    In the middle of a paste Textual would read an answer, and what follows it, as keys. What an answer looks like is
    also shift+F3 of some terminals, which no screen uses. Bytes that are no UTF-8 are replaced: an ä from a Latin-1
    terminal would end the lab.
    """

    def __init__(self, answered: Callable[[], None], expected: Callable[[], bool]) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._answered, self._expected = answered, expected
        self._held = ""

    def decode(self, data: bytes, final: bool = False) -> str:
        """The text without the answers; the beginning of one that is expected waits for the rest."""
        whole = self._held + self._utf8.decode(data, final)
        text, found = ANSWER.subn("", whole)
        for _ in range(found):
            self._answered()
        cut = BEGINNING.search(text) if self._expected() and not final else None
        text, self._held = (text[: cut.start()], cut[0]) if cut else (text, "")
        return text


def hear(answered: Callable[[], None], expected: Callable[[], bool], sent: Callable[[int], None]) -> None:
    """From now on each answer of the terminal calls `answered`, in the keyboard's thread. Before the app runs.

    `sent` is told how many bytes go out, with everything that is written.
    """
    if sys.platform == "win32":
        return
    from textual.drivers import linux_driver

    keyboard = partial(Keyboard, answered, expected)
    linux_driver.getincrementaldecoder = lambda encoding: keyboard  # type: ignore[attr-defined, assignment]
    write = linux_driver.LinuxDriver.write

    def counted(driver: linux_driver.LinuxDriver, data: str) -> None:
        write(driver, data)
        sent(len(data) if data.isascii() else len(data.encode("utf-8", "replace")))

    linux_driver.LinuxDriver.write = counted  # type: ignore[assignment, method-assign]


def ask(app: App[int]) -> None:
    """Ask the terminal where its cursor is: it answers once it has read all that was written before."""
    if app._driver is not None:
        app._driver.write(WHERE)
        app._driver.flush()
