"""The figures of a screen as plain data, for `tinylm inspect`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinylm_tui.engine.tokenizer import BOUNDARY, CharTokenizer
from tinylm_tui.engine.walk import Walk, walk
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.writing import prompt_ids


def token_name(tokenizer: CharTokenizer, i: int) -> str:
    """A token in a JSON answer: its letter, or the word boundary."""
    return "boundary" if i == BOUNDARY else tokenizer.letter(i)


def walk_of(run: Run, text: str) -> Walk:
    """The walk of the last letter of `text`; of the boundary where `text` is empty. Raises LabError."""
    ids = prompt_ids(run.corpus.tokenizer, text)
    return walk(run.params, run.corpus.counts, ids[-1] if ids else BOUNDARY)


def math_record(run: Run, text: str) -> dict[str, Any]:
    """Every figure of the Math screen for the last letter of `text`. Raises LabError for an unknown letter."""
    w, tokenizer = walk_of(run, text), run.corpus.tokenizer
    return {
        "letter": token_name(tokenizer, w.token),
        "one_hot_index": w.token,
        "vocabulary": [token_name(tokenizer, i) for i in range(tokenizer.size)],
        "scores": _rounded(w.scores),
        "shift": w.shift,
        "e_to_score": _rounded(w.exps),
        "sum": w.total,
        "probabilities": _rounded(w.probabilities),
        "top_guess": token_name(tokenizer, w.top),
        "commonest_successor": token_name(tokenizer, w.commonest),
        "commonest_share": w.commonest_share,
        "commonest_probability": w.commonest_probability,
        "surprise_nats": w.surprise,
        "surprise_bits": w.surprise / np.log(2),
        "row_floor_nats": w.row_floor,
        "share_of_row": w.share_of_row,
        "gradient": _rounded(w.gradient),
    }


def _rounded(array: Any) -> list[float]:
    """Nine significant digits: more than a float32 weight holds, and still readable."""
    return [float(f"{x:.9g}") for x in array]


VIEWS = {"math": math_record}
LATER = ("attention", "lens", "saliency", "surprise")


def inspect(run: Run, view: str, text: str) -> dict[str, Any]:
    """The named view of `run` on `text`. Raises LabError for one that this model does not have."""
    if view in LATER:
        raise LabError(f"a bigram has no {view} to show; it has math")
    return VIEWS[view](run, text)
