"""Byte-pair tokens: the characters of a text, and the pairs of tokens that stand side by side most often.

The most frequent pair of neighbours becomes one token, again and again (Gage 1994; Sennrich, Haddow & Birch 2016,
"Neural machine translation of rare words with subword units"). Two rules make the outcome certain, and the same as
that of Hugging Face `tokenizers` on the same pieces:

- Of pairs that are equally frequent, the one with the smaller ids is merged: first the left id decides, then the
  right one. A pair that stands only once is not merged.
- Overlapping pairs each count (a a a holds a a twice), and are merged from left to right (to aa a).

No two merges make the same text. Where a text became one token, nothing was merged across its ends before, and
between them every merge went from left to right: so the same text is always put together in the same way. Hence
also no pair comes back after it was merged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any, ClassVar

import numpy as np

from tinylm_tui.engine.merging import Pair, PairCounts, Row
from tinylm_tui.engine.progress import Told, always
from tinylm_tui.engine.tokenizer import BOUNDARY, CharTokenizer, Ids, Tokenizer

# A run of characters that are not white space, with the one blank (or line end) before it; of longer white space the
# rest is a piece of its own. The pieces side by side are the text.
PIECE = re.compile(r"\s?\S+|\s+(?!\S)")
_PIECE_BEGINS = re.compile(r"(?<=\S)\s")
_STRETCH = 1 << 20  # characters between two reports while pieces are counted
_WORK = 1 << 16  # tokens looked at between two reports while pairs are merged
_MOST_KEPT = 100_000  # different words whose tokens are remembered; after them each text is cut anew
_MOST_TEXT = 100_000_000  # characters of all tokens together: 40 merges in a file could ask for 2⁴⁰


@dataclass(frozen=True)
class BPETokenizer(Tokenizer):
    """Id 0 is the boundary, then come the letters in code point order, then what the merges made, in their order.

    Raises ValueError where a merge names an id that no letter and no earlier merge has, or makes a token again.
    """

    kind: ClassVar[str] = "bpe"
    letters: str
    merges: tuple[Pair, ...]
    split_words: bool = True

    def __post_init__(self) -> None:
        _ = self.tokens  # refuses merges that cannot be

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.letters, self.merges, self.split_words)  # without the remembered pieces

    def state(self) -> dict[str, Any]:
        """What brings the same tokenizer back, ready for JSON."""
        return {**super().state(), "merges": [list(pair) for pair in self.merges], "split_words": self.split_words}

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The boundary, the letters, and what each merge made."""
        tokens, characters = ["", *self.letters], 0
        for left, right in self.merges:
            if not (BOUNDARY < left < len(tokens) and BOUNDARY < right < len(tokens)):
                raise ValueError(f"a merge of {left} and {right} where there are {len(tokens)} tokens")
            characters += len(tokens[left]) + len(tokens[right])
            if characters > _MOST_TEXT:
                raise ValueError(f"the merged tokens would hold more than {_MOST_TEXT:,} characters")
            tokens.append(tokens[left] + tokens[right])
        if len(set(tokens)) < len(tokens):
            raise ValueError("two merges make the same token")
        return tuple(tokens)

    @cached_property
    def _known(self) -> dict[str, list[int]]:
        return {"": [BOUNDARY]}  # no piece is empty: so a boundary can stand between pieces

    def pieces(self, text: str) -> list[str]:
        """What no token crosses: the words of `text`, each with the blank before it, or all of it."""
        if self.split_words:
            return PIECE.findall(text)
        return [text] if text else []

    def encode(self, text: str) -> Ids:
        """The ids of `text`: in each piece every merge is made wherever it can be, in the order of the merges.

        UNKNOWN where a character is not in the vocabulary; nothing merges with it.
        """
        return self._ids(self.pieces(text))

    def encode_units(self, units: Sequence[str]) -> Ids:
        """All units at once: boundary, first unit, boundary, …"""
        return self._ids(["", *chain.from_iterable((*self.pieces(unit), "") for unit in units)])

    def _ids(self, pieces: list[str]) -> Ids:
        known = self._known if self.split_words and len(self._known) < _MOST_KEPT else {"": [BOUNDARY]}
        fresh = list(set(pieces).difference(known))
        known.update(zip(fresh, self._cut(fresh), strict=True))
        return np.fromiter(chain.from_iterable(map(known.__getitem__, pieces)), dtype=np.int32)

    def _cut(self, pieces: list[str]) -> list[list[int]]:
        """The ids of each piece, all merged side by side."""
        row = Row(CharTokenizer(self.letters).encode_units(pieces))
        for joined, pair in enumerate(self.merges, len(self.letters) + 1):
            if pair[0] in row.places and pair[1] in row.places:
                row.merge(pair, joined)
        stream = row.stream()
        ids, boundaries = stream.tolist(), np.flatnonzero(stream == BOUNDARY).tolist()
        return [ids[a + 1 : b] for a, b in pairwise(boundaries)]

    def at(self, n_merges: int) -> BPETokenizer:
        """The tokenizer as it was after the first `n_merges` merges."""
        return BPETokenizer(self.letters, self.merges[:n_merges], self.split_words)

    def extended(self, letters: str) -> BPETokenizer:
        """The same merges with more letters; the ids move, since letters come first and in order."""
        more = CharTokenizer.of(self.letters + letters).letters
        ids = {letter: i for i, letter in enumerate(more, 1)}
        places = [BOUNDARY, *(ids[letter] for letter in self.letters), *range(len(more) + 1, len(more) + self.size)]
        merges = tuple((places[left], places[right]) for left, right in self.merges)
        return BPETokenizer(more, merges, self.split_words)


@dataclass(frozen=True)
class Learnt:
    """A tokenizer, and how often the pair of each merge stood in the text when it was merged."""

    tokenizer: BPETokenizer
    counts: tuple[int, ...]


def learn_merges(units: Sequence[str], vocabulary: int, split_words: bool = True, told: Told = always) -> Learnt | None:
    """Merges in `units` until there are `vocabulary` tokens or no pair stands twice; no token crosses a unit.

    `told(done, of)` hears now and then how many merges are done, of how many; False ends it, and None comes back.
    """
    letters = CharTokenizer.of("".join(units))
    wanted = max(0, vocabulary - letters.size)
    pieces = _count_pieces(units, split_words, lambda: told(0, wanted))
    if pieces is None:
        return None
    learning = _Learning(letters, pieces)
    while len(learning.merges) < wanted and learning.merge():
        if learning.work > _WORK:
            learning.work = 0
            if not told(len(learning.merges), wanted):
                return None
    return learning.learnt(split_words)


class _Learning:
    """Each different piece once in a row of tokens, weighted with its count, while its pairs are merged."""

    def __init__(self, letters: CharTokenizer, pieces: Counter[str]) -> None:
        stream = letters.encode_units(list(pieces))
        lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
        weights = np.repeat(np.fromiter(pieces.values(), dtype=np.int64, count=len(pieces)), lengths + 1)
        self.letters = letters
        self.row = Row(stream)
        self.pairs = PairCounts(self.row, np.concatenate((weights[:1], weights)))  # a place for the first boundary
        self.merges: list[Pair] = []
        self.counts: list[int] = []
        self.work = len(stream)  # places looked at since the last report

    def merge(self) -> bool:
        """Merges the most frequent pair; False where none stands twice."""
        most = self.pairs.most()
        if most is None:
            return False
        pair, count = most
        joined = self.letters.size + len(self.merges)
        merged = self.row.merge(pair, joined)
        self.pairs.follow(pair, joined, merged)
        self.merges.append(pair)
        self.counts.append(count)
        self.work += 1000 + len(merged.places)
        return True

    def learnt(self, split_words: bool) -> Learnt:
        """What was learnt until now."""
        return Learnt(BPETokenizer(self.letters.letters, tuple(self.merges), split_words), tuple(self.counts))


def _count_pieces(units: Sequence[str], split_words: bool, told: Callable[[], bool]) -> Counter[str] | None:
    """How often each piece stands in the units; None where `told` ended it."""
    if not split_words:
        return Counter(unit for unit in units if unit)
    pieces: Counter[str] = Counter()
    heard = 0
    for stretch in chain.from_iterable(map(_stretches, units)):
        pieces.update(PIECE.findall(stretch))
        heard += len(stretch)
        if heard >= _STRETCH:
            heard = 0
            if not told():
                return None
    return pieces


def _stretches(text: str) -> Iterator[str]:
    """A long text in shorter ones, cut where a piece begins."""
    start = 0
    while start < len(text):
        found = _PIECE_BEGINS.search(text, start + _STRETCH)
        end = found.start() if found else len(text)
        yield text[start:end]
        start = end
