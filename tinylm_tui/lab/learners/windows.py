"""What the learners of window models have in common: examples by epochs, and a part kept to check on."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from tinylm_tui.engine.examples import Examples
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.sampling import NextLogits
from tinylm_tui.engine.softmax import cross_entropy
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import TextError
from tinylm_tui.lab.learners.adam import transplanted
from tinylm_tui.lab.learners.base import EVALUATE_EVERY, Learner, Look
from tinylm_tui.lab.learners.epochs import AHEAD, Epochs
from tinylm_tui.lab.learners.recent import JUDGED, Earlier, Moment, Recent
from tinylm_tui.lab.learners.streams import Streams
from tinylm_tui.lab.learners.window_models import WindowModel
from tinylm_tui.lab.settings import Settings

EVALUATED = 4096  # examples of the held-out part that are looked at, at most
AT_ONCE = 1 << 20  # numbers that one look at many examples makes


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
        self.recent = Recent(settings.batch, corpus.uniform)
        self.held_loss = self._evaluate_held()
        self.earlier = Earlier()
        self._place = self.epochs.state()  # before the last look
        self._grads, self._seen = self.params, float("nan")

    def _take_streams(self) -> None:
        """After they changed: examples anew, from the beginning of an epoch."""
        self.train, self.held = self.streams.joined(), self.streams.held
        refuse_short(self.settings.context, len(self.train), bounded=self.corpus.tokenizer.bounded)
        self.examples = examples = Examples.of(self.train, self.settings.context, bounded=self.corpus.tokenizer.bounded)
        ahead = max(1, min(AHEAD, AT_ONCE // self.model.cells))
        self.epochs = Epochs(
            examples.count, self.settings.seed, lambda numbers: self.model.take(examples, numbers), ahead
        )
        self.__dict__.pop("_floor", None)

    @property
    def floor(self) -> float | None:
        return self._floor

    @cached_property
    def _floor(self) -> float | None:
        return self.model.floor(self.examples)

    @property
    def epoch(self) -> float:
        return self.epochs.gone_through

    @property
    def batches_shown(self) -> int:
        return len(self.recent.losses)

    def adopt(self, settings: Settings) -> None:
        model = self.kind(settings, self.corpus.size)
        model.refuse_unaffordable()
        self.model = model
        self.recent.resize(settings.batch)
        if not self._small:  # nothing was kept so far
            self.earlier = Earlier()
        super().adopt(settings)

    @property
    def _small(self) -> bool:
        """Whether batches are so small that it takes some of them to notice an explosion."""
        return self.settings.batch < JUDGED

    def look(self, step: int) -> Look:
        """The loss of one batch and its gradient; now and then the loss on the held-out part."""
        self._place = self.epochs.state()
        inputs, targets = self.epochs.next(self.settings.batch)
        self._seen, self._grads = self.model.loss_and_grads(self.params, inputs, targets)
        judged = self.recent.judged(self._seen)
        curves = {"batch": judged}
        if step % self._evaluate_every == 0 and (held := self._evaluate_held()) is not None:
            curves["held_out"] = self.held_loss = held
        return Look(judged, curves)

    @property
    def _evaluate_every(self) -> int:
        """Steps between two looks at the held-out part: no more examples are looked at than were learnt from."""
        return max(EVALUATE_EVERY, min(EVALUATED, len(self.held)) // self.settings.batch)

    def move(self, step: int) -> None:
        calm = self.recent.judged(self._seen) <= 1.5 * self.corpus.uniform
        if self._small and (calm or self.earlier.empty):
            self.earlier.keep(lambda: self._moment(step))
        self.recent.add(self._seen)
        self._update(step)

    def _moment(self, step: int) -> Moment:
        """What to go back to: the weights now, and what there was before the last look at them."""
        state = {"epochs": self._place, "recent": self.recent.state(), "held_loss": self.held_loss}
        return Moment(self.params.flat.copy(), step, state)

    def went_back(self, step: int) -> int:
        if not self._small:
            return step
        moment = self.earlier.back()
        if moment is None:  # opened from a file of an earlier version, without a step since
            self.recent.running = self.corpus.uniform
            return step
        self._take_back(moment)
        return moment.step

    def _take_back(self, moment: Moment) -> None:
        """The weights, and all that belongs to them."""
        np.copyto(self.params.flat, moment.flat)
        self._remember(moment.state)

    def _remember(self, state: dict[str, Any]) -> None:
        """Where in the text it is, and what its last looks found."""
        self.epochs.restore(state["epochs"])
        self.recent.restore(state["recent"])
        self.held_loss = state["held_loss"]

    @abstractmethod
    def _update(self, step: int) -> None:
        """Change the weights by the gradient of the last look."""

    def loss(self) -> float:
        """The mean of the last batches; before the first, the loss on the beginning of the text."""
        mean = self.recent.mean
        return self.evaluate(self.train[: EVALUATED + self.settings.context]) if mean is None else mean

    def held_out_loss(self, *, whole: bool = False) -> float | None:
        return self._evaluate_held(len(self.held)) if whole else self.held_loss

    def _evaluate_held(self, most: int = EVALUATED) -> float | None:
        examples = self._examples(self.held[: most + self.settings.context])
        return None if examples is None else self._mean_loss(examples)

    def evaluate(self, stream: Ids) -> float:
        examples = self._examples(stream)
        return float("nan") if examples is None else self._mean_loss(examples)

    def _examples(self, stream: Ids) -> Examples | None:
        """The examples of a stream, where it holds any."""
        try:
            return Examples.of(stream, self.settings.context, bounded=self.corpus.tokenizer.bounded)
        except ValueError:
            return None

    def _mean_loss(self, examples: Examples) -> float:
        """The loss over all of them, some at a time."""
        total, most = 0.0, max(1, AT_ONCE // self.model.cells)
        for start in range(0, examples.count, most):
            inputs, targets = examples.take(np.arange(start, min(start + most, examples.count)))
            with np.errstate(all="ignore"):
                total += cross_entropy(self.model.logits(self.params, inputs), targets)[0] * len(targets)
        return total / examples.count

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
        self.recent, self.held_loss = old.recent, self._evaluate_held()

    def arrays(self) -> dict[str, Array]:
        return self.streams.arrays() | self.good.arrays() | (self.earlier.arrays() if self._small else {})

    def state(self) -> dict[str, Any]:
        return {
            "epochs": self.epochs.state(),
            "recent": self.recent.state(),
            "held_loss": self.held_loss,
            **(self.earlier.state() if self._small else {}),
            **self.good.state(),
        }

    def restore(self, arrays: dict[str, Array], state: dict[str, Any]) -> None:
        self.streams.restore(arrays)
        if self.streams.taught:
            self._take_streams()
        earlier = state.get("earlier", {})
        for moment in [earlier[name] for name in ("old", "new") if name in earlier]:
            self._remember(moment)  # raises here, and not when it is gone back to
        self._remember(state)
        self.good.restore(arrays, state)
        self.earlier = Earlier()
        self.earlier.restore(arrays, earlier, self.params.count)


def refuse_short(window: int, tokens: int, *, bounded: bool) -> None:
    """Raises TextError, with what would do, where the beginning of a text with so many tokens holds no example."""
    if tokens < (needed := 2 if bounded else window + 1):
        raise TextError(
            f"a context of {window} needs {needed} tokens to learn from, and the text has {tokens}: a smaller "
            "context, a smaller held_out or more text would do"
        )
