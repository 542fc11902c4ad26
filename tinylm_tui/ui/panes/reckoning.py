"""A screen whose figures may take longer than a frame: they are then worked out in a thread, one question at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual import on, work
from textual.timer import Timer
from textual.worker import Worker, WorkerState, get_current_worker

from tinylm_tui.engine.progress import Told, always
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.panes.base import Pane

SLOW = 100_000_000  # multiplications that a frame has no time for: about 30 ms
REPORT = 0.1  # seconds between two looks at how far it is
NO_MEMORY = "there is not enough memory for that; a shorter text would do"


@dataclass(frozen=True)
class Question:
    """What is asked of the model of one moment: `chosen` is what the person chose, and compares with ==."""

    snapshot: Snapshot
    chosen: tuple[Any, ...]

    def same(self, other: Question | None) -> bool:
        """Whether the other one would get the same answer."""
        return other is not None and self.about(other) and self.snapshot.version == other.snapshot.version

    def about(self, other: Question) -> bool:
        """Whether it is the same question, perhaps to another moment of the same model."""
        here, there = self.snapshot, other.snapshot
        kind = (here.corpus_version, here.settings.model) == (there.corpus_version, there.settings.model)
        return kind and self.chosen == other.chosen


class ReckoningPane(Pane):
    """Asks with `ask`, whenever something may have changed; the last answer stays until there is another one."""

    answered: Question | None = None  # the question that the answer in view belongs to
    answer: Any = None  # a sentence where there is none
    done = 0.0  # the share of the question under way that is done
    _asked: tuple[Question, Worker[Any]] | None = None
    _reports: Timer | None = None

    def question(self) -> Question:
        """What is to be in view."""
        raise NotImplementedError

    def cost(self, question: Question) -> int:
        """About how many multiplications the answer takes."""
        raise NotImplementedError

    def reckon(self, question: Question, told: Told) -> Any:
        """The answer, perhaps in a thread of its own. May raise LabError."""
        raise NotImplementedError

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._asked is not None

    def ask(self) -> None:
        """Have the answer to what is to be in view: at once where that is quick, otherwise as soon as may be."""
        question = self.question()
        if question.same(self.answered) or (self._asked and question.about(self._asked[0])):
            return
        self.stop()
        if self.cost(question) <= SLOW:
            self._take(question, self._answer(question, always))
        else:
            self._asked = (question, self._reckon(question))
            self._reports = self.set_interval(REPORT, self.redraw)

    def stop(self) -> None:
        """Wait no longer for the answer under way."""
        if self._asked:
            self._asked[1].cancel()
        if self._reports:
            self._reports.stop()
        self._asked, self.done = None, 0.0

    def _answer(self, question: Question, told: Told) -> Any:
        try:
            return self.reckon(question, told)
        except LabError as error:
            return str(error)
        except MemoryError:
            return NO_MEMORY

    @work(thread=True, exclusive=True)
    def _reckon(self, question: Question) -> Any:
        worker = get_current_worker()

        def told(done: int, of: int) -> bool:
            self.done = done / max(1, of)
            return not worker.is_cancelled

        return self._answer(question, told)

    @on(Worker.StateChanged)
    def reckoned(self, event: Worker.StateChanged) -> None:
        if self._asked and event.worker is self._asked[1] and event.state == WorkerState.SUCCESS:
            question, answer = self._asked[0], event.worker.result
            self.stop()
            self._take(question, answer)
            self.ask()  # the model may have learnt meanwhile
            self.redraw()

    def _take(self, question: Question, answer: Any) -> None:
        self.answered, self.answer = question, answer
        self.taken()

    def taken(self) -> None:
        """A new answer is there."""
        return
