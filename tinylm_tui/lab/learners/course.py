"""Where in a text a learner is, what its last looks found, and the moments that an explosion goes back to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tinylm_tui.engine.parameters import Array
from tinylm_tui.lab.learners.epochs import Epochs
from tinylm_tui.lab.learners.recent import Earlier, Moment, Recent

CALM = 1.5  # times the loss of knowing nothing: weights that cost less are not known to be bad


class Course:
    """All that a learner remembers beside its weights. `uniform` is the loss of knowing nothing, nats a token.

    `held_loss` is that of the held-out part when it was last measured; None where nothing is held out.
    """

    def __init__(self, epochs: Epochs, batch: int, uniform: float) -> None:
        self.epochs, self.recent, self.uniform = epochs, Recent(batch, uniform), uniform
        self.held_loss: float | None = None
        self._earlier = Earlier()
        self._place = epochs.state()  # before the last batch

    def resize(self, batch: int) -> None:
        """From now on batches have another size."""
        if not self.recent.small:  # nothing was kept so far
            self._earlier = Earlier()
        self.recent.resize(batch)

    def next(self) -> tuple[Array, Array]:
        """The next batch: inputs, targets (B,)."""
        self._place = self.epochs.state()
        return self.epochs.next(self.recent.batch)

    def learnt(self, loss: float, moment: Callable[[], Moment]) -> None:
        """To be called before each update: the last batch cost so much, and `moment` is now."""
        calm = self.recent.judged(loss) <= CALM * self.uniform
        if self.recent.small and (calm or self._earlier.empty):
            self._earlier.keep(moment)
        self.recent.add(loss)

    def before(self) -> dict[str, Any]:
        """The state of a moment: what there was before the last batch."""
        return self._state(self._place)

    def back(self) -> Moment | None:
        """After an explosion: the moment to go back to, where that is more than the last update."""
        if not self.recent.small:
            return None
        moment = self._earlier.back()
        if moment is None:  # opened from a file of an earlier version, without a step since
            self.recent.running = self.uniform
        return moment

    # ---- for a file

    def arrays(self) -> dict[str, Array]:
        """By name."""
        return self._earlier.arrays() if self.recent.small else {}

    def state(self) -> dict[str, Any]:
        """The rest, ready for JSON."""
        return self._state(self.epochs.state()) | (self._earlier.state() if self.recent.small else {})

    def _state(self, place: dict[str, Any]) -> dict[str, Any]:
        return {"epochs": place, "recent": self.recent.state(), "held_loss": self.held_loss}

    def remember(self, state: Mapping[str, Any]) -> None:
        """Be where `before` or `state` was. Raises KeyError, TypeError or ValueError."""
        self.epochs.restore(state["epochs"])
        self.recent.restore(state["recent"])
        self.held_loss = state["held_loss"]

    def restore(self, arrays: Mapping[str, Array], state: Mapping[str, Any], size: int) -> None:
        """Put back what `arrays` and `state` gave for `size` weights. Raises KeyError, TypeError or ValueError."""
        earlier = state.get("earlier", {})
        for moment in [earlier[name] for name in ("old", "new") if name in earlier]:
            self.remember(moment)  # raises here, and not when it is gone back to
        self.remember(state)
        self._earlier = Earlier()
        self._earlier.restore(arrays, earlier, size)
