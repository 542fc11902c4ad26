"""The ladder as it is shown: what each model of it came to on the same text. Nothing here trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tinylm_tui.lab.settings import Settings

State = Literal["waiting", "running", "done", "stopped", "refused"]


@dataclass(frozen=True)
class Rung:
    """One model of a ladder. All losses are bits a character, comparable between lossless tokenizers."""

    name: str  # counts, or a model of the lab
    sees: str  # what it sees of the text before the token it guesses
    settings: Settings | None  # None for counts, which has nothing to set
    weights: int | None  # its numbers; None where it could not be made, or was not yet
    steps: int  # made so far; counts makes none
    speed: float | None  # steps a second
    train_bits: float | None  # at the end, on what it learnt from
    held_bits: float | None  # at the end, on what was kept from training; infinite where the impossible occurs
    floor_bits: float | None  # the least train_bits possible for whoever sees only what this one sees
    note: str  # one plain sentence, or empty
    sample: str  # the prompt and what it wrote after it
    curve_steps: tuple[int, ...]  # about 60 points at most
    curve_train: tuple[float, ...]  # the loss that the model itself shows while it trains
    curve_held: tuple[float, ...]  # as last measured at these steps; empty where nothing is held out
    state: State
    predicted: int | None = None  # tokens that one step learns to predict; None for counts, or where it never began


@dataclass(frozen=True)
class LadderReport:
    """A ladder at one moment: its rungs from the lowest, and what all of them share."""

    rungs: tuple[Rung, ...]
    text: str  # the name of the text
    prompt: str
    steps: int  # the budget of each rung
    seed: int
    held_out: float  # the share kept from training; 0 where the text is too short for one
    characters_per_token: float
    tokenizer: str
    running: bool
    seconds: float  # of work so far
    left_out: str = ""  # one sentence on the tokens that are learnt from and not asked for; empty where there are none
