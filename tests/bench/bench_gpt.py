"""Steps a second of the GPT against PyTorch on one thread, and of two threads against one.

    python tests/bench/bench_gpt.py [tiny|default|big]... [--compile] [--rounds N]

A step is: draw a batch, forward, backward, clip, AdamW. PyTorch, where it is installed, gets fused AdamW and the
fastest of exact and tanh GELU, of its fused attention and attention written out. Paired rounds; medians.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import tinylm_tui  # noqa: F401  first: it sets one BLAS thread before numpy looks

# isort: split
import numpy as np
from machine import describe
from paired import best, ratio, rounds

from tinylm_tui.engine import gpt
from tinylm_tui.engine.adamw import AdamWSettings, Moments, adamw_step, clip
from tinylm_tui.engine.fast import gpt as fast
from tinylm_tui.engine.fast import halves
from tinylm_tui.engine.fast.buffers import Workspace
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.windows import draw_windows

try:
    import torch
    from torch_gpt import Form, training_step
except ImportError:
    torch = None

SHAPES = {
    "tiny": GPTConfig(vocabulary=27, layers=2, heads=2, width=32, context=16),
    "default": GPTConfig(vocabulary=27, layers=2, heads=4, width=64, context=32),
    "big": GPTConfig(vocabulary=65, layers=4, heads=4, width=128, context=64),
}
BATCH = 32
TO_REACH = {"tiny": 1.5, "default": 1.25, "big": 1.15}


def numpy_step(config: GPTConfig, stream: np.ndarray, loss_and_grads: Callable) -> Callable[[], None]:
    """One step with any of the engine's ways to the gradient: (params, inputs, targets) → loss, grads."""
    params, rng = gpt.start(config, np.random.default_rng(0)), np.random.default_rng(1)
    moments, settings = Moments.zeros(params), AdamWSettings()

    def step() -> None:
        inputs, targets = draw_windows(stream, BATCH, config.context, rng)
        _, grads = loss_and_grads(params, inputs, targets)
        clip(grads, 1.0)
        adamw_step(params, grads, moments, 1e-3, settings)

    return step


def candidates(config: GPTConfig, pool: ThreadPoolExecutor, compiled: bool) -> dict[str, Callable[[], None]]:
    stream = np.random.default_rng(2).integers(0, config.vocabulary, 100_000).astype(np.int32)
    whole = Workspace.of(config, BATCH, config.context)
    both = halves.Halves.of(config, BATCH, config.context)
    found = {
        "fast": numpy_step(config, stream, lambda p, x, y: fast.loss_and_grads(p, x, y, whole)),
        "plain": numpy_step(config, stream, lambda p, x, y: gpt.loss_and_grads(p, config, x, y)),
        "two threads": numpy_step(config, stream, lambda p, x, y: halves.loss_and_grads(p, x, y, both, pool)),
    }
    if torch:
        forms = [Form(gelu, sdpa) for gelu in ("tanh", "none") for sdpa in (True, False)]
        forms += [Form("tanh", sdpa, compiled=True) for sdpa in (True, False)] if compiled else []
        found |= {form.name: training_step(config, form, stream, BATCH) for form in forms}
    return found


def report(name: str, times: dict[str, list[float]]) -> None:
    print(f"\n{name}")
    for candidate, ms in times.items():
        print(f"  {candidate:<24} {median(ms):8.2f} ms a step  {1000 / median(ms):8.1f} steps/s")
    for kind in ("eager", "compile"):
        if names := [c for c in times if c.startswith(kind)]:
            rival = best(times, names)
            print(f"  fast / {rival}: {ratio(times, rival, 'fast'):.2f}  (to reach against eager: {TO_REACH[name]})")
    print(f"  fast / plain: {ratio(times, 'plain', 'fast'):.2f}")
    print(f"  two threads / one: {ratio(times, 'fast', 'two threads'):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shapes", nargs="*", default=list(SHAPES))
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()
    print(describe())
    if torch:
        torch.set_num_threads(1)
        print(f"torch {torch.__version__}, {torch.get_num_threads()} thread, {torch.backends.cpu.get_cpu_capability()}")
    else:
        print("torch is not installed: only numpy's ways are compared")
    with ThreadPoolExecutor(1) as pool:
        for name in options.shapes:
            found = candidates(SHAPES[name], pool, options.compile)
            report(name, rounds(found, seconds=0.1, count=options.rounds))


if __name__ == "__main__":
    main()
