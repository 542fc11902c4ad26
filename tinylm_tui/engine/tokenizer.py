"""Characters as tokens: each different character of a text gets a number, and 0 is the boundary.

A character is one Unicode code point, so a letter with a combining accent is two tokens. The boundary stands
before the first and after each word (or line); it is how a model knows where to begin and when to stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]

BOUNDARY = 0
UNKNOWN = -1  # what a character outside the vocabulary becomes; no row of any matrix belongs to it
REPLACEMENT = "\ufffd"  # how UNKNOWN is written when ids become text again


@dataclass(frozen=True)
class CharTokenizer:
    """The characters a model knows, in code point order. Character k has id k + 1; id 0 is the boundary."""

    letters: str

    @classmethod
    def of(cls, text: str) -> CharTokenizer:
        """The tokenizer of all characters that occur in `text`."""
        return cls("".join(sorted(set(text))))

    @property
    def size(self) -> int:
        """V, the number of different tokens, the boundary included."""
        return len(self.letters) + 1

    @cached_property
    def _codes(self) -> NDArray[np.uint32]:
        return code_points(self.letters)

    def encode(self, text: str) -> Ids:
        """The ids of `text`, shape (len(text),); UNKNOWN where a character is not in the vocabulary."""
        codes = code_points(text)
        places = np.searchsorted(self._codes, codes).clip(max=max(len(self.letters) - 1, 0))
        known = self._codes[places] == codes if self.letters else np.zeros(len(codes), bool)
        return np.where(known, places + 1, UNKNOWN).astype(np.int32)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`. The boundary has no text of its own; UNKNOWN becomes U+FFFD."""
        return "".join(self.letter(i) for i in ids)

    def letter(self, i: int) -> str:
        """The text of one id: "" for the boundary, U+FFFD for UNKNOWN.

        Raises IndexError for a number that is no id of this vocabulary.
        """
        if i == BOUNDARY:
            return ""
        if i == UNKNOWN:
            return REPLACEMENT
        if not 0 < i < self.size:
            raise IndexError(f"id {i} is not in a vocabulary of {self.size}")
        return self.letters[i - 1]

    def unknown(self, text: str) -> str:
        """The characters of `text` that the vocabulary lacks, each once, in order of appearance."""
        return "".join(dict.fromkeys(c for c in text if c not in self.letters))

    def encode_units(self, units: Sequence[str]) -> Ids:
        """One stream: boundary, first unit, boundary, second unit, … boundary. Shape (letters + units + 1,)."""
        lengths = np.fromiter(map(len, units), dtype=np.int64, count=len(units))
        boundaries = np.concatenate(([0], np.cumsum(lengths + 1)))
        is_letter = np.ones(boundaries[-1] + 1, dtype=bool)
        is_letter[boundaries] = False
        stream = np.full(len(is_letter), BOUNDARY, dtype=np.int32)
        stream[is_letter] = self.encode("".join(units))
        return stream

    def decode_units(self, stream: Ids) -> list[str]:
        """The units of a stream made by `encode_units`, exactly."""
        boundaries = np.flatnonzero(stream == BOUNDARY)
        return [self.decode(stream[a + 1 : b]) for a, b in pairwise(boundaries)]


def code_points(text: str) -> NDArray[np.uint32]:
    """The Unicode code points of `text`, shape (len(text),)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
