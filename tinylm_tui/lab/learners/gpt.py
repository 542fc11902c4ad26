"""The GPT on a text: windows drawn at random, AdamW with warm-up and decay, and a part kept to check on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tinylm_tui.engine import cache, gpt
from tinylm_tui.engine.adamw import AdamWSettings, Moments, adamw_step, clip
from tinylm_tui.engine.fast import gpt as fast
from tinylm_tui.engine.fast.buffers import Workspace
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.sampling import NextLogits
from tinylm_tui.engine.schedule import Schedule
from tinylm_tui.engine.tokenizer import BOUNDARY, Ids
from tinylm_tui.engine.windows import all_windows, draw_windows
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import SettingError, TextError
from tinylm_tui.lab.learners.base import Learner, Look
from tinylm_tui.lab.learners.cores import Cores
from tinylm_tui.lab.learners.units import joined, split, units_in
from tinylm_tui.lab.settings import Settings

EVALUATE_EVERY = 50  # steps between two looks at the held-out part
EVALUATED = 4096  # tokens of it that are looked at, at most
REMEMBERED = 50  # batches whose mean is shown as the loss: one batch alone jumps about
MOST_MEMORY = 2_000_000_000  # bytes


class GPTLearner(Learner):
    """GPT-2's architecture in the sizes of the settings."""

    floor_applies = exact_loss = False

    def __init__(self, corpus: Corpus, settings: Settings, params: Parameters | None = None) -> None:
        self.config = config_of(settings, corpus.size)
        refuse_unaffordable(self.config, settings.batch)
        super().__init__(corpus, settings, params or gpt.start(self.config, np.random.default_rng([settings.seed, 0])))
        assert corpus.ids is not None, "a run's own corpus keeps its ids"
        self.units, self.held = split(corpus.ids, settings.held_out, np.random.default_rng([settings.seed, 2]))
        self.train, self._pass = joined(self.units), 0
        self.taught = False  # words were added: the split is no longer the one that the seed gives
        refuse_short(self.config.context, len(self.train))
        self.batches = np.random.default_rng([settings.seed, 1])
        self.moments = Moments.zeros(self.params)
        self.recent: deque[float] = deque(maxlen=REMEMBERED)
        self.held_loss = self._evaluate()
        self.cores = Cores(self.config, settings.batch, settings.threads)
        self._grads, self._seen = self.params, float("nan")

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
        """Each pass over the text brings the words in another order: the order of a list is nothing to learn."""
        number = step * self.settings.batch * self.config.context // max(1, len(self.train))
        if number == self._pass or len(self.units) == 1:
            return
        order = np.random.default_rng([self.settings.seed, 3, number]).permutation(len(self.units))
        self.train, self._pass = joined([self.units[i] for i in order]), number

    def move(self, step: int) -> None:
        """Clip, then one step of AdamW at this step's learn rate."""
        s = self.settings
        self.recent.append(self._seen)
        if s.clip:
            clip(self._grads, s.clip)
        adamw = AdamWSettings(beta2=s.beta2, weight_decay=s.weight_decay)
        adamw_step(self.params, self._grads, self.moments, schedule_of(s).learn_rate(step), adamw)

    def loss(self) -> float:
        """The mean of the last batches; before the first, the loss on the beginning of the text."""
        if self.recent:
            return float(np.mean(self.recent))
        return self._mean_loss(self.train[: EVALUATED + 1])

    def held_out_loss(self, *, whole: bool = False) -> float | None:
        return self._evaluate(len(self.held)) if whole else self.held_loss

    def _evaluate(self, most: int = EVALUATED) -> float | None:
        return self._mean_loss(self.held[: most + 1]) if len(self.held) > self.config.context else None

    def _mean_loss(self, stream: Ids) -> float:
        """The loss over the stream, cut into windows side by side."""
        inputs, targets = all_windows(stream, self.config.context)
        workspace = Workspace.of(self.config, min(len(inputs), 32), self.config.context)
        return fast.mean_loss(self.params, inputs, targets, workspace)

    def next_logits(self) -> NextLogits:
        return next_logits_of(self.params, self.config)

    def grown(self, corpus: Corpus) -> Parameters:
        """The same weights; letters that are new get fresh rows in the embedding (and in the head)."""
        config = replace(self.config, vocabulary=corpus.size)
        fresh = gpt.start(config, np.random.default_rng([self.settings.seed, 0]))
        return transplanted(self.params, places_of(self.corpus, corpus), fresh)

    def go_on_from(self, old: Learner) -> None:
        """What was held out stays held out, what is new is trained on, and AdamW remembers what it knew."""
        assert isinstance(old, GPTLearner)
        assert self.corpus.ids is not None
        assert old.corpus.ids is not None
        places = places_of(old.corpus, self.corpus)
        added = self.corpus.ids[len(old.corpus.ids) - (self.corpus.reading == "text") :]
        self.units = [*[places[unit] for unit in old.units], *units_in(added)]
        if self.corpus.reading == "text":
            self.units = [np.concatenate(self.units)]
        self.held, self.train, self._pass, self.taught = places[old.held], joined(self.units), -1, True
        self.recent, self.held_loss = old.recent, self._evaluate()
        self.moments.steps = old.moments.steps
        for mine, theirs in ((self.moments.mean, old.moments.mean), (self.moments.square, old.moments.square)):
            blank = Parameters(mine, self.params.shapes)
            transplanted(Parameters(theirs, old.params.shapes), places, blank)

    def arrays(self) -> dict[str, Array]:
        moments = {"adamw.mean": self.moments.mean, "adamw.square": self.moments.square}
        streams = {"train": joined(self.units), "held": self.held} if self.taught else {}
        return moments | streams

    def state(self) -> dict[str, Any]:
        return {
            "batches": self.batches.bit_generator.state,
            "adamw_steps": self.moments.steps,
            "recent": list(self.recent),
            "held_loss": self.held_loss,
            "halved": self.cores.halved,
        }

    def restore(self, arrays: dict[str, Array], state: dict[str, Any]) -> None:
        self.batches.bit_generator.state = state["batches"]
        for mine, saved in ((self.moments.mean, "adamw.mean"), (self.moments.square, "adamw.square")):
            if arrays[saved].shape != mine.shape or not np.isfinite(arrays[saved]).all():
                raise ValueError(f"{saved} has shape {arrays[saved].shape}, or is not finite")
            mine[...] = arrays[saved]
        if "train" in arrays:
            self._restore_streams(arrays["train"], arrays["held"])
        self.moments.steps = int(state["adamw_steps"])
        self.recent.extend(float(loss) for loss in state["recent"])
        self.held_loss = state["held_loss"]
        self.cores.halved = state["halved"]

    def _restore_streams(self, train: Array, held: Array) -> None:
        for stream in (train, held):
            if stream.ndim != 1 or (len(stream) and not 0 <= stream.min() <= stream.max() < self.corpus.size):
                raise ValueError("the saved streams hold tokens that the text does not have")
        self.units = [train] if self.corpus.reading == "text" else units_in(train[1:])
        self.train, self.held, self._pass, self.taught = joined(self.units), held, -1, True


def places_of(old: Corpus, new: Corpus) -> Ids:
    """For each id of the old text's vocabulary, the id that its letter has in the new one. (V,)"""
    return np.concatenate(([BOUNDARY], new.tokenizer.encode(old.tokenizer.letters))).astype(np.int32)


def transplanted(old: Parameters, places: Ids, into: Parameters) -> Parameters:
    """Writes the old numbers into `into`, whose vocabulary may be larger: the rows of tokens at their new places."""
    for name, numbers in old.items():
        into[name][places if name in ("embedding.token", "head") else slice(None)] = numbers
    return into


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


def schedule_of(settings: Settings) -> Schedule:
    """Warm-up to the learn rate, then down to `decay_to` over `decay_steps`, or no decay when that is 0."""
    if not settings.decay_steps:
        return Schedule(settings.learn_rate, settings.warmup, 0, settings.learn_rate)
    return Schedule(settings.learn_rate, settings.warmup, settings.decay_steps, settings.decay_to)


def next_logits_of(params: Parameters, config: GPTConfig) -> NextLogits:
    """For each of several texts of equally many tokens, the scores of what follows: (n, V)."""
    seen = cache.Cache.of(params, config)

    def next_logits(texts: Sequence[Sequence[int]]) -> Array:
        return cache.next_logits(seen, texts)

    return next_logits
