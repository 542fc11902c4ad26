"""One head of attention on one text: what the drawings of the Attention screen are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from tinylm_tui.engine import gpt
from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.look import Look


@dataclass(frozen=True, eq=False)
class Head:
    """q, k, v (T, d), scores before the mask and pattern (T, T), and the T tokens' letters ("" = the boundary)."""

    letters: list[str]
    q: Array
    k: Array
    v: Array
    scores: Array
    pattern: Array

    def beginning(self, tokens: int) -> Head:
        """The same of the first tokens only: no row depends on what comes after it."""
        rows = (self.q[:tokens], self.k[:tokens], self.v[:tokens])
        return Head(self.letters[:tokens], *rows, self.scores[:tokens, :tokens], self.pattern[:tokens, :tokens])


def head_of(trace: gpt.Trace, letters: Sequence[str], layer: int, number: int) -> Head:
    """Head `number` of block `layer` in the trace of one text; `letters` of the whole vocabulary."""
    t = trace.blocks[layer].attention
    text = [letters[int(i)] for i in trace.ids[0]]
    return Head(text, *(x[0, number] for x in (t.q, t.k, t.v, t.scores, t.pattern)))


def within(strips: Sequence[Strip], width: int, height: int) -> list[Strip]:
    """The part of a drawing that fits."""
    return [strip.crop(0, width) for strip in strips[:height]]


def spelt(text: str, look: Look) -> str:
    """The two signs of this screen that ASCII has no single character for, in letters."""
    return text.replace("√", "sqrt ").replace("−∞", "-inf") if look.ascii else text
