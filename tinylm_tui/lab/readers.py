"""Who can be asked how surprising a text is: each model of the lab, and whoever counted the pairs of a text.

A text longer than a gpt's context is read in windows that overlap by half: each token beyond the first window has at
least half a context before it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine import gpt
from tinylm_tui.engine.counts import row_shares
from tinylm_tui.engine.examples import Places
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.progress import Told, always
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.engine.surprise import of_tokens
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import Stopped
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.learners.window_models import WindowModel
from tinylm_tui.lab.models import WINDOWS
from tinylm_tui.lab.scoring import gpt_nats
from tinylm_tui.lab.settings import Settings

PAIRS_AT_ONCE = 4_096  # rows of scores taken at a time


@dataclass(frozen=True, eq=False)
class Reader(ABC):
    """Something that expects a next token, and the text it has that from."""

    corpus: Corpus

    @abstractmethod
    def nats(self, stream: Ids, told: Told = always) -> Array:
        """The surprise of the last n tokens of a stream (N,), nats, (n,) float64: of all that have enough before them.

        Raises Stopped where `told` ends it.
        """

    @abstractmethod
    def expected(self, stream: Ids, place: int) -> Array:
        """The probability of each token at one place that `nats` has a figure for, (V,) float64."""

    @property
    def wants(self) -> str:
        """What a text needs to have anything that can be asked for, in words."""
        return "write one character or more"

    @property
    def work(self) -> int:
        """About how many multiplications a token takes."""
        return self.corpus.size


@dataclass(frozen=True, eq=False)
class Counted(Reader):
    """The pairs of the text, counted: what never stood there is impossible, and infinitely surprising."""

    def nats(self, stream: Ids, told: Told = always) -> Array:
        counts, totals = self.corpus.counts, self.corpus.counts.sum(axis=1)
        before, after = stream[:-1], stream[1:]
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log(counts[before, after] / np.maximum(totals[before], 1)) + 0.0)

    def expected(self, stream: Ids, place: int) -> Array:
        before = stream[place - 1]
        return np.asarray(row_shares(self.corpus.counts[before : before + 1])[0])


@dataclass(frozen=True, eq=False)
class Trained(Reader):
    """Weights."""

    params: Parameters
    settings: Settings

    @property
    def work(self) -> int:
        return self.params.count


class Bigram(Trained):
    """Sees one token."""

    def nats(self, stream: Ids, told: Told = always) -> Array:
        found, W = [np.zeros(0)], self.params["W"]  # (V, V)
        for i in range(1, len(stream), PAIRS_AT_ONCE):
            mind(told, i, len(stream))
            after = stream[i : i + PAIRS_AT_ONCE]
            found.append(of_tokens(W[stream[i - 1 : i - 1 + len(after)]], after))
        return np.concatenate(found)

    def expected(self, stream: Ids, place: int) -> Array:
        return np.asarray(softmax(self.params["W"][stream[place - 1]].astype(np.float64)))

    @property
    def work(self) -> int:
        return self.corpus.size


class Window(Trained):
    """Sees the last `context` tokens."""

    def nats(self, stream: Ids, told: Told = always) -> Array:
        model = self._model
        examples = model.examples_in(stream, bounded=self.corpus.tokenizer.bounded)
        if examples is None:
            return np.zeros(0)
        found = []
        for numbers in model.pieces(examples):
            mind(told, int(numbers[0]), examples.count)
            inputs, targets = examples.take(numbers)
            found.append(of_tokens(model.logits(self.params, inputs), targets))
        return np.concatenate(found)

    def expected(self, stream: Ids, place: int) -> Array:
        model = self._model
        examples = model.examples_in(stream, bounded=self.corpus.tokenizer.bounded)
        assert examples is not None, "this place was asked for"
        inputs, _ = examples.take(np.array([place - examples.first]))
        return softmax(model.logits(self.params, inputs)[0].astype(np.float64))

    @property
    def _model(self) -> WindowModel:
        return WINDOWS[self.settings.model](self.settings, self.corpus.size)

    @property
    def wants(self) -> str:
        if self.corpus.tokenizer.bounded:
            return super().wants
        return f"it sees {self.settings.context} tokens and needs one more after them"


class GPT(Trained):
    """Sees up to `context` tokens."""

    @property
    def config(self) -> GPTConfig:
        """Its sizes."""
        return config_of(self.settings, self.corpus.size)

    def nats(self, stream: Ids, told: Told = always) -> Array:
        if len(stream) < 2:
            return np.zeros(0)
        found: list[Array] = []
        for piece in gpt_nats(self.params, self.config, stream, self._ends(stream), 1):
            found.append(piece)
            mind(told, sum(map(len, found)), len(stream))
        return np.concatenate(found)

    def expected(self, stream: Ids, place: int) -> Array:
        ends = self._ends(stream)
        end = int(ends[np.searchsorted(ends, place)])  # of the window that was asked for this place
        start = end - min(self.settings.context, len(stream) - 1)
        logits, _ = gpt.forward(self.params, self.config, stream[None, start:place])  # (1, t, V)
        return softmax(logits[0, -1].astype(np.float64))

    def _ends(self, stream: Ids) -> Places:
        """The place that each window is asked for last: the first one for all, the others for their second half."""
        tokens, last = min(self.settings.context, len(stream) - 1), len(stream) - 1
        return np.append(np.arange(tokens, last, max(1, tokens // 2)), last)


def mind(told: Told, done: int, of: int) -> None:
    """Tell how far it is. Raises Stopped where that ends it."""
    if not told(done, of):
        raise Stopped("reading the text was stopped")


READERS: dict[str, type[Trained]] = {"bigram": Bigram, "average": Window, "mlp": Window, "gpt": GPT}


def reader_of(corpus: Corpus, params: Parameters, settings: Settings) -> Reader:
    """The model of these weights as a reader."""
    return READERS[settings.model](corpus, params, settings)
