"""The steps that are marked in the picture of the loss, each by a line down and its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tinylm_tui.lab.marks import FEEDBACK, NUDGED, TAUGHT, Mark
from tinylm_tui.lab.snapshot import Snapshot

AMBER, WHITE = 215, 252  # colours of the 256 palette
MOST = 6  # changes that are drawn, the newest: more would hide the curve
SAID = {TAUGHT: "taught more", FEEDBACK: "feedback", NUDGED: "nudged"}


@dataclass(frozen=True)
class Upright:
    """A line down at a step, with its name, or a short one where there is little room."""

    step: int
    name: str
    short: str
    colour: int


def uprights_of(snapshot: Snapshot) -> list[Upright]:
    """Where the held-out loss was lowest, once it has risen since, and what training did not do, the newest first."""
    lowest = snapshot.turned
    found = [] if lowest is None else [_upright(lowest, "held out was lowest", "held-out turn", AMBER)]
    changes = list(changes_of(snapshot.marks).items())[-MOST:]
    return found + [_upright(step, said, said, WHITE) for step, said in reversed(changes)]


def _upright(step: int, said: str, short: str, colour: int) -> Upright:
    return Upright(step, f"{said} at step {step:,}", short, colour)


def changes_of(marks: Iterable[Mark]) -> dict[int, str]:
    """By step, what was changed there; nothing for step 0, where there is no curve yet that could bend."""
    found: dict[int, list[str]] = {}
    for step, kind in marks:
        if step and SAID[kind] not in found.setdefault(step, []):
            found[step].append(SAID[kind])
    return {step: ", ".join(said) for step, said in found.items()}
