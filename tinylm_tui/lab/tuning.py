"""Feedback on a run: apply ratings, report what moved, and take the last round back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinylm_tui.engine.feedback import Rating, feedback_gradient, kl_divergence, log_probability
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.snapshot import FeedbackReport, MovedPair, RatedWord

MOST_UNDO = 20
MOST_MOVED = 12


class Tuning:
    """The rounds of feedback since training or a nudge last moved the weights.

    `reference` is the flat vector of weights from before the first of them; the KL distance is measured to it.
    """

    def __init__(self) -> None:
        self.reference: Array | None = None
        self.report: FeedbackReport | None = None
        self._undo: list[tuple[Array, FeedbackReport | None]] = []
        self.rounds = 0
        self._moved = False  # whether something else moved the weights after the last round

    @property
    def can_undo(self) -> bool:
        """Whether the last round can be taken back exactly."""
        return bool(self._undo)

    def forget_undo(self) -> None:
        """The weights moved in another way: an old copy would undo that too, and a distance from it count it in."""
        self._moved = bool(self._undo)
        self._undo.clear()
        self.reference = None

    def apply(self, params: Parameters, ratings: Sequence[Rating], corpus: Corpus, rate: float) -> None:
        """Move `params` by rate · the gradient of the mean of sign · log p(word), and report."""
        if not ratings:
            raise LabError("nothing is rated yet: give a word a thumbs up or down first")
        before = params.copy()
        if self.reference is None:
            self.reference, self.report, self.rounds = before.flat, None, 0
        self._moved = False
        self._undo = [*self._undo, (before.flat, self.report)][-MOST_UNDO:]
        params.flat += rate * feedback_gradient(params, ratings).flat
        self.rounds += 1
        reference = Parameters(self.reference, params.shapes)
        self.report = report(before["W"], params["W"], reference["W"], ratings, corpus, self.rounds)

    def undo(self, params: Parameters) -> None:
        """Put back the weights from before the last round."""
        if not self._undo:
            why = ": training or a nudge has moved the weights since" if self._moved else ""
            raise LabError(f"there is no feedback to undo{why}")
        flat, self.report = self._undo.pop()
        self.rounds -= 1
        np.copyto(params.flat, flat)


def report(
    before: Array, after: Array, reference: Array, ratings: Sequence[Rating], corpus: Corpus, rounds: int
) -> FeedbackReport:
    """What a round did, from the scores (V, V) before it, after it, and before any feedback."""
    rated = tuple(
        RatedWord(corpus.tokenizer.decode(r.ids), r.sign, log_probability(before, r.ids), log_probability(after, r.ids))
        for r in ratings
    )
    row_weights = corpus.counts.sum(axis=1) / corpus.pairs
    return FeedbackReport(rounds, rated, moved(before, after), kl_divergence(after, reference, row_weights))


def moved(before: Array, after: Array) -> tuple[MovedPair, ...]:
    """The pairs whose probability changed most, the largest change first."""
    p, q = softmax(before.astype(np.float64)), softmax(after.astype(np.float64))
    change = np.abs(q - p).reshape(-1)
    largest = np.argsort(-change, kind="stable")[:MOST_MOVED]
    places = [divmod(int(i), len(p)) for i in largest if change[i] > 0]
    return tuple(MovedPair(a, b, float(p[a, b]), float(q[a, b])) for a, b in places)
