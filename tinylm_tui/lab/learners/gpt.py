"""The GPT on a text: windows drawn at random, AdamW with warm-up and decay, and a part kept to check on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tinylm_tui.engine import cache, gpt
from tinylm_tui.engine.adamw import Moments
from tinylm_tui.engine.fast import gpt as fast
from tinylm_tui.engine.fast.buffers import Workspace
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.sampling import NextLogits
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.engine.windows import all_windows, draw_windows
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import SettingError, TextError
from tinylm_tui.lab.learners import adam
from tinylm_tui.lab.learners.base import EVALUATE_EVERY, Learner, Look
from tinylm_tui.lab.learners.cores import Cores
from tinylm_tui.lab.learners.streams import Streams
from tinylm_tui.lab.settings import Settings

EVALUATED = 4096  # tokens of it that are looked at, at most
REMEMBERED = 50  # batches whose mean is shown as the loss: one batch alone jumps about
MOST_MEMORY = 2_000_000_000  # bytes
AXES = {"embedding.token": 0, "head": 0}  # the arrays with a row for each token


class GPTLearner(Learner):
    """GPT-2's architecture in the sizes of the settings."""

    exact_loss = False

    def __init__(self, corpus: Corpus, settings: Settings, params: Parameters | None = None) -> None:
        self.config = config_of(settings, corpus.size)
        refuse_unaffordable(self.config, settings.batch)
        super().__init__(corpus, settings, params or gpt.start(self.config, np.random.default_rng([settings.seed, 0])))
        self.streams = Streams(corpus, settings)
        self.train, self.held, self._pass = self.streams.joined(), self.streams.held, 0
        refuse_short(self.config.context, len(self.train))
        self.batches = np.random.default_rng([settings.seed, 1])
        self.moments = Moments.zeros(self.params)
        self.recent: deque[float] = deque(maxlen=REMEMBERED)
        self.held_loss = self._evaluate()
        self.cores = Cores(self.config, settings.batch, settings.threads)
        self._grads, self._seen = self.params, float("nan")

    @property
    def batches_shown(self) -> int:
        return len(self.recent)

    def adopt(self, settings: Settings) -> None:
        refuse_unaffordable(self.config, settings.batch)
        if settings.batch != self.settings.batch:
            self.cores = Cores(self.config, settings.batch, settings.threads)
        super().adopt(settings)

    def look(self, step: int) -> Look:
        """The loss of one batch of windows and its gradient; now and then the loss on the held-out part."""
        self._shuffle(step)
        inputs, targets = draw_windows(self.train, self.settings.batch, self.config.context, self.batches)
        loss, self._grads = self.cores.loss_and_grads(self.params, inputs, targets)
        curves = {"batch": loss}
        if step % EVALUATE_EVERY == 0 and (held := self._evaluate()) is not None:
            curves["held_out"] = self.held_loss = held
        self._seen = loss
        return Look(loss, curves)

    def _shuffle(self, step: int) -> None:
        """Each pass over the text brings the words in another order: the order of a list is nothing to learn.

        The order depends on nothing but the pass, which a smaller batch may also set back: a file need not keep it.
        """
        number = step * self.settings.batch * self.config.context // max(1, len(self.train))
        if number == self._pass or len(self.streams.units) == 1:
            return
        dice = np.random.default_rng([self.settings.seed, 3, number])
        self.train = self.streams.shuffled(dice) if number else self.streams.joined()
        self._pass = number

    def move(self, step: int) -> None:
        self.recent.append(self._seen)
        adam.move(self.params, self._grads, self.moments, self.settings, step)

    def loss(self) -> float:
        """The mean of the last batches; before the first, the loss on the beginning of the text."""
        if self.recent:
            return float(np.mean(self.recent))
        return self.evaluate(self.train[: EVALUATED + 1])

    def held_out_loss(self, *, whole: bool = False) -> float | None:
        return self._evaluate(len(self.held)) if whole else self.held_loss

    def _evaluate(self, most: int = EVALUATED) -> float | None:
        return self.evaluate(self.held[: most + 1]) if len(self.held) > 1 else None

    def evaluate(self, stream: Ids) -> float:
        """The loss over the stream, cut into windows side by side; one shorter window where it is no longer."""
        if len(stream) < 2:
            return float("nan")
        inputs, targets = all_windows(stream, min(self.config.context, len(stream) - 1))
        workspace = Workspace.of(self.config, min(len(inputs), 32), inputs.shape[1])
        return fast.mean_loss(self.params, inputs, targets, workspace)

    def next_logits(self) -> NextLogits:
        return next_logits_of(self.params, self.config)

    def grown(self, corpus: Corpus) -> Parameters:
        """The same weights; letters that are new get fresh rows in the embedding (and in the head)."""
        config = replace(self.config, vocabulary=corpus.size)
        fresh = gpt.start(config, np.random.default_rng([self.settings.seed, 0]))
        return adam.transplanted(self.params, self.corpus.tokenizer.places_in(corpus.tokenizer), fresh, AXES)

    def go_on_from(self, old: Learner) -> None:
        """What was held out stays held out, what is new is trained on, and AdamW remembers what it knew."""
        assert isinstance(old, GPTLearner)
        self.streams.go_on_from(old.streams)
        self._take_streams()
        self.recent, self.held_loss = old.recent, self._evaluate()
        places = old.corpus.tokenizer.places_in(self.corpus.tokenizer)
        adam.transplanted_moments((old.moments, old.params), places, (self.moments, self.params), AXES)

    def arrays(self) -> dict[str, Array]:
        return adam.arrays_of(self.moments) | self.streams.arrays() | self.good.arrays()

    def state(self) -> dict[str, Any]:
        return {
            "batches": self.batches.bit_generator.state,
            "adamw_steps": self.moments.steps,
            "recent": list(self.recent),
            "held_loss": self.held_loss,
            "halved": self.cores.halved,
            **self.good.state(),
        }

    def restore(self, arrays: dict[str, Array], state: dict[str, Any]) -> None:
        self.batches.bit_generator.state = state["batches"]
        self.good.restore(arrays, state)
        adam.restore(self.moments, arrays, state)
        if self.streams.restore(arrays):
            self._take_streams()
        self.recent.extend(float(loss) for loss in state["recent"])
        self.held_loss = state["held_loss"]
        self.cores.halved = state["halved"]

    def _take_streams(self) -> None:
        """After they changed: begin them anew with the next pass."""
        self.train, self.held, self._pass = self.streams.joined(), self.streams.held, -1
        refuse_short(self.config.context, len(self.train))


def config_of(settings: Settings, size: int) -> GPTConfig:
    """The model's sizes. Raises SettingError with the reason where they make no model."""
    try:
        return GPTConfig(
            vocabulary=size, layers=settings.layers, heads=settings.heads, width=settings.width,
            context=settings.context, tie_head=settings.tie_head,
        )  # fmt: skip
    except ValueError as error:
        raise SettingError(str(error)) from None


def refuse_unaffordable(config: GPTConfig, batch: int) -> None:
    """Raises SettingError before anything is allocated that this lab would not want to allocate, or without batches."""
    if not batch:
        raise SettingError("a gpt learns from batches: batch takes a number from 1 up")
    if (memory := config.memory(batch)) > MOST_MEMORY:
        raise SettingError(
            f"these sizes make {config.weights:,} weights and would take about {memory / 1e9:.1f} GB to train; the lab "
            f"uses up to {MOST_MEMORY / 1e9:.0f} GB. A smaller width, context, batch or fewer layers would do."
        )


def refuse_short(context: int, tokens: int) -> None:
    """Raises TextError where a text of so many tokens holds no window of `context` and the token after it."""
    if tokens < context + 1:
        raise TextError(
            f"a context of {context} needs {context + 1} tokens to learn from, and the text has {tokens}: a smaller "
            "context or more text would do"
        )


def next_logits_of(params: Parameters, config: GPTConfig) -> NextLogits:
    """For each of several texts of equally many tokens, the scores of what follows: (n, V)."""
    seen = cache.Cache.of(params, config)

    def next_logits(texts: Sequence[Sequence[int]]) -> Array:
        return cache.next_logits(seen, texts)

    return next_logits
