"""A text and what can be counted in it: the part of a run that training never changes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

from tinylm_tui.engine.counts import Counts, conditional_entropy, pair_counts
from tinylm_tui.engine.progress import Told, always, part
from tinylm_tui.engine.reading import guess_reading, units_of
from tinylm_tui.engine.tokenizer import Ids, Tokenizer
from tinylm_tui.lab.cutting import CHARACTERS, Cut, cut_units, heed, refuse_many, tokenizer_of
from tinylm_tui.lab.errors import TextError

MOST_CHARACTERS = 20_000_000


@dataclass(frozen=True, eq=False)
class Corpus:
    """A text, cut and counted. `ids` is the stream of N tokens; `counts` (V, V) its pairs.

    The screen gets a copy without `ids` (see `without_ids`): it draws from the counts.
    """

    name: str
    text: str
    reading: str
    tokenizer: Tokenizer
    words: int
    counts: Counts
    ids: Ids | None

    @property
    def size(self) -> int:
        """V, all different tokens, the boundary among them."""
        return self.tokenizer.size

    @property
    def running(self) -> bool:
        """Whether the text is one stream, and no list of words or lines."""
        return self.reading == "text" or not self.tokenizer.bounded

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

    @cached_property
    def characters_per_token(self) -> float:
        """How many characters a predicted token stands for, on average; a boundary counts as one character."""
        predicted = self.counts.sum(axis=0)  # (V,)
        return float(predicted @ self.tokenizer.lengths / predicted.sum())

    def bits_per_character(self, loss: float) -> float:
        """A loss in nats a token, spread over the characters: what losses of different tokenizers compare in."""
        return loss / math.log(2) / self.characters_per_token

    def without_ids(self) -> Corpus:
        """What crosses to the screen."""
        return replace(self, ids=None)


def make_corpus(name: str, text: str, reading: str = "auto", cut: Cut = CHARACTERS, told: Told = always) -> Corpus:
    """Cut and count `text`. Raises TextError or SettingError where nothing can be learnt from it, or it is not so cut.

    `told` hears of the progress of a long cut, and may end it: then Stopped is raised.
    """
    refuse_unusable(text)
    reading = guess_reading(text) if reading == "auto" else reading
    heed(part(told, 0.0, 1.0))
    learnt = 0.5 if cut.tokenizer == "bpe" else 0.0  # the share of the work that is done with the tokenizer
    tokenizer = tokenizer_of(units_of(text, reading), cut, part(told, 0.0, learnt))
    return corpus_of(name, text, reading, tokenizer, part(told, learnt, 1.0))


def corpus_of(name: str, text: str, reading: str, tokenizer: Tokenizer, told: Told = always) -> Corpus:
    """The same with a tokenizer that is there already. Raises TextError or Stopped."""
    refuse_unusable(text)
    units = units_of(text, reading)
    ids = cut_units(units, tokenizer, told)
    if len(ids) < 2:
        raise TextError("there is nothing to learn from a single token: write more")
    words = len(text.split()) if reading == "text" else sum(len(unit.split()) for unit in units)
    return Corpus(name, text, reading, tokenizer, words, pair_counts(ids, tokenizer.size), ids)


def longer(old: Corpus, words: str) -> Corpus:
    """The same corpus with `words` appended to its text. Raises TextError or SettingError where that makes none."""
    if not words.strip():
        raise TextError("there is nothing to teach: write a word first")
    joint, end = (" ", "") if old.reading == "text" else ("\n", "\n")
    end = "\n" if old.text.endswith("\n") else end
    text = old.text.rstrip("\n") + joint + words.strip() + end
    refuse_unusable(text)
    tokenizer = old.tokenizer.extended("".join(units_of(text, old.reading)))
    refuse_many(tokenizer)
    return corpus_of(old.name, text, old.reading, tokenizer)


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
