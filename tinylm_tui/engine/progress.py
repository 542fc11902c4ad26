"""How long work tells how far it is, and hears whether to stop."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[[int, int], bool]  # how much is done, of how much; False stops it


def always(done: int, of: int) -> bool:
    """Nobody listens, nobody stops it."""
    return True
