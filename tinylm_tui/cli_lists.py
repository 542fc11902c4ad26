"""`tinylm keys`, `corpora` and `doctor`: what there is. Imports little at the top, like the other commands."""

from __future__ import annotations

import argparse

from tinylm_tui.cli_output import emit


def list_options(sub: argparse.ArgumentParser) -> None:
    """Those of all of them."""
    sub.add_argument("--json", action="store_true", help="one JSON object a line")


def keys(options: argparse.Namespace) -> None:
    """`tinylm keys`."""
    from tinylm_tui.ui.keys import KEYS

    for key in KEYS:
        record = {"key": key.shown, "where": key.where, "does": key.help}
        emit(record, options.json, lambda r: f"{r['where']:<9} {r['key']:<12} {r['does']}")


def doctor(options: argparse.Namespace) -> int:
    """`tinylm doctor`."""
    from tinylm_tui.doctor import doctor

    return doctor(options)


def corpora(options: argparse.Namespace) -> None:
    """`tinylm corpora`."""
    from tinylm_tui.lab.corpus import make_corpus
    from tinylm_tui.lab.starters import STARTERS

    for one in STARTERS:
        c = make_corpus(one.name, one.text(), one.reading)
        record = {
            "name": one.name, "about": one.about, "reading": c.reading, "characters": len(c.text),
            "words": c.words, "letters": len(c.tokenizer.letters), "pairs": c.pairs,
        }  # fmt: skip
        emit(record, options.json, lambda r: f"{r['name']:<10} {r['words']:>6,} words  {r['about']}")
