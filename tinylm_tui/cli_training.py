"""`tinylm train`. Imports little at the top, like the rest of the command line."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tinylm_tui import cli_ladder
from tinylm_tui.cli_output import emit, fail, printable

if TYPE_CHECKING:
    from tinylm_tui.lab.recipes import Recipe
    from tinylm_tui.lab.run import Run

INTERRUPTED = 130


def train_options(sub: argparse.ArgumentParser) -> None:
    """Those of `tinylm train`."""
    cli_ladder.text_options(sub)
    sub.add_argument("--model", help="which model: bigram, average, mlp or gpt (bigram)")
    sub.add_argument("--steps", metavar="N", help="how many steps (1,000, or those of the preset)")
    sub.add_argument("--seed", metavar="N", help="one seed, one run (0)")
    sub.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting, repeatable")
    sub.add_argument("--out", metavar="RUN", help="save the trained run to this file")
    sub.add_argument("--json", action="store_true", help="one JSON object a line")


def train(options: argparse.Namespace) -> None:
    """`tinylm train`."""
    from tinylm_tui.lab import headless, store
    from tinylm_tui.lab.numbers import parse_whole

    recipe = cli_ladder.recipe_of(options)
    _refuse_ladder(recipe, options.preset)
    _refuse_two_models(options)
    usual = recipe.steps if recipe and recipe.steps else cli_ladder.STEPS
    steps = usual if options.steps is None else parse_whole("steps", options.steps, 0, 1_000_000_000)
    told = [f"{name}={value}" for name in ("model", "seed") if (value := getattr(options, name)) is not None]
    # A learn rate that decays has done so by the last step, unless another step is set.
    run = headless.fresh_run(recipe or options.corpus, [*told, *options.set], [f"decay_steps={steps}"])
    if options.out:
        store.refuse_unwritable(options.out)  # found before the training, not after
    _note_idle(run, options.set)
    stopped = _interrupted() if options.out else never
    for record in headless.train(run, steps, stopped):
        emit(record, options.json, _told)
    if options.out:
        store.save(run, options.out)
        saved = f"saved to {printable(options.out)}"
        if stopped():
            print(f"tinylm: interrupted at step {run.step:,} of {steps:,}; {saved}", file=sys.stderr)
            sys.exit(INTERRUPTED)
        if not options.json:
            print(saved)


def never() -> bool:
    """Nobody stops it."""
    return False


def _interrupted() -> Callable[[], bool]:
    """Whether ctrl+c was pressed; from the second time on it ends the program at once."""
    pressed = False

    def press(number: int, frame: object) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, press)
    return lambda: pressed


def _refuse_ladder(recipe: Recipe | None, told: str | None) -> None:
    if recipe is not None and recipe.screen == "ladder":
        fail(f"this preset is a ladder of several models: tinylm ladder --preset {shlex.quote(told or '')}")


def _refuse_two_models(options: argparse.Namespace) -> None:
    others = [pair for pair in options.set if pair.partition("=")[0].strip() == "model"]
    if options.model is not None and others:
        fail(f"--model {options.model} and --set {others[0]} both name a model: choose one of them")


def _note_idle(run: Run, pairs: Sequence[str]) -> None:
    """Say which settings were told that the model does not have."""
    from tinylm_tui.lab.models import article
    from tinylm_tui.lab.settings import parted, setting

    for name, _ in parted(pairs):
        models = setting(name).models
        if run.settings.model not in models:
            whom = " and ".join(models)
            print(f"tinylm: {name} means nothing to {article(run.settings.model)}: it is for {whom}", file=sys.stderr)


def _told(record: dict[str, Any]) -> str:
    if "event" not in record:
        return f"step {record['step']:>7,}   loss {record['loss']:.4f} nats"
    asides = {"exact floor": record["floor"], "held out": record["held_out"]}
    aside = "".join(f", {name} {loss:.4f}" for name, loss in asides.items() if loss is not None)
    return (
        f"done: {record['steps']:,} steps, loss {record['loss']:.4f} nats a token "
        f"(knowing nothing {record['uniform']:.4f}{aside}); "
        f"{record['weights']:,} weights, {record['steps_per_second']:,.0f} steps a second"
    )
