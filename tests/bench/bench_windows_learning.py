"""How well the mlp learns the starter story in byte-pair tokens, beside the same network in PyTorch.

    python tests/bench/bench_windows_learning.py [--steps N] [--seeds N] [--set KEY=VALUE]...

Same text, tokens, split, sizes, batches, AdamW, schedule, clipping and steps; each begins with its own start, PyTorch
with that of its layers. Losses in nats a token, over all examples of each part.
"""

from __future__ import annotations

import argparse
from statistics import mean

import tinylm_tui  # noqa: F401  first: it sets one BLAS thread before numpy looks

# isort: split
import numpy as np
from machine import describe

from tinylm_tui.engine.examples import Examples
from tinylm_tui.lab.corpus import Corpus, make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.learners.adam import schedule_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings, parse_pairs
from tinylm_tui.lab.starters import starter

try:
    import torch
    import torch_windows as theirs
except ImportError:
    torch = None

WITHIN = 1.05


def ours(corpus: Corpus, settings: Settings, steps: int) -> tuple[Run, float, float]:
    """The run, and its loss on the training and on the held-out part."""
    run = Run(corpus, settings)
    for _ in range(steps):
        run.train_step()
    learner = run.learner
    return run, learner.evaluate(learner.train), learner.evaluate(learner.held)


def pytorchs(run: Run, settings: Settings, steps: int) -> tuple[float, float]:
    """The same losses of PyTorch's network on the same parts."""
    torch.manual_seed(settings.seed)
    size, learner = run.corpus.size, run.learner
    model = theirs.MLP(size, settings.context, settings.width, settings.hidden)
    groups = [
        {"params": [p for p in model.parameters() if p.ndim >= 2], "weight_decay": settings.weight_decay},
        {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, settings.beta2), fused=True)
    schedule, source = schedule_of(settings), theirs.batches(*examples(run, learner.train), settings.batch)
    step = theirs.training_step(model, optimizer, source, settings.clip)
    for number in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = schedule.learn_rate(number)
        step()
    return theirs.mean_loss(model, *examples(run, learner.train)), theirs.mean_loss(model, *examples(run, learner.held))


def examples(run: Run, stream: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All examples of a part: windows (M, W), targets (M,)."""
    found = Examples.of(stream, run.settings.context, bounded=run.corpus.tokenizer.bounded)
    return found.take(np.arange(found.count))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    print(describe())
    pairs = ["model=mlp", "tokenizer=bpe", "vocabulary=200", *options.set]
    settings = parse_pairs(pairs)
    corpus = make_corpus("story", starter("story").text(), starter("story").reading, cut_of(settings))
    losses: dict[str, list[tuple[float, float]]] = {"ours": [], "PyTorch": []}
    for seed in range(options.seeds):
        settings = parse_pairs([*pairs, f"seed={seed}"])
        run, *mine = ours(corpus, settings, options.steps)
        losses["ours"].append(tuple(mine))
        if torch:
            torch.set_num_threads(1)
            losses["PyTorch"].append(pytorchs(run, settings, options.steps))
        for who, found in losses.items():
            if found:
                print(f"seed {seed}  {who:<8} training {found[-1][0]:.4f}  held out {found[-1][1]:.4f}", flush=True)
    print(f"V = {corpus.size}, {run.params.count:,} weights, floor {run.floor:.4f} nats a token")
    if not torch:
        print("torch is not installed: nothing to compare with")
        return
    for part, name in enumerate(("training", "held out")):
        mine, other = (mean(loss[part] for loss in losses[who]) for who in ("ours", "PyTorch"))
        print(f"{name}: {mine:.4f} / {other:.4f} = {mine / other:.3f}  (to reach: up to {WITHIN})")


if __name__ == "__main__":
    main()
