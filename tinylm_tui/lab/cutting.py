"""Which tokenizer a text gets: its characters, the fixed alphabet, or byte-pair tokens learnt from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tinylm_tui.engine.bpe import BPETokenizer, learn_merges
from tinylm_tui.engine.progress import Ended, Told, always
from tinylm_tui.engine.tokenizer import AlphabetTokenizer, CharTokenizer, Ids, Tokenizer
from tinylm_tui.lab.errors import SettingError, Stopped, TextError
from tinylm_tui.lab.settings import MOST_TOKENS, Settings


@dataclass(frozen=True)
class Cut:
    """The settings that choose a tokenizer."""

    tokenizer: str = "characters"
    vocabulary: int = 200
    split_words: bool = True


CHARACTERS = Cut()
STOPPED = "cutting the text into tokens was stopped; everything is as it was"


def cut_of(settings: Settings) -> Cut:
    """The part of the settings that chooses a tokenizer; only byte pairs have a vocabulary to choose."""
    if settings.tokenizer != "bpe":
        return Cut(settings.tokenizer)
    return Cut("bpe", settings.vocabulary, settings.split_words)


def tokenizer_of(units: Sequence[str], cut: Cut, told: Told = always) -> Tokenizer:
    """The tokenizer for a text of these units. Raises TextError, SettingError, or Stopped where `told` ended it."""
    if cut.tokenizer == "alphabet":
        return AlphabetTokenizer()
    characters = CharTokenizer.of("".join(units))
    refuse_many(characters)
    return _byte_pairs(units, characters, cut, told) if cut.tokenizer == "bpe" else characters


def shortage(tokenizer: Tokenizer, cut: Cut) -> str:
    """A sentence where the text gives fewer tokens than were asked for; empty where it gives them."""
    if cut.tokenizer != "bpe":
        return ""
    if tokenizer.size == len(tokenizer.letters) + 1:
        return f"{tokenizer.size} tokens are only the characters and the boundary: a larger vocabulary makes merges."
    if tokenizer.size >= cut.vocabulary:
        return ""
    return f"The text gives {tokenizer.size} tokens, not {cut.vocabulary}: then no pair stands twice any more."


def refuse_many(tokenizer: Tokenizer) -> None:
    """Raises TextError for more tokens than the lab's matrices have rows for."""
    if tokenizer.size > MOST_TOKENS + 1:
        what = "characters" if isinstance(tokenizer, CharTokenizer) else "tokens"
        raise TextError(
            f"this text has {tokenizer.size - 1:,} different {what}; the lab's matrices take up to {MOST_TOKENS:,}. "
            "A shorter text, or one in an alphabet, would do."
        )


def _byte_pairs(units: Sequence[str], characters: CharTokenizer, cut: Cut, told: Told) -> Tokenizer:
    if cut.vocabulary < characters.size:
        raise SettingError(
            f"vocabulary is {cut.vocabulary}, and this text needs {characters.size} tokens for its "
            f"{len(characters.letters)} characters and the boundary alone: {characters.size} or more would do"
        )
    heed(told)
    learnt = learn_merges(units, cut.vocabulary, cut.split_words, told)
    if learnt is None:
        raise Stopped(STOPPED)
    return learnt.tokenizer


def heed(told: Told) -> None:
    """Nothing is done yet. Raises Stopped where nothing need be."""
    if not told(0, 1):
        raise Stopped(STOPPED)


def cut_units(units: Sequence[str], tokenizer: Tokenizer, told: Told = always) -> Ids:
    """The stream of a text of these units. Raises Stopped where `told` ended it."""
    try:
        return tokenizer.encode_units(units, told)
    except Ended as ended:
        raise Stopped(STOPPED) from ended


def tokenizer_from(state: dict[str, Any]) -> Tokenizer:
    """The tokenizer whose `state` this is. Raises KeyError, TypeError or ValueError where it is none."""
    letters = "".join(state["letters"])
    if letters != "".join(sorted(set(letters))):
        raise ValueError("the letters are not in order")
    if state["kind"] == "alphabet":
        return AlphabetTokenizer()
    if state["kind"] == "bpe":
        merges = tuple((int(left), int(right)) for left, right in state["merges"])
        return BPETokenizer(letters, merges, bool(state["split_words"]))
    if state["kind"] != "characters":
        raise ValueError("there is no such tokenizer")
    return CharTokenizer(letters)
