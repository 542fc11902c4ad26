"""Writing text: turn scores into probabilities at a temperature, draw one token, append, repeat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.softmax import softmax
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


def distribution(logits: Array, temperature: float = 1.0) -> Array:
    """softmax(logits / temperature) in float64, shape (V,). Temperature 0 puts everything on the top score.

    Raises ValueError for a temperature below 0 or not a finite number.
    """
    if not 0 <= temperature < float("inf"):
        raise ValueError(f"temperature must be 0 or more, got {temperature}")
    if temperature == 0:
        greedy = np.zeros(len(logits))
        greedy[int(np.argmax(logits))] = 1.0
        return greedy
    # The top score is subtracted before dividing: a tiny temperature then gives -inf, never an overflow.
    centred = logits.astype(np.float64) - logits.max()
    with np.errstate(over="ignore"):
        return softmax(centred / temperature)


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
) -> list[Sample]:
    """One text for each of the `dice`: up to `length` tokens after `given`, until the boundary is drawn.

    The texts grow side by side, so that a model can be asked about all of them at once; each has dice of its own,
    so none depends on how many are written. `given` must not be empty.
    """
    texts = [list(given) for _ in dice]
    probabilities: list[list[float]] = [[] for _ in dice]
    growing = list(range(len(dice)))
    for _ in range(length):
        if not growing:
            break
        for n, logits in zip(growing, next_logits([texts[n] for n in growing]), strict=True):
            p = distribution(logits, temperature)
            texts[n].append(draw(p, dice[n]))
            probabilities[n].append(float(p[texts[n][-1]]))
        growing = [n for n in growing if texts[n][-1] != BOUNDARY]
    return [
        Sample(tuple(ids), len(given), tuple(ps), ended=bool(ps) and ids[-1] == BOUNDARY)
        for ids, ps in zip(texts, probabilities, strict=True)
    ]
