"""Whether what a model wrote stands word for word in the text that it learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tinylm_tui.engine.reading import units_of
from tinylm_tui.engine.sampling import Sample
from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.lab.corpus import Corpus

SHORTEST = 12  # characters drawn of a running text: fewer stand in many texts by chance


@dataclass(frozen=True, eq=False)
class Memory:
    """What can be looked up: the words (or lines) of a list, or one running text as its tokenizer reads it."""

    units: frozenset[str]  # empty for a running text
    text: str  # empty for a list


@lru_cache(2)
def memory_of(corpus: Corpus) -> Memory:
    """Made once for each corpus: a sample is then looked up in microseconds."""
    units = units_of(corpus.text, corpus.reading)
    if not corpus.running:
        return Memory(frozenset(units), "")
    if corpus.tokenizer.bounded:
        return Memory(frozenset(), corpus.text)
    codes = np.array([ord(token) for token in corpus.tokenizer.tokens], dtype="<u4")  # one character each
    return Memory(frozenset(), codes[corpus.tokenizer.encode(" ".join(units))].tobytes().decode("utf-32-le"))


def memorised(corpus: Corpus, sample: Sample) -> bool:
    """Whether `sample` stands in the text of `corpus`.

    Of a list of words or lines: whether the whole of it, with what was given, is one of them, its end included. Of a
    running text: whether what was drawn, at least SHORTEST characters, stands there just so.
    """
    memory, tokenizer = memory_of(corpus), corpus.tokenizer
    if not corpus.running:
        return sample.ended and whole(sample, tokenizer) in memory.units
    drawn = tokenizer.decode(sample.drawn)
    return len(drawn) >= SHORTEST and drawn in memory.text


def whole(sample: Sample, tokenizer: Tokenizer) -> str:
    """The text of a sample, with what was given."""
    return tokenizer.decode(sample.ids[1 : len(sample.ids) - sample.ended])
