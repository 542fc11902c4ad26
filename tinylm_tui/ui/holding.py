"""Which saved run this lab has open: no other lab then writes over it."""

from __future__ import annotations

from pathlib import Path

from tinylm_tui.lab.locking import Lock, hold_run


class Holding:
    """At most one run at a time. Where the system has no locks everything may be held by everybody."""

    def __init__(self) -> None:
        self._lock: Lock | None = None
        self._path: Path | None = None

    def take(self, path: Path) -> bool:
        """Hold the run in this file instead of the one before; False where another lab has it open."""
        real = path.resolve()
        if real == self._path:
            return True
        lock = hold_run(real)
        if lock is None:
            return False
        self.release()
        self._lock, self._path = lock, real
        return True

    def release(self) -> None:
        """Let go of it."""
        if self._lock:
            self._lock.release()
        self._lock = self._path = None
