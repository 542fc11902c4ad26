"""Sampling strategies: from the scores of the next token to the distribution it is drawn from.

    1. temperature   p = softmax(scores / temperature); 0 takes the likeliest token
    2. top-k         only the k likeliest tokens stay (Fan et al. 2018, "Hierarchical Neural Story Generation")
    3. top-p         of those, the fewest whose share of what is left reaches p (nucleus sampling: Holtzman et al.
                     2019, "The Curious Case of Neural Text Degeneration")

What stays is divided by its sum. This is the usual order; another one gives another distribution.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

import numpy as np

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.softmax import softmax

HIGHEST_TEMPERATURE = 100.0  # above it all tokens are about equally likely
ROUNDING = 1e-12  # five of nine equal shares miss 5/9 of the sum by 1e-16, and reach it all the same


@dataclass(frozen=True)
class Strategy:
    """How the next token is drawn. Raises ValueError for values that mean nothing; `clamped` never does."""

    temperature: float = 1.0  # 0: always the likeliest token (greedy)
    top_k: int = 0  # 0: off
    top_p: float = 1.0  # 1: off; 0 leaves one token

    def __post_init__(self) -> None:
        refuse_impossible(self.temperature)
        if self.top_k < 0:
            raise ValueError(f"top-k must be 0 (off) or more, got {self.top_k}")
        if not 0 <= self.top_p <= 1:
            raise ValueError(f"top-p must be from 0 to 1 (off), got {self.top_p}")

    @classmethod
    def clamped(
        cls, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0, size: int | None = None
    ) -> tuple[Strategy, list[str]]:
        """The strategy nearest to these values, and a sentence for each that was out of range.

        More tokens than the `size` (V) of the vocabulary cannot be kept, where it is given.
        """
        said: list[str] = []
        heat = _within("temperature", temperature, 0.0, HIGHEST_TEMPERATURE, 1.0, said)
        share = _within("top-p", top_p, 0.0, 1.0, 1.0, said)
        most = max(0, top_k if size is None else min(top_k, size))
        if most != top_k:
            said.append(f"top-k takes 0 (off) {'or more' if size is None else f'to {size}'}, so {top_k} became {most}.")
        return cls(heat, most, share), said


def _within(name: str, value: float, low: float, high: float, otherwise: float, said: list[str]) -> float:
    """The value brought between low and high; what is no number becomes `otherwise`. A change is `said`."""
    inside = otherwise if isnan(value) else min(max(value, low), high)
    if inside != value:
        said.append(f"{name} takes {low:g} to {high:g}, so {value:g} became {inside:g}.")
    return inside


@dataclass(frozen=True, eq=False)
class Cut:
    """What a strategy makes of one row of scores. By id, (V,), but for `order`."""

    order: Array  # (V,), the ids by falling probability, equal ones by id
    probabilities: Array  # after the temperature, before anything is cut
    kept: Array  # bool: which tokens stay
    thrown: float  # the share of the probabilities that is thrown away
    distribution: Array  # what is drawn from: 0 where not kept, sum 1

    @property
    def cumulated(self) -> Array:
        """(V,), in the `order`: the probability of a token and all before it."""
        return np.cumsum(self.probabilities[self.order])


def cut(logits: Array, strategy: Strategy) -> Cut:
    """logits (V,) → what stays of them, float64.

    At temperature 0 only the likeliest token stays, and nothing is thrown away: the others have no share left.
    """
    probabilities = distribution(logits, strategy.temperature)  # (V,)
    order = np.argsort(-probabilities, kind="stable")  # (V,)
    kept = np.zeros(len(order), dtype=bool)
    kept[order[: _how_many(probabilities[order], strategy)]] = True
    left = np.where(kept, probabilities, 0.0)
    if not kept.all():  # a sum of all may miss 1 by rounding, and would change what nothing has cut
        left /= left.sum()
    return Cut(order, probabilities, kept, float(probabilities[~kept].sum()), left)


def _how_many(falling: Array, strategy: Strategy) -> int:
    """How many tokens stay, of probabilities in falling order (V,): one at least."""
    if strategy.temperature == 0:
        return 1
    left = falling[: strategy.top_k or None]
    if strategy.top_p == 1:
        return len(left)
    cumulated = np.cumsum(left)
    reaches = cumulated >= (strategy.top_p - ROUNDING) * cumulated[-1]
    return int(reaches.argmax()) + 1  # the first that reaches p is still kept


def distribution(logits: Array, temperature: float = 1.0) -> Array:
    """softmax(logits / temperature) in float64, shape (V,). Temperature 0 puts everything on the top score.

    Raises ValueError for a temperature below 0 or not a finite number.
    """
    refuse_impossible(temperature)
    if temperature == 0:
        greedy = np.zeros(len(logits))
        greedy[int(np.argmax(logits))] = 1.0
        return greedy
    # The top score is subtracted before dividing: a tiny temperature then gives -inf, never an overflow.
    centred = logits.astype(np.float64) - logits.max()
    with np.errstate(over="ignore"):
        return softmax(centred / temperature)


def refuse_impossible(temperature: float) -> None:
    """Raises ValueError for a temperature below 0 or not a finite number."""
    if not 0 <= temperature < float("inf"):
        raise ValueError(f"temperature must be 0 or more, got {temperature}")
