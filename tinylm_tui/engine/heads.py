"""What a head does, in a word, and only with the figure that justifies it.

A kind of head is a rule that says which earlier tokens it should look at. The figure is the share of its attention
that goes there, averaged over the looks that have such a token; chance is the share of a head that looks at all
tokens alike. The kinds and the test on random text are those of Elhage et al. 2021, "A Mathematical Framework for
Transformer Circuits", and Olsson et al. 2022, "In-context Learning and Induction Heads"; the thresholds are ours.
Letters: B texts, T tokens, H heads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine import gpt
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.tokenizer import Ids

ABOVE_CHANCE = 0.3  # a name is earned by a share at least so much above chance …
FEWEST_LOOKS = 8  # … averaged over at least so many looks
TEXTS = 16  # random texts for the induction score
SHORTEST_PERIOD, LONGEST_PERIOD = 3, 64  # after how many tokens a random text begins again
PERIODS = 4  # how many different ones there are among the texts


@dataclass(frozen=True)
class Score:
    """How much of its attention a head gives to what its kind should look at: shares from 0 to 1."""

    name: str
    share: float
    chance: float  # the share of a head that looks at every token it can alike
    looks: int  # how many looks there were to average over

    @property
    def earned(self) -> bool:
        """Whether the share justifies the name."""
        return self.looks >= FEWEST_LOOKS and self.share - self.chance >= ABOVE_CHANCE


@dataclass(frozen=True)
class Head:
    """One head with its scores; a kind that the text gave no look for has none."""

    layer: int
    head: int
    scores: tuple[Score, ...]

    @property
    def names(self) -> tuple[Score, ...]:
        """The scores that justify their names, the one farthest above chance first; often none."""
        earned = [score for score in self.scores if score.earned]
        return tuple(sorted(earned, key=lambda score: score.chance - score.share))


def previous(ids: Ids) -> Array:
    """ids (B, T) → (B, T, T), True at the token just before, from the third token on: the second's is the first."""
    T = ids.shape[1]
    return np.broadcast_to(np.eye(T, k=-1, dtype=bool) & _from_the_third(T), (len(ids), T, T))


def first(ids: Ids) -> Array:
    """ids (B, T) → (B, T, T), True at the first token, from the third token on."""
    T = ids.shape[1]
    return np.broadcast_to((np.arange(T) == 0) & _from_the_third(T), (len(ids), T, T))


def same(ids: Ids) -> Array:
    """ids (B, T) → (B, T, T), True at each earlier place that holds the same token."""
    return np.asarray((ids[:, :, None] == ids[:, None]) & np.tri(ids.shape[1], k=-1, dtype=bool))


def induction(ids: Ids) -> Array:
    """ids (B, T) → (B, T, T), True at each earlier token that stands after an earlier occurrence of this one.

    "… a b … a": the last a should look at b, for b is what came next the last time.
    """
    after = np.zeros((len(ids), ids.shape[1], ids.shape[1]), dtype=bool)
    after[:, :, 1:] = same(ids)[:, :, :-1]
    return np.asarray(after & np.tri(ids.shape[1], k=-1, dtype=bool))


def _from_the_third(tokens: int) -> Array:
    """(T, 1), True from the third token on."""
    return np.arange(tokens)[:, None] >= 2


KINDS: dict[str, Callable[[Ids], Array]] = {"previous token": previous, "first token": first, "same token": same}


def score(name: str, pattern: Array, looked: Array) -> list[Score]:
    """pattern (B, H, T, T), looked (B, T, T) → each head's score; none where no token has anything to look at."""
    rows = looked.any(axis=-1)  # (B, T)
    looks = int(rows.sum())
    if not looks:
        return []
    shares = (pattern * looked[:, None]).sum(axis=(0, 2, 3), dtype=np.float64) / looks  # (H,)
    alike = looked.sum(axis=-1) / np.arange(1, looked.shape[1] + 1)  # (B, T)
    return [Score(name, float(share), float(alike.sum() / looks), looks) for share in shares]


def named(params: Parameters, config: GPTConfig, ids: Ids, rng: np.random.Generator, *, bounded: bool) -> list[Head]:
    """Every head of the model with its scores, on the texts ids (B, T) and, for induction, on random text.

    Raises as `gpt.forward`.
    """
    by_layer = _scored(params, config, ids, KINDS)
    random_text = repeated(config, rng, bounded=bounded)
    if random_text is not None:
        more = _scored(params, config, random_text, {"induction": induction})
        by_layer = [[a + b for a, b in zip(*both, strict=True)] for both in zip(by_layer, more, strict=True)]
    return [Head(layer, h, scores) for layer, heads in enumerate(by_layer) for h, scores in enumerate(heads)]


def _scored(
    params: Parameters, config: GPTConfig, ids: Ids, kinds: dict[str, Callable[[Ids], Array]]
) -> list[list[tuple[Score, ...]]]:
    """By layer and head, the scores on the texts ids (B, T)."""
    looked = {name: kind(ids) for name, kind in kinds.items()}
    _, trace = gpt.forward(params, config, ids)
    by_layer = []
    for block in trace.blocks:
        columns = [score(name, block.attention.pattern, places) for name, places in looked.items()]
        by_layer.append([tuple(column[h] for column in columns if column) for h in range(config.heads)])
    return by_layer


def repeated(config: GPTConfig, rng: np.random.Generator, *, bounded: bool) -> Ids | None:
    """Random texts (TEXTS, T) that repeat, no token twice before it does; the boundary is not among them.

    They repeat after different numbers of tokens: a head that always looks equally far back, whatever stands there,
    finds the right place in few of them. None where context or vocabulary is too small for that.
    """
    first_id = 1 if bounded else 0
    longest = min(config.context // 2, config.vocabulary - first_id, LONGEST_PERIOD)
    if longest < SHORTEST_PERIOD + PERIODS - 1:
        return None
    texts = []
    for n in range(TEXTS):
        period = longest - n % PERIODS
        drawn = first_id + rng.permutation(config.vocabulary - first_id)[:period]
        texts.append(np.resize(drawn, 2 * longest))  # begins again where it ends
    return np.array(texts, dtype=np.int32)
