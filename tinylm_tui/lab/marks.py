"""Where something other than training changed what a run learns from, or its weights: its curves may bend there."""

from __future__ import annotations

from typing import NamedTuple

TAUGHT, FEEDBACK, NUDGED = KINDS = ("taught", "feedback", "nudged")
MOST = 100  # the newest are kept


class Mark(NamedTuple):
    """Before update `step` (of which there had been so many) this `kind` of change was made."""

    step: int
    kind: str


Marks = tuple[Mark, ...]


def marked(marks: Marks, step: int, kind: str) -> Marks:
    """`marks` and one more. Each round of feedback is one of its own, for it may be taken back; the others join."""
    new = Mark(step, kind)
    return marks if kind != FEEDBACK and marks[-1:] == (new,) else (*marks, new)[-MOST:]
