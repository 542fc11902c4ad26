"""How surprising a text is to each of several models: all are asked for exactly the same tokens.

Sums of surprise are in nats; `Part.bits` spreads them over the characters of the tokens that were asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine.counts import Counts, conditional_entropy, pair_counts, row_shares
from tinylm_tui.engine.examples import Examples, Places
from tinylm_tui.engine.fast import gpt as fast
from tinylm_tui.engine.fast.buffers import Buffers
from tinylm_tui.engine.gpt import head
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.parts import by_part
from tinylm_tui.engine.surprise import of_tokens
from tinylm_tui.engine.tokenizer import Ids, Tokenizer
from tinylm_tui.engine.window_floors import ordered_floor, unordered_floor
from tinylm_tui.lab.learners import AnyLearner, GPTLearner, WindowLearner

MOST_SCORED = 30_000  # tokens of a part that are asked for; every starter text has fewer
MOST_READ = 100_000  # tokens that a gpt reads for it: its windows overlap as far as that allows
AT_ONCE = 2_048  # tokens that a gpt reads in one piece of work


@dataclass(frozen=True, eq=False)
class Part:
    """The beginning of a stream (N,): the tokens from place `start` on are asked for, with all before them known."""

    stream: Ids
    start: int
    bounded: bool
    characters: int  # that the tokens asked for stand for
    whole: bool  # whether the stream is asked for to its end

    @classmethod
    def of(cls, stream: Ids, windows: Sequence[int], tokenizer: Tokenizer) -> Part:
        """At most MOST_SCORED tokens, from the first one on that models with these windows can all be asked for.

        Raises ValueError for a stream that is too short for one of them.
        """
        firsts = [Examples.of(stream, window, bounded=tokenizer.bounded).first for window in windows]
        start = max(firsts, default=1)
        if len(stream) <= start:
            raise ValueError(f"{len(stream)} tokens leave none to ask for")
        asked = stream[: start + MOST_SCORED]
        characters = int(tokenizer.lengths[asked[start:]].sum())
        return cls(asked, start, tokenizer.bounded, characters, whole=len(asked) == len(stream))

    @property
    def count(self) -> int:
        """How many tokens are asked for."""
        return len(self.stream) - self.start

    def bits(self, nats: float) -> float:
        """A sum of surprise over all tokens asked for, as bits a character."""
        return nats / math.log(2) / self.characters

    def from_window(self, window: int) -> Ids:
        """The part of the stream whose examples with this window have exactly the tokens asked for as targets."""
        first = Examples.of(self.stream, window, bounded=self.bounded).first
        return self.stream[self.start - first :]

    @property
    def pairs(self) -> Ids:
        """The same for whoever sees one token."""
        return self.stream[self.start - 1 :]


def surprise(learner: AnyLearner, part: Part, stride: int = 1) -> Iterator[float]:
    """What the tokens of `part` cost this model: the sum of what is yielded, in nats, piece by piece.

    A gpt's windows are `stride` tokens apart: see stride_for.
    """
    if isinstance(learner, GPTLearner):
        yield from _gpt_surprise(learner.params, learner.config, part, stride)
    elif isinstance(learner, WindowLearner):
        yield learner.evaluate(part.from_window(learner.settings.context)) * part.count
    else:
        yield learner.evaluate(part.pairs) * part.count


def stride_for(context: int, parts: Sequence[Part]) -> int:
    """How many tokens a gpt's windows lie apart: the same in all parts, so that their losses can be compared.

    So few as reading the largest part allows. Each token then has context − stride + 1 to context tokens before it.
    """
    return max(-(-part.count * min(context, len(part.stream) - 1) // MOST_READ) for part in parts)


def floor(learner: AnyLearner, part: Part) -> float | None:
    """The least sum of surprise (nats) for whoever sees what this model sees, counted on the very tokens asked for.

    None for a gpt: it may see so much that hardly any token would be left to guess.
    """
    size = learner.corpus.size
    if isinstance(learner, GPTLearner):
        return None
    if isinstance(learner, WindowLearner):
        window = learner.settings.context
        examples = Examples.of(part.from_window(window), window, bounded=part.bounded)
        lowest = unordered_floor if learner.settings.model == "average" else ordered_floor
        return lowest(examples, size) * part.count
    return pair_floor(part, size)


def pair_floor(part: Part, size: int) -> float:
    """The least sum of surprise (nats) for whoever sees the last token only."""
    return conditional_entropy(pair_counts(part.pairs, size)) * part.count


def counted_surprise(counts: Counts, part: Part) -> tuple[float, float, int]:
    """What the tokens of `part` cost whoever has the counts (V, V) of another text, in nats.

    First as they are: infinite where a pair was never counted; then with one added to each, which leaves nothing
    impossible (Laplace's rule of succession); and how many pairs of the part were never counted.
    """
    asked = pair_counts(part.pairs, len(counts))
    seen = asked > 0
    shares = row_shares(counts)[seen]
    added = row_shares(counts + 1)[seen]
    never = int(asked[seen][shares == 0].sum())
    plain = math.inf if never else -float((asked[seen] * np.log(shares)).sum()) + 0.0
    return plain, -float((asked[seen] * np.log(added)).sum()), never


def _gpt_surprise(params: Parameters, config: GPTConfig, part: Part, stride: int) -> Iterator[float]:
    """Windows of T tokens that overlap: of each, only the last tokens are asked for, which see most."""
    tokens = min(config.context, len(part.stream) - 1)  # T
    first, last = max(part.start, tokens), len(part.stream) - 1
    ends = np.append(np.arange(first, last, stride), last)  # the last token that each window is asked for
    for nats in gpt_nats(params, config, part.stream, ends, part.start):
        yield float(nats.sum())


def gpt_nats(params: Parameters, config: GPTConfig, stream: Ids, ends: Places, start: int) -> Iterator[Array]:
    """The surprise of each token from place `start` on, nats, float64, in the order of the stream, piece by piece.

    Each window is asked for the tokens up to its end, `ends` (n,), that the windows before it were not asked for. The
    first end is the length of a window or more, the last one the place of the last token.
    """
    tokens = min(config.context, len(stream) - 1)  # T
    asked = np.diff(ends, prepend=start - 1)  # how many
    many = max(1, AT_ONCE // tokens)
    buffers = Buffers.of(config, many, tokens)
    for i in range(0, len(ends), many):
        if len(ends) - i < many:
            buffers = Buffers.of(config, len(ends) - i, tokens)
        yield _of_windows(params, stream, ends[i : i + many], asked[i : i + many], buffers)


@fast.quiet
def _of_windows(params: Parameters, stream: Ids, ends: Places, asked: Places, buffers: Buffers) -> Array:
    """The surprise at the last `asked` (B,) tokens of the windows that end before and at `ends` (B,)."""
    T = buffers.tokens
    inputs = stream[ends[:, None] + np.arange(-T, 0)]  # (B, T)
    targets = stream[ends[:, None] + np.arange(1 - T, 1)]  # (B, T)
    logits = fast.forward(by_part(params), head(params), inputs, buffers)  # (B·T, V)
    wanted = (np.arange(T) >= T - asked[:, None]).reshape(-1)  # (B·T,)
    return of_tokens(logits[wanted], targets.reshape(-1)[wanted])
