"""Steps a second of the average and the mlp, against PyTorch on one thread and against plain Python.

    python tests/bench/bench_windows.py [--rounds N]

A step is: take the next examples of the epoch, forward, backward, optimizer. PyTorch, where it is installed, gets the
fastest of its optimizers (for-loop, foreach, fused), and for the average the faster of its two layers. Paired
rounds; medians; processor time, for all of it runs on one thread.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator
from statistics import median

import tinylm_tui  # noqa: F401  first: it sets one BLAS thread before numpy looks

# isort: split
import numpy as np
from machine import describe
from paired import best, ratio, rounds
from plain_average import learn, random_table

from tinylm_tui.engine import average, window_mlp
from tinylm_tui.engine.adamw import Moments
from tinylm_tui.engine.examples import Examples
from tinylm_tui.engine.sgd import sgd_step
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.learners import adam
from tinylm_tui.lab.learners.epochs import Epochs
from tinylm_tui.lab.learners.window_models import MLP, Average, WindowModel
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings, parse_pairs
from tinylm_tui.lab.starters import starter

try:
    import torch
    import torch_windows as theirs
except ImportError:
    torch = None

AVERAGE = ["model=average", "width=32", "context=5", "held_out=0"]
MLP_SIZES = ["model=mlp", "width=8", "context=10", "hidden=50", "batch=64", "held_out=0"]
Steps = dict[str, Callable[[], object]]


def examples_of(size: int, window: int) -> Examples:
    """Of 100,000 tokens drawn at random: the speed does not depend on what they are."""
    stream = np.random.default_rng(2).integers(0, size, 100_000).astype(np.int32)
    return Examples.of(stream, window, bounded=False)


def of_model(model: WindowModel, update: Callable, examples: Examples) -> Callable[[], None]:
    """A step of the engine's fast form, with the lab's epochs."""
    params, batch = model.start(), model.settings.batch
    epochs = Epochs(examples.count, 0, lambda numbers: model.take(examples, numbers))

    def step() -> None:
        _, grads = model.loss_and_grads(params, *epochs.next(batch))
        update(params, grads)

    return step


def of_plain(engine, model: WindowModel, update: Callable, examples: Examples) -> Callable[[], None]:
    """The same with the plain form, the one to read."""
    params, batch = model.start(), model.settings.batch
    epochs = Epochs(examples.count, 0, examples.take)

    def step() -> None:
        _, grads = engine.loss_and_grads(params, *epochs.next(batch))
        update(params, grads)

    return step


def adamw(params_of: WindowModel, settings: Settings) -> Callable:
    moments = Moments.zeros(params_of.start())
    return lambda params, grads: adam.move(params, grads, moments, settings, 1)


def all_examples(examples: Examples) -> tuple[np.ndarray, np.ndarray]:
    return examples.take(np.arange(examples.count))


def sgd(params, grads) -> None:
    sgd_step(params, grads, 0.01)


def averages(batch: int) -> Steps:
    """The average with so many examples a step."""
    settings = parse_pairs([*AVERAGE, f"batch={batch}"])
    examples = examples_of(27, 5)
    found: Steps = {
        "fast": of_model(Average(settings, 27), sgd, examples),
        "plain": of_plain(average, Average(settings, 27), sgd, examples),
        "whole run": whole_run(settings),
    }
    if torch:
        for bag in (False, True):
            for name, how in theirs.OPTIMIZERS.items():
                model = theirs.Average(27, 32, bag=bag)
                optimizer = torch.optim.SGD(model.parameters(), lr=0.01, **how)
                source = theirs.batches(*all_examples(examples), batch)
                label = f"torch {'bag' if bag else 'mean'}, {name}"
                found[label] = theirs.training_step(model, optimizer, source)
    return found


def whole_run(settings: Settings) -> Callable[[], None]:
    """A step of the lab with all it does around it: curves, the last good weights, looking for an explosion."""
    return Run(make_corpus("names", starter("names").text()), settings).train_step


def mlps(most: float) -> Steps:
    """The mlp, its gradient shortened to the length `most` unless that is 0."""
    settings = parse_pairs([*MLP_SIZES, f"clip={most}"])
    examples, model = examples_of(256, 10), MLP(settings, 256)
    found: Steps = {
        "fast": of_model(model, adamw(model, settings), examples),
        "plain": of_plain(window_mlp, model, adamw(model, settings), examples),
    }
    if torch:
        for name, how in theirs.OPTIMIZERS.items():
            network = theirs.MLP(256, 10, 8, 50)
            optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1, **how)
            source = theirs.batches(*all_examples(examples), 64)
            found[f"torch {name}"] = theirs.training_step(network, optimizer, source, most)
    return found


def against_lists() -> Steps:
    """Both as what 64 examples take."""
    settings = parse_pairs([*AVERAGE, "batch=64"])
    examples, dice = examples_of(27, 5), random.Random(0)
    embedding, output = random_table(27, 32, dice), random_table(32, 27, dice)
    inputs, targets = (array.tolist() for array in all_examples(examples))
    source = one_by_one(inputs, targets)

    def lists() -> None:
        for _ in range(64):
            learn(*next(source), embedding, output, 0.01)

    return {"fast": of_model(Average(settings, 27), sgd, examples), "lists": lists}


def one_by_one(inputs: list[list[int]], targets: list[int]) -> Iterator[tuple[list[int], int]]:
    while True:
        yield from zip(inputs, targets, strict=True)


def report(title: str, times: dict[str, list[float]], to_reach: float, against: str) -> None:
    """The medians, and the ratio to the fastest whose name begins with `against`."""
    print(f"\n{title}")
    for name, ms in times.items():
        print(f"  {name:<24} {median(ms) * 1e3:10.1f} µs a step  {1000 / median(ms):10.1f} steps/s")
    if rivals := [name for name in times if name.startswith(against)]:
        rival = best(times, rivals)
        print(f"  fast / {rival}: {ratio(times, rival, 'fast'):.2f}  (to reach: {to_reach:g})")
    if "plain" in times:
        print(f"  fast / plain: {ratio(times, 'plain', 'fast'):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()
    print(describe())
    if torch:
        torch.set_num_threads(1)
        print(f"torch {torch.__version__}, {torch.get_num_threads()} thread, {torch.backends.cpu.get_cpu_capability()}")
    else:
        print("torch is not installed: only the plain forms are compared")
    for title, found, to_reach, against in (
        ("average, V = 27, E = 32, W = 5, one by one, SGD", averages(1), 4, "torch"),
        ("average, V = 27, E = 32, W = 5, batches of 64, SGD", averages(64), 3, "torch"),
        ("mlp, V = 256, E = 8, W = 10, H = 50, batches of 64, AdamW", mlps(0.0), 1.7, "torch"),
        ("the same with the gradient clipped", mlps(1.0), 1.7, "torch"),
        ("average, 64 examples: a batch, or lists and loops", against_lists(), 100, "lists"),
    ):
        report(title, rounds(found, 0.05, options.rounds, time.process_time), to_reach, against)


if __name__ == "__main__":
    main()
