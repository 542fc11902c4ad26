"""The loop: carries commands out between steps, trains when it is its turn, and photographs the run.

Knows no transport: `lab.process` puts it behind a pipe, tests and headless commands call it directly.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from tinylm_tui.lab import commands as c
from tinylm_tui.lab.autosave import Autosave
from tinylm_tui.lab.beside import Beside
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.errors import LabError, Stopped
from tinylm_tui.lab.handlers import HANDLERS
from tinylm_tui.lab.pace import Pace, Speedometer
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.shown import Shown
from tinylm_tui.lab.snapshot import HELD_TOKENS, Busy, Kind, Notice, Snapshot

Clock = Callable[[], float]


class Trainer:
    """A run, whether it is training, and how fast."""

    def __init__(self, run: Run, clock: Clock = time.monotonic) -> None:
        self.run: Run = run
        self.clock: Clock = clock
        self.previous: Run | None = None  # the run that the last load or fresh start replaced
        self.running = False
        self.target: int | None = None
        self._announced = False  # whether it is said when the target is reached
        self.version = 1
        self._notice: Notice | None = None
        self.busy: Busy | None = None
        self.breathe: Callable[[], bool] = lambda: True  # called during long work; False: the person stops it
        self.beside: Beside = Beside(clock)  # a ladder that is worked on beside the run
        self.changes = 0  # grows with every command and every step: whether there is anything to save
        self.keeper: Autosave | None = None
        self.keep_pace()
        self._speed = Speedometer()
        self._text = Shown(run.corpus)

    def handle(self, command: c.Command) -> None:
        """Carry one command out. What it cannot do becomes a notice; nothing is lost."""
        self.version += 1
        self.changes += 1
        try:
            HANDLERS[type(command)](self, command)
        except Stopped as stopped:
            self.say(str(stopped))
        except LabError as error:
            self.say(str(error), "error")
        except MemoryError:
            self.say("there is not enough memory for that; a smaller text would do", "error")
        self.busy = None
        if ended := self.beside.mind(self.run.corpus):
            said = self._notice.text.rstrip(".") + ". " if self._notice else ""
            self.say(said + ended)

    @property
    def working(self) -> bool:
        """Whether there is anything to do: a run that trains, a ladder under way, or something to save."""
        return self.running or self.beside.running or self._save_in == 0

    @property
    def _save_in(self) -> float | None:
        return self.keeper.due_in(self.changes, running=self.running) if self.keeper else None

    def keep(self) -> None:
        """Save the run where that was asked for, if anything has changed."""
        if self.keeper is None:
            return
        before = self.keeper.trouble
        try:
            self.run.check()  # a step that exploded is taken back before it is kept
        except LabError as error:
            self.pause()
            self.say(str(error), "error")
        self.keeper.save(self.run, self.changes, self.previous)
        self.version += self.keeper.trouble != before

    @property
    def _due(self) -> bool:
        return self.running and self._pace.due(self.clock())

    def work(self, seconds: float) -> None:
        """Train for about `seconds`, as far as steps are due, or go on with the ladder where it is its turn."""
        if self._save_in == 0:
            self.keep()
        if self.beside.turn(due=self._due):
            self.version += self.beside.work(seconds, due=self._due)
            if not self.beside.running:
                self.say(f"the ladder on {self.run.corpus.name} is done; L shows it", shown_on="ladder")
            return
        began = self.clock()
        self._train(began + seconds)
        self.beside.run_worked(self.clock() - began)

    def _train(self, end: float) -> None:
        try:
            while self.running and self._pace.due(now := self.clock()) and now < end:
                self.run.train_step()
                self._pace.made(now)
                self._after_step()
            self.run.check()
        except LabError as error:
            self.pause()
            self.say(str(error), "error")
        except MemoryError:
            self.pause()
            self.say("a step needed more memory than there is; training paused, the weights are kept", "error")
        self._speed.mark(self.clock(), self.run.step)

    def _after_step(self) -> None:
        self.version += 1
        self.changes += 1
        if self.target is not None and self.run.step >= self.target:
            self.pause()
            if self._announced:
                self.say(f"step {self.run.step:,} reached")

    def wait(self) -> float | None:
        """Seconds until `work` has something to do; None while there is nothing."""
        if self.beside.running:
            return 0.0
        waits = [self._pace.wait(self.clock()) if self.running else None, self._save_in]
        return min((seconds for seconds in waits if seconds is not None), default=None)

    def pause(self) -> None:
        """Stop training; the weights stay as they are."""
        self.running, self.target = False, None
        self.version += 1
        self._speed.stop()

    def start(self, until: int | None, *, announced: bool = False) -> None:
        """Begin to train, up to step `until` if one is given; where `announced`, reaching it is said."""
        if until is not None and until <= self.run.step:
            raise LabError(f"the model is at step {self.run.step:,} already; r starts over")
        self.running, self.target, self._announced = True, until, announced
        self.keep_pace()
        self._speed.begin(self.clock(), self.run.step)

    def keep_pace(self) -> None:
        """The pace of the settings, from now on."""
        self._pace = Pace(self.run.settings.pace, self.clock())

    def replace_run(self, run: Run) -> None:
        """Go on with another run, paused. The one before is kept, and can be brought back."""
        self.pause()
        self.previous, self.run, self._speed = self.run, run, Speedometer()

    def say(self, text: str, kind: Kind = "information", shown_on: str = "") -> None:
        """One sentence for the person, with the next snapshot; the screen `shown_on` shows it already."""
        self._notice = Notice((self._notice.number if self._notice else 0) + 1, kind, text, shown_on)
        self.version += 1

    def snapshot(self) -> Snapshot:
        """The moment as it is now, frozen."""
        run = self.run
        self._text.update(run.corpus)
        return Snapshot(
            version=self.version, corpus_version=self._text.number, corpus=self._text.corpus,
            settings=run.settings, params=run.params.frozen(), step=run.step, loss=run.loss(),
            exact_loss=run.learner.exact_loss, floor=run.floor, held_out=run.learner.held_out_loss(),
            start_loss=run.start_loss, curves={name: history.curve() for name, history in run.history.items()},
            running=self.running, target=self.target, speed=self._speed.speed,
            feedback=run.tuning.report, can_undo=run.tuning.can_undo, notice=self._notice,
            busy=self.busy, unsaved=self.keeper.trouble if self.keeper else None,
            epoch=run.learner.epoch, batches=run.learner.batches_shown, turned=run.turned, marks=run.marks,
            ladder=self.beside.report, held_ids=run.learner.held[:HELD_TOKENS],
        )  # fmt: skip


def new_trainer(name: str, text: str, settings: Settings) -> Trainer:
    """A trainer on a fresh run. Raises TextError."""
    return Trainer(Run(make_corpus(name, text, settings.reading, cut_of(settings)), settings))
