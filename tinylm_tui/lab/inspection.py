"""The figures of a screen as plain data, for `tinylm inspect`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinylm_tui.engine.journey import Journey, journey
from tinylm_tui.engine.tokenizer import BOUNDARY, Tokenizer
from tinylm_tui.engine.walk import Walk, walk
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.lens import lens_in_words, lens_record
from tinylm_tui.lab.models import article
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.text_records import (
    saliency_in_words,
    saliency_note,
    saliency_record,
    surprise_in_words,
    surprise_note,
    surprise_record,
)
from tinylm_tui.lab.views import attention_patterns, gpt_trace, read_text, token_name, window_journey
from tinylm_tui.lab.writing import prompt_ids

EARLIER = "letter"  # what earlier versions called the token; kept for programs that read it


def walk_of(run: Run, text: str) -> Walk:
    """The walk of the last token of `text`; of the boundary where `text` is empty. Raises LabError."""
    ids = prompt_ids(run.corpus.tokenizer, text)
    return walk(run.params, run.corpus.counts, ids[-1] if ids else BOUNDARY)


def math_record(run: Run, text: str) -> dict[str, Any]:
    """Every figure of the Math screen for the last token of `text`. Raises LabError for an unknown character."""
    w, tokenizer = walk_of(run, text), run.corpus.tokenizer
    return {
        "token": token_name(tokenizer, w.token),
        EARLIER: token_name(tokenizer, w.token),
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


def attention_record(run: Run, text: str) -> dict[str, Any]:
    """Who looks at whom: pattern[layer][head][query][key], of the last `context` tokens. Raises LabError."""
    tokenizer = run.corpus.tokenizer
    prompt_ids(tokenizer, text)  # raises for a letter that it does not know
    read = read_text(tokenizer, text, run.settings.context)
    trace = gpt_trace(run.params, run.corpus.size, run.settings, read.ids)
    return {
        "tokens": [token_name(tokenizer, int(i)) for i in read.ids],
        "pattern": [[[_rounded(row) for row in head] for head in layer] for layer in attention_patterns(trace)],
    }


def journey_record(run: Run, text: str) -> dict[str, Any]:
    """Every figure of the Math screen for the last token of `text`, on its way through a GPT. Raises LabError."""
    tokenizer = run.corpus.tokenizer
    prompt_ids(tokenizer, text)  # raises for a letter that it does not know
    read = read_text(tokenizer, text, run.settings.context)
    trace = gpt_trace(run.params, run.corpus.size, run.settings, read.ids)
    return _way(tokenizer, journey(run.params, trace, len(read.ids) - 1))


def window_record(run: Run, text: str) -> dict[str, Any]:
    """The same for a model that sees a window: the window first, with what fills it up on the left. Raises LabError."""
    tokenizer = run.corpus.tokenizer
    read = read_text(tokenizer, text, len(prompt_ids(tokenizer, text)) + 1)
    j = window_journey(run.params, tokenizer, run.settings, read.ids, len(read.ids) - 1)
    return {"window": [token_name(tokenizer, i) for i in j.window], **_way(tokenizer, j.way)}


def _way(tokenizer: Tokenizer, j: Journey) -> dict[str, Any]:
    return {
        "tokens": [token_name(tokenizer, i) for i in j.ids],
        "vocabulary": [token_name(tokenizer, i) for i in range(tokenizer.size)],
        "stages": {stage.name: _rounded(stage.vector) for stage in j.stages},
        "lengths": {stage.name: stage.length for stage in j.stages},
        "e_to_logit_less_top": _rounded(j.exps),
        "sum": j.total,
        "probabilities": _rounded(j.probabilities),
        "top_guess": token_name(tokenizer, j.top),
    }


def note_on(run: Run, view: str, text: str) -> str:
    """One sentence about what a view leaves out of `text`; empty where it uses all of it."""
    tokenizer, context = run.corpus.tokenizer, run.settings.context
    if view == "surprise":
        return surprise_note(text)
    if view == "saliency":
        return saliency_note(run, text)
    tokens = len(tokenizer.encode(text)) + 1  # the boundary (or the blank before it) is a token too
    if run.settings.model == "bigram" or tokens <= context:
        return ""
    start = "the boundary" if tokenizer.bounded else "a blank before it"
    return f"the text has {tokens:,} tokens with {start}; the last {context} are used, the context of this model"


TEXTS = {"surprise": surprise_record, "saliency": saliency_record}
VIEWS = {
    "bigram": {"math": math_record, "surprise": surprise_record},
    "average": {"math": window_record, **TEXTS},
    "mlp": {"math": window_record, **TEXTS},
    "gpt": {"math": journey_record, "attention": attention_record, "lens": lens_record, **TEXTS},
}


def inspect(run: Run, view: str, text: str) -> dict[str, Any]:
    """The named view of `run` on `text`. Raises LabError for one that this model does not have."""
    views = VIEWS[run.settings.model]
    if view not in views:
        raise LabError(f"{article(run.settings.model)} has no {view} to show; it has {', '.join(views)}")
    return views[view](run, text)


BLANK = "␣"
NO_COLUMNS = ("vocabulary", "tokens", "window")


def in_words(record: dict[str, Any]) -> str:
    """A record as lines of text."""
    if "total_bits" in record:
        return surprise_in_words(record)
    if "layer_names" in record:
        return lens_in_words(record)
    if "leave_one_out" in record:
        return saliency_in_words(record)
    return _heads(record) if "pattern" in record else _figures(record)


def _figures(record: dict[str, Any]) -> str:
    """Single figures a line each, then the arrays as one table with a row for each next token."""
    columns = [name for name, value in record.items() if isinstance(value, list) and name not in NO_COLUMNS]
    told = {name: value for name, value in record.items() if name != EARLIER}
    lines = [f"{name:<22} {value}" for name, value in told.items() if not isinstance(value, list | dict)]
    if "window" in record:
        lines.append(f"{'window':<22} {' '.join(map(_quoted, record['window']))}")
    lines += [f"length of {name:<20} {length:.6g}" for name, length in record.get("lengths", {}).items()]
    label = max(10, 1 + max(len(_plain(token)) for token in record["vocabulary"]))
    lines.append(f"{'next':<{label}}" + "".join(f"{name:>16}" for name in columns))
    for i, token in enumerate(record["vocabulary"]):
        lines.append(f"{_plain(token):<{label}}" + "".join(f"{record[name][i]:>16.6g}" for name in columns))
    return "\n".join(lines)


def _plain(token: str) -> str:
    """A token between quotes, with a sign for each blank: otherwise nobody sees how many there are."""
    return repr(token).replace(" ", BLANK)


def _mark(token: str) -> str:
    return "·" if token == "boundary" else _plain(token)[1:-1]


def _quoted(token: str) -> str:
    return "·" if token == "boundary" else _plain(token)


def _heads(record: dict[str, Any]) -> str:
    """A table for each head: a row for each token that looks, with its shares in percent."""
    names = [_mark(token) for token in record["tokens"]]
    lines = ["row = the token looking, column = the token looked at, shares in percent"]
    for layer, heads in enumerate(record["pattern"], 1):
        for number, rows in enumerate(heads, 1):
            lines += ["", f"layer {layer} head {number}", " " * 10 + "".join(f"{name:>6}" for name in names)]
            shares = ["".join(f"{100 * share:>6.1f}" for share in row[: t + 1]) for t, row in enumerate(rows)]
            lines += [f"{name:<10}{row}" for name, row in zip(names, shares, strict=True)]
    return "\n".join(lines)
