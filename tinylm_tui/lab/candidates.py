"""The candidates for the next token, as a snapshot's model and a strategy make them, and what dice make of those."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.sampling import NextLogits, draw
from tinylm_tui.engine.strategies import Strategy, cut, distribution
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.snapshot import Snapshot

KEPT = 256  # texts whose scores are remembered


@dataclass(frozen=True)
class Moment:
    """Which weights a choice was made with: the training step, and a checksum, since feedback moves them too."""

    step: int
    weights: int

    @classmethod
    def of(cls, step: int, params: Parameters) -> Moment:
        """The moment of these weights."""
        return cls(step, zlib.crc32(params.flat.data))  # 1 ms for a million weights


@dataclass(frozen=True, eq=False)
class Candidates:
    """What may come next, in falling order; arrays (V,), the first `kept` of them inside the cut."""

    ids: Array
    own: Array  # the model's own probabilities, at temperature 1
    probabilities: Array  # at the strategy's temperature, before the cut; at temperature 0 the model's own
    cumulated: Array  # the same, each with all before it
    chances: Array  # what is drawn from: 0 outside the cut
    kept: int
    thrown: float  # the share of `probabilities` outside the cut

    @cached_property
    def bits(self) -> Array:
        """(V,), −log2 of the model's own probability: how surprising each would be."""
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log2(self.own) + 0.0)

    def place(self, token: int) -> int:
        """Where in the order a token stands."""
        return int(np.flatnonzero(self.ids == token)[0])


def candidates(logits: Array, strategy: Strategy) -> Candidates:
    """logits (V,) → all tokens in falling order, and what the strategy does with them.

    Temperature 0 has no bars to cut: then the model's own stand there, of which greedy takes the first.
    """
    own, chosen = distribution(logits), cut(logits, strategy)
    shown = chosen.probabilities if strategy.temperature else own
    order = np.lexsort((-logits, ~chosen.kept))  # what is cut away stands last, also where the shares round to equal
    kept = int(chosen.kept.sum())
    falling = shown[order]
    cumulated = np.cumsum(falling)
    thrown = float(falling[kept:].sum())
    return Candidates(order, own[order], falling, cumulated, chosen.distribution[order], kept, thrown)


def thrown_dice(candidates: Candidates, seed: int, before: int) -> int:
    """The token that the dice choose after `before` others.

    The throws are those of the first text that `writing.write` makes from the same seed: dice alone write that text.
    """
    rng = np.random.default_rng([seed, 0])
    rng.random(before)
    by_id = np.empty_like(candidates.chances)  # (V,)
    by_id[candidates.ids] = candidates.chances
    return draw(by_id, rng)


class Reader:
    """The model of one snapshot after the other, asked what comes next; it remembers what it has read."""

    def __init__(self) -> None:
        self._of: object = None
        self._next_logits: NextLogits
        self._moment: Moment
        self._logits: dict[tuple[int, ...], Array] = {}  # by the text before
        self._found: tuple[Array, Strategy, Candidates] | None = None

    def moment(self, snapshot: Snapshot) -> Moment:
        """Which weights these are."""
        self._turn_to(snapshot)
        return self._moment

    def candidates(self, snapshot: Snapshot, ids: Sequence[int], strategy: Strategy) -> Candidates:
        """What may come after the text `ids`: computed once for each moment, text and strategy."""
        self._turn_to(snapshot)
        logits = self._after(tuple(ids))
        if self._found is None or self._found[0] is not logits or self._found[1] != strategy:
            self._found = (logits, strategy, candidates(logits, strategy))
        return self._found[2]

    def _turn_to(self, s: Snapshot) -> None:
        if self._of != (s.version, s.corpus_version):
            self._of, self._logits = (s.version, s.corpus_version), {}
            self._next_logits = model_of(s.settings).next_logits(s.params, s.settings, s.corpus.tokenizer)
            self._moment = Moment.of(s.step, s.params)

    def _after(self, text: tuple[int, ...]) -> Array:
        """The scores (V,) of what comes next. Those of the last texts are kept: going back is then as quick."""
        if text not in self._logits:
            if len(self._logits) >= KEPT:
                del self._logits[next(iter(self._logits))]
            self._logits[text] = self._next_logits([text])[0]
        return self._logits[text]
