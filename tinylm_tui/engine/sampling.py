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

    The texts grow side by side, so that a model can be asked about all of them at once; each has dice of its own,
    so none depends on how many are written. `given` must not be empty. Where the tokens are not `bounded`, id 0 is a
    blank like any other, and all texts get their full length. Where a `strategy` is given, its temperature counts.
    """
    chosen = Strategy(temperature) if strategy is None else strategy
    texts = [list(given) for _ in dice]
    probabilities: list[list[float]] = [[] for _ in dice]
    growing = list(range(len(dice)))
    for _ in range(length):
        if not growing:
            break
        for n, logits in zip(growing, next_logits([texts[n] for n in growing]), strict=True):
            p = cut(logits, chosen).distribution
            texts[n].append(draw(p, dice[n]))
            probabilities[n].append(float(p[texts[n][-1]]))
        growing = [n for n in growing if not bounded or texts[n][-1] != BOUNDARY]
    return [
        Sample(tuple(ids), len(given), tuple(ps), ended=bounded and bool(ps) and ids[-1] == BOUNDARY)
        for ids, ps in zip(texts, probabilities, strict=True)
    ]
