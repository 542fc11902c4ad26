"""What reaches the screen from the thread that listens to the trainer."""

from __future__ import annotations

from textual.message import Message

from tinylm_tui.lab.snapshot import Snapshot


def number_of(snapshot: Snapshot) -> int:
    """The number of the last notice; 0 where there was none."""
    return snapshot.notice.number if snapshot.notice else 0


class Arrived(Message):
    """A newer moment is here."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot


class Lost(Message):
    """The trainer is gone; `why` is its last word."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why
