"""What a run needs of a model that learns a text, whatever the model is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.sampling import NextLogits
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.learners.good import Good
from tinylm_tui.lab.settings import Settings

EVALUATE_EVERY = 50  # steps between two looks at the held-out part


@dataclass(frozen=True)
class Look:
    """What one look at the text found, before the weights move: a loss to judge by, and points for the curves."""

    loss: float  # nats a token
    curves: dict[str, float]


class Learner(ABC):
    """Weights, and whatever makes them better at one text. Looks, then moves; knows no clock and no screen.

    `settings` may be replaced between two steps by another with the same sizes.
    """

    exact_loss: ClassVar[bool]  # whether `loss` is over every pair of the text
    train: Ids  # (N,), the stream that is learnt from
    held: Ids  # the stream kept to check on; empty where nothing is

    def __init__(self, corpus: Corpus, settings: Settings, params: Parameters) -> None:
        self.corpus, self.settings, self.params = corpus, settings, params
        self.good = Good(params.flat)

    @property
    def floor(self) -> float | None:
        """The least loss any model that sees what this one sees can have on what it learns from, in nats a token.

        None where that is not known.
        """
        return None

    @property
    def epoch(self) -> float | None:
        """How often the text has been gone through; None for a model that does not go through it in order."""
        return None

    @property
    def batches_shown(self) -> int:
        """Of how many of the last batches `loss` is the mean; 0 where it is none of batches."""
        return 0

    def adopt(self, settings: Settings) -> None:
        """Go on with other settings of the same sizes. Raises SettingError where this model cannot."""
        self.settings = settings

    @abstractmethod
    def look(self, step: int) -> Look:
        """Compute a loss and its gradient; the weights stay."""

    @abstractmethod
    def move(self, step: int) -> None:
        """Change the weights by the gradient of the last look."""

    def went_back(self, step: int) -> int:
        """The last update exploded, and the weights before it, of `step`, were put back. The step of the weights now.

        A learner whose looks may notice an explosion late goes back further, with all that belongs to its weights.
        """
        return step

    @abstractmethod
    def loss(self) -> float:
        """The loss to show for the weights as they are, nats a token."""

    @abstractmethod
    def evaluate(self, stream: Ids) -> float:
        """The mean loss over a stream, nats a token; NaN where it has nothing to predict for this model."""

    def held_out_loss(self, *, whole: bool = False) -> float | None:
        """The loss on text that was kept from training, where there is any: as last measured, or over all of it."""
        return None

    @abstractmethod
    def next_logits(self) -> NextLogits:
        """What the model expects after some tokens."""

    @abstractmethod
    def grown(self, corpus: Corpus) -> Parameters:
        """The weights for a text with more letters: the old numbers at their letters' new places."""

    def go_on_from(self, old: Learner) -> None:
        """Take over what the learner before knew beside its weights, after its text was added to."""
        del old  # a model without memory has nothing to take over

    @abstractmethod
    def arrays(self) -> dict[str, Array]:
        """Every array beside the weights that the next step depends on, by name."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Everything else that the next step depends on, ready for JSON."""

    @abstractmethod
    def restore(self, arrays: dict[str, Array], state: dict[str, Any]) -> None:
        """Put back what `arrays` and `state` gave. Raises KeyError or ValueError where they do not fit."""
