"""The mlp: the vectors of a window side by side, one hidden layer, and the scores of what comes next.

    joined    = the embedding rows of the W tokens, one after the other      (W·E,)
    activated = tanh(joined · hidden.w + hidden.b)                           (H,)
    logits    = activated · output.w + output.b                              (V,)

Each place of the window has rows of hidden.w of its own, so the order counts. It is the model of Bengio et al. 2003
without the direct connections from `joined` to the logits. It sees W tokens and no more, and leaves out attention.
Letters: B examples, W tokens in a window, V vocabulary, E width of the embedding, H hidden units.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from tinylm_tui.engine import linear, lookup
from tinylm_tui.engine.parameters import Array, Parameters, Shapes
from tinylm_tui.engine.softmax import cross_entropy
from tinylm_tui.engine.tokenizer import Ids

OUTPUT_SPREAD = 0.1  # the output matrix starts this much smaller: a model that knows nothing should not be sure


@dataclass(frozen=True, eq=False)
class Trace:
    """What one forward pass computed."""

    inputs: Ids  # (B, W)
    vectors: Array  # (B, W, E), the rows that were looked up
    joined: Array  # (B, W·E), the same numbers, each window's in one row
    hidden: Array  # (B, H), before the tanh
    activated: Array  # (B, H), after it
    logits: Array  # (B, V)


def shapes(size: int, window: int, width: int, hidden: int) -> Shapes:
    """The model's arrays: V·E + W·E·H + H + H·V + V weights."""
    return {
        "embedding": (size, width),
        "hidden.w": (window * width, hidden),
        "hidden.b": (hidden,),
        "output.w": (hidden, size),
        "output.b": (size,),
    }


def start(size: int, window: int, width: int, hidden: int, rng: np.random.Generator) -> Parameters:
    """Fresh float32 weights: embeddings N(0, 1), matrices N(0, 1/rows), biases 0.

    A sum of n numbers of size 1 times weights of size 1/√n has size 1, where tanh is neither flat nor a straight
    line (LeCun et al. 1998, "Efficient BackProp", section 4.6). The output matrix is smaller still, so that the loss
    starts near ln V.
    """
    params = Parameters.zeros(shapes(size, window, width, hidden))
    for name, weights in params.items():
        if weights.ndim == 2:
            weights[...] = rng.standard_normal(weights.shape, dtype=np.float32)
        if name.endswith(".w"):
            weights /= sqrt(len(weights))
    params["output.w"][...] *= OUTPUT_SPREAD
    return params


def forward(params: Parameters, inputs: Ids) -> tuple[Array, Trace]:
    """inputs (B, W) → logits (B, V). Raises IndexError for an id outside the vocabulary."""
    lookup.refuse_foreign(inputs, len(params["embedding"]))
    vectors = params["embedding"][inputs]  # (B, W, E)
    joined = vectors.reshape(len(inputs), -1)  # (B, W·E)
    hidden = linear.forward(joined, params["hidden.w"], params["hidden.b"])  # (B, H)
    activated = np.tanh(hidden)  # (B, H)
    logits = linear.forward(activated, params["output.w"], params["output.b"])  # (B, V)
    return logits, Trace(inputs, vectors, joined, hidden, activated, logits)


def backward(params: Parameters, trace: Trace, dlogits: Array) -> Parameters:
    """dlogits (B, V) → the gradient of every weight. The slope of tanh is 1 − tanh²."""
    g = Parameters.zeros(params.shapes, dlogits.dtype)
    dactivated, g["output.w"][...], g["output.b"][...] = linear.backward(trace.activated, params["output.w"], dlogits)
    dhidden = dactivated * (1 - trace.activated * trace.activated)  # (B, H)
    djoined, g["hidden.w"][...], g["hidden.b"][...] = linear.backward(trace.joined, params["hidden.w"], dhidden)
    dvectors = djoined.reshape(trace.vectors.shape)  # (B, W, E)
    g["embedding"][...] = lookup.backward(trace.inputs, dvectors, len(params["embedding"]))
    return g


def loss_and_grads(params: Parameters, inputs: Ids, targets: Ids) -> tuple[float, Parameters]:
    """Mean surprise in nats a token over inputs (B, W), targets (B,), and its gradient."""
    logits, trace = forward(params, inputs)
    loss, dlogits = cross_entropy(logits, targets)
    return loss, backward(params, trace, dlogits)


def next_logits(params: Parameters, inputs: Ids) -> Array:
    """The scores (B, V) of the token after each of the windows (B, W)."""
    return forward(params, inputs)[0]
