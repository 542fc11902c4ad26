"""`tinylm`: the lab by default; train, sample, inspect … without a screen.

Imports little at the top: the trainer's process passes through here on its way, and help should be instant.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tinylm_tui import __version__, cli_kiosk, cli_ladder, cli_lists, cli_training
from tinylm_tui.cli_output import emit, fail


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit status. Bad input is one line on standard error and status 2."""
    from tinylm_tui.lab.errors import LabError

    options = parser().parse_args(argv)
    try:
        status = options.run(options)
    except LabError as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(status or 0)


class Parser(argparse.ArgumentParser):
    """argparse, with errors in one line."""

    def error(self, message: str) -> Any:
        """One line and status 2, without the usage text."""
        fail(f"{message}; see {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = Parser(prog="tinylm", description="A language-model lab in a terminal. Without a command it opens.")
    top.add_argument("--version", action="version", version=f"tinylm {__version__}")
    _lab_options(top)
    commands = top.add_subparsers(metavar="COMMAND", parser_class=Parser)
    for name, (run, add, help) in COMMANDS.items():
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(run=run)
        add(sub)
    return top


def _lab_options(top: argparse.ArgumentParser) -> None:
    top.add_argument("--corpus", default="names", help="a starter text or a file to begin with")
    top.add_argument("--preset", metavar="NAME|LINE", help="a preset (see presets) or a line of settings to begin with")
    top.add_argument("--open", metavar="RUN", help="a saved run to go on with")
    top.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting, as in train")
    top.add_argument("--ascii", action="store_true", help="draw with plain ASCII characters only")
    top.add_argument("--duty", default="1", metavar="SHARE", help="the largest share of a core that training takes (1)")
    cli_kiosk.kiosk_options(top)
    top.set_defaults(run=open_lab)


def open_lab(options: argparse.Namespace) -> int:
    """The lab itself."""
    from tinylm_tui.lab.numbers import parse_number
    from tinylm_tui.surroundings import refuse_unusable_terminal

    refuse_unusable_terminal(guest=options.kiosk)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt in the middle of an import would print a traceback
    from tinylm_tui.ui.launch import launch

    if options.preset is not None and options.open is not None:
        fail("--preset and --open are two ways to begin: choose one of them")
    if options.guest is not None and not options.kiosk:
        fail("--guest goes with --kiosk")
    recipe = None if options.preset is None else cli_ladder.named_recipe(options.preset)
    duty = parse_number("--duty", options.duty, 0.01, 1)
    if options.kiosk:
        cli_kiosk.enter_kiosk(options.guest)
    return launch(recipe or options.corpus, options.open, options.set, options.ascii, duty)


def _sample_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", metavar="RUN", help="a saved run")
    sub.add_argument("--prompt", default="", help="text to go on from")
    sub.add_argument("-n", default="10", metavar="N", help="how many samples (10)")
    sub.add_argument("--length", default="40", metavar="N", help="most tokens to draw (40)")
    sub.add_argument("--temperature", default="1", metavar="T", help="0 = always the likeliest (1)")
    sub.add_argument("--top-k", default="0", metavar="K", help="then keep the K likeliest tokens; 0 = off (0)")
    sub.add_argument("--top-p", default="1", metavar="P", help="then the fewest whose share reaches P; 1 = off (1)")
    sub.add_argument("--greedy", action="store_true", help="always the likeliest: temperature 0")
    sub.add_argument("--seed", default="0", metavar="N", help="the dice (0)")
    sub.add_argument("--json", action="store_true", help="one JSON object a sample")


def sample(options: argparse.Namespace) -> None:
    """`tinylm sample`."""
    from tinylm_tui.engine.strategies import HIGHEST_TEMPERATURE
    from tinylm_tui.lab import store
    from tinylm_tui.lab.memorised import memorised
    from tinylm_tui.lab.numbers import parse_any, parse_whole, parse_whole_any
    from tinylm_tui.lab.views import token_name
    from tinylm_tui.lab.writing import MOST_KEPT, Request, clamped, write

    wanted = Request(
        count=parse_whole("-n", options.n, 0, 100_000),
        length=parse_whole("--length", options.length, 0, 100_000),
        temperature=0 if options.greedy else parse_any("--temperature", options.temperature, 0, HIGHEST_TEMPERATURE),
        prompt=options.prompt,
        seed=parse_whole("--seed", options.seed, 0, 2**32 - 1),
        top_k=parse_whole_any("--top-k", options.top_k, 0, MOST_KEPT),
        top_p=parse_any("--top-p", options.top_p, 0, 1),
    )
    run = store.load(options.file)
    tokenizer = run.corpus.tokenizer
    request, said = clamped(wanted, tokenizer.size)
    if options.greedy and options.temperature != "1":
        said = [*said, "--greedy takes no temperature: the likeliest token is always taken"]
    for sentence in said:
        print(f"tinylm: {sentence}", file=sys.stderr)
    for one in write(run.params, tokenizer, request, run.settings):
        tokens = [token_name(tokenizer, i) for i in one.ids[one.given :]]
        text = request.prompt + tokenizer.decode(one.drawn)
        record = {"text": text, "tokens": tokens, "probabilities": one.probabilities}
        emit(record | {"memorised": memorised(run.corpus, one)}, options.json, lambda r: r["text"])


def _inspect_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", metavar="RUN", help="a saved run")
    sub.add_argument("view", metavar="VIEW", help="what to look at: math, attention, lens, surprise or saliency")
    sub.add_argument("--text", default="", help="the text to look at it on")
    sub.add_argument("--json", action="store_true", help="one JSON object")


def inspect(options: argparse.Namespace) -> None:
    """`tinylm inspect`."""
    from tinylm_tui.lab import inspection, store

    run = store.load(options.file)
    emit(inspection.inspect(run, options.view, options.text), options.json, inspection.in_words)
    if note := inspection.note_on(run, options.view, options.text):
        print(f"tinylm: {note}", file=sys.stderr)


def _gradcheck_options(sub: argparse.ArgumentParser) -> None:
    from tinylm_tui.lab.settings import MODELS

    sub.add_argument("--model", default="bigram", choices=MODELS, help=f"which model: {', '.join(MODELS)}")
    sub.add_argument("--json", action="store_true", help="one JSON object")


def gradcheck(options: argparse.Namespace) -> int:
    """`tinylm gradcheck`: status 1 when a gradient is wrong."""
    from tinylm_tui.lab.checking import LIMIT, gradient_check, worst

    errors = gradient_check(options.model)
    record = {"model": options.model, "worst_relative_error": worst(errors), "checks": errors}
    emit(record, options.json, _checked)
    return int(not record["worst_relative_error"] <= LIMIT)  # an error that is no number is none either


def _checked(record: dict[str, Any]) -> str:
    each = ", ".join(f"{name} {error:.1e}" for name, error in record["checks"].items())
    return f"{record['model']}: largest relative error {record['worst_relative_error']:.1e} ({each})"


COMMANDS: dict[str, tuple[Callable[..., Any], Callable[[argparse.ArgumentParser], None], str]] = {
    "train": (cli_training.train, cli_training.train_options, "train a model without a screen"),
    "ladder": (cli_ladder.ladder, cli_ladder.ladder_options, "every model on one text, from counting to attention"),
    "presets": (cli_ladder.presets, cli_ladder.presets_options, "ready experiments, each one line of settings"),
    "sample": (sample, _sample_options, "let a saved run write"),
    "inspect": (inspect, _inspect_options, "the figures of a screen, for a saved run"),
    "gradcheck": (gradcheck, _gradcheck_options, "check the gradients against finite differences"),
    "keys": (cli_lists.keys, cli_lists.list_options, "every key of the lab"),
    "doctor": (cli_lists.doctor, cli_lists.list_options, "whether the lab will do well here, and what would help"),
    "serve-config": (cli_kiosk.serve_config, cli_kiosk.serve_config_options, "an ssh server's settings for guests"),
    "corpora": (cli_lists.corpora, cli_lists.list_options, "the starter texts, with their counts"),
}
