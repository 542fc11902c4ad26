"""What every learner with AdamW has: clipping, a learn rate that warms up and decays, and a memory that is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinylm_tui.engine.adamw import AdamWSettings, Moments, adamw_step, clip
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.schedule import Schedule
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.settings import Settings

SAVED = (("mean", "adamw.mean"), ("square", "adamw.square"))


def move(params: Parameters, grads: Parameters, moments: Moments, settings: Settings, step: int) -> None:
    """Clip, then one step of AdamW at this step's learn rate."""
    if settings.clip:
        clip(grads, settings.clip)
    adamw = AdamWSettings(beta2=settings.beta2, weight_decay=settings.weight_decay)
    adamw_step(params, grads, moments, schedule_of(settings).learn_rate(step), adamw)


def schedule_of(settings: Settings) -> Schedule:
    """Warm-up to the learn rate, then down to `decay_to` over `decay_steps`, or no decay when that is 0."""
    if not settings.decay_steps:
        return Schedule(settings.learn_rate, settings.warmup, 0, settings.learn_rate)
    return Schedule(settings.learn_rate, settings.warmup, settings.decay_steps, settings.decay_to)


def arrays_of(moments: Moments) -> dict[str, Array]:
    """The running means, by the names they have in a file."""
    return {saved: getattr(moments, name) for name, saved in SAVED}


def restore(moments: Moments, arrays: Mapping[str, Array], state: Mapping[str, Any]) -> None:
    """Put back what `arrays_of` and the state's `adamw_steps` gave. Raises KeyError or ValueError."""
    for name, saved in SAVED:
        mine = getattr(moments, name)
        if arrays[saved].shape != mine.shape or not np.isfinite(arrays[saved]).all():
            raise ValueError(f"{saved} has shape {arrays[saved].shape}, or is not finite")
        mine[...] = arrays[saved]
    moments.steps = int(state["adamw_steps"])


def copied(moments: Moments) -> dict[str, Array]:
    """The running means as they are now, by name."""
    return {name: getattr(moments, name).copy() for name, _ in SAVED}


def take_back(moments: Moments, kept: Mapping[str, Array], state: Mapping[str, Any]) -> None:
    """Put back what `copied` and the state's `adamw_steps` gave; where early files lack it, nothing is remembered."""
    for name, _ in SAVED:
        getattr(moments, name)[...] = kept.get(name, 0)
    moments.steps = int(state.get("adamw_steps", 0))


def transplanted(old: Parameters, places: Ids, into: Parameters, axes: Mapping[str, int]) -> Parameters:
    """Writes the old numbers into `into`, whose vocabulary may be larger: those of a token at its new place.

    `axes` names the arrays that have a row, a column or a number for each token, and along which axis.
    """
    for name, numbers in old.items():
        before = [slice(None)] * axes.get(name, 0)
        where: tuple[Any, ...] = (*before, places) if name in axes else ()
        into[name][where] = numbers
    return into


def transplanted_moments(
    old: tuple[Moments, Parameters], places: Ids, into: tuple[Moments, Parameters], axes: Mapping[str, int]
) -> None:
    """The same for what AdamW remembers of the weights; it knows nothing yet of new tokens."""
    (theirs, old_params), (mine, params) = old, into
    mine.steps = theirs.steps
    for name, _ in SAVED:
        blank = Parameters(getattr(mine, name), params.shapes)
        transplanted(Parameters(getattr(theirs, name), old_params.shapes), places, blank, axes)
