"""The loop: carries commands out between steps, trains when it is its turn, and photographs the run.

Knows no transport: `lab.process` puts it behind a pipe, tests and headless commands call it directly.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

from tinylm_tui.lab import commands as c
from tinylm_tui.lab import store
from tinylm_tui.lab.corpus import Corpus, make_corpus
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.pace import Pace, Speedometer
from tinylm_tui.lab.run import Run, suited, untouched
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.snapshot import Notice, Snapshot

Clock = Callable[[], float]
BACK = "ctrl+z brings the one before back."


class Trainer:
    """A run, whether it is training, and how fast."""

    def __init__(self, run: Run, clock: Clock = time.monotonic) -> None:
        self.run, self._clock = run, clock
        self.previous: Run | None = None  # the run that the last load or fresh start replaced
        self.running = False
        self.target: int | None = None
        self.version = 1
        self.corpus_version = 0
        self._notice: Notice | None = None
        self._pace = Pace(run.settings.pace, clock())
        self._speed = Speedometer()
        self._shown: tuple[Corpus, Corpus] | None = None  # the run's corpus, and its copy for the screen
        self._corpus_version()  # the first text is number 1, whether or not anybody looks before it is replaced

    def handle(self, command: c.Command) -> None:
        """Carry one command out. What it cannot do becomes a notice; nothing is lost."""
        self.version += 1
        try:
            HANDLERS[type(command)](self, command)
        except LabError as error:
            self._say("error", str(error))
        except MemoryError:
            self._say("error", "there is not enough memory for that; a smaller text would do")

    def work(self, seconds: float) -> None:
        """Train for about `seconds`, as far as steps are due."""
        end = self._clock() + seconds
        try:
            while self.running and self._pace.due(now := self._clock()) and now < end:
                self.run.train_step()
                self._pace.made(now)
                self._after_step()
            self.run.check()
        except LabError as error:
            self.pause()
            self._say("error", str(error))
        except MemoryError:
            self.pause()
            self._say("error", "a step needed more memory than there is; training paused, the weights are kept")
        self._speed.mark(self._clock(), self.run.step)

    def _after_step(self) -> None:
        self.version += 1
        if self.target is not None and self.run.step >= self.target:
            self.pause()

    def wait(self) -> float | None:
        """Seconds until `work` has something to do; None while paused."""
        return self._pace.wait(self._clock()) if self.running else None

    def pause(self) -> None:
        """Stop training; the weights stay as they are."""
        self.running, self.target = False, None
        self.version += 1
        self._speed.stop()

    def start(self, until: int | None) -> None:
        """Begin to train, up to step `until` if one is given."""
        if until is not None and until <= self.run.step:
            raise LabError(f"the model is at step {self.run.step:,} already; r starts over")
        self.running, self.target = True, until
        self._pace = Pace(self.run.settings.pace, self._clock())
        self._speed.stop()
        self._speed.mark(self._clock(), self.run.step)

    def replace_run(self, run: Run) -> None:
        """Go on with another run, paused. The one before is kept, and can be brought back."""
        self.pause()
        self.previous, self.run, self._speed = self.run, run, Speedometer()

    def _say(self, kind: Any, text: str) -> None:
        self._notice = Notice((self._notice.number if self._notice else 0) + 1, kind, text)
        self.version += 1

    def say(self, text: str) -> None:
        """One sentence for the person, with the next snapshot."""
        self._say("information", text)

    def snapshot(self) -> Snapshot:
        """The moment as it is now, frozen."""
        run = self.run
        return Snapshot(
            version=self.version, corpus_version=self._corpus_version(), corpus=self._corpus_for_screen(),
            settings=run.settings, params=run.params.frozen(), step=run.step, loss=run.loss(),
            exact_loss=run.learner.exact_loss, floor=run.floor,
            held_out=run.learner.held_out_loss(), start_loss=run.start_loss,
            curves={name: history.curve() for name, history in run.history.items()},
            running=self.running, target=self.target, speed=self._speed.speed,
            feedback=run.tuning.report, can_undo=run.tuning.can_undo, notice=self._notice,
        )  # fmt: skip

    def _corpus_version(self) -> int:
        if self._shown is None or self._shown[0] is not self.run.corpus:
            self._shown = (self.run.corpus, self.run.corpus.without_ids())
            self.corpus_version += 1
        return self.corpus_version

    def _corpus_for_screen(self) -> Corpus:
        self._corpus_version()
        assert self._shown is not None
        return self._shown[1]


def _load(trainer: Trainer, command: c.Load) -> None:
    settings = trainer.run.settings
    corpus = make_corpus(command.name, command.text, command.reading)
    trainer.replace_run(Run(corpus, suited(settings, corpus) if untouched(trainer.run) else settings))
    trainer.say(f"{command.name} is loaded; the model starts over at step 0. {BACK}")


def _teach(trainer: Trainer, command: c.Teach) -> None:
    before, suits = trainer.run.corpus.words, untouched(trainer.run)
    new_letters = trainer.run.teach(command.words)
    if suits:
        trainer.run.configure([("learn_rate", f"{suited(trainer.run.settings, trainer.run.corpus).learn_rate:g}")])
    added = trainer.run.corpus.words - before
    letters = f", with the new letters {' '.join(new_letters)}" if new_letters else ""
    trainer.say(f"{added:,} more {'word' if added == 1 else 'words'}{letters}; the model keeps what it has learnt")


def _restart(trainer: Trainer, command: c.Restart) -> None:
    trainer.replace_run(Run(trainer.run.corpus, trainer.run.settings))
    trainer.say(f"back at step 0 with the same first weights (seed {trainer.run.settings.seed}). {BACK}")


def _steps(trainer: Trainer, command: c.Steps) -> None:
    # A key pressed again before its step is made asks for one more, not for the same one.
    begun = trainer.target if trainer.running and trainer.target is not None else trainer.run.step
    trainer.start(begun + command.count)


def _change(trainer: Trainer, command: c.Change) -> None:
    before = copy.copy(trainer.run)
    if trainer.run.change(command.name, command.value):
        trainer.previous = before
        trainer.pause()
        value = getattr(trainer.run.settings, command.name)
        trainer.say(f"{command.name} is {value}; the model starts over at step 0. {BACK}")
    trainer._pace = Pace(trainer.run.settings.pace, trainer._clock())


def _configure(trainer: Trainer, command: c.Configure) -> None:
    before = copy.copy(trainer.run)
    if trainer.run.configure(command.pairs):
        trainer.previous = before
        trainer.pause()
        run = trainer.run
        trainer.say(f"a {run.settings.model} with {run.params.count:,} weights; it starts at step 0. {BACK}")


def _nudge(trainer: Trainer, command: c.Nudge) -> None:
    run = trainer.run
    loss = run.loss()
    before, after = run.nudge(command.current, command.next, command.amount)
    trainer.say(
        f"score {command.amount:+g}: probability {before:.2%} → {after:.2%}, loss {loss:.6f} → {run.loss():.6f} nats"
    )


def _back(trainer: Trainer, command: c.Back) -> None:
    if trainer.previous is None:
        raise LabError("nothing was replaced yet, so there is nothing to bring back")
    trainer.replace_run(trainer.previous)
    run = trainer.run
    trainer.say(f"the {run.settings.model} on {run.corpus.name} is back, at step {run.step:,}; again for the other one")


def _save(trainer: Trainer, command: c.Save) -> None:
    store.save(trainer.run, command.path)
    trainer.say(f"saved step {trainer.run.step:,} to {command.path}")


def _open(trainer: Trainer, command: c.Open) -> None:
    trainer.replace_run(store.load(command.path))
    trainer.say(f"opened {command.path} at step {trainer.run.step:,}")


HANDLERS: dict[type, Callable[[Trainer, Any], None]] = {
    c.Train: lambda trainer, command: trainer.start(command.until),
    c.Steps: _steps,
    c.Pause: lambda trainer, command: trainer.pause(),
    c.Restart: _restart,
    c.Change: _change,
    c.Configure: _configure,
    c.Load: _load,
    c.Teach: _teach,
    c.Nudge: _nudge,
    c.Feedback: lambda trainer, command: trainer.run.apply_feedback(command.ratings),
    c.UndoFeedback: lambda trainer, command: trainer.run.undo_feedback(),
    c.Save: _save,
    c.Open: _open,
    c.Back: _back,
}


def new_trainer(name: str, text: str, settings: Settings) -> Trainer:
    """A trainer on a fresh run. Raises TextError."""
    return Trainer(Run(make_corpus(name, text, settings.reading), settings))
