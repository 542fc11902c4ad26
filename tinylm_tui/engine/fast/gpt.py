"""One training step's loss and gradient: the same numbers as `engine.gpt.loss_and_grads`, in less time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinylm_tui.engine import embedding
from tinylm_tui.engine.fast import attention, layernorm, linear, mlp
from tinylm_tui.engine.fast.buffers import BlockBuffers, Buffers, Scratch, Workspace
from tinylm_tui.engine.fast.loss import cross_entropy
from tinylm_tui.engine.gpt import head
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.parts import Part, by_part
from tinylm_tui.engine.tokenizer import Ids

quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")  # an explosion shows in the loss already


def loss_and_grads(params: Parameters, inputs: Ids, targets: Ids, workspace: Workspace) -> tuple[float, Parameters]:
    """Mean surprise in nats a token over inputs, targets (B, T), and its gradient.

    The gradient lies in the workspace, until the next call. A batch is taken in pieces small enough that what one
    line writes the next still finds in the processor's cache; the gradients of the pieces add up.
    The loss of a model that has exploded is not a finite number; there is no warning.
    Raises as `engine.gpt.forward`, and ValueError for inputs of another shape than the workspace is for.
    """
    return share_of_loss_and_grads(params, inputs, targets, workspace, inputs.size)


@quiet
def share_of_loss_and_grads(
    params: Parameters, inputs: Ids, targets: Ids, workspace: Workspace, count: int
) -> tuple[float, Parameters]:
    """What these inputs, targets (B, T) add to the loss and gradient of a batch of `count` tokens."""
    workspace.refuse_other(inputs)
    parts = by_part(params)
    embedding.refuse_unfit(parts["embedding"], inputs)
    loss = 0.0
    workspace.grads.flat.fill(0)
    for piece, buffers in workspace.pieces:
        forward(parts, head(params), inputs[piece], buffers)
        loss += cross_entropy(buffers, targets[piece].reshape(-1), count)
        backward(parts, head(params), inputs[piece], buffers)
        workspace.grads.flat[...] += buffers.grads.flat
    return loss, workspace.grads


@quiet
def mean_loss(params: Parameters, inputs: Ids, targets: Ids, workspace: Workspace) -> float:
    """The loss alone, over inputs, targets (B, T) with any B: what the held-out text is measured with."""
    parts = by_part(params)
    embedding.refuse_unfit(parts["embedding"], inputs)
    loss, size, buffers = 0.0, workspace.pieces[0][1].batch, workspace.pieces[0][1]
    for i in range(0, len(inputs), size):
        piece = inputs[i : i + size]
        if piece.shape != (buffers.batch, buffers.tokens):  # the rest, or texts of another length
            buffers = Buffers.of(workspace.config, len(piece), piece.shape[1], params.flat.dtype)
        forward(parts, head(params), piece, buffers)
        loss += cross_entropy(buffers, targets[i : i + size].reshape(-1), inputs.size)
    return loss


def forward(parts: Mapping[str, Part], w_head: Array, ids: Ids, buffers: Buffers) -> Array:
    """ids (B, T) → logits (N, V), which are buffers.logits. w_head (V, D)."""
    resid, scratch, p = buffers.resid, buffers.scratch, parts["embedding"]
    by_example = resid.reshape(*ids.shape, -1)  # (B, T, D), the same memory
    np.take(p["token"], ids, axis=0, out=by_example, mode="clip")  # refuse_unfit has looked already
    by_example += p["position"][: ids.shape[1]]
    for i, kept in enumerate(buffers.blocks):
        block_forward(parts[f"block{i}"], resid, kept, scratch)
    p = parts["final_norm"]
    final = layernorm.forward(resid, p["gain"], p["bias"], buffers.final, scratch)
    return np.matmul(final, w_head.T, out=buffers.logits)


def backward(parts: Mapping[str, Part], w_head: Array, ids: Ids, buffers: Buffers) -> None:
    """From dlogits, which stand in buffers.logits, to buffers.grads."""
    s, dlogits, p, g = buffers.scratch, buffers.logits, parts["final_norm"], buffers.grad_parts
    np.matmul(dlogits, w_head, out=s.dnormed)
    np.matmul(dlogits.T, buffers.final.y, out=head(buffers.grads))
    s.dresid.fill(0)
    dgain, dbias = g["final_norm"]["gain"], g["final_norm"]["bias"]
    layernorm.backward(s.dnormed, p["gain"], buffers.final, dgain, dbias, s.dresid, s)
    for i in reversed(range(len(buffers.blocks))):
        block_backward(parts[f"block{i}"], g[f"block{i}"], buffers.blocks[i], s)
    embedding_backward(buffers.grads, ids, buffers)


def block_forward(p: Part, resid: Array, kept: BlockBuffers, scratch: Scratch) -> None:
    """Adds to resid (N, D) what attention and the MLP have to say."""
    normed = layernorm.forward(resid, p["norm1.gain"], p["norm1.bias"], kept.norm1, scratch)
    linear.forward(normed, p["attention.w_qkv"], p["attention.b_qkv"], kept.qkv)
    attention.forward(kept, scratch)
    linear.forward(kept.mixed, p["attention.w_out"], p["attention.b_out"], scratch.wide)
    resid += scratch.wide
    normed = layernorm.forward(resid, p["norm2.gain"], p["norm2.bias"], kept.norm2, scratch)
    linear.forward(normed, p["mlp.w_in"], p["mlp.b_in"], scratch.hidden)
    mlp.gelu(scratch.hidden, kept.activated, kept.slope, scratch.hidden2)
    linear.forward(kept.activated, p["mlp.w_out"], p["mlp.b_out"], scratch.wide)
    resid += scratch.wide


def block_backward(p: Part, g: Part, kept: BlockBuffers, s: Scratch) -> None:
    """Adds to s.dresid (N, D) the gradient through the MLP and through attention."""
    linear.backward(kept.activated, p["mlp.w_out"], s.dresid, s.hidden, g["mlp.w_out"], g["mlp.b_out"], s.ones)
    s.hidden[...] *= kept.slope  # dhidden
    linear.backward(kept.norm2.y, p["mlp.w_in"], s.hidden, s.dnormed, g["mlp.w_in"], g["mlp.b_in"], s.ones)
    layernorm.backward(s.dnormed, p["norm2.gain"], kept.norm2, g["norm2.gain"], g["norm2.bias"], s.dresid, s)
    w_out, w_qkv = "attention.w_out", "attention.w_qkv"
    linear.backward(kept.mixed, p[w_out], s.dresid, s.dmixed, g[w_out], g["attention.b_out"], s.ones)
    attention.backward(kept, s)
    linear.backward(kept.norm1.y, p[w_qkv], s.dqkv, s.dnormed, g[w_qkv], g["attention.b_qkv"], s.ones)
    layernorm.backward(s.dnormed, p["norm1.gain"], kept.norm1, g["norm1.gain"], g["norm1.bias"], s.dresid, s)


def embedding_backward(grads: Parameters, ids: Ids, buffers: Buffers) -> None:
    """`engine.embedding.backward`; a tied token embedding has the head's gradient already, to which this adds."""
    dresid, one_hot = buffers.scratch.dresid, buffers.one_hot
    one_hot.fill(0)
    one_hot[np.arange(ids.size), ids.reshape(-1)] = 1
    dtoken = one_hot.T @ dresid
    if head(grads) is grads["embedding.token"]:
        grads["embedding.token"][...] += dtoken
    else:
        grads["embedding.token"][...] = dtoken
    by_example = dresid.reshape(len(ids), -1)  # (B, T·D)
    np.matmul(buffers.scratch.ones[: len(ids)], by_example, out=grads["embedding.position"][: ids.shape[1]].reshape(-1))
