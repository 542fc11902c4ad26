"""What looking inside a GPT costs: the lens, the table of every part's cost, and how the screen answers meanwhile.

    python tests/bench/bench_inside.py            about a minute

Prints figures with the machine they were measured on. Nothing here is a test.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "pty")]

from bench_screen import LAB, high, opened, seconds_until
from machine import describe
from terminal import Terminal

from tinylm_tui.lab import store
from tinylm_tui.lab.ablation import Asked, Off, effect_of, measured_of, table_of
from tinylm_tui.lab.lens import text_lens
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.lab.trainer import Trainer
from tinylm_tui.lab.writing import Request

SIZES = ("layers=4", "width=128", "heads=4", "context=64", "batch=8")
TEXT = "The ferry went over the river and the children sat by the water, "


def trained(folder: str, steps: int = 60) -> Path:
    """A file with a GPT of 4 layers of width 128 on the story."""
    path = Path(folder) / "inside.safetensors"
    sets = [part for size in SIZES for part in ("--set", size)]
    command = [*LAB, "train", "--corpus", "story", "--model", "gpt", "--steps", str(steps), "--out", str(path), *sets]
    subprocess.run(command, check=True, capture_output=True)
    return path


def times(work: Callable[[], object], rounds: int) -> list[float]:
    """Seconds of each call, after one to warm up."""
    work()
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return found


def alone(snapshot: Snapshot) -> None:
    """Each of the three without a screen."""
    s = snapshot
    lens = times(lambda: text_lens(s.params, s.corpus.tokenizer, s.settings, TEXT), 50)
    print(f"lens, 64 tokens, 4 layers of width 128: median {median(lens) * 1e3:.1f} ms, p95 {high(lens) * 1e3:.1f} ms")
    table = times(lambda: table_of(s, lambda done, of: True), 5)
    tokens = measured_of(s).tokens
    print(
        f"table of 16 heads and 4 MLPs over {tokens:,} held-out tokens: median {median(table):.2f} s, "
        f"most {max(table):.2f} s"
    )
    asked, off = Asked("The Bell on", Request(2, 64)), Off().switched(0, 0)
    effect = times(lambda: effect_of(s, off, asked, None, lambda: True), 5)
    print(f"one switch, with loss, attention, names and two texts of 64 tokens: median {median(effect) * 1e3:.0f} ms")


def beside_the_screen(path: Path, size: tuple[int, int], *, live: bool) -> None:
    """A table under way, again and again, while a cursor moves; with `live` the run trains as well."""
    terminal = opened("--open", str(path), size=size).until("paused")
    terminal.settle()
    terminal.send("A")
    terminal.until("held", 60)  # every screen is drawn once, unseen, before the first key is answered
    terminal.settle()
    if live:
        terminal.send(" ")
        terminal.until("training")
    moves: list[float] = []
    tables = [_one_table(terminal, moves) for _ in range(4)]
    where = f"{size[0]}x{size[1]}" + (", training" if live else "")
    print(f"beside the screen, {where}: a table takes median {median(tables):.2f} s, most {max(tables):.2f} s")
    print(f"key to paint meanwhile, {where}: median {median(moves) * 1e3:.0f} ms, p95 {high(moves) * 1e3:.0f} ms, "
          f"{len(moves)} keys")  # fmt: skip
    terminal.end()


def _one_table(terminal: Terminal, moves: list[float]) -> float:
    """Start one, move the cursor until it is done; how long that took."""
    terminal.send("g")
    seconds_until(terminal, lambda: "esc stops it" in terminal.text)
    began, right = time.monotonic(), True
    while "esc stops it" in terminal.text:
        wanted = "head 2:" if right else "head 1:"
        terminal.send("\x1b[C" if right else "\x1b[D")
        moves.append(seconds_until(terminal, lambda w=wanted: w in terminal.text))
        terminal.pump(0.037)
        right = not right
    took = time.monotonic() - began
    if not right:
        terminal.send("\x1b[D")
    terminal.settle(0.05) if "paused" in terminal.text else terminal.pump(0.2)
    return took


if __name__ == "__main__":
    print(describe())
    with tempfile.TemporaryDirectory() as folder:
        path = trained(folder)
        alone(Trainer(store.load(path), time.monotonic).snapshot())
        beside_the_screen(path, (80, 24), live=False)
        beside_the_screen(path, (120, 36), live=False)
        beside_the_screen(path, (80, 24), live=True)
