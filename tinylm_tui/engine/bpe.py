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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from tinylm_tui.engine.merging import Pair, PairCounts, Row
from tinylm_tui.engine.progress import Ended, Told, Work, always
from tinylm_tui.engine.tokenizer import BOUNDARY, CharTokenizer, Ids, Tokenizer

# A run of characters that are not white space, with the one blank (or line end) before it; of longer white space the
# rest is a piece of its own. The pieces side by side are the text.
PIECE = re.compile(r"\s?\S+|\s+(?!\S)")
_PIECE_BEGINS = re.compile(r"(?<=\S)\s")
_STRETCH = 1 << 20  # characters between two reports while a text is cut into pieces
_MOST_KEPT = 100_000  # different words whose tokens are remembered; after them each text is cut anew
_MOST_TEXT = 100_000_000  # characters of all tokens together: 40 merges in a file could ask for 2⁴⁰
_A_BOUNDARY = np.array([BOUNDARY], dtype=np.int32).tobytes()


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
    def _known(self) -> dict[str, bytes]:
        return {"": _A_BOUNDARY}  # no piece is empty: so a boundary can stand between pieces

    def encode(self, text: str) -> Ids:
        """The ids of `text`: in each piece every merge is made wherever it can be, in the order of the merges.

        UNKNOWN where a character is not in the vocabulary; nothing merges with it.
        """
        return self.encode_units([text])[1:-1]

    def encode_units(self, units: Sequence[str], told: Told = always) -> Ids:
        """All units at once: boundary, first unit, boundary, …"""
        passes = 2 if self.split_words else 4  # looking for pieces and looking them up, or what a long Row needs
        work = Work(told, len(self.merges), passes * sum(map(len, units)))
        known = self._known if self.split_words and len(self._known) < _MOST_KEPT else {"": _A_BOUNDARY}
        fresh: set[str] = set()
        stretches, streams = [], [_A_BOUNDARY]
        for pieces in pieces_of(units, self.split_words, work):
            fresh.update(set(pieces).difference(known))
            stretches.append(pieces)
        known.update(zip(fresh, self._cut(list(fresh), work), strict=True))
        for pieces in stretches:
            streams.append(b"".join(map(known.__getitem__, pieces)))
            work.went(_STRETCH)
        return np.frombuffer(bytearray().join(streams), dtype=np.int32)

    def _cut(self, pieces: list[str], work: Work) -> Iterator[bytes]:
        """The ids of each piece, as they lie in an array; all are merged side by side."""
        row = Row(CharTokenizer(self.letters).encode_pieces(pieces, work), work)
        for joined, pair in enumerate(self.merges, len(self.letters) + 1):
            if pair[0] in row.places and pair[1] in row.places:
                for _ in row.merge(pair, joined):
                    pass
            work.steps += 1
        stream = row.stream()
        boundaries, ids, width = np.flatnonzero(stream == BOUNDARY) * stream.itemsize, stream.tobytes(), stream.itemsize
        for here in work.blocks(len(pieces)):
            for start, end in pairwise(boundaries[here.start : here.stop + 1].tolist()):
                yield ids[start + width : end]

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

    `told(done, of)` hears now and then how much is done, of how much: merges, and blocks of text gone through before
    them. False ends it, and None comes back.
    """
    letters = CharTokenizer.of("".join(units))
    wanted = max(0, vocabulary - letters.size)
    passes = 1 if split_words else 5  # looking for pieces, or what a long Row and its PairCounts need
    work = Work(told, wanted, passes * sum(map(len, units)))
    try:
        work.tell()
        learning = _Learning(letters, _counted(units, split_words, work), work)
        while len(learning.merges) < wanted and learning.merge():
            pass
    except Ended:
        return None
    return learning.learnt(split_words)


class _Learning:
    """Each different piece once in a row of tokens, weighted with its count, while its pairs are merged."""

    def __init__(self, letters: CharTokenizer, pieces: Counter[str], work: Work) -> None:
        stream = letters.encode_pieces(list(pieces), work)
        lengths = np.array([0, *map(len, pieces)])  # the first boundary is a piece without letters
        weights = np.repeat(np.array([0, *pieces.values()], dtype=np.int32), lengths + 1)
        self.letters = letters
        self.row = Row(stream, work)
        self.pairs = PairCounts(self.row, weights)
        self.merges: list[Pair] = []
        self.counts: list[int] = []
        self.work = work

    def merge(self) -> bool:
        """Merges the most frequent pair; False where none stands twice."""
        most = self.pairs.most()
        if most is None:
            return False
        pair, count = most
        joined = self.letters.size + len(self.merges)
        self.pairs.follow(pair, joined, self.row.merge(pair, joined))
        self.merges.append(pair)
        self.counts.append(count)
        self.work.steps += 1
        return True

    def learnt(self, split_words: bool) -> Learnt:
        """What was learnt until now."""
        return Learnt(BPETokenizer(self.letters.letters, tuple(self.merges), split_words), tuple(self.counts))


def _counted(units: Sequence[str], split_words: bool, work: Work) -> Counter[str]:
    """How often each piece stands in the units."""
    counts: Counter[str] = Counter()
    whole = (units[here] for here in work.blocks(len(units)))
    for pieces in pieces_of(units, split_words, work) if split_words else whole:
        counts.update(pieces)
    del counts[""]
    return counts


def pieces_of(units: Sequence[str], split_words: bool, work: Work) -> Iterator[list[str]]:
    """What no token crosses: the words of each unit, each with the blank before it, or all of it; after a unit "".

    In lists of a stretch of text each.
    """
    if not split_words:
        for here in work.blocks(len(units)):
            yield [piece for unit in units[here] for piece in ((unit, "") if unit else ("",))]
        return
    pieces: list[str] = []
    characters = 0
    for unit in units:
        for stretch in _stretches(unit) if len(unit) > _STRETCH else [unit]:
            pieces += PIECE.findall(stretch)
            characters += len(stretch)
            if characters >= _STRETCH:
                yield pieces
                work.went(characters)
                pieces, characters = [], 0
        pieces.append("")
    yield pieces


def _stretches(text: str) -> Iterator[str]:
    """A long text in shorter ones, cut where a piece begins."""
    start = 0
    while start < len(text):
        found = _PIECE_BEGINS.search(text, start + _STRETCH)
        end = found.start() if found else len(text)
        yield text[start:end]
        start = end
