"""The two models that see a window, as the lab handles them: sizes, weights, scores, losses, gradients, their floor."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import ClassVar

import numpy as np

from tinylm_tui.engine import average, window_floors, window_mlp
from tinylm_tui.engine.examples import Examples, Places, last_windows
from tinylm_tui.engine.fast import average as fast_average
from tinylm_tui.engine.fast import window_mlp as fast_mlp
from tinylm_tui.engine.parameters import Array, Parameters, Shapes
from tinylm_tui.engine.sampling import NextLogits
from tinylm_tui.engine.softmax import cross_entropy
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.errors import SettingError
from tinylm_tui.lab.settings import Settings

MOST_READ = 100_000_000  # tokens in windows that are read to find a floor: some seconds
MOST_MEMORY = 2_000_000_000  # bytes
AT_ONCE = 1 << 20  # numbers that one look at many examples makes


class WindowModel(ABC):
    """A model of these settings for a vocabulary of `size` tokens; its weights are given with each question."""

    axes: ClassVar[Mapping[str, int]]  # the arrays with a row, column or number for each token, and along which axis
    numbers: ClassVar[int] = 6  # that training keeps for each weight

    def __init__(self, settings: Settings, size: int) -> None:
        self.settings, self.size = settings, size

    @property
    @abstractmethod
    def shapes(self) -> Shapes:
        """The arrays of weights."""

    @property
    @abstractmethod
    def cells(self) -> int:
        """About how many numbers training makes of one example."""

    @property
    def weights(self) -> int:
        """How many there are."""
        return sum(map(prod, self.shapes.values()))

    @property
    def memory(self) -> int:
        """About how many bytes training takes."""
        return 4 * (self.numbers * self.weights + self.cells * self.settings.batch)

    @property
    def at_once(self) -> int:
        """How many examples are looked at together."""
        return max(1, AT_ONCE // self.cells)

    @abstractmethod
    def start(self) -> Parameters:
        """The weights at step 0, the same for the same settings."""

    @abstractmethod
    def logits(self, params: Parameters, inputs: Ids) -> Array:
        """The scores (B, V) of what follows the windows inputs (B, W)."""

    @abstractmethod
    def loss_and_grads(self, params: Parameters, inputs: Array, targets: Ids) -> tuple[float, Parameters]:
        """Mean surprise in nats over a batch that `take` made, and its gradient until the next call."""

    def take(self, examples: Examples, numbers: Places) -> tuple[Array, Array]:
        """The examples of these numbers (B,), as `loss_and_grads` wants them: inputs, targets (B,)."""
        return examples.take(numbers)

    def examples_in(self, stream: Ids, *, bounded: bool) -> Examples | None:
        """The examples of a stream, where it holds any."""
        try:
            return Examples.of(stream, self.settings.context, bounded=bounded)
        except ValueError:
            return None

    def pieces(self, examples: Examples) -> Iterator[Places]:
        """The numbers of all the examples, as many at a time as are looked at together."""
        for start in range(0, examples.count, self.at_once):
            yield np.arange(start, min(start + self.at_once, examples.count))

    def mean_loss(self, params: Parameters, stream: Ids, *, bounded: bool) -> float | None:
        """Mean surprise in nats over all examples of a stream; None where it holds none."""
        examples = self.examples_in(stream, bounded=bounded)
        if examples is None:
            return None
        total = 0.0
        for numbers in self.pieces(examples):
            inputs, targets = examples.take(numbers)
            with np.errstate(all="ignore"):
                total += cross_entropy(self.logits(params, inputs), targets)[0] * len(targets)
        return total / examples.count

    def floor(self, examples: Examples) -> float | None:
        """The least loss of any model that sees what this one sees; None where counting would take too long."""
        return self._floor(examples) if window_floors.cost(examples, self.size) <= MOST_READ else None

    @abstractmethod
    def _floor(self, examples: Examples) -> float: ...

    def next_logits(self, params: Parameters, *, bounded: bool) -> NextLogits:
        """For each of several texts of tokens, the scores of what follows its last `context` ones: (n, V)."""

        def next_logits(texts: Sequence[Sequence[int]]) -> Array:
            return self.logits(params, last_windows(texts, self.settings.context, bounded=bounded))

        return next_logits

    def refuse_unaffordable(self) -> None:
        """Raises SettingError before anything is allocated that this lab would not want to, or without batches."""
        if not self.settings.batch:
            raise SettingError(f"the model {self.settings.model} learns from batches: batch takes a number from 1 up")
        if self.memory > MOST_MEMORY:
            raise SettingError(
                f"these sizes make {self.weights:,} weights and would take about {self.memory / 1e9:.1f} GB to train; "
                f"the lab uses up to {MOST_MEMORY / 1e9:.0f} GB. A smaller width, context or batch would do."
            )


class Average(WindowModel):
    """Embeddings averaged over a window, and one matrix from there to the scores."""

    axes: ClassVar = {"embedding": 0, "output": 1}
    _workspace: fast_average.Workspace | None = None

    @property
    def shapes(self) -> Shapes:
        """`engine.average.shapes`."""
        return average.shapes(self.size, self.settings.width)

    @property
    def cells(self) -> int:
        """The places of its window, the shares of the tokens in it, the mean, the scores."""
        return 4 * self.size + 2 * self.settings.width + 8 * self.settings.context

    def start(self) -> Parameters:
        return average.start(self.size, self.settings.width, np.random.default_rng([self.settings.seed, 0]))

    def logits(self, params: Parameters, inputs: Ids) -> Array:
        return average.next_logits(params, inputs)

    def take(self, examples: Examples, numbers: Places) -> tuple[Array, Array]:
        inputs, targets = examples.take(numbers)
        return fast_average.shares_of(inputs, self.size), targets

    def loss_and_grads(self, params: Parameters, inputs: Array, targets: Ids) -> tuple[float, Parameters]:
        if self._workspace is None or len(self._workspace.mean) != len(targets):
            self._workspace = fast_average.Workspace.of(params, len(targets))
        return fast_average.loss_and_grads(params, inputs, targets, self._workspace)

    def _floor(self, examples: Examples) -> float:
        return window_floors.unordered_floor(examples, self.size)


class MLP(WindowModel):
    """Embeddings of a window side by side, one tanh layer, and the scores."""

    axes: ClassVar = {"embedding": 0, "output.w": 1, "output.b": 0}
    numbers = 8
    _workspace: fast_mlp.Workspace | None = None

    @property
    def shapes(self) -> Shapes:
        """`engine.window_mlp.shapes`."""
        s = self.settings
        return window_mlp.shapes(self.size, s.context, s.width, s.hidden)

    @property
    def cells(self) -> int:
        """The places of its window, the vectors, their gradient and its places, the hidden layer, the scores."""
        s = self.settings
        return 8 * s.context * (s.width + 1) + 3 * s.hidden + 3 * self.size

    def start(self) -> Parameters:
        s = self.settings
        return window_mlp.start(self.size, s.context, s.width, s.hidden, np.random.default_rng([s.seed, 0]))

    def logits(self, params: Parameters, inputs: Ids) -> Array:
        return window_mlp.next_logits(params, inputs)

    def loss_and_grads(self, params: Parameters, inputs: Array, targets: Ids) -> tuple[float, Parameters]:
        if self._workspace is None or len(self._workspace.joined) != len(targets):
            self._workspace = fast_mlp.Workspace.of(params, len(targets))
        return fast_mlp.loss_and_grads(params, inputs, targets, self._workspace)

    def _floor(self, examples: Examples) -> float:
        return window_floors.ordered_floor(examples, self.size)
