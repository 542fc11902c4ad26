"""The trainer in a process of its own, behind a pipe: commands down, a Snapshot up when one was asked for."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from tinylm_tui.lab.commands import Ask, Command, Quit, Stop
from tinylm_tui.lab.confining import confine, confined_to
from tinylm_tui.lab.corpus import Corpus, make_corpus
from tinylm_tui.lab.pace import Duty
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.lab.trainer import Trainer

SLICE = 0.005  # seconds of training between two looks at the pipe
NICENESS = 10
TRIES = 5

SAME = make_corpus("the same as before", "a", "words").without_ids()  # stands in for a text that need not travel


@dataclass(frozen=True)
class Crash:
    """The trainer met an error nobody foresaw: what, in one line, and its traceback."""

    what: str
    story: str


def start(corpus: Corpus, settings: Settings, duty: float = 1.0) -> tuple[BaseProcess, Connection]:
    """Start the trainer's process. Call it before the terminal is taken over. `duty`: its largest share of a core."""
    if sys.platform != "win32":
        resource_tracker.ensure_running()
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    whole = (theirs, corpus, settings, duty, confined_to())
    process = context.Process(target=main, args=whole, name="tinylm-trainer", daemon=True)
    with _without_interrupts():
        process.start()
    theirs.close()
    return process, ours


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """A process started in here is deaf to ctrl+c from its first moment on, also while it still imports."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def main(pipe: Connection, corpus: Corpus, settings: Settings, duty: float = 1.0, kiosk: Path | None = None) -> None:
    """The process's whole life: serve until told to quit, or until the other end is gone. `kiosk`: a guest's folder."""
    if kiosk is not None:
        confine(kiosk)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl+c belongs to the screen, which then tells us to quit
    _be_silent()
    _stand_back()
    trainer = Trainer(Run(corpus, settings))
    try:
        Server(pipe, trainer, Duty(duty)).serve()
        trainer.keep()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        trainer.keep()  # the screen is gone, and with it the reason to train
    except Exception as error:
        pipe.send(Crash(traceback.format_exception_only(error)[-1].strip(), traceback.format_exc()))


def _stand_back() -> None:
    """Screens come first: on a busy machine a key waits for no trainer.

    Linux hands out time by session before it looks at who is nice, so trainer and screen need sessions of their own:
    thirty labs on two cores answered a key after 1.5 s without that.
    """
    if sys.platform == "win32":
        return
    os.nice(NICENESS)
    os.setsid()
    for _ in range(TRIES):
        try:
            Path("/proc/self/autogroup").write_text(str(NICENESS), encoding="ascii")
            return
        except BlockingIOError:  # the kernel takes ten such requests a second, of the whole machine
            time.sleep(0.1)
        except OSError:  # another system, or one without such groups
            return


def _be_silent() -> None:
    """The terminal belongs to the screen: a warning printed from here would stand in the middle of it."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


class Server:
    """Answers one pipe: commands are carried out between slices of training."""

    def __init__(self, pipe: Connection, trainer: Trainer, duty: Duty | None = None) -> None:
        self.pipe, self.trainer, self.duty = pipe, trainer, duty or Duty(1.0)
        self.asked: Ask | None = None
        self.waiting: deque[Command] = deque()  # what came during long work
        trainer.breathe = self.breathe

    def serve(self) -> None:
        """Until Quit arrives or the pipe closes."""
        while True:
            while self.waiting or self.pipe.poll(self._patience()):
                command = self.waiting.popleft() if self.waiting else self.pipe.recv()
                if isinstance(command, Quit):
                    return
                self._take(command)
            if self.trainer.working and not self._rest():
                self.trainer.work(SLICE)
            self._answer()
            self.duty.count(self.trainer.clock())

    def breathe(self) -> bool:
        """In the middle of long work: answer what is asked, keep other commands for later; False to stop it."""
        self.duty.count(self.trainer.clock())
        while self.pipe.poll(self._rest()):
            command = self.pipe.recv()
            if isinstance(command, Ask):
                self.asked = command
            elif isinstance(command, Stop):
                return False
            else:
                self.waiting.append(command)
                if isinstance(command, Quit):
                    return False
        self._answer()
        return True

    def _patience(self) -> float | None:
        """How long to wait for a command: not at all while there is an answer to give or a step to make."""
        if self.asked and self.asked.version != self.trainer.version:
            return 0.0
        wait = self.trainer.wait()
        return None if wait is None else max(wait, self._rest())

    def _rest(self) -> float:
        return self.duty.rest(self.trainer.clock())

    def _take(self, command: Command) -> None:
        if isinstance(command, Ask):
            self.asked = command
        else:
            self.trainer.handle(command)

    def _answer(self) -> None:
        if self.asked is None or self.asked.version == self.trainer.version:
            return
        self.pipe.send(packed(self.trainer.snapshot(), self.asked.corpus_version))
        self.asked = None


def packed(snapshot: Snapshot, known: int) -> Snapshot:
    """A snapshot for the pipe: without its text when the other side has that already."""
    return replace(snapshot, corpus=SAME) if snapshot.corpus_version == known else snapshot


def unpacked(snapshot: Snapshot, last: Snapshot) -> Snapshot:
    """A snapshot from the pipe, whole again."""
    return replace(snapshot, corpus=last.corpus) if snapshot.corpus_version == last.corpus_version else snapshot
