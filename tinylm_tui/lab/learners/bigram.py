"""The bigram on a text: the exact full batch over counted pairs, or mini-batches; plain gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinylm_tui.engine import bigram
from tinylm_tui.engine.counts import Counts, PairShares, conditional_entropy, pair_counts, row_shares
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.sampling import NextLogits
from tinylm_tui.engine.sgd import sgd_step
from tinylm_tui.engine.softmax import cross_entropy
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import TextError
from tinylm_tui.lab.learners.base import EVALUATE_EVERY, Learner, Look
from tinylm_tui.lab.learners.streams import Streams
from tinylm_tui.lab.settings import Settings

RATES = (20.0, 10.0, 5.0, 2.0, 1.0)


class BigramLearner(Learner):
    """One matrix W (V, V)."""

    exact_loss = True

    def __init__(self, corpus: Corpus, settings: Settings, params: Parameters | None = None) -> None:
        super().__init__(corpus, settings, params or first_weights(corpus.size, settings))
        self.streams = Streams(corpus, settings)
        self.batches = np.random.default_rng([settings.seed, 1])
        self._grads = self.params
        self._count()

    def _count(self) -> None:
        """The pairs of what is learnt from, and of what is kept to check on."""
        assert self.corpus.ids is not None, "a run's own corpus keeps its ids"
        whole = not self.settings.held_out
        self.train, self.held = self.corpus.ids if whole else self.streams.joined(), self.streams.held
        if len(self.train) < 2:
            raise TextError("too little is left to learn from: a smaller held_out or more text would do")
        self.counts = pair_counts(self.train, self.corpus.size)
        self.shares = PairShares.of(self.counts)
        self.held_shares = PairShares.of(pair_counts(self.held, self.corpus.size)) if len(self.held) > 1 else None

    @property
    def floor(self) -> float:
        """The entropy of the next token, given this one."""
        return conditional_entropy(self.counts)

    def look(self, step: int) -> Look:
        """The loss over every pair; its gradient, or that of a sample of pairs."""
        loss, self._grads = bigram.full_batch(self.params, self.shares)
        curves = {"loss": loss}
        if self.held_shares and step % EVALUATE_EVERY == 0:
            curves["held_out"] = bigram.full_batch(self.params, self.held_shares)[0]
        if self.settings.batch:
            curves["batch"], self._grads = self._batch()
        return Look(loss, curves)

    def _batch(self) -> tuple[float, Parameters]:
        """Loss and gradient of a random sample of pairs, drawn with replacement."""
        places = self.batches.integers(0, len(self.train) - 1, self.settings.batch)
        logits, trace = bigram.forward(self.params, self.train[places])
        loss, dlogits = cross_entropy(logits, self.train[places + 1])
        return loss, bigram.backward(self.params, trace, dlogits)

    def move(self, step: int) -> None:
        """One step downhill."""
        sgd_step(self.params, self._grads, self.settings.learn_rate)

    def loss(self) -> float:
        """Over every pair of the text."""
        with np.errstate(all="ignore"):
            return bigram.full_batch(self.params, self.shares)[0]

    def held_out_loss(self, *, whole: bool = False) -> float | None:
        with np.errstate(all="ignore"):
            return bigram.full_batch(self.params, self.held_shares)[0] if self.held_shares else None

    def evaluate(self, stream: Ids) -> float:
        if len(stream) < 2:
            return float("nan")
        return bigram.full_batch(self.params, PairShares.of(pair_counts(stream, self.corpus.size)))[0]

    def next_logits(self) -> NextLogits:
        """The row of the last token."""
        return next_logits_of(self.params)

    def grown(self, corpus: Corpus) -> Parameters:
        """The old scores at their letters' new places, zero for letters that are new."""
        places = self.corpus.tokenizer.places_in(corpus.tokenizer)
        grown = bigram.zero_start(corpus.size)
        grown["W"][np.ix_(places, places)] = self.params["W"]
        return grown

    def go_on_from(self, old: Learner) -> None:
        assert isinstance(old, BigramLearner)
        self.streams.go_on_from(old.streams)
        self._count()

    def arrays(self) -> dict[str, Array]:
        return self.good.arrays() | (self.streams.arrays() if self.settings.held_out else {})

    def state(self) -> dict[str, Any]:
        return {"batches": self.batches.bit_generator.state} | self.good.state()

    def restore(self, arrays: dict[str, Array], state: dict[str, Any]) -> None:
        self.batches.bit_generator.state = state["batches"]
        self.good.restore(arrays, state)
        self.streams.restore(arrays)
        self._count()


def suitable_rate(counts: Counts) -> float:
    """The largest of 20, 10, 5, 2, 1, … at which full-batch gradient descent settles on this text.

    Near its floor the loss curves, along row i, by at most share_i · max_j 2·p_j·(1 − p_j) (Gershgorin's bound on the
    eigenvalues of diag(p) − p·pᵀ). A step of 2/curvature would swing for ever; three quarters of that settle.
    """
    shares = row_shares(counts)
    curvature = float((counts.sum(axis=1) / counts.sum() * (2 * shares * (1 - shares)).max(axis=1)).max())
    return next((rate for rate in RATES if rate * curvature <= 1.5), RATES[-1])


def first_weights(size: int, settings: Settings) -> Parameters:
    """The weights at step 0, the same for the same settings."""
    if settings.start == "zero":
        return bigram.zero_start(size)
    return bigram.random_start(size, np.random.default_rng([settings.seed, 0]))


def next_logits_of(params: Parameters) -> NextLogits:
    """For each of several texts of tokens, the row of its last one: (n, V)."""
    W = params["W"]  # (V, V)

    def next_logits(texts: Sequence[Sequence[int]]) -> Array:
        rows: Array = W[[ids[-1] for ids in texts]]
        return rows

    return next_logits
