"""`tinylm ladder` and `tinylm presets`. Imports little at the top, like the rest of the command line."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from tinylm_tui.cli_output import emit, fail

if TYPE_CHECKING:
    from tinylm_tui.lab.recipes import Recipe

STEPS = 1000
HEADING = f"{'':8} {'weights':>9} {'training':>9} {'held out':>9} {'floor':>7} {'steps/s':>9}  sample"


def text_options(sub: argparse.ArgumentParser) -> None:
    """A text, by itself or with settings: what several commands begin with."""
    sub.add_argument("--corpus", metavar="NAME|FILE", help="a starter text (see corpora) or a file")
    sub.add_argument("--preset", metavar="NAME|LINE", help="a preset (see presets), or a line of settings like theirs")


def recipe_of(options: argparse.Namespace) -> Recipe | None:
    """The preset asked for, where one is. Raises LabError; refuses a command without a text, or with two."""
    if options.corpus is None and options.preset is None:
        fail(f"an argument is required: --corpus, or --preset in its place; see tinylm {options.run.__name__} --help")
    if options.corpus is not None and options.preset is not None:
        fail("--corpus and --preset both name a text: choose one of them")
    return None if options.preset is None else named_recipe(options.preset)


def named_recipe(name_or_line: str) -> Recipe:
    """A preset of the lab or of one's own, or a line. Raises LabError."""
    from tinylm_tui.lab.presets import find_preset, parse_preset
    from tinylm_tui.ui.places import saved_presets

    return parse_preset(find_preset(name_or_line, saved_presets()).line)


def ladder_options(sub: argparse.ArgumentParser) -> None:
    """Those of `tinylm ladder`."""
    text_options(sub)
    sub.add_argument("--steps", metavar="N", help=f"how many steps each model makes ({STEPS:,})")
    sub.add_argument("--seed", metavar="N", help="one seed, one ladder (0)")
    sub.add_argument("--prompt", help="text that every model goes on from")
    sub.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                     help="a setting of all models, or of one: context=5, mlp.hidden=32; repeatable")  # fmt: skip
    sub.add_argument("--json", action="store_true", help="one JSON object a line")


def ladder(options: argparse.Namespace) -> None:
    """`tinylm ladder`."""
    from tinylm_tui.lab import headless
    from tinylm_tui.lab.ladder import MOST_STEPS
    from tinylm_tui.lab.numbers import parse_whole

    recipe = recipe_of(options)
    told = options.set if options.seed is None else [f"seed={options.seed}", *options.set]
    steps = None if options.steps is None else parse_whole("steps", options.steps, 1, MOST_STEPS)
    begun = headless.ladder_on(recipe or options.corpus, told, steps or STEPS, steps, options.prompt)
    if not options.json:
        print(f"bits a character\n{HEADING}", flush=True)
    for record in headless.climb(begun):
        emit(record, options.json, _told)


def _told(record: dict[str, Any]) -> str:
    if "event" in record:
        held = f"{record['held_out_tokens']:,} held out" if record["held_out_tokens"] else "nothing held out"
        return (
            f"done: {record['steps']:,} steps each, seed {record['seed']}; measured on {record['train_tokens']:,} "
            f"tokens of the training part, {held}; {record['seconds']:.1f} seconds"
        )
    figures = [record[name] for name in ("train_bits", "held_out_bits", "floor_bits")]
    train, held, floor = ("" if bits is None else f"{bits:.3f}" for bits in figures)
    held = "∞" if record["never"] else held
    weights = "" if record["weights"] is None else f"{record['weights']:,}"
    speed = "" if record["steps_per_second"] is None else f"{record['steps_per_second']:,.0f}"
    sample = " ".join(record["sample"].splitlines())
    line = f"{record['rung']:8} {weights:>9} {train:>9} {held:>9} {floor:>7} {speed:>9}  {sample}".rstrip()
    state = "" if record["state"] == "done" else f"{record['state']}: "
    return line + (f"\n{'':8} {state}{record['note']}" if record["note"] else "")


def presets_options(sub: argparse.ArgumentParser) -> None:
    """Those of `tinylm presets`."""
    sub.add_argument("--json", action="store_true", help="one JSON object a preset")


def presets(options: argparse.Namespace) -> None:
    """`tinylm presets`."""
    from tinylm_tui.lab.presets import READY
    from tinylm_tui.ui.places import saved_presets

    for own, group in ((False, READY), (True, saved_presets())):
        for one in group:
            record = {"name": one.name, "line": one.line, "about": list(one.about), "own": own}
            emit(record, options.json, lambda r: "\n  ".join([r["name"], r["line"], *r["about"]]))
