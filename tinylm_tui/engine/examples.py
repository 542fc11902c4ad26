"""Windows and targets: the last W tokens before each place of a text, and the token that stands there.

    the cat, W = 5, in the alphabet of 27        the c → a    he ca → t
    ·cat·, W = 3, with boundaries                ··· → c    ··c → a    ·ca → t    cat → ·

Where there are boundaries, a window never reaches into the word (or line) before: it is filled up with boundaries on
the left, so the first letter of a word is predicted too. Where there are none, only full windows count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinylm_tui.engine.tokenizer import BOUNDARY, Ids

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Examples:
    """Every example of a stream (N,), numbered 0 … M − 1 in the order of the text, and made when it is asked for.

    The target of example i stands at place `first` + i.
    """

    stream: Ids
    window: int  # W
    first: int
    begins: Places  # where units begin: the places of the boundaries; only 0 where there are none

    @classmethod
    def of(cls, stream: Ids, window: int, *, bounded: bool) -> Examples:
        """The examples of a stream that is `bounded`, id 0 being the boundary in it, or is not.

        A stream that begins in the middle of a unit has no example whose window would reach before it.
        Raises ValueError for a stream that holds no example.
        """
        boundaries = np.flatnonzero(stream == BOUNDARY) if bounded else np.zeros(0, np.int64)
        first = min(window, int(boundaries[0]) + 1) if len(boundaries) else window
        if len(stream) <= first:
            raise ValueError(f"{len(stream)} tokens hold no window of {window} and a token after it")
        return cls(stream, window, first, np.union1d(boundaries, [0]))

    @property
    def count(self) -> int:
        """M, how many examples there are."""
        return len(self.stream) - self.first

    def take(self, numbers: Places) -> tuple[Ids, Ids]:
        """The examples of these numbers (B,): inputs (B, W), targets (B,).

        A place before its unit becomes the place where the unit begins, and there stands the boundary.
        """
        at = self.first + numbers  # (B,)
        begins = self.begins[np.searchsorted(self.begins, at) - 1]  # (B,), the last one before the target
        places = np.maximum(at[:, None] + np.arange(-self.window, 0), begins[:, None])  # (B, W)
        return self.stream[places], self.stream[at]


def last_windows(texts: Sequence[Sequence[int]], window: int, *, bounded: bool) -> Ids:
    """What a window model sees of each of n texts: its last W tokens, (n, W), filled up with 0 on the left.

    Where texts are `bounded`, nothing before the last boundary is seen.
    """
    seen = np.full((len(texts), window), BOUNDARY, dtype=np.int32)
    for row, text in zip(seen, texts, strict=True):
        last = list(text[-window:])
        if bounded and BOUNDARY in last:
            last = last[len(last) - last[::-1].index(BOUNDARY) :]
        row[window - len(last) :] = last
    return seen
