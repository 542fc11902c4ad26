"""How this model compares with larger ones: the table behind `c`, and what it means."""

from __future__ import annotations

from tinylm_tui.engine.gpt_config import GPT2_SMALL
from tinylm_tui.lab.settings import Settings, setting
from tinylm_tui.lab.snapshot import Snapshot

TOKENS = {"characters": "a character", "alphabet": "one of 27 symbols", "bpe": "a piece of text"}
LAYERS = {
    "bigram": "none: one matrix",
    "average": "none: a mean",
    "mlp": "1 hidden, tanh",
    "gpt": "{layers} with attention",
}


def comparison(snapshot: Snapshot) -> list[tuple[str, str, str, str]]:
    """What this model has, what GPT-2 small had, and what a large open model of 2024 has."""
    c, s = snapshot.corpus, snapshot.settings
    held_out = s.held_out if snapshot.held_ids is not None and len(snapshot.held_ids) else 0.0
    learnt_from = round(c.pairs * (1 - held_out))
    return [
        ("", f"this {s.model}", "GPT-2 small, 2019", "Llama 3.1 405B"),
        ("weights", f"{snapshot.params.count:,}", f"{GPT2_SMALL.weights:,}", "about 405 billion"),
        ("sees at once", _sees(s), "1,024 tokens", "131,072 tokens"),
        ("tokens known", f"{c.size:,}", "50,257", "128,256"),
        ("a token is", TOKENS[c.tokenizer.kind], "a piece of a word", "a piece of a word"),
        (
            "trained on",
            f"~{learnt_from:,} tokens" if held_out else f"{c.pairs:,} tokens",
            "40 GB of web text",
            "15 trillion tokens",
        ),
        ("layers", LAYERS[s.model].format(layers=s.layers), "12 with attention", "126 with attention"),
        ("trained by", "AdamW" if s.model in setting("weight_decay").models else "gradient descent", "Adam", "AdamW"),
        ("goal", "the next token", "the next token", "the next token"),
    ]


def _sees(s: Settings) -> str:
    if s.model == "bigram":
        return "1 token"
    return f"{s.context:,} token{'s' * (s.context != 1)}" + (", unordered" if s.model == "average" else "")


COMPARED = (
    "The loop is the same: guess the next token, measure the surprise, follow the gradient, repeat. What differs is "
    "what a guess may look at (a bigram sees one token; attention can see thousands), the number of weights, and the "
    "amount of text. The largest models of today do not publish their sizes; these two did.",
)
