"""Tokens: each piece of text that a model knows has a number, its id.

Three tokenizers share what stands here: the characters of a text, a fixed alphabet of 27 symbols, and byte-pair
tokens (`engine.bpe`). A character is one Unicode code point, so a letter with a combining accent is two.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tinylm_tui.engine.progress import Told, Work, always

Ids = NDArray[np.int32]

BOUNDARY = 0
UNKNOWN = -1  # what a character outside the vocabulary becomes; no row of any matrix belongs to it
REPLACEMENT = "\ufffd"  # how UNKNOWN is written when ids become text again


class Tokenizer(ABC):
    """Text to ids and back. Where it is `bounded`, id 0 is the boundary, which has no text of its own.

    The boundary stands before the first and after each word (or line); it is how a model knows where to begin and
    when to stop.
    """

    kind: ClassVar[str]
    bounded: ClassVar[bool] = True
    letters: str  # the single characters it knows, in code point order

    @property
    @abstractmethod
    def tokens(self) -> tuple[str, ...]:
        """The text of each id, V of them."""

    @abstractmethod
    def encode(self, text: str) -> Ids:
        """The ids of `text`; UNKNOWN where a character is not in the vocabulary."""

    @abstractmethod
    def extended(self, letters: str) -> Tokenizer:
        """The same with more single characters; ids change."""

    def state(self) -> dict[str, Any]:
        """What brings the same tokenizer back, ready for JSON."""
        return {"kind": self.kind, "letters": list(self.letters)}  # one by one: JSON would join two surrogates to one

    @property
    def size(self) -> int:
        """V, the number of different tokens, the boundary included."""
        return len(self.tokens)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many characters of the text each token stands for, (V,). The boundary counts as one, like a blank."""
        return np.array([max(1, len(token)) for token in self.tokens], dtype=np.int64)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`. The boundary has no text of its own; UNKNOWN becomes U+FFFD."""
        return "".join(self.token(i) for i in ids)

    def token(self, i: int) -> str:
        """The text of one id: "" for the boundary, U+FFFD for UNKNOWN.

        Raises IndexError for a number that is no id of this vocabulary.
        """
        if i == UNKNOWN:
            return REPLACEMENT
        if not 0 <= i < self.size:
            raise IndexError(f"id {i} is not in a vocabulary of {self.size}")
        return self.tokens[i]

    def unknown(self, text: str) -> str:
        """The characters of `text` that the vocabulary lacks, each once, in order of appearance."""
        return "".join(dict.fromkeys(c for c in text if c not in self.letters))

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        """Each token of `text` as id, start, end: where in the text it stands."""
        ids = self.encode(text)
        ends = np.cumsum(np.where(ids == UNKNOWN, 1, self.lengths[ids]))
        starts = [0, *ends[:-1].tolist()]
        return list(zip(ids.tolist(), starts, ends.tolist(), strict=True)) if len(ids) else []

    def encode_units(self, units: Sequence[str], told: Told = always) -> Ids:
        """One stream: boundary, first unit, boundary, second unit, … boundary.

        `told` hears how far a long one is. Raises Ended where it wants that.
        """
        boundary = np.array([BOUNDARY], dtype=np.int32)
        return np.concatenate([boundary, *(np.concatenate((self.encode(unit), boundary)) for unit in units)])

    def decode_units(self, stream: Ids) -> list[str]:
        """The units of a stream made by `encode_units`, exactly."""
        boundaries = np.flatnonzero(stream == BOUNDARY)
        return [self.decode(stream[a + 1 : b]) for a, b in pairwise(boundaries)]

    def places_in(self, new: Tokenizer) -> Ids:
        """For each id of this vocabulary, the id of the same token in a larger one, (V,)."""
        ids = {token: i for i, token in enumerate(new.tokens)}
        return np.array([ids[token] for token in self.tokens], dtype=np.int32)


@dataclass(frozen=True)
class CharTokenizer(Tokenizer):
    """The characters a model knows, in code point order. Character k has id k + 1; id 0 is the boundary."""

    kind: ClassVar[str] = "characters"
    letters: str

    @classmethod
    def of(cls, text: str) -> CharTokenizer:
        """The tokenizer of all characters that occur in `text`."""
        return cls("".join(sorted(set(text))))

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The boundary, then the characters."""
        return ("", *self.letters)

    @cached_property
    def _codes(self) -> NDArray[np.uint32]:
        return code_points(self.letters)

    def encode(self, text: str) -> Ids:
        """The ids of `text`, shape (len(text),); UNKNOWN where a character is not in the vocabulary."""
        codes = code_points(text)
        places = np.searchsorted(self._codes, codes).clip(max=max(len(self.letters) - 1, 0))
        known = self._codes[places] == codes if self.letters else np.zeros(len(codes), bool)
        return np.where(known, places + 1, UNKNOWN).astype(np.int32)

    def extended(self, letters: str) -> CharTokenizer:
        """The same with more characters."""
        return CharTokenizer.of(self.letters + letters)

    def encode_units(self, units: Sequence[str], told: Told = always) -> Ids:
        """All units at once: boundary, first unit, boundary, … Shape (letters + units + 1,)."""
        return self.encode_pieces(units, Work(told, places=sum(map(len, units))))

    def encode_pieces(self, units: Sequence[str], work: Work) -> Ids:
        """The same as a part of longer work."""
        lengths = np.fromiter(map(len, units), dtype=np.int64, count=len(units))
        boundaries = np.concatenate(([0], np.cumsum(lengths + 1)))
        is_boundary = np.zeros(boundaries[-1] + 1, dtype=bool)
        is_boundary[boundaries] = True
        stream = np.empty(len(is_boundary), dtype=np.int32)
        text, start = "".join(units), 0
        for here in work.blocks(len(stream)):
            is_letter = ~is_boundary[here]
            end = start + np.count_nonzero(is_letter)
            stream[here] = BOUNDARY
            stream[here][is_letter] = self.encode(text[start:end])
            start = end
        return stream


ALPHABET = " abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class AlphabetTokenizer(Tokenizer):
    """27 symbols, whatever the text: the blank is 0, a is 1 … z is 26. Capitals become small, all else a blank.

    There is no boundary: a text begins and ends in the middle of nothing, and writing stops only when it is told to.
    """

    kind: ClassVar[str] = "alphabet"
    bounded: ClassVar[bool] = False
    letters = ALPHABET

    @property
    def tokens(self) -> tuple[str, ...]:
        """The blank and the letters a to z."""
        return tuple(ALPHABET)

    def encode(self, text: str) -> Ids:
        """The ids of `text`, shape (len(text),)."""
        codes = code_points(text).astype(np.int32)
        small = np.where((codes >= ord("A")) & (codes <= ord("Z")), codes + 32, codes)
        return np.where((small >= ord("a")) & (small <= ord("z")), small - ord("a") + 1, 0).astype(np.int32)

    def unknown(self, text: str) -> str:
        """None: whatever is no letter from a to z is read as a blank."""
        return ""

    def extended(self, letters: str) -> AlphabetTokenizer:
        """Itself: the alphabet is fixed."""
        return self

    def encode_units(self, units: Sequence[str], told: Told = always) -> Ids:
        """The units with a blank between them, none before and none after. Too quick to tell of it."""
        return self.encode(" ".join(units))

    def decode_units(self, stream: Ids) -> list[str]:
        """The words of a stream."""
        return self.decode(stream).split()


def code_points(text: str) -> NDArray[np.uint32]:
    """The Unicode code points of `text`, shape (len(text),)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
