"""Writing with the key/value cache: texts of a whole context, token by token, against PyTorch eager with its cache.

    python tests/bench/bench_gpt_generation.py [--rounds N]

Each side draws every token from the softmax of its own scores. Paired rounds; medians.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from statistics import median

import tinylm_tui  # noqa: F401  first: it sets one BLAS thread before numpy looks

# isort: split
import numpy as np
from bench_gpt import SHAPES
from machine import describe
from paired import best, ratio, rounds

from tinylm_tui.engine import cache, gpt
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.sampling import distribution, draw

try:
    import torch
    from torch_gpt import Form, writer
except ImportError:
    torch = None


def text_writer(config: GPTConfig, ask: Callable[[Sequence[Sequence[int]]], Array]) -> Callable[[], None]:
    """A function that writes `context` tokens after a boundary, each drawn from what `ask` says."""
    rng = np.random.default_rng(1)

    def write() -> None:
        ids = [0]
        for _ in range(config.context):
            ids.append(draw(distribution(ask([ids])[0]), rng))

    return write


def candidates(config: GPTConfig) -> dict[str, Callable[[], None]]:
    params = gpt.start(config, np.random.default_rng(0))
    kept = cache.Cache.of(params, config)
    found = {
        "cache": text_writer(config, lambda texts: cache.next_logits(kept, texts)),
        "no cache": text_writer(config, lambda texts: gpt.next_logits(params, config, texts)),
    }
    if torch:
        found |= {form.name: writer(config, form) for form in (Form("tanh"), Form("tanh", fused_attention=False))}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(describe())
    if torch:
        torch.set_num_threads(1)
    config = SHAPES["default"]
    times = rounds(candidates(config), seconds=0.1, count=options.rounds)
    for name, ms in times.items():
        print(f"  {name:<24} {median(ms):7.2f} ms a text  {config.context * 1000 / median(ms):8.0f} tokens/s")
    if names := [c for c in times if c.startswith("eager")]:
        rival = best(times, names)
        print(f"  cache / {rival}: {ratio(times, rival, 'cache'):.2f}  (to reach: 1.5)")
    print(f"  cache / no cache: {ratio(times, 'no cache', 'cache'):.2f}")


if __name__ == "__main__":
    main()
