"""One frozen moment of a run: all that the screens draw from, and all that crosses from the trainer to them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.history import Curve
from tinylm_tui.lab.marks import Marks
from tinylm_tui.lab.rungs import LadderReport
from tinylm_tui.lab.settings import Settings

HELD_TOKENS = 2_049  # as many as give 2,048 predictions

Kind = Literal["information", "warning", "error"]


@dataclass(frozen=True)
class Notice:
    """One sentence for the person. `number` grows, so that each is shown once."""

    number: int
    kind: Kind
    text: str
    shown_on: str = ""  # the screen that shows it already, where one does


@dataclass(frozen=True)
class Busy:
    """Long work under way: what, and how much of how much is done."""

    what: str
    done: int
    of: int


@dataclass(frozen=True)
class RatedWord:
    """A rated word and its log probability (nats) before and after the feedback was applied."""

    text: str
    sign: int
    before: float
    after: float


@dataclass(frozen=True)
class MovedPair:
    """A pair of tokens and the model's P(next | current) before and after the feedback was applied."""

    current: int
    next: int
    before: float
    after: float


@dataclass(frozen=True)
class FeedbackReport:
    """What one round of feedback did. `divergence` is the KL distance (nats a token) from before any feedback."""

    rounds: int
    rated: tuple[RatedWord, ...]
    moved: tuple[MovedPair, ...]
    divergence: float


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A view is a function of this and of what the person chose; nothing on screen asks the trainer a question."""

    version: int
    corpus_version: int
    corpus: Corpus
    settings: Settings
    params: Parameters
    step: int
    loss: float  # nats a token; over every pair with exactly these weights, or the mean of the last batches
    exact_loss: bool  # which of the two
    floor: float | None  # the exact floor for this model on this text, where one is known
    held_out: float | None  # the loss on the part kept from training, at its last measurement
    start_loss: float  # the same at step 0
    curves: Mapping[str, Curve]  # "loss": whole text; "batch": one batch; "held_out": the part kept back
    running: bool
    target: int | None  # the step at which training will pause by itself
    speed: float  # steps a second, measured; 0 when nothing ran yet
    feedback: FeedbackReport | None
    can_undo: bool
    notice: Notice | None
    busy: Busy | None = None
    unsaved: str | None = None  # why the run cannot be kept, where that is so
    epoch: float | None = None  # how often the text was gone through, for a model that goes through it in order
    batches: int = 0  # whose mean `loss` is, where it is one of batches
    turned: int | None = None  # the step of the lowest held-out loss, once it has risen since
    marks: Marks = ()  # where something other than training changed the text or the weights
    ladder: LadderReport | None = None  # the last one that was begun, under way or at its end
    held_ids: Ids | None = None  # the first HELD_TOKENS of the part kept from training; None where nothing is

    @property
    def bits(self) -> float:
        """The loss in bits a token; the boundary is a token too."""
        return self.loss / math.log(2)

    @property
    def bits_per_character(self) -> float:
        """The loss in bits, spread over the characters: what models with different tokens can be compared in."""
        return self.corpus.bits_per_character(self.loss)

    @property
    def perplexity(self) -> float:
        """e^loss: between how many equally likely tokens the model still hesitates, on average."""
        return math.exp(min(self.loss, 700.0))


def same_model(before: Snapshot, now: Snapshot) -> bool:
    """Whether `now` is a later moment of the same model on the same text."""
    same = (before.settings.model, before.corpus_version) == (now.settings.model, now.corpus_version)
    return same and before.params.shapes == now.params.shapes and before.step <= now.step
