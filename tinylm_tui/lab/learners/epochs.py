"""Going through all examples, epoch after epoch, each time in another order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinylm_tui.engine.examples import Places
from tinylm_tui.engine.parameters import Array

AHEAD = 1024  # examples that are made at one time: making them one by one would cost more than learning from them

Take = Callable[[Places], tuple[Array, Array]]  # the numbers of examples → inputs, targets


class Epochs:
    """Every one of `count` examples once an epoch, in the order that the seed gives to this epoch.

    `epoch` and `place` say which example is next; an epoch's end may lie within a batch.
    """

    def __init__(self, count: int, seed: int, take: Take, ahead: int = AHEAD) -> None:
        self.count, self.seed, self.take, self.ahead = count, seed, take, ahead
        self.go_to(0, 0)

    def go_to(self, epoch: int, place: int) -> None:
        """Go on from there. Raises ValueError for a place that no epoch has."""
        if epoch < 0 or not 0 <= place < self.count:
            raise ValueError(f"an epoch of {self.count} examples has no place {place}, or epoch {epoch} is none")
        self.epoch, self.place = epoch, place
        self._order: tuple[int, Places] = -1, np.zeros(0, np.int64)
        self._inputs, self._targets, self._used = np.zeros((0, 0)), np.zeros(0), 0

    @property
    def gone_through(self) -> float:
        """How often all examples have been seen."""
        return self.epoch + self.place / self.count

    def next(self, batch: int) -> tuple[Array, Array]:
        """The next `batch` examples: inputs, targets (B,)."""
        if self._used + batch > len(self._targets):
            self._inputs, self._targets = self.take(self._numbers(max(batch, self.ahead)))
            self._used = 0
        cut = slice(self._used, self._used + batch)
        self._used += batch
        self.place += batch
        if self.place >= self.count:
            self.epoch, self.place = self.epoch + self.place // self.count, self.place % self.count
        return self._inputs[cut], self._targets[cut]

    def _numbers(self, count: int) -> Places:
        """The numbers of the next `count` examples, over as many epochs as that takes."""
        epoch, place, pieces = self.epoch, self.place, []
        while count:
            pieces.append(self._order_of(epoch)[place : place + count])
            count -= len(pieces[-1])
            epoch, place = epoch + 1, 0
        return np.concatenate(pieces)

    def _order_of(self, epoch: int) -> Places:
        """The last one is kept: most often it is asked for again."""
        if self._order[0] != epoch:
            self._order = epoch, np.random.default_rng([self.seed, 3, epoch]).permutation(self.count)
        return self._order[1]

    def state(self) -> dict[str, Any]:
        """What `restore` needs, ready for JSON."""
        return {"epoch": self.epoch, "place": self.place}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where another was. Raises KeyError or ValueError."""
        self.go_to(int(state["epoch"]), int(state["place"]))
