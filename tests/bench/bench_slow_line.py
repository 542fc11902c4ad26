"""How fast keys are answered through a line of 256 kbit/s and 100 ms, with and without pacing.

    python tests/bench/bench_slow_line.py                 both readings of the 100 ms, about four minutes
    python tests/bench/bench_slow_line.py there-and-back  50 ms each way
    python tests/bench/bench_slow_line.py each-way        100 ms each way, so no key is answered in less than 200

The line is a relay in this process, between the program's pseudo-terminal and the terminal that reads it: each
direction lets so many bytes a second through and delays them. Like an ssh connection it takes 2 MiB from the program
before it makes it wait. Nothing here is a test.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "pty")]

from bench_screen import high
from machine import describe
from terminal import Terminal

RATE = 256_000 / 8  # bytes a second
READINGS = {"there-and-back": 0.05, "each-way": 0.1}  # seconds that each direction takes
WINDOW = 2 << 20  # bytes that an ssh connection holds before the program has to wait
PIECE = 256  # bytes that travel together
SIZE = (120, 36)
NAMES = " abcdefghijklmnopqrstuvwxyz"
EVERY_CELL = """
import dataclasses, itertools, numpy as np
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.ui import link
true, frames = link.unpacked, itertools.count()
rows, columns = np.indices((27, 27))
def swinging(answer, last):  # no cell is like its neighbour, none as it was one frame before
    s = true(answer, last)
    W = ((5 * rows + 3 * columns + 7 * next(frames)) % 16 / 7.5 - 1) * 4
    params = Parameters(np.ravel(W).astype(s.params.flat.dtype), s.params.shapes)
    return dataclasses.replace(s, params=params) if s.running else s
link.unpacked = swinging
"""
UNPACED = """
from tinylm_tui.ui.pacing import Pacing
Pacing.hear = lambda self: None
"""
WHOLE = """
from tinylm_tui.ui import owed
owed.Owed._room = float("inf")
"""
MAIN = """
from tinylm_tui.cli import main
main()
"""


class Direction:
    """Bytes on their way: each piece arrives `delay` seconds after the line had room for it."""

    def __init__(self, delay: float) -> None:
        self.delay, self._free_at, self.held = delay, 0.0, 0
        self._on_the_way: deque[tuple[float, bytes]] = deque()

    def put(self, data: bytes, now: float) -> None:
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            self._free_at = max(self._free_at, now) + len(piece) / RATE
            self._on_the_way.append((self._free_at + self.delay, piece))
        self.held += len(data)

    def arrived(self, now: float) -> bytes:
        pieces = []
        while self._on_the_way and self._on_the_way[0][0] <= now:
            pieces.append(self._on_the_way.popleft()[1])
        data = b"".join(pieces)
        self.held -= len(data)
        return data

    def next_in(self, now: float) -> float:
        """Seconds until the next piece arrives."""
        return max(0.0, self._on_the_way[0][0] - now) if self._on_the_way else 1.0


class Slow(Terminal):
    """A terminal at the far end of the line."""

    def __init__(self, script: str, options: tuple[str, ...], delay: float) -> None:
        home = tempfile.mkdtemp()
        env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": home, "COLORTERM": ""}
        super().__init__([sys.executable, "-c", script + MAIN, *options], SIZE, env, Path(home))
        self._near = self.ours
        far, self._far = socket.socketpair()
        self.ours = far.detach()
        self.down, self.up = Direction(delay), Direction(delay)
        self._ended = threading.Event()
        self._relay = threading.Thread(target=self._carry, daemon=True)
        self._relay.start()

    def _carry(self) -> None:
        while not self._ended.is_set():
            now = time.monotonic()
            wait = min(self.down.next_in(now), self.up.next_in(now), 0.05)
            sources = [self._far, *([self._near] if self.down.held < WINDOW else [])]
            ready = select.select(sources, [], [], wait)[0]
            now = time.monotonic()
            if self._near in ready:
                self.down.put(os.read(self._near, 4096), now)
            if self._far in ready:
                self.up.put(self._far.recv(4096), now)
            if data := self.down.arrived(now):
                self._far.sendall(data)
            if data := self.up.arrived(now):
                os.write(self._near, data)

    def close(self) -> None:
        self._ended.set()
        self._relay.join()
        self._far.close()
        super().close()
        os.close(self._near)


def opened(script: str, delay: float) -> Slow:
    """The heat map in view, and the bigram in training at full speed."""
    terminal = Slow(script, ("--set", "pace=0"), delay)
    terminal.until("paused").settle(1.0)
    terminal.send("4")
    terminal.until("probability").settle(1.0)
    terminal.send("p ")  # scores: their colours are not bound to add up to one
    terminal.until("training")
    return terminal


def seconds_until(terminal: Slow, holds: Callable[[], bool], most: float) -> float:
    """How long until the far screen shows it; `most` where it took longer."""
    began = time.monotonic()
    while not holds() and time.monotonic() - began < most:
        terminal.pump(0.002)
    return min(most, time.monotonic() - began)


def moves(terminal: Slow, budget: float, most: float) -> list[float]:
    """Cursor moves on the map, one after the other with a pause, for `budget` seconds."""
    times: list[float] = []
    column, step, end = 0, 1, time.monotonic() + budget
    while time.monotonic() < end:
        step = {1: 1, 20: -1}.get(column, step)
        column += step
        wanted = f"the boundary → {NAMES[column]}\n"
        terminal.send("\x1b[C" if step > 0 else "\x1b[D")
        times.append(seconds_until(terminal, lambda w=wanted: w in terminal.text, most))
        terminal.pump(0.1 + 0.037 * (len(times) % 7))
    return times


def measure(what: str, script: str, delay: float, budget: float, lead: float, most: float = 25.0) -> None:
    """One lab: keys for `budget` seconds, after `lead` seconds of training."""
    terminal = opened(script, delay)
    try:
        terminal.pump(lead)
        before, began = len(terminal.stream), time.monotonic()
        times = moves(terminal, budget, most)
        rate = (len(terminal.stream) - before) / (time.monotonic() - began) / 1024
        first, last = times[0], times[-1]
        print(
            f"{what}, {delay * 2e3:.0f} ms there and back: median {median(times) * 1e3:,.0f} ms, "
            f"p95 {high(times) * 1e3:,.0f} ms, most {max(times) * 1e3:,.0f} ms, {len(times)} keys "
            f"(first {first * 1e3:,.0f}, last {last * 1e3:,.0f}); {rate:.1f} KiB/s arrived, "
            f"{terminal.down.held / 1024:,.0f} KiB on the way at the end, {terminal.questions} questions; "
            f"load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    finally:
        terminal.close()


if __name__ == "__main__":
    print(describe())
    for reading in sys.argv[1:] or list(READINGS):
        delay = READINGS[reading]
        measure("key to paint in training, paced", "", delay, 20, 2)
        measure("every cell in every frame, paced", EVERY_CELL, delay, 20, 2)
        measure("in training, paced, each frame in one piece", WHOLE, delay, 10, 2)
        measure("every cell in every frame, paced, each frame in one piece", EVERY_CELL + WHOLE, delay, 10, 2)
        measure("in training, not paced", UNPACED, delay, 8, 2)
        measure("every cell in every frame, not paced", EVERY_CELL + UNPACED, delay, 1, 10)
