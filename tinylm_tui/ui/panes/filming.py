"""The vectors of all tokens as a picture: it follows them while they are learnt, and comes to rest by itself."""

from __future__ import annotations

import numpy as np
from textual.timer import Timer

from tinylm_tui.engine.parameters import Array
from tinylm_tui.lab.views import embedding_name, embedding_of
from tinylm_tui.ui.drawing.scene import Film, Scene
from tinylm_tui.ui.panes.base import Pane

NEXT_PICTURE = 0.1  # seconds, while a movement is not over and no new moment arrives
PAIRS = 5  # of components that can be chosen


class FilmingPane(Pane):
    """A screen over the embedding of a model, drawn along two of its components."""

    pair = 0  # the first of the two components shown
    film: Film
    _timer: Timer | None = None

    @property
    def name(self) -> str | None:
        """The name of the embedding; None for a model that has none."""
        return embedding_name(self.snapshot.params)

    @property
    def X(self) -> Array:
        """The vectors of all tokens, (V, E); none at all for a model without."""
        X = embedding_of(self.snapshot.params)
        return np.zeros((0, 0)) if X is None else X

    @property
    def can_be_drawn(self) -> bool:
        """Whether there are vectors, and all of finite numbers."""
        return bool(self.X.size and np.isfinite(self.X).all())

    def scene(self) -> Scene:
        """What to draw now."""
        s = self.snapshot
        return self.film.at(self.X, self.pair, (s.corpus_version, s.settings.model), s.step, s.version)

    # ---- movement

    def show(self) -> None:
        """A new moment; where the picture has not come to rest and no other moment follows, it goes on by itself."""
        super().show()
        self._go_on()

    def rehearse(self) -> None:
        """What was drawn unseen is no picture that another could follow from."""
        super().rehearse()
        self.film = Film()

    def _go_on(self) -> None:
        if self._timer:
            self._timer.stop()
        if self.film.moving and self.can_be_drawn and self.lab.tab == self.id:
            self._timer = self.set_timer(NEXT_PICTURE, self._next_picture)

    def _next_picture(self) -> None:
        self.film.go_on()
        self.redraw()
        self._go_on()

    # ---- keys

    def action_change_pair(self) -> None:
        if self.can_be_drawn:
            pairs = min(PAIRS, len(self.scene().components.axes) - 1)
            self.pair = (self.pair + 1) % max(1, pairs)
            self.redraw()
