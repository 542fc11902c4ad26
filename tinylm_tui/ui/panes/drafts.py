"""Texts that a model writes for a screen, in slices short enough that no key is kept waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar

from tinylm_tui.engine.sampling import Growing, Sample
from tinylm_tui.ui.panes.base import Pane

BREATH = 0.005  # seconds between two slices, at least
REST = 0.5  # seconds between two drafts of a model that takes longer than a slice to write one


class Draft:
    """The texts of one screen, which is drawn again when there is more of them."""

    slice: ClassVar[float] = 0.02  # seconds of writing at a time

    def __init__(self, pane: Pane) -> None:
        self._pane = pane
        self._shown: list[Sample] = []
        self._of: tuple[Any, int] | None = None  # what the texts in view were asked for, once they are whole
        self._work: tuple[tuple[Any, int], Growing] | None = None
        self._rest_until = 0.0

    def samples(self, chosen: Any, moment: int, begin: Callable[[], Growing]) -> list[Sample]:
        """The texts for what the person `chosen` and a `moment` of training, or, for now, those of a moment before.

        What is written for one moment is written to its end, however many come meanwhile. Raises what `begin` raises.
        """
        if self._work is not None and self._work[0][0] == chosen:
            return self._shown
        if self._of != (chosen, moment):
            waits = self._rest_until - time.monotonic()
            if self._of is not None and self._of[0] == chosen and waits > 0:
                self._pane.set_timer(waits, self._pane.redraw)
            else:
                self._work = (chosen, moment), begin()
                self._write()
        return self._shown

    def _write(self) -> bool:
        """Go on for a slice; whether there is anything new to be seen."""
        assert self._work is not None
        asked, growing = self._work
        end = time.monotonic() + self.slice
        while growing.grow():
            if time.monotonic() >= end:
                self._rest_until = time.monotonic() + REST
                self._pane.set_timer(max(self.slice, BREATH), self._go_on)
                if first := self._of is None or self._of[0] != asked[0]:  # better half a text than that of another wish
                    self._shown = growing.samples()
                return first
        self._shown, self._of, self._work = growing.samples(), asked, None
        return True

    def _go_on(self) -> None:
        if not self._pane.display:  # nobody looks: it is begun anew when somebody does
            self._work = None
        if self._work is not None and self._write():
            self._pane.redraw()
