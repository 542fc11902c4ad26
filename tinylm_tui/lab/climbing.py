"""One rung of a ladder while it is worked on: counting, or training a model and measuring what it came to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from tinylm_tui.engine.counts import pair_counts
from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.sampling import NextLogits
from tinylm_tui.lab.climbing_task import Task
from tinylm_tui.lab.errors import Diverged, LabError
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.rungs import Rung, State
from tinylm_tui.lab.scoring import counted_surprise, floor, pair_floor, stride_for, surprise
from tinylm_tui.lab.settings import Settings

POINTS = 60  # of each curve


class Climber(ABC):
    """A rung that changes: `climb` works on it piece by piece, `rung` is what it is now."""

    def __init__(self, task: Task, name: str, settings: Settings | None) -> None:
        self.task, self.name, self.settings = task, name, settings
        self.state: State = "waiting"
        self.weights: int | None = None
        self.steps, self.seconds, self.sample = 0, 0.0, ""
        self.predicted: int | None = None
        self.train_bits: float | None = None
        self.held_bits: float | None = None
        self.floor_bits: float | None = None
        self.notes: list[str] = [] if task.held else [task.why]
        self.curve: list[tuple[int, float, float | None]] = []

    @property
    @abstractmethod
    def sees(self) -> str:
        """What the model sees of the text before the token it guesses."""

    @abstractmethod
    def _climb(self) -> Iterator[None]:
        """The work, in pieces. Raises LabError."""

    def climb(self) -> Iterator[None]:
        """Work until it is done, stopped or refused; nothing that goes wrong on one rung ends the others."""
        self.state = "running"
        try:
            yield from self._climb()
            self.state = "done"
        except Diverged as error:
            self.end("stopped", str(error))
        except LabError as error:
            self.end("refused", str(error))
        except MemoryError:
            self.end("stopped", "there is not enough memory for this model; smaller sizes or a smaller batch would do")

    def end(self, state: State, why: str) -> None:
        """It comes to nothing more, and this is why."""
        self.state, self.notes = state, [why]

    def rung(self) -> Rung:
        """As it is now."""
        held = [loss for _, _, loss in self.curve if loss is not None]
        return Rung(
            name=self.name, sees=self.sees, settings=self.settings, weights=self.weights, steps=self.steps,
            speed=self.steps / self.seconds if self.seconds else None,
            train_bits=self.train_bits, held_bits=self.held_bits, floor_bits=self.floor_bits,
            note="; ".join(self.notes), sample=self.sample,
            curve_steps=tuple(step for step, _, _ in self.curve),
            curve_train=tuple(loss for _, loss, _ in self.curve),
            curve_held=tuple(held) if len(held) == len(self.curve) else (), state=self.state,
            predicted=self.predicted,
        )  # fmt: skip


class Counting(Climber):
    """The exact bigram: how often each token follows each other one. Nothing is trained."""

    sees = "the last token"

    def __init__(self, task: Task) -> None:
        super().__init__(task, "counts", None)

    def _climb(self) -> Iterator[None]:
        task, size = self.task, self.task.corpus.size
        counts = pair_counts(task.learnt_pairs, size)
        self.weights = counts.size
        self.train_bits = task.asked.bits(counted_surprise(counts, task.asked)[0])
        self.floor_bits = task.asked.bits(pair_floor(task.asked, size))
        yield
        if task.held:
            plain, added, never = counted_surprise(counts, task.held)
            self.held_bits = task.held.bits(plain)
            if never:
                self.notes.append(
                    f"∞: {never:,} of {task.held.count:,} held-out pairs never stand in the training part; with one "
                    f"added to every count {task.held.bits(added):.2f} bits"
                )
        self.sample = task.sample(counted_logits(counts))


def counted_logits(counts: Array) -> NextLogits:
    """The logarithms of the counts (V, V): minus infinity for what never followed.

    After a token that nothing ever followed, everything is equally likely.
    """
    with np.errstate(divide="ignore"):
        scores = np.where(counts.sum(axis=1, keepdims=True) > 0, np.log(counts), 0.0)  # (V, V)

    def next_logits(texts: Sequence[Sequence[int]]) -> Array:
        rows: Array = scores[[ids[-1] for ids in texts]]
        return rows

    return next_logits


class Training(Climber):
    """A model of the lab: trained for as many steps as the others, then measured on the same tokens as they."""

    def __init__(self, task: Task, settings: Settings) -> None:
        super().__init__(task, settings.model, settings)
        self.settings: Settings = settings

    @property
    def sees(self) -> str:
        """The window, and whether its order counts."""
        context = self.settings.context
        last = "the last token" if context == 1 else f"the last {context} tokens"
        return {
            "bigram": "the last token",
            "average": last if context == 1 else f"{last}, in no order",
            "mlp": last if context == 1 else f"{last}, in order",
            "gpt": last if context == 1 else f"{last} at most, in order",
        }[self.name]

    def _climb(self) -> Iterator[None]:
        self._shorten()
        run = Run(self.task.corpus_for(self.name), self.settings)
        self.weights, self.predicted = run.params.count, self._predicted(run)
        yield from self._train(run)
        if run.learner.epoch is not None and run.learner.epoch < 1:
            self.notes.append(f"in so many steps it has seen {run.learner.epoch:.1%} of the training part")
        yield from self._measure(run)
        self.sample = self.task.sample(run.learner.next_logits())

    def _predicted(self, run: Run) -> int:
        """How many tokens a step predicts: each place of a gpt's windows is one, and a bigram may take all pairs."""
        if not self.settings.batch:
            return len(run.learner.train) - 1
        return self.settings.batch * (self.settings.context if self.name == "gpt" else 1)

    def _shorten(self) -> None:
        """A gpt takes fewer tokens where the text has no more; the window models are what their window is."""
        most = len(self.task.train) - 1
        if self.name == "gpt" and self.settings.context > most:
            self.notes.append(f"its context is {most} instead of {self.settings.context}: the text has no more tokens")
            self.settings = replace(self.settings, context=most)

    def _train(self, run: Run) -> Iterator[None]:
        every = -(-self.task.steps // POINTS)
        while run.step < self.task.steps:
            if run.step % every == 0:
                self._draw(run)
            began = self.task.clock()
            run.train_step()
            self.seconds += self.task.clock() - began
            self.steps = run.step
            yield
        run.check()
        self._draw(run)

    def _draw(self, run: Run) -> None:
        """One more point of the curves."""
        held, per_character = run.learner.held_out_loss(), self.task.corpus.bits_per_character
        shown = None if held is None or not self.task.held else per_character(held)
        self.curve.append((run.step, per_character(run.loss()), shown))

    def _stride(self) -> int:
        """How far apart a gpt's windows are, and what that means for what it sees."""
        if self.name != "gpt":
            return 1
        stride = stride_for(most := self.settings.context, self.task.parts)
        if stride > 1:
            self.notes.append(f"measured with {most - stride + 1} to {most} tokens before each, in both parts alike")
        return stride

    def _measure(self, run: Run) -> Iterator[None]:
        task, lowest = self.task, floor(run.learner, self.task.asked)
        self.floor_bits = None if lowest is None else task.asked.bits(lowest)
        stride = self._stride()
        for part, name in ((task.asked, "train_bits"), (task.held, "held_bits")):
            if part is None:
                continue
            total = 0.0
            for nats in surprise(run.learner, part, stride):
                total += nats
                yield
            setattr(self, name, part.bits(total))
