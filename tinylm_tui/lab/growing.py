"""A text while a model writes it, one token at a time: what an animation steps through.

It is a frozen value: what is written stays, with the probability it was drawn with; the model's own probability is
asked of the weights of the moment. The dice are those of `writing.write`: the same text, as long as nobody moves the
weights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, log2
from typing import Literal

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.strategies import Strategy, distribution
from tinylm_tui.engine.tokenizer import BOUNDARY, Tokenizer
from tinylm_tui.lab.candidates import candidates, thrown_dice

LONGEST = 200  # tokens that are written at most; Generate gives a running text as many

Halt = Literal["", "ended", "full", "long"]


@dataclass(frozen=True)
class Odds:
    """What one token was drawn with, by the weights of that moment."""

    temperature: float
    chance: float  # its probability at that temperature


@dataclass(frozen=True)
class Growing:
    """The first `shown` of the tokens drawn so far are in view; those after them were stepped back over."""

    given: tuple[int, ...]  # the boundary (or a blank) and the text that was typed; never empty
    seed: int = 0
    temperature: float = 1.0
    drawn: tuple[int, ...] = ()
    odds: tuple[Odds, ...] = ()  # of each token drawn
    shown: int = 0

    @property
    def ids(self) -> tuple[int, ...]:
        """The text so far."""
        return self.given + self.drawn[: self.shown]

    def window(self, context: int) -> tuple[int, ...]:
        """What the model sees of it: the last `context` tokens. In a longer text each step moves every token on."""
        return self.ids[-context:]

    def at(self, temperature: float) -> Growing:
        """The text so far, to go on with at another temperature."""
        kept = self.shown
        return replace(self, temperature=temperature, drawn=self.drawn[:kept], odds=self.odds[:kept])

    def ended(self, tokenizer: Tokenizer) -> bool:
        """Whether the model itself ended the text, by drawing the boundary."""
        return self.shown > 0 and tokenizer.bounded and self.ids[-1] == BOUNDARY

    def halt(self, tokenizer: Tokenizer, context: int) -> Halt:
        """Why it goes no further ("ended", "long"), or waits here once ("full": from here on the window slides)."""
        if self.ended(tokenizer):
            return "ended"
        if self.shown >= LONGEST:
            return "long"
        return "full" if self.shown and len(self.ids) == context else ""


def forward(growing: Growing, logits: Array) -> Growing:
    """One token on: the one that was stepped back over, or a new one drawn from logits (V,), the scores of the next."""
    if growing.shown < len(growing.drawn):
        return replace(growing, shown=growing.shown + 1)
    offered = candidates(logits, Strategy(growing.temperature))
    token = thrown_dice(offered, growing.seed, growing.shown)
    odds = Odds(growing.temperature, float(offered.chances[offered.place(token)]))
    return replace(growing, drawn=(*growing.drawn, token), odds=(*growing.odds, odds), shown=growing.shown + 1)


def back(growing: Growing) -> Growing:
    """One token back, at most to the text that was given."""
    return replace(growing, shown=max(0, growing.shown - 1))


@dataclass(frozen=True)
class Newest:
    """The token drawn last: as the weights of this moment see it, and what it was really drawn with."""

    token: int
    probability: float  # the model's own, at temperature 1
    odds: Odds

    @property
    def bits(self) -> float:
        """Its surprise, −log2 of the model's own probability."""
        return -log2(self.probability) + 0.0 if self.probability > 0 else inf


def newest(growing: Growing, logits: Array) -> Newest:
    """The last token in view; logits (V,) are the scores of what comes after all before it."""
    token = growing.ids[-1]
    return Newest(token, float(distribution(logits)[token]), growing.odds[growing.shown - 1])
