"""Whether what a file says of a learner's memory can be so; see `plausible`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tinylm_tui.lab.errors import RunFileError
from tinylm_tui.lab.learners.recent import KEPT_EVERY, REMEMBERED
from tinylm_tui.lab.proof import finite, mapping, refuse, whole
from tinylm_tui.lab.settings import Settings

MOMENTS = ("learner.adamw.mean", "learner.adamw.square")
EARLIER = ("learner.earlier.old", "learner.earlier.new")
EARLIER_MOMENTS = tuple(f"{moment}.{name}" for moment in EARLIER for name in ("mean", "square"))
TAUGHT = ("learner.train", "learner.held")
AS_LONG_AS_WEIGHTS = (*MOMENTS, *EARLIER, *EARLIER_MOMENTS, "learner.good")
LEARNER_ARRAYS = {**dict.fromkeys(AS_LONG_AS_WEIGHTS, "float32"), **dict.fromkeys(TAUGHT, "int32")}
NEEDED = {
    "bigram": ("batches",),
    "average": ("epochs", "recent", "held_loss"),
    "mlp": ("epochs", "recent", "held_loss", "adamw_steps"),
    "gpt": ("batches", "recent", "held_loss", "adamw_steps", "halved"),
}


def refuse_learner(
    saved: Mapping[str, Any], settings: Settings, lengths: Mapping[str, int], steps: tuple[int, int]
) -> None:
    """Raises RunFileError unless the state `saved` and the `lengths` of arrays can be those of the model's learner.

    `steps` are those since its text was changed last: what came before is nothing to go back to.
    """
    needed = NEEDED[settings.model]
    if missing := [part for part in needed if part not in saved]:
        raise RunFileError(f"it lacks what the model {settings.model} needs to go on: {', '.join(missing)}")
    for part, value in saved.items():
        if part in CHECKS:
            CHECKS[part](value)
    if "earlier" in saved:
        _refuse_earlier(saved["earlier"], *steps)
    if ("adamw_steps" in needed) != (MOMENTS[0] in lengths) or (EARLIER[0] in lengths) != ("earlier" in saved):
        raise refuse("memory")
    _refuse_half_kept(saved.get("earlier", {}), settings, lengths)
    if settings.model == "gpt" and lengths.get("learner.train", settings.context + 1) <= settings.context:
        raise refuse("text to learn from")


def _refuse_half_kept(earlier: Mapping[str, Any], settings: Settings, lengths: Mapping[str, int]) -> None:
    """What AdamW remembered belongs to both moments to go back to, or in early files to none."""
    told = ["adamw_steps" in earlier[name] for name in ("old", "new") if name in earlier]
    kept = [name in lengths for name in EARLIER_MOMENTS]
    if any(told + kept) and not (all(told + kept) and told and settings.model == "mlp"):
        raise refuse("memory")


def _generator(saved: object) -> None:
    """numpy's PCG64: a state of 128 bits and an odd increment."""
    dice = mapping(saved, "dice")
    inner = mapping(dice.get("state"), "dice")
    whole(inner.get("state"), "dice", 0, 2**128 - 1)
    whole(dice.get("has_uint32"), "dice", 0, 1)
    whole(dice.get("uinteger"), "dice", 0, 2**32 - 1)
    if dice.get("bit_generator") != "PCG64" or whole(inner.get("inc"), "dice", 0, 2**128 - 1) % 2 == 0:
        raise refuse("dice")


def _epochs(saved: object) -> None:
    place = mapping(saved, "place in the text")
    whole(place.get("epoch"), "place in the text")
    whole(place.get("place"), "place in the text")


def _recent(saved: object) -> None:
    """The gpt keeps a list, the others also a running mean."""
    losses = saved
    if isinstance(saved, dict):
        finite(saved.get("running"), "last losses")
        losses = saved.get("losses")
    if not isinstance(losses, list) or len(losses) > max(REMEMBERED):
        raise refuse("last losses")
    for loss in losses:
        finite(loss, "last losses")


def _held_loss(saved: object) -> None:
    if saved is not None:
        finite(saved, "held-out loss")


def _halved(saved: object) -> None:
    if saved is not None and not isinstance(saved, bool):
        raise refuse("number of cores")


def _refuse_earlier(saved: object, first: int, last: int) -> None:
    """Two moments to go back to, which early files of format 2 have without all that belongs to their weights."""
    kept = mapping(saved, "memory")
    whole(kept.get("updates"), "memory", 0, KEPT_EVERY - 1)
    moments = [mapping(kept[name], "memory") for name in ("old", "new") if name in kept]
    for moment in moments:
        _epochs(moment.get("epochs"))
        _recent(mapping(moment.get("recent"), "memory"))
        _held_loss(moment.get("held_loss"))
        whole(moment.get("adamw_steps", 0), "steps of AdamW")
    steps = [whole(moment.get("step"), "memory", first, last) for moment in moments]
    if len(moments) == 1 or steps != sorted(steps):
        raise refuse("memory")


CHECKS: dict[str, Callable[[object], object]] = {
    "batches": _generator,
    "epochs": _epochs,
    "recent": _recent,
    "held_loss": _held_loss,
    "halved": _halved,
    "adamw_steps": lambda saved: whole(saved, "steps of AdamW"),
    "good_loss": lambda saved: finite(saved, "last good loss"),
}
