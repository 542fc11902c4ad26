"""A ladder beside a run: both get their turns, and neither knows of the other."""

from __future__ import annotations

from collections.abc import Callable

from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.ladder import Ladder, LadderReport

FRAME = 0.1  # seconds between two moments of a ladder that are worth a look
MOST_OWED = 0.25  # seconds of work that one of the two is ahead of the other at most, as it counts
OTHER_TEXT = "another text was loaded before its end"
OTHER_TOKENS = "the text was cut into other tokens before its end"


class Beside:
    """The ladder that was begun last, and whose turn it is."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.ladder: Ladder | None = None
        self._owed = 0.0  # seconds that the run has worked longer than the ladder, while both had something to do
        self._frame_at, self._done = float("-inf"), 0
        self._report: LadderReport | None = None

    @property
    def running(self) -> bool:
        """Whether there is a ladder with work left."""
        return self.ladder is not None and self.ladder.running

    def begin(self, ladder: Ladder) -> None:
        """Work on this one, instead of any before it."""
        self.ladder, self._report, self._owed, self._done = ladder, None, 0.0, 0

    def stop(self) -> None:
        """End the ladder under way. Raises LabError where there is none."""
        if self.ladder is None or not self.ladder.running:
            raise LabError("no ladder is under way")
        self.ladder.stop()
        self._report = None

    def mind(self, corpus: Corpus) -> str:
        """End it when the text of the run is no longer its own; what it has found stays to be seen.

        Returns a sentence where that was so, else nothing.
        """
        if self.ladder is None or not self.ladder.running or self.ladder.corpus is corpus:
            return ""
        own = self.ladder.corpus
        why = OTHER_TOKENS if own.text == corpus.text else OTHER_TEXT
        self.ladder.stop(why)
        self._report = None
        return f"The ladder on {own.name} was stopped: {why}."

    def turn(self, *, due: bool) -> bool:
        """Whether it is the ladder's turn to work; the run has something to do where a step is `due`."""
        return self.running and (not due or self._owed >= 0)

    def work(self, seconds: float, *, due: bool) -> bool:
        """Go on with the ladder for about so long. True when there is something new to be seen."""
        assert self.ladder is not None
        began = self._clock()
        self.ladder.work(seconds)
        now = self._clock()
        if due:
            self._owed = max(self._owed - (now - began), -MOST_OWED)
        if self.ladder.done == self._done and now - self._frame_at < FRAME:
            return False
        self._frame_at, self._done, self._report = now, self.ladder.done, None
        return True

    def run_worked(self, seconds: float) -> None:
        """The run has worked so long."""
        if self.running:
            self._owed = min(self._owed + seconds, MOST_OWED)

    @property
    def report(self) -> LadderReport | None:
        """The ladder as it was when it was last worth a look."""
        if self._report is None and self.ladder is not None:
            self._report = self.ladder.report()
        return self._report
