"""The weights of a bigram moved by hand: one nudged, or all by feedback, with a report and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinylm_tui.engine.feedback import Rating, feedback_gradient, kl_divergence, log_probability
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.feedback_state import report_of, report_state
from tinylm_tui.lab.models import article
from tinylm_tui.lab.snapshot import FeedbackReport, MovedPair, RatedWord

MOST_UNDO = 20
MOST_KEPT = 16_000_000  # bytes of weights before earlier rounds that a file keeps: as many rounds as fit
MOST_MOVED = 12
MOST_NUDGE = 1000.0


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

    def nudge(self, params: Parameters, current: int, next_: int, amount: float) -> tuple[float, float]:
        """Add `amount` to one score. Returns P(next | current) before and after."""
        if not abs(amount) <= MOST_NUDGE:
            raise LabError(f"a score moves by {MOST_NUDGE:g} at most, not by {amount:g}")
        row = params["W"][current]
        before = float(softmax(row)[next_])
        row[next_] += amount
        self.forget_undo()
        return before, float(softmax(row)[next_])

    # ---- for a file

    def _kept(self) -> list[tuple[Array, FeedbackReport | None]]:
        """The newest rounds that can be undone, as many as a file keeps."""
        many = MOST_KEPT // self._undo[0][0].nbytes if self._undo else 0
        return self._undo[-many:] if many else []

    def arrays(self) -> dict[str, Array]:
        """The weights before any feedback, (P,), and those before each round, one after the other, (rounds · P,)."""
        kept = self._kept()
        undo = {"undo": np.concatenate([flat for flat, _ in kept])} if kept else {}
        return undo if self.reference is None else {"reference": self.reference, **undo}

    def state(self) -> dict[str, Any]:
        """What is no array, ready for JSON."""
        undo = [report_state(report) for _, report in self._kept()]
        return {"report": report_state(self.report), "undo": undo, "moved": self._moved}

    def restore(self, arrays: Mapping[str, Array], state: Mapping[str, Any], rounds: int) -> None:
        """Go on from what `arrays` and `state` gave; an early file's state is empty."""
        self.rounds, self._moved = rounds, state.get("moved", False)
        if "reference" in arrays:
            self.reference = arrays["reference"].copy()
        self.report = report_of(state.get("report"))
        if reports := state.get("undo"):
            flats = [flat.copy() for flat in np.split(arrays["undo"], len(reports))]
            self._undo = list(zip(flats, map(report_of, reports), strict=True))


def refuse_other_model(model: str, what: str) -> None:
    """Raises LabError unless the model is a bigram: no other has a score of its own for each pair."""
    if model != "bigram":
        raise LabError(f"{what} only a bigram, by its pairs of tokens; the model now is {article(model)}")


def refuse_foreign(corpus: Corpus, ids: Sequence[int]) -> None:
    """What the screen sends may belong to the text before the one just loaded; −1 would be the last row."""
    if not all(0 <= i < corpus.size for i in ids):
        raise LabError("that was about tokens which the text now loaded does not have: choose again")


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
