"""The screen's end of the pipe to the trainer. The one file that knows both the connection and the app.

At most one question is open at a time, so a slow screen gets fewer, newer snapshots and nothing queues up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from tinylm_tui.lab.commands import Ask, Command, Quit
from tinylm_tui.lab.process import Crash, unpacked
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.crash import keep, keep_text

FRAME = 0.1  # seconds between two live frames
HOW_IT_ENDED = 0.3  # seconds to wait for a process's exit status once its pipe is closed


class Link:
    """Sends commands; asks for the next snapshot and hands it to `arrived`, in the thread that reads the pipe."""

    def __init__(self, process: BaseProcess, pipe: Connection, first: Snapshot) -> None:
        self._process, self._pipe = process, pipe
        self._last = first
        self._asking = False
        self._ask_again = False  # a command went out after the open question: its answer may be from before it
        self._lock = threading.Lock()
        self._closed = False
        self._frame_at = 0.0

    def listen(self, arrived: Callable[[Snapshot], None], lost: Callable[[str], None]) -> None:
        """Begin to read, in a thread of its own: unpickling a large snapshot then never holds up a key."""
        thread = threading.Thread(target=self._read, args=(arrived, lost), name="tinylm-link", daemon=True)
        thread.start()
        self.ask()

    def _read(self, arrived: Callable[[Snapshot], None], lost: Callable[[str], None]) -> None:
        try:
            while True:
                answer = self._pipe.recv()
                if isinstance(answer, Crash):
                    return lost(f"the trainer met an error: {answer.what}{keep_text(answer.story)}")
                self._last = unpacked(answer, self._last)
                self._asking = False
                arrived(self._last)
                if self._ask_again:
                    self.ask()
        except (EOFError, OSError):
            if not self._closed:
                lost(self._how_it_ended())
        except Exception as error:  # a thread that died in silence would leave a screen that never moves again
            lost(keep(error))

    def _how_it_ended(self) -> str:
        self._process.join(HOW_IT_ENDED)
        code = self._process.exitcode
        how = f"was killed by signal {-code}" if code and code < 0 else f"ended with status {code}"
        return f"the trainer's process {how}, and the lab with it"

    def send(self, command: Command) -> None:
        """Tell the trainer, and ask at once for the moment after it."""
        self._ask_again = self._asking
        self._write(command)
        self.ask()

    def ask(self) -> None:
        """Ask for the next snapshot, unless that has been asked already."""
        if not self._asking:
            self._asking, self._ask_again = True, False
            self._write(Ask(self._last.version, self._last.corpus_version))

    def next_frame_in(self) -> float:
        """Seconds until the next live frame is due; counts the one just taken."""
        now = time.monotonic()
        wait = max(0.0, self._frame_at + FRAME - now)
        self._frame_at = now + wait
        return wait

    def _write(self, command: Command) -> None:
        try:
            with self._lock:
                self._pipe.send(command)
        except OSError:
            pass  # the reading thread meets the same end and reports it

    def close(self, patience: float = 0.5) -> None:
        """End the trainer's process: ask it to quit, then insist."""
        self._closed = True
        self._write(Quit())
        self._process.join(patience)
        if self._process.is_alive():
            self.kill()
            self._process.join(patience)
        self._pipe.close()

    def kill(self) -> None:
        """End the trainer's process at once."""
        self._process.kill()
