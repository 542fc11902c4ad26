"""What the world does to a running lab: signals, and a terminal that goes away."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinylm_tui.ui.shell import Shell

PATIENCE = 0.7  # seconds a tidy end may take before it is cut short
LAST_WRITE = 0.1
# Off: paste brackets, the mouse, focus reports, sizes in band. Back: line wrap, the keyboard, the screen, the cursor.
OFF, ON = ("2004", "1000", "1003", "1015", "1006", "1004", "2048"), ("7", "25")
GIVE_BACK = "".join(["\x1b[0m", *[f"\x1b[?{m}l" for m in OFF], "\x1b[<u\x1b[?1049l", *[f"\x1b[?{m}h" for m in ON]])


class Surroundings:
    """Ends the lab in good order on SIGTERM, SIGHUP, SIGINT, or when the terminal is dead; never lingers.

    Nothing here waits for the app's loop: that may itself be waiting, for a terminal that no longer reads.
    """

    def __init__(self, app: Shell) -> None:
        self._app = app
        self._attributes: list[Any] | None = None
        self._leaving = False

    def hear(self) -> None:
        """Take the signals. From the main thread, before the terminal is taken over."""
        if sys.platform == "win32":
            return
        import termios

        self._attributes = termios.tcgetattr(0)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, self._signalled)

    def watch(self) -> None:
        """Once the app runs. Only where the lab really has a terminal."""
        if self._app.is_headless or sys.platform == "win32":
            return
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._until_hang_up, args=(loop,), name="tinylm-terminal", daemon=True).start()

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # the app is not there yet, or no longer
            raise SystemExit(128 + number) from None
        self._leave(128 + number, loop)

    def _until_hang_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """A terminal that hung up reports it here, even when no signal reaches us."""
        poll = select.poll()
        poll.register(0, 0)  # standard input; hang-ups are reported without being asked for
        if any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll()):
            self._leave(128 + signal.SIGHUP, loop)

    def _leave(self, status: int, loop: asyncio.AbstractEventLoop) -> None:
        if self._leaving:
            return
        self._leaving = True
        insist = threading.Timer(PATIENCE, self._insist, (status,))
        insist.daemon = True
        insist.start()
        with contextlib.suppress(RuntimeError):  # the loop has ended already, and the lab is on its way out
            loop.call_soon_threadsafe(self._app.exit, status, status)

    def _insist(self, status: int) -> None:
        """The tidy end takes too long: give the terminal back as far as it listens, and go."""
        self._app.link.kill()
        last = threading.Thread(target=self._give_back, daemon=True)
        last.start()
        last.join(LAST_WRITE)
        os._exit(status)

    def _give_back(self) -> None:
        import termios

        try:
            if self._attributes:
                termios.tcsetattr(0, termios.TCSANOW, self._attributes)
            os.write(2, GIVE_BACK.encode())
        except (OSError, termios.error):
            pass  # there is no terminal any more
