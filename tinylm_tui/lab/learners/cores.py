"""A batch's gradient on one processor core or on two, whichever a short measurement finds faster."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import numpy as np

from tinylm_tui.engine.fast import gpt as fast
from tinylm_tui.engine.fast import halves as two
from tinylm_tui.engine.fast.buffers import Workspace
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.tokenizer import Ids

ROUNDS = 5
WORTH = 1.15  # so many times as fast must two cores be to be used: less may be noise, and others want a core too


class Cores:
    """Computes loss and gradient for batches of one shape. `halved` is None until it has been measured.

    The numbers are the same to rounding either way; a file keeps which way was taken, so that going on with it is
    exact.
    """

    def __init__(self, config: GPTConfig, batch: int, threads: str) -> None:
        self.config, self.batch = config, batch
        self.halved = {"one": False, "two": True}.get(threads)
        if batch < 2 or (os.cpu_count() or 1) < 2:
            self.halved = False
        self._one = Workspace.of(config, batch, config.context)
        self._two: two.Halves | None = None
        self._pool: ThreadPoolExecutor | None = None

    def loss_and_grads(self, params: Parameters, inputs: Ids, targets: Ids) -> tuple[float, Parameters]:
        """Mean surprise in nats a token over inputs, targets (B, T), and its gradient, until the next call."""
        if self.halved is None:
            self.halved = self._measured(params, inputs, targets)
        return self._on_two(params, inputs, targets) if self.halved else self._on_one(params, inputs, targets)

    def _on_one(self, params: Parameters, inputs: Ids, targets: Ids) -> tuple[float, Parameters]:
        return fast.loss_and_grads(params, inputs, targets, self._one)

    def _on_two(self, params: Parameters, inputs: Ids, targets: Ids) -> tuple[float, Parameters]:
        if self._two is None or self._pool is None:
            self._two = two.Halves.of(self.config, self.batch, self.config.context)
            # What numpy says of overflow is set for each thread; a run judges its losses itself.
            self._pool = ThreadPoolExecutor(1, "tinylm-half", initializer=lambda: np.seterr(all="ignore"))
        return two.loss_and_grads(params, inputs, targets, self._two, self._pool)

    def _measured(self, params: Parameters, inputs: Ids, targets: Ids) -> bool:
        """Whether two cores are worth it, by paired rounds on one batch; the weights stay as they are."""
        ratios = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            self._on_one(params, inputs, targets)
            middle = time.perf_counter()
            self._on_two(params, inputs, targets)
            ratios.append((middle - began) / (time.perf_counter() - middle))
        return median(ratios[1:]) >= WORTH  # the first round also allocates
