"""Parts of a GPT switched off, and what that changes: the loss on text kept back, attention, and what is written.

All of it happens to a copy of the weights. The run knows nothing of it. Letters: L layers, H heads, T tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tinylm_tui.engine import ablation, heads
from tinylm_tui.engine.fast.buffers import Workspace
from tinylm_tui.engine.fast.gpt import mean_loss
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.progress import Told
from tinylm_tui.engine.sampling import Sample
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.engine.windows import all_windows
from tinylm_tui.lab.anatomy import beginning
from tinylm_tui.lab.errors import Stopped
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.snapshot import HELD_TOKENS, Snapshot
from tinylm_tui.lab.views import ReadText, attention_patterns, gpt_trace, read_text
from tinylm_tui.lab.writing import Request, write

LOOKED_AT = 512  # tokens, or one window, on which it is found out what the heads look at
MOST_AT_ONCE = 32  # windows in one piece


@dataclass(frozen=True)
class Off:
    """Which parts are switched off."""

    heads: frozenset[ablation.Head] = frozenset()
    mlps: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.heads or self.mlps)

    def holds(self, layer: int, head: int | None) -> bool:
        """Whether that head is off; without a head, the MLP of the layer."""
        return layer in self.mlps if head is None else (layer, head) in self.heads

    def switched(self, layer: int, head: int | None) -> Off:
        """The same with that part the other way."""
        if head is None:
            return replace(self, mlps=self.mlps ^ {layer})
        return replace(self, heads=self.heads ^ {(layer, head)})


@dataclass(frozen=True, eq=False)
class Measured:
    """The text that losses are measured on, as windows side by side."""

    inputs: Ids  # (B, T)
    targets: Ids  # (B, T)
    held_out: bool  # whether it was kept from training; else it is the beginning of the text

    @property
    def tokens(self) -> int:
        """How many tokens are predicted."""
        return int(self.inputs.size)


def measured_of(snapshot: Snapshot) -> Measured:
    """The beginning of the part kept from training; where nothing is, the beginning of the text.

    A part shorter than the context is one shorter window.
    """
    held = snapshot.held_ids
    held_out = held is not None and len(held) > 1
    stream = held if held is not None and held_out else beginning(snapshot.corpus, HELD_TOKENS)
    return Measured(*all_windows(stream, min(snapshot.settings.context, len(stream) - 1)), held_out)


@dataclass(frozen=True)
class Asked:
    """What a change is to be seen in: attention on `text`, and texts written from these dice."""

    text: str
    request: Request


@dataclass(frozen=True, eq=False)
class Seen:
    """What one model does, whole or without some parts."""

    loss: float  # nats a token, over the measured text
    patterns: Array  # (L, H, T, T), on the text asked for
    samples: tuple[Sample, ...]


@dataclass(frozen=True, eq=False)
class Effect:
    """The model of one moment as it is, and without the parts that are `off`."""

    snapshot: Snapshot
    asked: Asked
    off: Off
    measured: Measured
    read: ReadText  # the text asked for, as the model reads it
    heads: tuple[heads.Head, ...]  # of the whole model, layer by layer, with their scores
    whole: Seen
    without: Seen | None  # None where nothing is off

    @property
    def added(self) -> float:
        """How much loss is added, in nats a token; below 0 the model is better without."""
        return self.without.loss - self.whole.loss if self.without else 0.0

    @property
    def moved(self) -> Array:
        """(L, H), how much of its attention each head gives elsewhere than in the whole model, 0 to 1.

        ½·Σ|p − p′| of each row, the total variation distance, meaned over the tokens that have one before them.
        """
        if self.without is None:
            return np.zeros(self.whole.patterns.shape[:2])
        distance = np.abs(self.without.patterns - self.whole.patterns).sum(axis=-1) / 2  # (L, H, T)
        return np.asarray(distance[..., min(1, distance.shape[-1] - 1) :].mean(axis=-1))


Going = Callable[[], bool]  # False where nobody waits any more


def effect_of(snapshot: Snapshot, off: Off, asked: Asked, before: Effect | None, going: Going) -> Effect:
    """What these parts are to the model of this moment. What `before` found of the same moment is not computed again.

    Raises LabError for a prompt that the model cannot read, Stopped where nobody waits any more.
    """
    config = config_of(snapshot.settings, snapshot.corpus.size)
    measured = measured_of(snapshot)
    if before and before.snapshot is snapshot and before.asked == asked:
        whole, named = before.whole, before.heads
    else:
        whole, named = seen(snapshot.params, snapshot, measured, asked, going), named_heads(snapshot, measured)
    params = ablation.switched_off(snapshot.params, config, off.heads, off.mlps) if off else None
    without = None if params is None else seen(params, snapshot, measured, asked, going)
    read = read_text(snapshot.corpus.tokenizer, asked.text, config.context)
    return Effect(snapshot, asked, off, measured, read, named, whole, without)


def seen(params: Parameters, snapshot: Snapshot, measured: Measured, asked: Asked, going: Going) -> Seen:
    """What a model with these weights does. Raises as `effect_of`."""
    corpus, settings = snapshot.corpus, snapshot.settings
    loss = loss_on(params, config_of(settings, corpus.size), measured)
    refuse_unwanted(going)
    ids = read_text(corpus.tokenizer, asked.text, settings.context).ids
    patterns = attention_patterns(gpt_trace(params, corpus.size, settings, ids))
    refuse_unwanted(going)
    return Seen(loss, patterns, tuple(write(params, corpus.tokenizer, asked.request, settings)))


def refuse_unwanted(going: Going) -> None:
    """Raises Stopped where nobody waits any more."""
    if not going():
        raise Stopped("nobody waits for what is measured")


def loss_on(params: Parameters, config: GPTConfig, measured: Measured) -> float:
    """The mean loss in nats a token."""
    inputs, targets = measured.inputs, measured.targets
    workspace = Workspace.of(config, min(len(inputs), MOST_AT_ONCE), inputs.shape[1])
    return mean_loss(params, inputs, targets, workspace)


def named_heads(snapshot: Snapshot, measured: Measured) -> tuple[heads.Head, ...]:
    """Every head with its scores, on the first windows of the measured text; the random text is always the same."""
    some = measured.inputs[: max(1, LOOKED_AT // measured.inputs.shape[1])]
    config, bounded = config_of(snapshot.settings, snapshot.corpus.size), snapshot.corpus.tokenizer.bounded
    return tuple(heads.named(snapshot.params, config, some, np.random.default_rng(0), bounded=bounded))


@dataclass(frozen=True, eq=False)
class Table:
    """What each part is worth, each switched off alone."""

    snapshot: Snapshot
    measured: Measured
    costs: ablation.Costs

    @property
    def cells(self) -> Array:
        """(L, H + 1), nats a token: the heads, and in the last column the MLPs."""
        return np.concatenate([self.costs.heads, self.costs.mlps[:, None]], axis=1)


def table_of(snapshot: Snapshot, told: Told) -> Table | None:
    """The table of a moment; None where `told` stopped it."""
    measured = measured_of(snapshot)
    config = config_of(snapshot.settings, snapshot.corpus.size)
    found = ablation.costs(snapshot.params, config, measured.inputs, measured.targets, told)
    return None if found is None else Table(snapshot, measured, found)
