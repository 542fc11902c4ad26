"""The text of a run as it goes to the screen."""

from __future__ import annotations

from tinylm_tui.lab.corpus import Corpus


class Shown:
    """`corpus` is the run's without its ids; `number` grows when it is another, so that it crosses only then."""

    def __init__(self, own: Corpus) -> None:
        self._own, self.corpus, self.number = own, own.without_ids(), 1

    def update(self, own: Corpus) -> None:
        """The run's corpus is this one now."""
        if own is not self._own:
            self._own, self.corpus, self.number = own, own.without_ids(), self.number + 1
