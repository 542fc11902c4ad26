"""The losses of the last batches: their mean is shown, and a running mean is judged; and weights to go back to."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from tinylm_tui.engine.parameters import Array

REMEMBERED = 50, 500  # batches, or examples if that is more, whose mean is shown: one batch alone jumps about
JUDGED = 32  # examples whose mean surprise is judged: a single one may be a surprise without anything being wrong
KEPT_EVERY = 64  # steps between two copies of the weights to go back to


class Recent:
    """What batches of `batch` examples cost, nats a token. `uniform` is the loss of knowing nothing."""

    def __init__(self, batch: int, uniform: float) -> None:
        self.batch, self.running = batch, uniform
        self.losses: deque[float] = deque()
        self.resize(batch)

    def resize(self, batch: int) -> None:
        """From now on batches have another size."""
        batches, examples = REMEMBERED
        self.batch, self.losses = batch, deque(self.losses, maxlen=max(batches, examples // batch))

    def judged(self, loss: float) -> float:
        """The loss to judge by and to draw: that of the batch, or for small batches a running mean over about 32."""
        return loss if self.batch >= JUDGED else self.running + (loss - self.running) * self.batch / JUDGED

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
        self.losses.extend(float(loss) for loss in state["losses"])
        self.running = float(state["running"])


class Earlier:
    """Weights from before the last 64 to 128 updates: damage that single examples do may show only some steps later."""

    def __init__(self, flat: Array) -> None:
        self._old = self._new = flat.copy()
        self._updates = 0

    def keep(self, flat: Array) -> None:
        """To be called before each update of weights that are not known to be bad."""
        self._updates += 1
        if self._updates == KEPT_EVERY:
            self._old, self._new, self._updates = self._new, flat.copy(), 0

    def put_back(self, flat: Array) -> None:
        """The earlier weights, into `flat`."""
        np.copyto(flat, self._old)
        self._new, self._updates = self._old, 0
