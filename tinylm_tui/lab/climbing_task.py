"""What all rungs of a ladder share: the text, what is learnt from and asked for, the prompt, the budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinylm_tui.engine.counts import pair_counts
from tinylm_tui.engine.sampling import NextLogits, generate
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.scoring import Part

LENGTH = 40  # tokens that a sample has after its prompt

Clock = Callable[[], float]


@dataclass(frozen=True, eq=False)
class Task:
    """What all rungs share. `held` is None where nothing is kept from training, and `why` says so."""

    corpus: Corpus
    train: Ids  # (N,), all that is learnt from
    asked: Part  # of it
    held: Part | None
    why: str
    prompt: str
    given: Sequence[int]  # the ids of the prompt, with what stands before it
    steps: int
    seed: int
    clock: Clock

    @property
    def parts(self) -> list[Part]:
        """What is asked for, of the text that is learnt from and of what is held out."""
        return [self.asked, self.held] if self.held else [self.asked]

    @property
    def left_out(self) -> str:
        """Which tokens of the training part are not asked for, in a sentence; empty where all are that can be."""
        first, count = self.asked.start, self.asked.count
        if not self.asked.whole:
            return f"Measured on the first {count:,} tokens of the training part, which has {len(self.train):,}."
        if first == 1:  # the token that begins a stream is nobody's to guess
            return ""
        return (
            f"Measured on the last {count:,} of the {len(self.train):,} tokens of the training part: the first {first} "
            "have no full window before them."
        )

    @property
    def learnt_pairs(self) -> Ids:
        """What the counts are counted on: where the text is asked for to its end, exactly what they are asked for."""
        return self.asked.pairs if self.asked.whole else self.train

    def corpus_for(self, model: str) -> Corpus:
        """The text as a model learns it.

        Where a text has no boundaries, the windows leave its first tokens out. So that nobody learns from more of a
        short text than the others, and a bigram comes down to the floor that is counted for it, so does the bigram.
        """
        if model != "bigram" or self.held or not self.asked.whole or self.asked.start == 1:
            return self.corpus
        counts = pair_counts(self.learnt_pairs, self.corpus.size)
        return replace(self.corpus, ids=self.learnt_pairs, counts=counts)

    def sample(self, next_logits: NextLogits) -> str:
        """The prompt and what a model writes after it at temperature 1, every model with the same dice."""
        bounded = self.corpus.tokenizer.bounded
        dice = [np.random.default_rng([self.seed, 0])]
        (one,) = generate(next_logits, self.given, LENGTH, 1.0, dice, bounded=bounded)
        return self.prompt + self.corpus.tokenizer.decode(one.drawn)
