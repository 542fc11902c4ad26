"""Thirty labs at once, each training with a screen in view: a class on one small machine.

    python tests/bench/bench_thirty.py [LABS [SECONDS [OPTION ...]]]      (30 labs, 60 seconds of keys)

Every screen gets a key at random moments, one in two seconds: moves on the heat map, and changes of screen; and it
tells how long the effect took to appear. Then: the trainers' shares of the steps made, and the proportional memory of
each lab. At most three minutes; pseudo-terminals only. Nothing here is a test.
"""

from __future__ import annotations

import os
import random
import select
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "pty")]

from bench_screen import _pss, high, opened
from machine import describe
from terminal import Terminal

TICKS = os.sysconf("SC_CLK_TCK")
FAIR = 0.5  # of the mean steps a second: what the slowest trainer should at least make
MOVES = 0.75  # of the keys on the heat map; the others change the screen
NAMES = "·abcdefghijklmnopqrstuvwxyz"
SHOWS = {"3": "temperature", "5": "tracing", "6": "it wrote", "4": "brighter ="}


@dataclass
class Guest:
    """One lab and the person at it."""

    terminal: Terminal
    key_at: float
    wanted: str = ""
    sent_at: float = 0.0
    where: str = "4"
    column: int = 0
    kind: str = ""
    trainer: int = 0
    times: list[float] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    steps: list[tuple[float, int]] = field(default_factory=list)

    def press(self, now: float, dice: random.Random) -> None:
        """A move on the heat map, or a change of screen."""
        if self.where == "4" and dice.random() < MOVES:
            step = 1 if self.column == 0 else -1 if self.column == 20 else dice.choice((1, -1))
            self.column += step
            key, self.wanted = "\x1b[C" if step > 0 else "\x1b[D", f"· → {NAMES[self.column]}  count"
            self.kind = "moves"
        else:
            key = self.where = "4" if self.where != "4" else dice.choice("356")
            self.wanted, self.kind = SHOWS[key], "screens"
        self.sent_at, self.key_at = now, now + dice.uniform(1, 3)
        self.terminal.send(key)

    def look(self, now: float) -> None:
        """Read what came; is it what was wanted?"""
        self.terminal.pump(0)
        self.terminal.stream = b""
        if self.wanted and self.wanted in self.terminal.text:
            self.times.append(time.monotonic() - self.sent_at)
            self.kinds.append(self.kind)
            self.wanted = ""
        if (step := self.terminal.step()) > 0 and (not self.steps or step != self.steps[-1][1]):
            self.steps.append((now, step))

    def speed(self) -> float:
        """Steps a second between the first and the last that were seen."""
        (then, first), (last, latest) = self.steps[0], self.steps[-1]
        return (latest - first) / (last - then)


def started(count: int, options: list[str]) -> list[Guest]:
    """Labs in training, one started after the other, as people come in."""
    guests: list[Guest] = []
    for _ in range(count):
        guests.append(Guest(opened("--set", "pace=0", *options), 0.0))
        serve(guests, 0.4)
    wait(guests, "paused")
    for guest in guests:
        guest.terminal.send("4")
    wait(guests, SHOWS["4"])
    for guest in guests:
        guest.terminal.send(" ")
    wait(guests, "training")
    return guests


def wait(guests: list[Guest], text: str, patience: float = 60.0) -> None:
    end = time.monotonic() + patience
    while not all(text in guest.terminal.text for guest in guests):
        if time.monotonic() > end:
            raise TimeoutError(next(g.terminal.text for g in guests if text not in g.terminal.text))
        serve(guests, 0.05)


def serve(guests: list[Guest], seconds: float) -> None:
    """Read all the terminals for so long."""
    end = time.monotonic() + seconds
    by_end = {guest.terminal.ours: guest for guest in guests}
    while (left := end - time.monotonic()) > 0:
        for one in select.select(list(by_end), [], [], left)[0]:
            by_end[one].look(time.monotonic())


def keys(guests: list[Guest], seconds: float) -> None:
    """Everybody presses keys at random moments."""
    dice, now = random.Random(0), time.monotonic()
    end = now + seconds
    for guest in guests:
        guest.key_at = now + dice.uniform(0, 3)
        guest.times, guest.kinds, guest.steps = [], [], []
    while (now := time.monotonic()) < end:
        for guest in guests:
            if now >= guest.key_at and not guest.wanted:
                guest.press(now, dice)
        serve(guests, 0.003)


def worked(guests: list[Guest]) -> tuple[float, float, float, float]:
    """Seconds of processor time so far: of all screens, of all trainers, of this script, of the whole machine."""
    screens = sum(_processor_time(guest.terminal.pid) for guest in guests)
    trainers = sum(_processor_time(guest.trainer) for guest in guests)
    whole = [int(n) for n in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return screens, trainers, time.process_time(), (sum(whole) - whole[3] - whole[4]) / TICKS


def _processor_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def report(guests: list[Guest]) -> None:
    """The figures."""
    times = [t for guest in guests for t in guest.times]
    worst = max(high(guest.times, 0.99) for guest in guests)
    for kind in ("moves", "screens"):
        some = [t for g in guests for t, k in zip(g.times, g.kinds, strict=True) if k == kind]
        print(f"  {kind}: median {median(some) * 1e3:.0f} ms, p99 {high(some, 0.99) * 1e3:.0f} ms, {len(some)} keys")
    open_keys = sum(time.monotonic() - g.sent_at > 1 for g in guests if g.wanted)
    speeds = sorted(guest.speed() for guest in guests)
    print(f"key to paint: median {median(times) * 1e3:.0f} ms, p95 {high(times) * 1e3:.0f} ms, "
          f"p99 {high(times, 0.99) * 1e3:.0f} ms, most {max(times) * 1e3:.0f} ms, {len(times)} keys; "
          f"p99 of the slowest screen {worst * 1e3:.0f} ms; {open_keys} never answered")  # fmt: skip
    print(f"steps a second: slowest {speeds[0]:,.0f}, mean {mean(speeds):,.0f}, fastest {speeds[-1]:,.0f}; "
          f"the slowest makes {speeds[0] / mean(speeds):.0%} of a fair share ({FAIR:.0%} wanted)")  # fmt: skip
    rows = [(_pss(g.terminal.pid), _pss(g.trainer)) for g in guests]
    both = [sum(row) for row in rows]
    print(f"memory a lab, both processes: median {median(both):.0f} MiB, most {max(both):.0f} MiB "
          f"(screen {median(r[0] for r in rows):.0f}, trainer {median(r[1] for r in rows):.0f})")  # fmt: skip


def main(count: int = 30, seconds: float = 60.0, options: tuple[str, ...] = ()) -> None:
    print(f"{describe()}; load before {os.getloadavg()[0]:.1f}")
    began = time.monotonic()
    guests: list[Guest] = []
    try:
        guests = started(count, list(options))
        print(f"{count} labs {' '.join(options)} train after {time.monotonic() - began:.0f} s", flush=True)
        for guest in guests:
            guest.trainer = guest.terminal.trainer()
        serve(guests, 3)
        before, at = worked(guests), time.monotonic()
        keys(guests, min(seconds, 150 - (time.monotonic() - began)))
        spent, took = worked(guests), time.monotonic() - at
        shares = [(now - then) / took for now, then in zip(spent, before, strict=True)]
        print("cores used: screens {:.2f}, trainers {:.2f}, this script {:.2f}, all {:.2f}".format(*shares))
        print(f"load {os.getloadavg()[0]:.1f}; frames seen a second and screen "
              f"{mean(len(g.steps) for g in guests) / seconds:.1f}")  # fmt: skip
        report(guests)
    finally:
        for guest in guests:
            guest.terminal.close()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(int(arguments[0]) if arguments else 30, float(arguments[1]) if arguments[1:] else 60.0, tuple(arguments[2:]))
