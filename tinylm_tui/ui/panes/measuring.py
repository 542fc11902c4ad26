"""Measuring a model in a thread beside the screen: the newest question is answered, and a long table can be stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual import on, work
from textual.timer import Timer
from textual.worker import Worker, WorkerState, get_current_worker

from tinylm_tui.lab import kept
from tinylm_tui.lab.ablation import Asked, Effect, Off, Table, effect_of, table_of
from tinylm_tui.lab.errors import LabError, Stopped
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.snapshot import Snapshot, same_model
from tinylm_tui.ui.drawing.ablation_page import Progress
from tinylm_tui.ui.panes.base import Pane

REST = 0.5  # seconds between two measurements of a model that goes on training
REPORT = 0.1  # seconds between two looks at how far the table is
NO_MEMORY = "there is not enough memory to measure a model this large"

Question = tuple[Snapshot, Off, Asked]


class MeasuringPane(Pane):
    """One measurement at a time; when it is done and the question has changed meanwhile, the next one begins."""

    off: Off  # the parts that are switched off
    effect: Effect | None = None  # the last one found
    table: Table | None = None
    progress: Progress | None = None  # of the table under way
    problem = ""  # why the last measurement failed
    _answered: Question | None = None
    _measuring: Worker[Effect | str | None] | None = None
    _tabling: Worker[Table | str | None] | None = None
    _reports: Timer | None = None
    _rest: Timer | None = None  # after a measurement, while it lasts

    def question(self) -> Question | None:
        """What is to be known now; None where there is nothing to measure."""
        raise NotImplementedError

    # ---- for the next lab

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "off": kept.plain([self.off.heads, self.off.mlps])}

    def restore(self, told: Mapping[str, object]) -> None:
        super().restore(told)
        off = kept.taken(switched_off(self.snapshot.settings), told.get("off"))
        self.off = self.off if off is None else off

    # ---- at once

    def ask(self) -> None:
        """Measure what is to be known now, unless a measurement is under way, the answer is there, or nobody looks.

        Where nothing but the step is new, it waits: for a rest, so that training keeps its share of the processor,
        and for a table under way.
        """
        question = self.question()
        if question is None or self._measuring or self.lab.tab != self.id or _same(question, self._answered):
            return
        newer = self._answered is not None and question[1:] == self._answered[1:]
        if newer and question[0].running and (self._rest or self._tabling):
            return
        self._answered = question
        self._measuring = self._measure(*question, self.effect)

    @work(thread=True, exclusive=True, group="effect")
    def _measure(self, snapshot: Snapshot, off: Off, asked: Asked, before: Effect | None) -> Effect | str | None:
        """In a thread of its own: what the parts are missed for, or why that cannot be said."""
        worker = get_current_worker()
        try:
            return effect_of(snapshot, off, asked, before, lambda: not worker.is_cancelled)
        except Stopped:
            return None
        except LabError as error:
            return str(error)
        except MemoryError:
            return NO_MEMORY

    def _begin_rest(self) -> None:
        if self._rest:
            self._rest.stop()
        self._rest = self.set_timer(REST, self._end_rest)

    def _end_rest(self) -> None:
        self._rest = None
        self.ask()

    # ---- the table

    def begin_table(self) -> None:
        """Measure what each part costs; nothing else of that kind may be under way."""
        self.progress = Progress()
        self._tabling = self._tabulate(self.snapshot, self.progress)
        self._reports = self.set_interval(REPORT, self.redraw)

    def stop_table(self) -> bool:
        """Stop the table under way; whether there was one. The last one stays."""
        if self._tabling is None:
            return False
        self._tabling.cancel()
        self._end_table()
        return True

    def _end_table(self) -> None:
        self._tabling = self.progress = None
        if self._reports:
            self._reports.stop()

    @work(thread=True, exclusive=True, group="table")
    def _tabulate(self, snapshot: Snapshot, progress: Progress) -> Table | str | None:
        worker = get_current_worker()

        def told(done: int, of: int) -> bool:
            progress.done, progress.of = done, of
            return not worker.is_cancelled

        try:
            return table_of(snapshot, told)
        except MemoryError:
            return NO_MEMORY

    # ---- what they found

    @on(Worker.StateChanged)
    def measured(self, event: Worker.StateChanged) -> None:
        if event.state in (WorkerState.PENDING, WorkerState.RUNNING):
            return
        result = event.worker.result if event.state == WorkerState.SUCCESS else None
        if event.worker is self._measuring:
            self._measuring = None
            self._take(result)
            self._begin_rest()
            self.ask()
        elif event.worker is self._tabling:
            self._end_table()
            self.table, self.problem = (result, "") if isinstance(result, Table) else (self.table, str(result or ""))
            self.ask()
        self.redraw()

    def _take(self, result: Effect | str | None) -> None:
        """An answer about a text or a model that was replaced meanwhile is none."""
        if isinstance(result, str):
            self.problem = result
        elif result is not None and same_model(result.snapshot, self.snapshot):
            self.effect, self.problem = result, ""

    def forget(self) -> None:
        """Everything was about another model."""
        self.stop_table()
        self.effect = self.table = self._answered = None
        self.problem = ""


def _same(one: Question, other: Question | None) -> bool:
    return other is not None and one[0] is other[0] and one[1:] == other[1:]


def switched_off(settings: Settings) -> kept.Kind:
    """Parts that are off, of a model with these settings."""
    layer, head = kept.whole(0, settings.layers - 1), kept.whole(0, settings.heads - 1)
    parts = kept.row(
        kept.several(kept.row(layer, head), settings.layers * settings.heads), kept.several(layer, settings.layers)
    )

    def take(value: object) -> Off:
        heads, mlps = parts(value)
        return Off(frozenset(heads), frozenset(mlps))

    return take
