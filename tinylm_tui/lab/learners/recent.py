"""The losses of the last batches: their mean is shown, and a running mean is judged; and where to go back to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinylm_tui.engine.parameters import Array

REMEMBERED = 50, 500  # batches, or examples if that is more, whose mean is shown: one batch alone jumps about
JUDGED = 32  # examples whose mean surprise is judged: a single one may be a surprise without anything being wrong
KEPT_EVERY = 64  # steps between two moments to go back to


class Recent:
    """What batches of `batch` examples cost, nats a token. `uniform` is the loss of knowing nothing.

    Batches are `small` where it takes some of them to notice an explosion.
    """

    def __init__(self, batch: int, uniform: float) -> None:
        self.running = uniform
        self.losses: deque[float] = deque()
        self.resize(batch)

    def resize(self, batch: int) -> None:
        """From now on batches have another size."""
        batches, examples = REMEMBERED
        self.batch, self.small = batch, batch < JUDGED
        self.losses = deque(self.losses, maxlen=max(batches, examples // batch))

    def judged(self, loss: float) -> float:
        """The loss to judge by and to draw: that of the batch, or for small batches a running mean over about 32."""
        return self.running + (loss - self.running) * self.batch / JUDGED if self.small else loss

    def add(self, loss: float) -> None:
        """One more batch was learnt from."""
        self.running = self.judged(loss)
        self.losses.append(loss)

    @property
    def mean(self) -> float | None:
        """Of the batches that are remembered; None before the first."""
        return float(np.mean(self.losses)) if self.losses else None

    def state(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"losses": list(self.losses), "running": self.running}

    def restore(self, state: dict[str, Any]) -> None:
        """Put back what `state` gave. Raises KeyError, TypeError or ValueError."""
        self.losses.clear()
        self.losses.extend(float(loss) for loss in state["losses"])
        self.running = float(state["running"])


@dataclass(frozen=True, eq=False)
class Moment:
    """A learner before one of its steps: the weights (P,), and in `state`, ready for JSON, what goes with them.

    `arrays` are what it remembers of each weight, each (P,), by name; empty where it remembers nothing.
    """

    flat: Array
    step: int
    state: dict[str, Any]
    arrays: dict[str, Array] = field(default_factory=dict)


class Earlier:
    """A moment before the last 64 to 128 updates: damage that single examples do may show only some steps later."""

    def __init__(self) -> None:
        self._old: Moment | None = None  # with fewer updates: before the first of them
        self._new: Moment | None = None
        self._updates = 0

    @property
    def empty(self) -> bool:
        """Whether there is no moment to go back to yet."""
        return self._old is None

    def keep(self, moment: Callable[[], Moment]) -> None:
        """To be called before each update of weights that are not known to be bad."""
        if self._old is None:
            self._old = self._new = moment()
            return
        self._updates += 1
        if self._updates == KEPT_EVERY:
            self._old, self._new, self._updates = self._new, moment(), 0

    def back(self) -> Moment | None:
        """The earlier moment, where there is one; what came after it is forgotten."""
        self._new, self._updates = self._old, 0
        return self._old

    def arrays(self) -> dict[str, Array]:
        """For a file, by name."""
        weights = {f"earlier.{name}": moment.flat for name, moment in self._moments()}
        more = {f"earlier.{name}.{key}": a for name, moment in self._moments() for key, a in moment.arrays.items()}
        return weights | more

    def state(self) -> dict[str, Any]:
        """The rest, ready for JSON; nothing while there is no moment."""
        moments = {name: {"step": moment.step, **moment.state} for name, moment in self._moments()}
        return {"earlier": {"updates": self._updates, **moments}} if moments else {}

    def _moments(self) -> list[tuple[str, Moment]]:
        return [(name, kept) for name, kept in (("old", self._old), ("new", self._new)) if kept is not None]

    def restore(self, arrays: Mapping[str, Array], saved: Mapping[str, Any], size: int) -> None:
        """Put back what `arrays` and `state` gave for P = `size` weights; files of earlier versions lack some of it.

        Raises KeyError, TypeError or ValueError.
        """
        if not {"old", "new"} <= saved.keys():
            return
        self._old, self._new = (_moment_in(arrays, saved[name], f"earlier.{name}", size) for name in ("old", "new"))
        self._updates = int(saved["updates"])


def _moment_in(arrays: Mapping[str, Array], saved: Mapping[str, Any], name: str, size: int) -> Moment:
    """The moment of this name. Raises KeyError, TypeError or ValueError."""
    state, before = dict(saved), f"{name}."
    kept = {key[len(before) :]: array.copy() for key, array in arrays.items() if key.startswith(before)}
    flat = arrays[name].copy()
    if any(array.shape != (size,) or not np.isfinite(array).all() for array in (flat, *kept.values())):
        raise ValueError("the earlier weights have another shape, or are not finite")
    return Moment(flat, int(state.pop("step")), state, kept)
