"""A text and what can be counted in it: the part of a run that training never changes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

from tinylm_tui.engine.counts import Counts, conditional_entropy, pair_counts
from tinylm_tui.engine.reading import guess_reading, units_of
from tinylm_tui.engine.tokenizer import CharTokenizer, Ids
from tinylm_tui.lab.errors import TextError

MOST_CHARACTERS = 20_000_000
MOST_LETTERS = 2_000


@dataclass(frozen=True, eq=False)
class Corpus:
    """A text, cut and counted. `ids` is the stream of N tokens; `counts` (V, V) its pairs.

    The screen gets a copy without `ids` (see `without_ids`): it draws from the counts.
    """

    name: str
    text: str
    reading: str
    tokenizer: CharTokenizer
    words: int
    counts: Counts
    ids: Ids | None

    @property
    def size(self) -> int:
        """V, letters plus boundary."""
        return self.tokenizer.size

    @cached_property
    def pairs(self) -> int:
        """How many pairs of neighbours the text has: what one pass over it predicts."""
        return int(self.counts.sum())

    @cached_property
    def floor(self) -> float:
        """The least loss any bigram can have on this text, nats a token."""
        return conditional_entropy(self.counts)

    @property
    def uniform(self) -> float:
        """The loss of knowing nothing: ln V nats a token."""
        return math.log(self.size)

    def without_ids(self) -> Corpus:
        """What crosses to the screen."""
        return replace(self, ids=None)


def make_corpus(name: str, text: str, reading: str = "auto") -> Corpus:
    """Cut and count `text`. Raises TextError where nothing can be learnt from it."""
    refuse_unusable(text)
    reading = guess_reading(text) if reading == "auto" else reading
    units = units_of(text, reading)
    tokenizer = CharTokenizer.of("".join(units))
    if len(tokenizer.letters) > MOST_LETTERS:
        raise TextError(
            f"this text has {len(tokenizer.letters):,} different characters; the lab's matrices take up to "
            f"{MOST_LETTERS:,}. A shorter text, or one in an alphabet, would do."
        )
    ids = tokenizer.encode_units(units)
    words = len(text.split()) if reading == "text" else sum(len(unit.split()) for unit in units)
    return Corpus(name, text, reading, tokenizer, words, pair_counts(ids, tokenizer.size), ids)


def refuse_unusable(text: str) -> None:
    """Raises TextError for a text that is empty, blank or too long."""
    if not text:
        raise TextError("there is no text to learn from: write some words first")
    if not text.strip():
        raise TextError("the text is only white space: write some words first")
    if len(text) > MOST_CHARACTERS:
        raise TextError(
            f"the text has {len(text):,} characters; the lab reads up to {MOST_CHARACTERS:,}. A part of it would do."
        )
