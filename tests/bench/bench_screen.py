"""What the lab costs and how fast it answers, measured on the real program in a pseudo-terminal.

    python tests/bench/bench_screen.py                    all but the long one, about two minutes
    python tests/bench/bench_screen.py memory 600         ten minutes at full speed

Prints figures with the machine they were measured on. Nothing here is a test.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "pty")]

from machine import describe
from terminal import Terminal

LAB = [sys.executable, "-m", "tinylm_tui"]
PATIENCE = 20.0


def opened(*options: str, size: tuple[int, int] = (80, 24)) -> Terminal:
    """A lab in a pseudo-terminal with 256 colours."""
    home = tempfile.mkdtemp()
    env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": home, "COLORTERM": ""}
    return Terminal([*LAB, *options], size, env, Path(home))


def seconds_until(terminal: Terminal, holds: Callable[[], bool]) -> float:
    """How long until the screen shows it, looking after every piece that arrives."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError(terminal.text)
        terminal.pump(0.001)
    return time.monotonic() - began


def high(values: list[float], share: float = 0.95) -> float:
    """The value that `share` of all are not above."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def first_frame(rounds: int = 9) -> None:
    """From starting the process to a whole first screen."""
    times = []
    for _ in range(rounds):
        began = time.monotonic()
        terminal = opened()
        seconds_until(terminal, lambda t=terminal: "paused" in t.text and "exact floor" in t.text and "quit" in t.text)
        times.append(time.monotonic() - began)
        terminal.settle()
        terminal.end()
    print(f"first frame: median {median(times) * 1e3:.0f} ms, p95 {high(times) * 1e3:.0f} ms, {rounds} starts")


def key_to_paint(presses: int = 100) -> None:
    """From a key to its effect on the screen, while a bigram trains at full speed."""
    terminal = opened("--set", "pace=0").until("paused")
    terminal.settle()
    terminal.send("4")
    terminal.until("probability")
    terminal.send(" ")
    terminal.until("training")
    names = "·abcdefghijklmnopqrstuvwxyz"
    moves = []
    for press in range(presses):
        forth = press % 40 < 20
        column = press % 40 + 1 if forth else 40 - press % 40 - 1
        terminal.send("\x1b[C" if forth else "\x1b[D")
        wanted = f"→ {names[column]}  count"
        moves.append(seconds_until(terminal, lambda w=wanted: w in terminal.text))
        terminal.pump(0.037)
    report("a cursor move on the heat map", moves)
    report("a switch of screen", [_switch(terminal, n) for n in range(presses)])
    terminal.send("2")
    terminal.until("learn rate")
    report("a learn rate (through the trainer)", [_rate(terminal, n) for n in range(presses)])
    terminal.end()


def _switch(terminal: Terminal, n: int) -> float:
    key, shows = (("3", "temperature"), ("5", "tracing"), ("6", "it wrote"), ("4", "count"))[n % 4]
    terminal.pump(0.06)
    terminal.send(key)
    return seconds_until(terminal, lambda: shows in terminal.text)


def _rate(terminal: Terminal, n: int) -> float:
    terminal.pump(0.043)
    before = _line(terminal, "learn rate")
    terminal.send("+" if n % 2 == 0 else "-")
    return seconds_until(terminal, lambda: _line(terminal, "learn rate") != before)


def _line(terminal: Terminal, name: str) -> str:
    return next((row for row in terminal.text.split("\n") if name in row), "")


def report(what: str, times: list[float]) -> None:
    """Median and p95 in milliseconds."""
    print(f"key to paint while training, {what}: median {median(times) * 1e3:.0f} ms, p95 {high(times) * 1e3:.0f} ms, "
          f"{len(times)} keys")  # fmt: skip


def attention(presses: int = 60) -> None:
    """The Attention screen of a GPT in training: its first frame, and a move of its cursor."""
    for size in ((80, 24), (120, 36)):
        firsts = []
        for _ in range(5):
            terminal = opened("--set", "model=gpt", size=size).until("paused")
            terminal.settle()
            terminal.send(" ")
            terminal.until("training")
            terminal.pump(1.0)
            terminal.send("7")
            firsts.append(seconds_until(terminal, lambda t=terminal: "looks at" in t.text))
            terminal.end() if len(firsts) < 5 else None
        print(f"attention {size[0]}x{size[1]}: key to first frame median {median(firsts) * 1e3:.0f} ms, "
              f"most {max(firsts) * 1e3:.0f} ms")  # fmt: skip
        report(f"a move on the attention map {size[0]}x{size[1]}", [_look(terminal, n) for n in range(presses)])
        terminal.end()


def _look(terminal: Terminal, n: int) -> float:
    terminal.pump(0.047)
    before = _line(terminal, "looks at")
    terminal.send("k" if n % 2 == 0 else "j")
    return seconds_until(terminal, lambda: _line(terminal, "looks at") != before)


def bytes_sent(seconds: float = 4.0) -> None:
    """What reaches the terminal: idle, and with each screen in view while it trains."""
    for pace in ("100", "0"):
        terminal = opened("--set", f"pace={pace}").until("paused")
        for tab in "123456":
            terminal.send(tab)
            terminal.settle(1.0)
            idle = terminal.pump(seconds)
            terminal.send("r ")
            terminal.until("training")
            live = terminal.pump(seconds) / seconds / 1024
            terminal.send(" ")
            terminal.until("paused")
            print(f"pace {pace:>3}, screen {tab}: idle {idle} bytes in {seconds:g} s, training {live:.1f} KiB/s")
        terminal.end()


def speed(what: str, tab: str, steps: int, *settings: str, rounds: int = 5) -> None:
    """Steps a second with the screen on, as a share of headless; paired rounds."""
    shares = []
    for _ in range(rounds):
        sets = [part for setting in settings for part in ("--set", setting)]
        command = [*LAB, "train", "--corpus", "names", "--steps", str(steps), "--json", "--model", what, *sets]
        # The lab's trainer is at nice 10, so the one without a screen gets the same.
        command = ["nice", "-n", "10", *command]
        done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[-2])
        shown = _steps_with_screen(tab, "--set", f"model={what}", *sets)
        shares.append(shown / done["steps_per_second"])
        print(f"{what}, steps a second: headless {done['steps_per_second']:,.0f}, with screen {tab} live {shown:,.0f}")
    print(f"{what} with screen {tab} on: median {median(shares):.1%} of headless")


def _steps_with_screen(tab: str, *options: str, seconds: float = 4.0) -> float:
    terminal = opened(*options, "--set", "pace=0").until("paused")
    terminal.settle()
    terminal.send(f"{tab} ")
    terminal.until("training")
    terminal.pump(0.5)
    began, first = time.monotonic(), _fresh_step(terminal)
    began = time.monotonic()
    terminal.pump(seconds)
    last = _fresh_step(terminal)
    rate = (last - first) / (time.monotonic() - began)
    terminal.end()
    return rate


def _fresh_step(terminal: Terminal) -> int:
    before = terminal.step()
    seconds_until(terminal, lambda: terminal.step() != before)
    return terminal.step()


def memory(seconds: float) -> None:
    """How both processes grow while a bigram trains at full speed with the curve in view."""
    terminal = opened("--set", "pace=0").until("paused")
    terminal.settle()
    terminal.send("2 ")
    terminal.until("training")
    terminal.pump(30)
    first = _resident(terminal)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.pump(min(60.0, max(0.1, end - time.monotonic())))
        terminal.stream = b""
        print(f"  step {terminal.step():>12,}  {_resident(terminal):.1f} MiB", flush=True)
    print(f"memory after 30 s: {first:.1f} MiB; growth over {seconds:g} s: {_resident(terminal) - first:+.2f} MiB")
    terminal.end()


def _resident(terminal: Terminal) -> float:
    """MiB of proportional memory of the lab and its trainer."""
    own = {terminal.pid}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(entry) in own:
            own.add(int(entry.name))
    return sum(_pss(pid) for pid in own)


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return -1


def _pss(pid: int) -> float:
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().split("\n")
    except OSError:
        return 0.0
    return next(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


if __name__ == "__main__":
    print(describe())
    if sys.argv[1:2] == ["memory"]:
        memory(float(sys.argv[2]))
    else:
        first_frame()
        key_to_paint()
        attention()
        bytes_sent()
        speed("bigram", "4", 150_000)
        speed("gpt", "7", 600, "threads=one")
