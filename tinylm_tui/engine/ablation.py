"""Ablation: switch a part of the model off and see what is lost.

    looked = mixed · w_out + b_out, and mixed is the heads side by side, so head h writes through d rows of w_out only

Where those rows are zero the head says nothing, and the rest of the model stays as it was. A part whose loss is not
missed may still do something that another part does too; and the rest was never trained to work without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine.fast.buffers import Workspace
from tinylm_tui.engine.fast.gpt import mean_loss
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.progress import Told
from tinylm_tui.engine.tokenizer import Ids

Head = tuple[int, int]  # layer, head


def switched_off(
    params: Parameters, config: GPTConfig, heads: Collection[Head] = (), mlps: Collection[int] = ()
) -> Parameters:
    """A copy in which these heads (layer, head) and the MLPs of these layers add nothing to the residual stream.

    A head's bias b_out is shared by all heads of its layer and stays. Raises IndexError for a part that is not there.
    """
    off, d = params.copy(), config.head_width
    for layer, head in heads:
        refuse_foreign(layer, config.layers, "layer")
        refuse_foreign(head, config.heads, "head")
        off[f"block{layer}.attention.w_out"][head * d : (head + 1) * d] = 0  # (d, D)
    for layer in mlps:
        refuse_foreign(layer, config.layers, "layer")
        off[f"block{layer}.mlp.w_out"][...] = 0
        off[f"block{layer}.mlp.b_out"][...] = 0
    return off


def refuse_foreign(number: int, count: int, what: str) -> None:
    """Raises IndexError for a number that is not from 0 to count − 1; −1 would be the last one."""
    if not 0 <= number < count:
        raise IndexError(f"there is no {what} {number}; this model has {count}, numbered from 0")


@dataclass(frozen=True, eq=False)
class Costs:
    """The mean loss in nats a token, and what is added to it when one part is switched off: below 0, it was better."""

    loss: float  # of the whole model
    heads: Array  # (layers, heads)
    mlps: Array  # (layers,)


def costs(params: Parameters, config: GPTConfig, inputs: Ids, targets: Ids, told: Told) -> Costs | None:
    """What each head and each MLP is worth, over inputs, targets (B, T). None where `told` stopped it."""
    workspace = Workspace.of(config, len(inputs), inputs.shape[1], params.flat.dtype)
    losses: list[float] = []
    count = 1 + config.layers * (config.heads + 1)
    for weights in _each_part_off(params, config):
        if not told(len(losses), count):
            return None
        losses.append(mean_loss(weights, inputs, targets, workspace))
    told(count, count)
    whole, added = losses[0], np.array(losses[1:]) - losses[0]
    by_layer = added.reshape(config.layers, config.heads + 1)
    return Costs(whole, by_layer[:, :-1], by_layer[:, -1])


def _each_part_off(params: Parameters, config: GPTConfig) -> Iterator[Parameters]:
    """The whole model; then, layer by layer, without each of the heads and without the MLP."""
    yield params
    for layer in range(config.layers):
        for head in range(config.heads):
            yield switched_off(params, config, heads=[(layer, head)])
        yield switched_off(params, config, mlps=[layer])
