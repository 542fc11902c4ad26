"""Model: how it is built, what flows through it, how far it is from GPT-2, and whether its gradient is right."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.strip import Strip
from textual.timer import Timer
from textual.worker import Worker, WorkerState, get_current_worker

from tinylm_tui.lab import kept
from tinylm_tui.lab.anatomy import beginning, stream_norms
from tinylm_tui.lab.checking import Check, check
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.models import WINDOWS
from tinylm_tui.lab.snapshot import Snapshot, same_model
from tinylm_tui.lab.views import gpt_trace
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.drawing.badge import Badge, Progress, badge_lines
from tinylm_tui.ui.drawing.diagram import FULL, bigram_diagram, gpt_diagram, norm_note, window_diagram
from tinylm_tui.ui.drawing.formulas import formula
from tinylm_tui.ui.drawing.larger import TABLE, larger_lines
from tinylm_tui.ui.ink import beside, line
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.widgets.canvas import Canvas

READ = 64  # tokens of the text on which the stream is measured, at most
REPORT = 0.1  # seconds between two looks at how far the check is
GAP = 2
ONE_MATRIX = "No stream, no blocks, no attention: M chooses a gpt, which has them."
WIDE = FULL + GAP + TABLE  # columns from which the table stands beside the diagram


class ModelPane(Pane):
    """The block diagram, the table to GPT-2, and the gradient check."""

    BINDINGS = bindings_for("model")
    main = "#diagram"
    keeps: ClassVar = {"table": kept.maybe(kept.flag)}

    def compose(self) -> ComposeResult:
        self.table: bool | None = None  # whether the table to GPT-2 is in view; None: where it fits beside
        self.badge: Badge = None
        self._checked: Snapshot | None = None  # what the badge is about
        self._checking: Worker[Check | str | None] | None = None
        self._reports: Timer | None = None
        self._measured: tuple[Snapshot, list[float], int] | None = None
        yield Canvas(self._draw, id="diagram", focusable=True)

    # ---- what is drawn

    def _draw(self, width: int, height: int) -> list[Strip]:
        foot = [*self._note(width), *badge_lines(self.badge, width, self.look)]
        room = height - len(foot)
        body = self._body(width, room)[:room]
        return [*body, *[Strip.blank(0)] * (room - len(body)), *foot]

    def _body(self, width: int, height: int) -> list[Strip]:
        if not self._has_table(width):
            return self._diagram(width, height)
        if width < WIDE:
            return larger_lines(self.snapshot, width, height, self.look)
        left = width - TABLE - GAP
        table = larger_lines(self.snapshot, TABLE, height, self.look)
        return beside(self._diagram(left, height), table, left, GAP)

    def _has_table(self, width: int) -> bool:
        return width >= WIDE if self.table is None else self.table

    def _diagram(self, width: int, height: int) -> list[Strip]:
        s = self.snapshot
        if s.settings.model == "bigram":
            return bigram_diagram(s.corpus.size, width, height, self.look)
        if s.settings.model in WINDOWS:
            return window_diagram(s.settings, s.corpus.size, width, height, self.look)
        return gpt_diagram(config_of(s.settings, s.corpus.size), self.norms()[0], width, height, self.look)

    def _note(self, width: int) -> list[Strip]:
        """What the figures of the diagram are; the place is kept where they are not in view."""
        if self._has_table(width) and width < WIDE:
            return [Strip.blank(0)]
        s = self.snapshot
        if s.settings.model == "bigram":
            return [line((ONE_MATRIX, self.look.style("dim")))]
        if s.settings.model in WINDOWS:
            letters, numbers = formula(s.settings, s.corpus.size)
            short = f"{numbers} = {s.params.count:,} weights"
            whole = f"{letters} = {short}"
            return [line((whole if len(whole) <= width else short, self.look.style("text")))]
        return [norm_note(self.norms()[1], width, self.look)]

    def norms(self) -> tuple[list[float], int]:
        """The stream's mean norms (layers + 1,) at this moment, and over how many tokens of the text."""
        s = self.snapshot
        if self._measured is None or self._measured[0] is not s:
            ids = beginning(s.corpus, min(READ, s.settings.context))
            trace = gpt_trace(s.params, s.corpus.size, s.settings, ids)
            self._measured = (s, stream_norms(trace), len(ids))
        return self._measured[1], self._measured[2]

    def show(self) -> None:
        """A check is of one model: another one, or the same one started over, is without."""
        if self._checked and not same_model(self._checked, self.snapshot):
            self.stop_check()
            self.badge = self._checked = None
        self.redraw()

    # ---- keys

    def action_table(self) -> None:
        self.table = not self._has_table(self.query_one(Canvas).size.width)
        self.redraw()

    def action_check(self) -> None:
        if self.stop_check():
            return
        self._checked, self.badge = self.snapshot, Progress()
        self._checking = self._check(self.snapshot, self.badge)
        self._reports = self.set_interval(REPORT, self.redraw)
        self.redraw()

    def leave(self) -> None:
        """Esc stops a check that is under way."""
        self.stop_check()
        super().leave()

    # ---- the gradient check, beside the screen

    @work(thread=True, exclusive=True)
    def _check(self, snapshot: Snapshot, progress: Progress) -> Check | str | None:
        """In a thread of its own; what it finds, or why it cannot."""
        worker = get_current_worker()

        def told(done: int, of: int) -> bool:
            progress.done, progress.of = done, of
            return not worker.is_cancelled

        try:
            return check(snapshot, told)
        except LabError as error:
            return str(error)
        except MemoryError:
            return "there is not enough memory to check the gradient of a model this large"

    @on(Worker.StateChanged)
    def checked(self, event: Worker.StateChanged) -> None:
        if event.worker is self._checking and event.state == WorkerState.SUCCESS:
            self._end_check(event.worker.result)

    def stop_check(self) -> bool:
        """Stop the check under way; whether there was one."""
        if not isinstance(self.badge, Progress) or self._checking is None:
            return False
        self._checking.cancel()
        self._end_check(None)
        return True

    def _end_check(self, badge: Badge) -> None:
        self.badge, self._checking = badge, None
        if self._reports:
            self._reports.stop()
        self.redraw()
