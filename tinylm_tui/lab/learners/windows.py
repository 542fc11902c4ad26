"""What the learners of window models have in common: examples by epochs, and a part kept to check on."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from tinylm_tui.engine.examples import Examples
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.sampling import NextLogits
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import TextError
from tinylm_tui.lab.learners.adam import transplanted
from tinylm_tui.lab.learners.base import EVALUATE_EVERY, Learner, Look
from tinylm_tui.lab.learners.course import Course
from tinylm_tui.lab.learners.epochs import AHEAD, Epochs
from tinylm_tui.lab.learners.recent import Moment
from tinylm_tui.lab.learners.streams import Streams
from tinylm_tui.lab.learners.window_models import WindowModel
from tinylm_tui.lab.settings import Settings

EVALUATED = 4096  # examples of the held-out part that are looked at, at most


class WindowLearner(Learner):
    """A model that sees the last `context` tokens, on a text."""

    exact_loss = False
    kind: ClassVar[type[WindowModel]]

    def __init__(self, corpus: Corpus, settings: Settings, params: Parameters | None = None) -> None:
        self.model = self.kind(settings, corpus.size)
        self.model.refuse_unaffordable()
        super().__init__(corpus, settings, params or self.model.start())
        self.streams = Streams(corpus, settings)
        self._take_streams()
        self.course.held_loss = self._evaluate_held()
        self._grads, self._seen = self.params, float("nan")

    def _take_streams(self) -> None:
        """After they changed: examples anew, from the beginning of an epoch."""
        self.train, self.held = self.streams.joined(), self.streams.held
        refuse_short(self.settings.context, len(self.train), bounded=self.corpus.tokenizer.bounded)
        self.examples = examples = Examples.of(self.train, self.settings.context, bounded=self.corpus.tokenizer.bounded)
        ahead = min(AHEAD, self.model.at_once)
        self.epochs = Epochs(
            examples.count, self.settings.seed, lambda numbers: self.model.take(examples, numbers), ahead
        )
        self.course = Course(self.epochs, self.settings.batch, self.corpus.uniform)
        self.__dict__.pop("floor", None)  # of the examples before

    @cached_property
    def floor(self) -> float | None:
        return self.model.floor(self.examples)

    @property
    def epoch(self) -> float:
        return self.epochs.gone_through

    @property
    def batches_shown(self) -> int:
        return len(self.course.recent.losses)

    def adopt(self, settings: Settings) -> None:
        model = self.kind(settings, self.corpus.size)
        model.refuse_unaffordable()
        self.model = model
        self.course.resize(settings.batch)
        super().adopt(settings)

    def look(self, step: int) -> Look:
        """The loss of one batch and its gradient; now and then the loss on the held-out part."""
        inputs, targets = self.course.next()
        self._seen, self._grads = self.model.loss_and_grads(self.params, inputs, targets)
        judged = self.course.recent.judged(self._seen)
        curves = {"batch": judged}
        if step % self._evaluate_every == 0 and (held := self._evaluate_held()) is not None:
            curves["held_out"] = self.course.held_loss = held
        return Look(judged, curves)

    @property
    def _evaluate_every(self) -> int:
        """Steps between two looks at the held-out part: no more examples are looked at than were learnt from."""
        return max(EVALUATE_EVERY, min(EVALUATED, len(self.held)) // self.settings.batch)

    def move(self, step: int) -> None:
        self.course.learnt(self._seen, lambda: self._moment(step))
        self._update(step)

    def _moment(self, step: int) -> Moment:
        """What to go back to: the weights now, and what there was before the last look at them."""
        return Moment(self.params.flat.copy(), step, self.course.before())

    def went_back(self, step: int) -> int:
        moment = self.course.back()
        if moment is None:
            return step
        self._take_back(moment)
        return moment.step

    def _take_back(self, moment: Moment) -> None:
        """The weights, and all that belongs to them."""
        np.copyto(self.params.flat, moment.flat)
        self.course.remember(moment.state)

    @abstractmethod
    def _update(self, step: int) -> None:
        """Change the weights by the gradient of the last look."""

    def loss(self) -> float:
        """The mean of the last batches; before the first, the loss on the beginning of the text."""
        mean = self.course.recent.mean
        return self.evaluate(self.train[: EVALUATED + self.settings.context]) if mean is None else mean

    def held_out_loss(self, *, whole: bool = False) -> float | None:
        return self._evaluate_held(len(self.held)) if whole else self.course.held_loss

    def _evaluate_held(self, most: int = EVALUATED) -> float | None:
        return self._mean_loss(self.held[: most + self.settings.context])

    def evaluate(self, stream: Ids) -> float:
        loss = self._mean_loss(stream)
        return float("nan") if loss is None else loss

    def _mean_loss(self, stream: Ids) -> float | None:
        return self.model.mean_loss(self.params, stream, bounded=self.corpus.tokenizer.bounded)

    def next_logits(self) -> NextLogits:
        return self.model.next_logits(self.params, bounded=self.corpus.tokenizer.bounded)

    def grown(self, corpus: Corpus) -> Parameters:
        """The same weights; tokens that are new get fresh ones."""
        places = self.corpus.tokenizer.places_in(corpus.tokenizer)
        fresh = self.kind(self.settings, corpus.size).start()
        return transplanted(self.params, places, fresh, self.model.axes)

    def go_on_from(self, old: Learner) -> None:
        """What was held out stays held out, and a new epoch begins, with what is new in it."""
        assert isinstance(old, WindowLearner)
        self.streams.go_on_from(old.streams)
        self._take_streams()
        self.epochs.go_to(old.epochs.epoch + 1, 0)
        self.course.recent, self.course.held_loss = old.course.recent, self._evaluate_held()

    def arrays(self) -> dict[str, Array]:
        return self.streams.arrays() | self.good.arrays() | self.course.arrays()

    def state(self) -> dict[str, Any]:
        return self.course.state() | self.good.state()

    def restore(self, arrays: dict[str, Array], state: dict[str, Any]) -> None:
        if self.streams.restore(arrays):
            self._take_streams()
        self.good.restore(arrays, state)
        self.course.restore(arrays, state, self.params.count)


def refuse_short(window: int, tokens: int, *, bounded: bool) -> None:
    """Raises TextError, with what would do, where the beginning of a text with so many tokens holds no example."""
    if tokens < (needed := 2 if bounded else window + 1):
        raise TextError(
            f"a context of {window} needs {needed} tokens to learn from, and the text has {tokens}: a smaller "
            "context, a smaller held_out or more text would do"
        )
