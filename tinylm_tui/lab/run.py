"""A run: a text, weights, and what changes them. Knows no clock, no process and no screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinylm_tui.engine import bigram
from tinylm_tui.engine.counts import PairShares
from tinylm_tui.engine.feedback import Rating
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.sgd import sgd_step
from tinylm_tui.engine.softmax import cross_entropy, softmax
from tinylm_tui.lab.corpus import Corpus, make_corpus
from tinylm_tui.lab.errors import Diverged, LabError, TextError
from tinylm_tui.lab.history import History
from tinylm_tui.lab.settings import Settings, setting
from tinylm_tui.lab.tuning import Tuning

EXPLODED = 2.0  # a loss this many times the worse of "knowing nothing" and "the start" is no longer learning
MOST_NUDGE = 1000.0


class Run:
    """One model being trained on one text. `step` is how many updates its weights have had."""

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        self.corpus, self.settings = corpus, settings
        self.restart()

    def restart(self) -> None:
        """Back to step 0: the same seed gives the same first weights and the same batches again."""
        self._prepare(first_weights(self.corpus.size, self.settings))
        self.step = 0
        self.batches = np.random.default_rng([self.settings.seed, 1])
        self.history = {"loss": History(), "batch": History()}
        self.start_loss = self.loss()

    def _prepare(self, params: Parameters) -> None:
        """Make `params` the weights, and what depends on their shape fit them."""
        self.params = params
        self.shares = PairShares.of(self.corpus.counts)
        self._good = params.flat.copy()
        self._good_loss = float("nan")
        self.tuning = Tuning()

    def loss(self) -> float:
        """Over every pair of the text, in nats a token."""
        with np.errstate(all="ignore"):
            return bigram.full_batch(self.params, self.shares)[0]

    def train_step(self) -> None:
        """One update. Raises Diverged, with the last good weights back in place, when the last one exploded."""
        with np.errstate(all="ignore"):
            loss, grads = bigram.full_batch(self.params, self.shares)
            self._refuse_explosion(loss)
            self.history["loss"].add(self.step, loss)
            if self.settings.batch:
                grads = self._batch_gradient()
            np.copyto(self._good, self.params.flat)
            self._good_loss = loss
            sgd_step(self.params, grads, self.settings.learn_rate)
        self.step += 1
        self.tuning.forget_undo()

    def _batch_gradient(self) -> Parameters:
        """The gradient over a random sample of pairs, drawn with replacement."""
        ids = self.corpus.ids
        assert ids is not None, "a run's own corpus keeps its ids"
        places = self.batches.integers(0, len(ids) - 1, self.settings.batch)
        logits, trace = bigram.forward(self.params, ids[places])
        loss, dlogits = cross_entropy(logits, ids[places + 1])
        self.history["batch"].add(self.step, loss)
        return bigram.backward(self.params, trace, dlogits)

    def check(self) -> None:
        """Raises Diverged, with the last good weights back in place, when the last update exploded."""
        self._refuse_explosion(self.loss())

    def _refuse_explosion(self, loss: float) -> None:
        if loss <= EXPLODED * max(self.start_loss, self.corpus.uniform):
            return
        if np.isnan(self._good_loss):  # no update was made yet: these weights came like this
            return
        np.copyto(self.params.flat, self._good)
        self._good_loss = float("nan")
        self.step -= 1
        height = f"{loss:.2f} nats" if loss < 1e6 else "beyond all measure"
        rate = self.settings.learn_rate
        raise Diverged(
            f"step {self.step + 1} made the loss jump to {height}, so it was taken back and training paused. "
            f"The learn rate is {rate:.10g}: try {rate / 10:.10g}."
        )

    def change(self, name: str, value: str) -> bool:
        """Change one setting. True when that meant starting over. Raises SettingError or TextError."""
        new, old_reading = self.settings.changed(name, value), self.corpus.reading
        if name == "reading":
            self.corpus = make_corpus(self.corpus.name, self.corpus.text, new.reading)
        # A starter text brings its own reading, so the text can be cut anew although the setting stays "auto".
        restarts = setting(name).restarts and (new != self.settings or self.corpus.reading != old_reading)
        self.settings = new
        if restarts:
            self.restart()
        return restarts

    def teach(self, words: str) -> str:
        """Append `words` to the text and keep the weights. Returns the letters that are new, which start at 0.

        Raises TextError when there is nothing to add.
        """
        if not words.strip():
            raise TextError("there is nothing to teach: write a word first")
        joint = " " if self.corpus.reading == "text" else "\n"
        text = self.corpus.text.rstrip("\n") + joint + words.strip() + "\n"
        old = self.corpus
        self.corpus = make_corpus(old.name, text, old.reading)
        self._prepare(transplanted(self.params, old, self.corpus))
        return old.tokenizer.unknown(self.corpus.tokenizer.letters)

    def nudge(self, current: int, next_: int, amount: float) -> tuple[float, float]:
        """Add `amount` to one score. Returns P(next | current) before and after.

        Raises LabError for an id outside the vocabulary or an amount no score should move by.
        """
        self._refuse_foreign((current, next_))
        if not abs(amount) <= MOST_NUDGE:
            raise LabError(f"a score moves by {MOST_NUDGE:g} at most, not by {amount:g}")
        row = self.params["W"][current]
        before = float(softmax(row)[next_])
        row[next_] += amount
        self.tuning.forget_undo()
        self._good_loss = float("nan")
        return before, float(softmax(row)[next_])

    def apply_feedback(self, ratings: Sequence[Rating]) -> None:
        """One gradient step on the rated words.

        Raises LabError when nothing was rated, or a word has letters of another text.
        """
        self._refuse_foreign([i for rating in ratings for i in rating.ids])
        self.tuning.apply(self.params, ratings, self.corpus, self.settings.feedback_rate)
        self._good_loss = float("nan")

    def _refuse_foreign(self, ids: Sequence[int]) -> None:
        """What the screen sends may belong to the text before the one just loaded; −1 would be the last row."""
        if not all(0 <= i < self.corpus.size for i in ids):
            raise LabError("that was about letters which the text now loaded does not have: choose again")

    def undo_feedback(self) -> None:
        """Take the last round of feedback back, exactly. Raises LabError where that is not possible."""
        self.tuning.undo(self.params)

    def renamed(self, name: str) -> None:
        """Give the text another name."""
        self.corpus = replace(self.corpus, name=name)


def first_weights(size: int, settings: Settings) -> Parameters:
    """The weights at step 0, the same for the same settings."""
    if settings.start == "zero":
        return bigram.zero_start(size)
    return bigram.random_start(size, np.random.default_rng([settings.seed, 0]))


def transplanted(params: Parameters, old: Corpus, new: Corpus) -> Parameters:
    """The old scores at their letters' new places, zero for letters that are new."""
    places: Array = new.tokenizer.encode(old.tokenizer.letters)
    places = np.concatenate(([0], places))
    grown = bigram.zero_start(new.size)
    grown["W"][np.ix_(places, places)] = params["W"]
    return grown
