"""Writing text: turn scores into a distribution (`engine.strategies`), draw one token, append, repeat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.strategies import Strategy, cut
from tinylm_tui.engine.strategies import distribution as distribution
from tinylm_tui.engine.tokenizer import BOUNDARY

# Several texts of equally many tokens → the scores of what comes next in each, (n, V).
NextLogits = Callable[[Sequence[Sequence[int]]], Array]


@dataclass(frozen=True)
class Sample:
    """One written text: `ids` from the start token on, with the probability each drawn token had when drawn.

    The first `given` ids were not drawn (the boundary, or a prompt); `probabilities` has one entry for each
    id after them. `ended` says whether the model itself stopped, by drawing the boundary.
    """

    ids: tuple[int, ...]
    given: int
    probabilities: tuple[float, ...]
    ended: bool

    @property
    def drawn(self) -> tuple[int, ...]:
        """The drawn ids without the closing boundary."""
        return self.ids[self.given : len(self.ids) - self.ended]


def draw(probabilities: Array, rng: np.random.Generator) -> int:
    """One id, each with its probability: where a uniform random number falls on the cumulated bars."""
    cumulated = np.cumsum(probabilities)
    place = int(np.searchsorted(cumulated, rng.random() * cumulated[-1], side="right"))
    return min(place, int(np.flatnonzero(probabilities)[-1]))


class Growing:
    """Texts that grow side by side, a token at a time: a model can then be asked about all of them at once.

    Each text has dice of its own, so none depends on how many are written. `given` must not be empty. A text ends with
    the boundary; where the tokens are not `bounded`, id 0 is a blank like any other, and all get their full length.
    """

    def __init__(
        self, next_logits: NextLogits, given: Sequence[int], length: int, strategy: Strategy,
        dice: Sequence[np.random.Generator], *, bounded: bool = True,
    ) -> None:  # fmt: skip
        self._next_logits, self._strategy, self._dice, self._bounded = next_logits, strategy, dice, bounded
        self._given, self._left = len(given), length
        self._texts = [list(given) for _ in dice]
        self._probabilities: list[list[float]] = [[] for _ in dice]
        self._unended = list(range(len(dice)))

    def grow(self) -> bool:
        """One token more for each text that has not ended; False where there is none left to write."""
        if not self._left or not self._unended:
            return False
        self._left -= 1
        texts = [self._texts[n] for n in self._unended]
        for n, logits in zip(self._unended, self._next_logits(texts), strict=True):
            p = cut(logits, self._strategy).distribution
            self._texts[n].append(draw(p, self._dice[n]))
            self._probabilities[n].append(float(p[self._texts[n][-1]]))
        self._unended = [n for n in self._unended if not self._bounded or self._texts[n][-1] != BOUNDARY]
        return True

    def samples(self) -> list[Sample]:
        """The texts as far as they are written."""
        return [
            Sample(tuple(ids), self._given, tuple(ps), ended=self._bounded and bool(ps) and ids[-1] == BOUNDARY)
            for ids, ps in zip(self._texts, self._probabilities, strict=True)
        ]


def generate(
    next_logits: NextLogits,
    given: Sequence[int],
    length: int,
    temperature: float,
    dice: Sequence[np.random.Generator],
    *,
    bounded: bool = True,
    strategy: Strategy | None = None,
) -> list[Sample]:
    """One text for each of the `dice`: up to `length` tokens after `given`, until the boundary is drawn.

    Where a `strategy` is given, its temperature counts. See `Growing`.
    """
    chosen = Strategy(temperature) if strategy is None else strategy
    growing = Growing(next_logits, given, length, chosen, dice, bounded=bounded)
    while growing.grow():
        pass
    return growing.samples()
