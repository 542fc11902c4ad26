"""What a model is made of: its parts with their weights, and how long the residual stream is between them."""

from __future__ import annotations

import re

import numpy as np

from tinylm_tui.engine import gpt
from tinylm_tui.engine.gpt_config import GPTConfig, count
from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.reading import units_of
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.corpus import Corpus

BLOCK_PARTS = ("norm1", "attention", "norm2", "mlp")


def part_weights(config: GPTConfig) -> dict[str, int]:
    """How many weights each part has, from the shapes of its arrays; the parts of a block stand for one block.

    A tied head has none of its own. With `layers` times the sum of BLOCK_PARTS, they make all weights.
    """
    shapes = config.shapes()
    prefixes = {
        "token": "embedding.token", "position": "embedding.position",
        **{name: f"block0.{name}." for name in BLOCK_PARTS},
        "final_norm": "final_norm.", "head": "head",
    }  # fmt: skip
    return {
        part: count({name: shape for name, shape in shapes.items() if name.startswith(prefix)})
        for part, prefix in prefixes.items()
    }


def block_weights(config: GPTConfig) -> int:
    """How many weights one block has."""
    weights = part_weights(config)
    return sum(weights[part] for part in BLOCK_PARTS)


def stream_norms(trace: gpt.Trace) -> list[float]:
    """The length √Σx² of the residual stream, meaned over all positions: after the embedding, then after each block."""
    return [mean_length(trace.blocks[0].resid_pre), *[mean_length(block.resid_post) for block in trace.blocks]]


def mean_length(resid: Array) -> float:
    """resid (B, T, D) → the mean over B and T of √Σx²."""
    return float(np.sqrt(np.square(resid, dtype=np.float64).sum(axis=-1)).mean())


def beginning(corpus: Corpus, most: int) -> Ids:
    """The first tokens of the text, (T,) with 1 ≤ T ≤ most: a boundary, then letters."""
    first = re.search(r"\S", corpus.text)
    start = first.start() if first and corpus.reading != "text" else 0
    units = units_of(corpus.text[start : start + 4 * most + 4], corpus.reading)
    return corpus.tokenizer.encode_units(units)[:most]
