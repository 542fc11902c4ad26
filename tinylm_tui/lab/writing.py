"""Letting a model write: samples from boundary to boundary, or on from a prompt."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

import numpy as np

from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.sampling import Growing, Sample
from tinylm_tui.engine.strategies import HIGHEST_TEMPERATURE, Strategy
from tinylm_tui.engine.tokenizer import BOUNDARY, Tokenizer
from tinylm_tui.lab.errors import LabError, SettingError
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.settings import Settings

MOST_KEPT = 1_000_000  # the largest k that is read: no vocabulary here has as many tokens
BIGRAM = Settings()
NAMES = {" ": "the blank", "\n": "the line end", "\t": "the tabulator"}


@dataclass(frozen=True)
class Request:
    """What to write. `seed` fixes the dice: the same request to the same weights gives the same texts."""

    count: int = 10
    length: int = 40
    temperature: float = 1.0
    prompt: str = ""
    seed: int = 0
    top_k: int = 0  # 0: off
    top_p: float = 1.0  # 1: off

    @property
    def strategy(self) -> Strategy:
        """How each token is drawn. Raises SettingError for values that mean nothing."""
        if not 0 <= self.temperature <= HIGHEST_TEMPERATURE:
            wanted = f"temperature takes a number from 0 to {HIGHEST_TEMPERATURE:g}"
            raise SettingError(f"{wanted}, not {self.temperature:g}")
        try:
            return Strategy(self.temperature, self.top_k, self.top_p)
        except ValueError as error:
            raise SettingError(str(error)) from None


def clamped(request: Request, size: int) -> tuple[Request, list[str]]:
    """The request with its strategy brought into range for `size` tokens, and a sentence for each value that was not.

    The same as on screen.
    """
    strategy, said = Strategy.clamped(request.temperature, request.top_k, request.top_p, size)
    return replace(request, temperature=strategy.temperature, top_k=strategy.top_k, top_p=strategy.top_p), said


def begin(params: Parameters, tokenizer: Tokenizer, request: Request, settings: Settings = BIGRAM) -> Growing:
    """The samples asked for before their first token. Raises LabError for a prompt the model cannot read."""
    given = [BOUNDARY, *prompt_ids(tokenizer, request.prompt)]
    strategy = request.strategy
    next_logits = model_of(settings).next_logits(params, settings, tokenizer)
    dice = [np.random.default_rng([request.seed, n]) for n in range(request.count)]
    return Growing(next_logits, given, request.length, strategy, dice, bounded=tokenizer.bounded)


def write(params: Parameters, tokenizer: Tokenizer, request: Request, settings: Settings = BIGRAM) -> list[Sample]:
    """The samples asked for, each from dice of its own. Raises LabError for a prompt the model cannot read."""
    growing = begin(params, tokenizer, request, settings)
    while growing.grow():
        pass
    return growing.samples()


def prompt_ids(tokenizer: Tokenizer, prompt: str) -> list[int]:
    """The ids of a prompt. Raises LabError that names the letters the model has never seen."""
    if unknown := tokenizer.unknown(prompt):
        letters = ", ".join(map(spoken, unknown[:8]))
        raise LabError(f"the model has never seen {letters}; use characters of its text")
    return [int(i) for i in tokenizer.encode(prompt)]


def spoken(character: str) -> str:
    """A character in a sentence: itself, or in words where nobody would see it."""
    if name := NAMES.get(character):
        return name
    invisible = not character.isprintable() or unicodedata.category(character) in ("Mn", "Me", "Zs")
    return f"U+{ord(character):04X}" if invisible else character
