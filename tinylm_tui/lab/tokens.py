"""A text as a tokenizer cuts it, and its byte-pair merges one by one: what the Tokens screen draws from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tinylm_tui.engine.bpe import BPETokenizer
from tinylm_tui.engine.counts import Counts
from tinylm_tui.engine.reading import units_of
from tinylm_tui.engine.tokenizer import BOUNDARY, UNKNOWN, Tokenizer
from tinylm_tui.lab.corpus import Corpus

BEGINNING = 3_000  # characters of a text that are cut to be looked at


@dataclass(frozen=True)
class Piece:
    """One token where it stands in a text.

    `text` is "" for the boundary, and the character itself where the vocabulary lacks it (`id` is UNKNOWN then).
    `start` counts characters from the beginning, a boundary as one: no merge moves it.
    """

    id: int
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next one starts."""
        return self.start + max(1, len(self.text))


def pieces_of(tokenizer: Tokenizer, text: str, reading: str, most: int = BEGINNING) -> list[Piece]:
    """The tokens of the beginning of a text: at most `most` characters, up to the end of a word if there is one."""
    shown = _beginning(text, most)
    units = units_of(shown, reading)
    found = _bounded(tokenizer, units) if tokenizer.bounded else _spans(tokenizer, " ".join(units))
    goes_on = tokenizer.bounded and not _ends_a_unit(text, len(shown), reading)
    pieces, start = [], 0
    for i, token in found[:-1] if goes_on else found:  # no boundary stands where a text was cut off
        pieces.append(Piece(i, token, start))
        start = pieces[-1].end
    return pieces


def _beginning(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return text[: next((i for i in range(most, most // 2, -1) if text[i].isspace()), most)]


def _ends_a_unit(text: str, end: int, reading: str) -> bool:
    return end == len(text) or (text[end] == "\n" if reading == "lines" else reading == "words" and text[end].isspace())


def _bounded(tokenizer: Tokenizer, units: Sequence[str]) -> list[tuple[int, str]]:
    found = [(BOUNDARY, "")]
    for unit in units:
        found += [*_spans(tokenizer, unit), (BOUNDARY, "")]
    return found


def _spans(tokenizer: Tokenizer, text: str) -> list[tuple[int, str]]:
    """Each token as the model reads it; a character that it does not know as it stands in the text."""
    spans = tokenizer.spans(text)
    return [(i, text[start:end] if i == UNKNOWN else tokenizer.tokens[i]) for i, start, end in spans]


@dataclass(frozen=True)
class Merge:
    """Merge `number`, from 1 on: everywhere in the text `left` and `right` became `token`, `times` times in all."""

    number: int
    left: int
    right: int
    token: int
    times: int


class Story:
    """How a text came to its tokens, one merge after the other; a single moment where nothing is merged.

    All of it is counted back from the end. What merge m made is in the text still, or a later merge used it up:
    times(m) = count of its token + times of the later merges with this token on their left + those with it on their
    right.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.corpus, tokenizer = corpus, corpus.tokenizer
        self.pairs = tokenizer.merges if isinstance(tokenizer, BPETokenizer) else ()
        self.first = tokenizer.size - len(self.pairs)  # the id of what the first merge makes

    @cached_property
    def counts(self) -> Counts:
        """How often each token stands in the whole text, (V,)."""
        counts: Counts = self.corpus.counts.sum(axis=0)  # (V,) as the second of a pair: all but the first of the text
        counts[self._opening()] += 1
        return counts

    def _opening(self) -> int:
        """The token that begins the stream, which no pair ends with."""
        corpus = self.corpus
        if corpus.tokenizer.bounded:
            return BOUNDARY
        begun = corpus.text if corpus.reading == "text" else corpus.text.lstrip()
        return int(corpus.tokenizer.encode(begun[:1])[0])

    @cached_property
    def merges(self) -> tuple[Merge, ...]:
        """Every merge with its own count, in their order."""
        counts, merges = self.counts.tolist(), []
        for k in range(len(self.pairs), 0, -1):
            (left, right), token = self.pairs[k - 1], self.first + k - 1
            merges.append(Merge(k, left, right, token, counts[token]))
            counts[left] += counts[token]
            counts[right] += counts[token]
        return tuple(reversed(merges))

    def at(self, moment: int) -> Tokenizer:
        """The tokenizer as it was after so many merges."""
        tokenizer = self.corpus.tokenizer
        if isinstance(tokenizer, BPETokenizer) and moment < len(self.pairs):
            return tokenizer.at(moment)
        return tokenizer

    def counts_at(self, moment: int) -> Counts:
        """How often each token stood in the text after so many merges, (V at that moment,)."""
        counts = self.counts.tolist()
        for merge in reversed(self.merges[moment:]):
            counts[merge.left] += merge.times
            counts[merge.right] += merge.times
        return np.array(counts[: self.first + moment], dtype=np.int64)

    def characters_per_token(self, moment: int) -> float:
        """How many characters a predicted token stood for, on average, after so many merges."""
        characters = self.corpus.counts.sum(axis=0) @ self.corpus.tokenizer.lengths  # as many at every moment
        return float(characters / max(1, int(self.counts_at(moment).sum()) - 1))

    def maker(self, token: int) -> Merge | None:
        """The merge that made a token; None for a character or the boundary."""
        return self.merges[token - self.first] if self.first <= token < self.corpus.size else None
