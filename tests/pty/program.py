"""A real pseudo-terminal with the real program in it."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import itertools
import os
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping
from pathlib import Path

from screen import KINDS, UNFINISHED, Screen, Sent

TERMINALS = itertools.count()
PATIENCE = 20.0  # seconds; a safety limit for a busy machine, not a measure


def as_a_shell_would() -> None:
    """The terminal is the program's own, and it hears interrupts also where the tests run in the background."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Program(Sent):
    """One pseudo-terminal and the program in it. Reads only when told to, so that a test can also not read."""

    def __init__(self, command: list[str], size: tuple[int, int], env: Mapping[str, str], folder: Path) -> None:
        self.ours, self.theirs = os.openpty()
        self.screen = Screen(*size)
        self._set_size(*size)
        self.before = termios.tcgetattr(self.theirs)
        self.stream = b""
        self.answers = True  # whether it tells where the cursor is; `questions` counts how often it was asked
        self.questions = 0
        self._pending, self._decoder = "", codecs.getincrementaldecoder("utf-8")("replace")
        self.started = time.monotonic()
        self._mark = f"TEST_TERMINAL={os.getpid()}.{next(TERMINALS)}"
        self.process = subprocess.Popen(
            command, stdin=self.theirs, stdout=self.theirs, stderr=self.theirs, cwd=folder,
            env={**env, **dict([self._mark.split("=")])},
            start_new_session=True, preexec_fn=as_a_shell_would,
        )  # fmt: skip
        self.pid = self.process.pid

    def send(self, keys: str | bytes) -> None:
        """Type."""
        os.write(self.ours, keys.encode() if isinstance(keys, str) else keys)

    def paste(self, text: str) -> None:
        """Paste, as terminals do since bracketed paste."""
        self.send(f"\x1b[200~{text}\x1b[201~")

    def _set_size(self, width: int, height: int) -> None:
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def resize(self, width: int, height: int) -> None:
        """Drag the window's corner."""
        self.pump(0)
        self._set_size(width, height)
        self.screen.resize(width, height)

    def hang_up(self) -> None:
        """The window is closed, the connection is lost."""
        os.close(self.ours)
        os.close(self.theirs)
        self.ours = self.theirs = -1

    # ---- what comes back

    def pump(self, seconds: float) -> int:
        """Read for that long; how many bytes came."""
        end, came = time.monotonic() + seconds, 0
        while select.select([self.ours], [], [], max(0.0, end - time.monotonic()))[0]:
            data = os.read(self.ours, 65536)
            self.stream += data
            came += len(data)
            self._draw(data)
            if time.monotonic() >= end:
                break
        return came

    def _draw(self, data: bytes) -> None:
        whole = self._pending + self._decoder.decode(data)
        cut = UNFINISHED.search(whole)
        whole, self._pending = (whole[: cut.start()], cut[0]) if cut else (whole, "")
        for piece in KINDS.finditer(whole):
            if piece[0] == "\x1b[6n":
                self._where()
            self.screen.feed(str(piece.lastgroup), piece[0])

    def _where(self) -> None:
        self.questions += 1
        if self.answers:
            self.send(f"\x1b[{self.screen.y + 1};{self.screen.x + 1}R")

    @property
    def text(self) -> str:
        """The screen as it stands."""
        return self.screen.text

    # ---- the end

    def wait(self, patience: float = PATIENCE) -> int:
        """The exit status (negative: the signal that ended it), after all output was read."""
        end = time.monotonic() + patience
        while self.process.poll() is None:
            assert time.monotonic() < end, f"still there after {patience:g} s; the screen:\n{self.text}"
            if self.ours >= 0:
                self.pump(0.01)
            else:
                time.sleep(0.01)
        self.ended = time.monotonic()
        if self.ours >= 0:
            self.pump(0.1)
        return int(self.process.returncode)

    def is_restored(self) -> bool:
        """Whether the terminal is as it was."""
        return not self.modes_left_on() and termios.tcgetattr(self.theirs) == self.before

    def others(self) -> dict[int, str]:
        """The processes that the program has started, whatever session they are in now."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                marked = self._mark.encode() in (folder / "environ").read_bytes().split(b"\0")
                if marked and int(folder.name) != self.pid:
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
        return found

    def trainer(self) -> int:
        """The process number of the trainer."""
        return next(pid for pid, command in self.others().items() if "spawn_main" in command)

    def nobody_left(self, patience: float = PATIENCE) -> bool:
        """Whether every process of the session goes; waits for it."""
        end = time.monotonic() + patience
        while self.others() and time.monotonic() < end:
            time.sleep(0.01)
        self.gone = time.monotonic()
        return not self.others()

    def close(self) -> None:
        """Nothing outlives a test."""
        for pid in [*([self.pid] if self.process.poll() is None else []), *self.others()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        for end in (self.ours, self.theirs):
            if end >= 0:
                os.close(end)
