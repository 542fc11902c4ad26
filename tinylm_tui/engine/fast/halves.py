"""One batch on two processor cores: each of two threads takes half the examples, and the gradients are added.

numpy lets other Python threads run while it multiplies and adds, so two threads with one BLAS thread each work at
the same time, which two BLAS threads inside each small product do badly. On two free cores 1.6 times as fast as one
thread at widths 64 and 128; at width 32 the handing over eats it up.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinylm_tui.engine.fast.buffers import Workspace
from tinylm_tui.engine.fast.gpt import share_of_loss_and_grads
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.tokenizer import Ids


@dataclass(frozen=True, eq=False)
class Halves:
    """A workspace for each half of a batch; of an odd batch the first half is the larger."""

    first: Workspace
    second: Workspace

    @classmethod
    def of(cls, config: GPTConfig, batch: int, tokens: int, dtype: Any = np.float32, most: int = 0) -> Halves:
        """Raises ValueError for a batch of one, which has no halves. `most` as in Workspace.of."""
        if batch < 2:
            raise ValueError(f"only a batch of 2 or more examples can be halved, not {batch}")
        sizes = (batch + 1) // 2, batch // 2
        return cls(*(Workspace.of(config, size, tokens, dtype, most) for size in sizes))


def loss_and_grads(
    params: Parameters, inputs: Ids, targets: Ids, halves: Halves, pool: Executor
) -> tuple[float, Parameters]:
    """`fast.gpt.loss_and_grads`, to rounding; one half here, the other in a thread of `pool`."""
    middle, count = halves.first.batch, inputs.size
    other = pool.submit(share_of_loss_and_grads, params, inputs[middle:], targets[middle:], halves.second, count)
    loss, grads = share_of_loss_and_grads(params, inputs[:middle], targets[:middle], halves.first, count)
    other_loss, other_grads = other.result()
    grads.flat += other_grads.flat
    return loss + other_loss, grads
