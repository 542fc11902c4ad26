"""One position's way through a model, every vector kept under its name: what the Math screen shows of a GPT.

The window models have theirs in `engine.window_journey`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine import gpt
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.softmax import softmax


@dataclass(frozen=True, eq=False)
class Stage:
    """A vector on the way, under the name of what it is: (D,), and (V,) for the logits."""

    name: str
    vector: Array

    @property
    def length(self) -> float:
        """√Σx², in float64."""
        return float(np.sqrt(np.square(self.vector.astype(np.float64)).sum()))


@dataclass(frozen=True, eq=False)
class Journey:
    """All stages of one position of a text, and the softmax at their end, float64."""

    ids: list[int]
    position: int
    stages: list[Stage]
    logits: Array  # (V,)
    exps: Array  # (V,), e^(logit − top logit): the top one cancels in the fraction
    total: float  # the sum of exps
    probabilities: Array  # (V,)
    target: int | None  # the token that really comes next; None at the end of the text
    gradient: Array | None  # (V,), of this position's loss by the logits: probabilities − onehot(target)

    @property
    def top(self) -> int:
        """The likeliest next token."""
        return int(self.probabilities.argmax())

    @property
    def surprise(self) -> float | None:
        """−log p of the token that really comes next, in nats; None at the end of the text."""
        if self.target is None:
            return None
        return -float(np.log(max(self.probabilities[self.target], np.finfo(float).tiny)))


def journey(params: Parameters, trace: gpt.Trace, position: int) -> Journey:
    """What `trace`, of one text, holds about one position. Raises IndexError for one that the text does not have."""
    ids = [int(i) for i in trace.ids[0]]
    if not 0 <= position < len(ids):
        raise IndexError(f"position {position} is not in a text of {len(ids)} tokens")
    return finished(ids, position, _stages(params, trace, ids[position], position), trace.logits[0, position])


def finished(ids: list[int], position: int, stages: list[Stage], logits: Array) -> Journey:
    """The journey of these stages that ends in `logits` (V,): of any model."""
    logits = logits.astype(np.float64)
    exps = np.exp(logits - logits.max())
    probabilities = softmax(logits)
    target = ids[position + 1] if position + 1 < len(ids) else None
    gradient = None
    if target is not None:
        gradient = probabilities.copy()
        gradient[target] -= 1
    stages = [*stages, Stage("logits", logits)]
    return Journey(ids, position, stages, logits, exps, float(exps.sum()), probabilities, target, gradient)


def _stages(params: Parameters, trace: gpt.Trace, token: int, t: int) -> list[Stage]:
    """What is written into the stream, and the stream after each writing."""
    stages = [
        Stage("token", params["embedding.token"][token]),
        Stage("+ position", params["embedding.position"][t]),
        Stage("= stream", trace.blocks[0].resid_pre[0, t]),
    ]
    for n, block in enumerate(trace.blocks, 1):
        stages += [
            Stage(f"+ attention {n}", block.resid_mid[0, t] - block.resid_pre[0, t]),
            Stage(f"+ MLP {n}", block.resid_post[0, t] - block.resid_mid[0, t]),
            Stage(f"= stream {n}", block.resid_post[0, t]),
        ]
    return [*stages, Stage("final LayerNorm", trace.final_norm.y[0, t])]
