"""What the world does to a running lab: signals, and a terminal that goes away."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinylm_tui.ui.app import LabApp

PATIENCE = 0.7  # seconds a tidy end may take before it is cut short
LOOK_EVERY = 0.5


class Surroundings:
    """Ends the lab in good order on SIGTERM, SIGHUP, or when the terminal is dead; never lingers."""

    def __init__(self, app: LabApp) -> None:
        self._app = app
        self._poll: select.poll | None = None

    def watch(self) -> None:
        """From now on. Only where the lab really has a terminal."""
        if self._app.is_headless or os.name != "posix":
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._leave, 128 + number)
        self._poll = select.poll()
        self._poll.register(0, 0)  # standard input; hang-ups are reported without being asked for
        self._app.set_interval(LOOK_EVERY, self._look)

    def _look(self) -> None:
        """A terminal that hung up reports it here, even when no signal reaches us."""
        if self._poll and any(event & (select.POLLHUP | select.POLLERR) for _, event in self._poll.poll(0)):
            self._leave(128 + signal.SIGHUP)

    def _leave(self, status: int) -> None:
        insist = threading.Timer(PATIENCE, os._exit, (status,))
        insist.daemon = True
        insist.start()
        self._app.exit(status, return_code=status)
