"""The logit lens: what the model would say if it stopped after the embedding, or after any block.

    logits[l] = final_norm(resid[l]) · headᵀ        l = 0: after the embedding; l: after block l

Every block adds to one residual stream, and only after the last one is it read. The lens reads it at each point in
the same way (nostalgebraist 2020, "interpreting GPT: the logit lens"). The blocks were trained to be read by each
other, not by the head: what the lens shows of the early ones is what they hold in the head's terms, no more.
Letters: L layers, T tokens, V vocabulary, D width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine import layernorm
from tinylm_tui.engine.gpt import Trace, head
from tinylm_tui.engine.lookup import refuse_foreign
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.parts import part
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.engine.tokenizer import Ids


@dataclass(frozen=True, eq=False)
class Lens:
    """What is said at each of the L + 1 points of the residual stream, for each of the T tokens of one text."""

    logits: Array  # (L + 1, T, V); the last are the model's own
    probabilities: Array  # (L + 1, T, V)

    @property
    def top(self) -> Array:
        """(L + 1, T), the id of the likeliest next token; of equal ones the first."""
        return np.asarray(self.logits.argmax(axis=-1))

    @property
    def sureness(self) -> Array:
        """(L + 1, T), the probability of the likeliest."""
        return np.asarray(self.probabilities.max(axis=-1))

    def ranks(self, targets: Ids) -> Array:
        """targets (n,), what comes next after the first n tokens, n ≤ T → (L + 1, n): 1 where the right one is on top.

        Equal scores rank by id, as in `best`. Raises IndexError for an id outside the vocabulary.
        """
        refuse_foreign(targets, self.logits.shape[-1])
        scores = self.logits[:, : len(targets)]  # (L + 1, n, V)
        right = scores[:, np.arange(len(targets)), targets][..., None]  # (L + 1, n, 1)
        earlier = np.arange(scores.shape[-1]) < targets[:, None]  # (n, V)
        return np.asarray(1 + ((scores > right) | ((scores == right) & earlier)).sum(axis=-1))

    def best(self, layer: int, place: int, most: int = 10) -> Array:
        """The ids of one cell's likeliest tokens, by falling probability, equal ones by id; (most,) or (V,)."""
        return np.argsort(-self.logits[layer, place], kind="stable")[:most]


def stream(trace: Trace) -> Array:
    """The residual stream of the first text of a trace, after the embedding and after each block: (L + 1, T, D)."""
    return np.stack([trace.blocks[0].resid_pre[0], *(block.resid_post[0] for block in trace.blocks)])


def read(params: Parameters, trace: Trace) -> Lens:
    """The lens on the first text of a trace; `params` are the weights it was made with.

    After the last block it is the model's own output, which is taken as it is: equal to the last bit.
    """
    final, _ = layernorm.forward(part(params, "final_norm"), stream(trace)[:-1])  # (L, T, D)
    logits = np.concatenate([final @ head(params).T, trace.logits[:1]])  # (L + 1, T, V)
    return Lens(logits, softmax(logits))
