"""How well the GPT learns in 2,000 steps: held-out loss on names, and on Shakespeare against nanoGPT's figure.

    python tests/bench/bench_gpt_learning.py names|shakespeare FILE [--seed N] [--set KEY=VALUE]...

One line every 250 steps, the held-out loss over the whole held-out part at the end. The seed fixes the split, the
start and the batches.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from pathlib import Path

import tinylm_tui  # noqa: F401  first: it sets one BLAS thread before numpy looks

# isort: split
import numpy as np
from machine import describe

from tinylm_tui.engine import gpt
from tinylm_tui.engine.adamw import AdamWSettings, Moments, adamw_step, clip
from tinylm_tui.engine.fast import gpt as fast
from tinylm_tui.engine.fast.buffers import Workspace
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.schedule import Schedule
from tinylm_tui.engine.tokenizer import CharTokenizer, Ids
from tinylm_tui.engine.windows import all_windows, draw_windows


@dataclass(frozen=True)
class Recipe:
    """Everything a run depends on but the text and the seed."""

    layers: int
    heads: int
    width: int
    context: int
    batch: int
    learn_rate: float
    warmup: int
    decay_to: float
    to_reach: float
    steps: int = 2000
    beta2: float = 0.99
    weight_decay: float = 0.1
    clip: float = 1.0
    tie_head: bool = True


RECIPES = {
    "names": Recipe(2, 4, 64, 32, 32, 5e-3, 100, 3e-4, to_reach=2.12, tie_head=False),
    "shakespeare": Recipe(4, 4, 128, 64, 12, 1e-3, 100, 1e-4, to_reach=1.90),
}


def names_split(text: str, rng: np.random.Generator) -> tuple[Ids, Ids, int]:
    """A tenth of the names, drawn at random, held out; boundaries between names. → train, held out, vocabulary."""
    names, tokenizer = text.split(), CharTokenizer.of("".join(text.split()))
    order = rng.permutation(len(names))
    held, train = ([names[i] for i in part] for part in np.split(order, [len(names) // 10]))
    return tokenizer.encode_units(train), tokenizer.encode_units(held), tokenizer.size


def shakespeare_split(text: str, rng: np.random.Generator) -> tuple[Ids, Ids, int]:
    """The last tenth of the characters held out."""
    tokenizer = CharTokenizer.of(text)
    ids = tokenizer.encode(text)
    cut = len(ids) * 9 // 10
    return ids[:cut], ids[cut:], tokenizer.size


def run(name: str, text: str, recipe: Recipe, seed: int) -> float:
    """The held-out loss after the recipe's steps, in nats a token."""
    train, held, size = {"names": names_split, "shakespeare": shakespeare_split}[name](text, dice(seed, 2))
    config = GPTConfig(size, recipe.layers, recipe.heads, recipe.width, recipe.context, recipe.tie_head)
    params, batches = gpt.start(config, dice(seed, 0)), dice(seed, 1)
    schedule = Schedule(recipe.learn_rate, recipe.warmup, recipe.steps, recipe.decay_to)
    settings = AdamWSettings(beta2=recipe.beta2, weight_decay=recipe.weight_decay)
    moments, workspace = Moments.zeros(params), Workspace.of(config, recipe.batch, recipe.context)
    began, recent = time.perf_counter(), []
    for step in range(recipe.steps):
        inputs, targets = draw_windows(train, recipe.batch, recipe.context, batches)
        loss, grads = fast.loss_and_grads(params, inputs, targets, workspace)
        clip(grads, recipe.clip)
        adamw_step(params, grads, moments, schedule.learn_rate(step), settings)
        recent.append(loss)
        if (step + 1) % 250 == 0:
            print(f"  step {step + 1:>5}  training loss {np.mean(recent[-100:]):.4f}", flush=True)
    seconds = time.perf_counter() - began
    print(f"  {recipe.steps / seconds:.0f} steps/s, {config.weights:,} weights, V = {size}")
    return fast.mean_loss(params, *all_windows(held, recipe.context), workspace)


def dice(seed: int, purpose: int) -> np.random.Generator:
    """A generator for one purpose: 0 start, 1 batches, 2 split."""
    return np.random.default_rng([seed, purpose])


def changed(recipe: Recipe, settings: list[str]) -> Recipe:
    """The recipe with KEY=VALUE settings."""
    pairs = dict(setting.split("=", 1) for setting in settings)
    return replace(recipe, **{key: type(getattr(recipe, key))(float(value)) for key, value in pairs.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=RECIPES)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    recipe = changed(RECIPES[options.name], options.set)
    print(f"{describe()}\n{options.name}, seed {options.seed}: {recipe}")
    loss = run(options.name, options.file.read_text(encoding="utf-8"), recipe, options.seed)
    print(f"held-out loss {loss:.4f} nats a token (to reach: {recipe.to_reach})")


if __name__ == "__main__":
    main()
