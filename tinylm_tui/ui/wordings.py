"""Sentences on screen that depend on the tokens of the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tinylm_tui.engine.tokenizer import Tokenizer


@dataclass(frozen=True)
class Either:
    """A paragraph for tokens with a boundary that keep all of a text, and one for the alphabet, which does neither."""

    bounded: str
    alphabet: str  # empty: nothing is said

    def of(self, tokenizer: Tokenizer) -> str:
        """The one that is true with this tokenizer."""
        return self.bounded if tokenizer.bounded else self.alphabet


Paragraph = str | Either
Page = tuple[Paragraph, ...]


def chosen(page: Iterable[Paragraph], tokenizer: Tokenizer) -> tuple[str, ...]:
    """The paragraphs that are true with this tokenizer."""
    said = (one if isinstance(one, str) else one.of(tokenizer) for one in page)
    return tuple(one for one in said if one)
