"""Letting a model write: samples from boundary to boundary, or on from a prompt."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.sampling import Sample, generate
from tinylm_tui.engine.tokenizer import BOUNDARY, Tokenizer
from tinylm_tui.lab.errors import LabError, SettingError
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.settings import Settings

LONGEST = 200
HIGHEST_TEMPERATURE = 100.0
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


def write(params: Parameters, tokenizer: Tokenizer, request: Request, settings: Settings = BIGRAM) -> list[Sample]:
    """The samples asked for, each from dice of its own. Raises LabError for a prompt the model cannot read."""
    given = [BOUNDARY, *prompt_ids(tokenizer, request.prompt)]
    if not 0 <= request.temperature <= HIGHEST_TEMPERATURE:
        raise SettingError(f"temperature takes a number from 0 to {HIGHEST_TEMPERATURE:g}, not {request.temperature:g}")
    next_logits = model_of(settings).next_logits(params, settings, tokenizer)
    dice = [np.random.default_rng([request.seed, n]) for n in range(request.count)]
    return generate(next_logits, given, request.length, request.temperature, dice, bounded=tokenizer.bounded)


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
