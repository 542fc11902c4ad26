"""Where an explosion goes back to: the weights before the last update, and the loss that was seen on them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tinylm_tui.engine.parameters import Array


class Good:
    """`flat` are the last weights known to be good. `loss` (nats) is NaN while no update was made from them."""

    def __init__(self, flat: Array) -> None:
        self.flat, self.loss = flat.copy(), float("nan")

    @property
    def known(self) -> bool:
        """Whether there is an update to take back."""
        return not math.isnan(self.loss)

    def keep(self, flat: Array, loss: float) -> None:
        """To be called before each update."""
        np.copyto(self.flat, flat)
        self.loss = loss

    def forget(self) -> None:
        """Something else moved the weights: they are now what there is."""
        self.loss = float("nan")

    def put_back(self, flat: Array) -> None:
        """The good weights, into `flat`; they are taken back to only once."""
        np.copyto(flat, self.flat)
        self.forget()

    def arrays(self) -> dict[str, Array]:
        """For a file, by name."""
        return {"good": self.flat} if self.known else {}

    def state(self) -> dict[str, Any]:
        """The rest, ready for JSON."""
        return {"good_loss": self.loss} if self.known else {}

    def restore(self, arrays: Mapping[str, Array], state: Mapping[str, Any]) -> None:
        """Put back what `arrays` and `state` gave; files of earlier versions hold neither. Raises ValueError."""
        if "good" not in arrays or "good_loss" not in state:
            return
        if arrays["good"].shape != self.flat.shape or not np.isfinite(arrays["good"]).all():
            raise ValueError(f"good has shape {arrays['good'].shape}, or is not finite")
        self.keep(arrays["good"], float(state["good_loss"]))
