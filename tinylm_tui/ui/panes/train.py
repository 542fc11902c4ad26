"""Train: the loss falling, what it can be compared with, and the dials."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.lab import kept
from tinylm_tui.lab.commands import Change, Train
from tinylm_tui.lab.numbers import parse_whole
from tinylm_tui.lab.writing import Request, begin
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.dials import dialled
from tinylm_tui.ui.drawing.figures import decayed, training_figures
from tinylm_tui.ui.drawing.samples import sample_lines
from tinylm_tui.ui.ink import line
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.panes.drafts import Draft
from tinylm_tui.ui.widgets.canvas import Canvas

SMALL_BATCH = 64
SCALES = 3


class TrainPane(Pane):
    """The curve large; figures and a few samples in the column beside it."""

    BINDINGS = bindings_for("train")
    main = "#curve"
    keeps: ClassVar = {"scale": kept.whole(0, SCALES - 1)}

    def compose(self) -> ComposeResult:
        self.scale = 0
        self._draft = Draft(self)
        yield Canvas(self._curve, id="curve", focusable=True)
        side = Canvas(self._side)
        side.add_class("side")
        yield side

    def _curve(self, width: int, height: int) -> list[Strip]:
        from tinylm_tui.ui.drawing.curve import SCALES, loss_curve  # plotext is slow to import: not before it is seen

        fresh = not self.snapshot.step and not self.snapshot.running
        aside = ("  press space: it learns", "amber") if fresh else (f"  scale: {SCALES[self.scale]}  l", "dim")
        name = "loss in nats by step"
        aside = aside if len(name + aside[0]) <= width else ("", "dim")  # whole, or not at all
        title = line((name, self.look.style("title")), (aside[0], self.look.style(aside[1])))
        return [title, *loss_curve(self.snapshot, SCALES[self.scale], width, height - 1, self.look)]

    def _side(self, width: int, height: int) -> list[Strip]:
        figures = training_figures(self.snapshot, width, self.look)
        room = height - len(figures) - 2
        if room < 1:
            return figures
        s = self.snapshot
        request = Request(count=room, length=width - 2)
        samples = self._draft.samples(
            (s.corpus_version, s.settings, request),
            s.version,
            lambda: begin(s.params, s.corpus.tokenizer, request, s.settings),
        )
        lines = sample_lines(samples, s.corpus.tokenizer, width, self.look, bits=False)
        return [*figures, Strip.blank(0), line(("it writes, same dice", self.look.style("dim"))), *lines]

    def action_learn_rate(self, direction: int) -> None:
        rate, s = dialled(self.snapshot.settings.learn_rate, direction), self.snapshot
        if decayed(s):
            self.lab.tell(f"the learn rate has decayed to {s.settings.decay_to:g} and stays there; , sets decay_to")
        self.lab.send(Change("learn_rate", f"{rate:g}"))

    def action_change_batch(self) -> None:
        if self.snapshot.settings.model != "bigram":
            self.lab.tell("this model always draws batches; their size is a setting (,)")
            return
        self.lab.send(Change("batch", "0" if self.snapshot.settings.batch else str(SMALL_BATCH)))

    def action_change_scale(self) -> None:
        self.scale = (self.scale + 1) % SCALES
        self.redraw()

    def action_train_to(self) -> None:
        first = self.snapshot.step + 1
        question = Question(
            "Train to a step",
            f"The model is at step {self.snapshot.step:,}. Train until step:",
            str(max(1000, (first // 1000 + 1) * 1000)),
            lambda text: parse_whole("the step", text, first, 10**9),
        )
        self.app.push_screen(question, self._train_to)

    def _train_to(self, answer: str | None) -> None:
        if answer is not None:
            self.lab.send(Train(parse_whole("the step", answer, 0, 10**9)))
