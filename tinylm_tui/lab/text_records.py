"""The figures of a text, token by token, as plain data: how surprising it is, and what moved a guess."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.surprise import bits
from tinylm_tui.lab.errors import TextError
from tinylm_tui.lab.moving import moved, reach
from tinylm_tui.lab.readers import reader_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.surprising import LONGEST, read
from tinylm_tui.lab.views import read_text, token_name
from tinylm_tui.lab.writing import prompt_ids


def surprise_record(run: Run, text: str) -> dict[str, Any]:
    """The surprise of each token of `text` that has enough before it. Raises LabError."""
    tokenizer, reader = run.corpus.tokenizer, reader_of(run.corpus, run.params, run.settings)
    unknown = tokenizer.unknown(text)
    if run.corpus.reading != "text":
        unknown = "".join(c for c in unknown if not c.isspace())  # it parts words or lines
    prompt_ids(tokenizer, unknown)  # raises for a letter that it does not know
    found = read(reader, text)
    figures = found.figures()
    if figures is None:
        raise TextError(f'this model has nothing to guess in that text: {reader.wants}; try --text "some words"')
    return {
        "tokens": [token_name(tokenizer, int(i)) for i in found.stream[found.first :]],
        "bits": bits(found.nats).tolist(),
        "bits_per_character": figures.bits_per_character,
        "total_bits": figures.bits,
        "characters": figures.characters,
        "perplexity": figures.perplexity,
        "nats_per_token": float(found.nats.mean()),
        "knowing_nothing_bits": figures.tokens * math.log2(tokenizer.size),
    }


def saliency_record(run: Run, text: str) -> dict[str, Any]:
    """What each token of `text` did for the model's top guess of what comes after it. Raises LabError."""
    tokenizer, settings = run.corpus.tokenizer, run.settings
    prompt_ids(tokenizer, text)  # raises for a letter that it does not know
    found = moved(run.params, tokenizer, settings, read_text(tokenizer, text, reach(settings)).ids, None)
    return {
        "tokens": [token_name(tokenizer, int(i)) for i in found.ids],
        "target": token_name(tokenizer, found.target),
        "probability": found.probability,
        "gradient_x_input": _numbers(found.saliency.gradient_x_input),
        "leave_one_out": _numbers(found.saliency.leave_one_out),
        "seen": found.saliency.seen.tolist(),
        "agreement": found.saliency.agreement,
    }


def _numbers(array: Array) -> list[float | None]:
    """Plain numbers; None where there is none."""
    return [float(x) if np.isfinite(x) else None for x in array]


def surprise_in_words(record: dict[str, Any]) -> str:
    """A line for each token, then what they come to."""
    rows = zip(record["tokens"], record["bits"], strict=True)
    return "\n".join(
        [
            f"{'token':<12}{'bits':>10}",
            *[f"{token!r:<12}{bits:>10.4f}" for token, bits in rows],
            f"{len(record['tokens']):,} tokens, {record['characters']:,} characters: {record['total_bits']:.4f} bits, "
            f"{record['bits_per_character']:.4f} bits a character, perplexity {record['perplexity']:.4f} "
            f"(knowing nothing: {record['knowing_nothing_bits']:.4f} bits)",
        ]
    )


def saliency_in_words(record: dict[str, Any]) -> str:
    """A line for each token, in nats."""
    columns = ("gradient_x_input", "leave_one_out")
    lines = [f"what moved log p({record['target']!r}), in nats; its probability is {record['probability']:.4f}"]
    lines.append(f"{'token':<12}" + "".join(f"{name:>18}" for name in columns))
    for i, token in enumerate(record["tokens"]):
        lines.append(f"{token!r:<12}" + "".join(f"{_signed(record[name][i]):>18}" for name in columns))
    agreement = record["agreement"]
    return "\n".join([*lines, f"rank correlation of the two: {'none' if agreement is None else f'{agreement:+.2f}'}"])


def _signed(x: float | None) -> str:
    if x is None or x == 0:
        return "none" if x is None else "0"
    said = f"{x:+.5f}"
    return said if float(said) else said[1:]


def surprise_note(text: str) -> str:
    """What the surprise leaves out of `text`; empty where it uses all of it."""
    if len(text) <= LONGEST:
        return ""
    return f"the text has {len(text):,} characters; the first {LONGEST:,} are read, up to the end of a word"


def saliency_note(run: Run, text: str) -> str:
    """The same for the saliency."""
    most, whole = reach(run.settings), read_text(run.corpus.tokenizer, text, len(text) + 1)
    if whole.tokens <= most:
        return ""
    return f"the text has {whole.tokens:,} tokens; the last {most:,} are used"
