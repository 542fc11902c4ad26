"""The same model in PyTorch, where it is installed: gradients, five steps of AdamW, and clipping."""

import math

import numpy as np
import pytest

from tinylm_tui.engine import gpt
from tinylm_tui.engine.adamw import AdamWSettings, Moments, adamw_step, clip
from tinylm_tui.engine.parts import part

from .small_gpt import TIED, UNTIED, batch, weights

torch = pytest.importorskip("torch", reason="PyTorch is only compared with, never needed: pip install torch")
F = torch.nn.functional

BOTH = pytest.mark.parametrize("config", [TIED, UNTIED], ids=["tied", "untied"])
SAME = 1e-10


def torch_loss(p, config, inputs, targets):
    """GPT-2's loss with PyTorch's own layers, from tensors by the names of the engine."""
    resid = p["embedding.token"][inputs] + p["embedding.position"][: inputs.shape[1]]
    for i in range(config.layers):
        b = part(p, f"block{i}")
        resid = resid + attention(b, norm(b, "norm1", resid), config)
        hidden = F.gelu(norm(b, "norm2", resid) @ b["mlp.w_in"] + b["mlp.b_in"], approximate="tanh")
        resid = resid + hidden @ b["mlp.w_out"] + b["mlp.b_out"]
    head = p["embedding.token"] if config.tie_head else p["head"]
    return F.cross_entropy((norm(p, "final_norm", resid) @ head.T).flatten(0, 1), targets.flatten())


def norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p[f"{name}.gain"], p[f"{name}.bias"])


def attention(b, x, config):
    qkv = (x @ b["attention.w_qkv"] + b["attention.b_qkv"]).chunk(3, dim=-1)
    q, k, v = (part.unflatten(-1, (config.heads, -1)).transpose(1, 2) for part in qkv)
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return mixed.transpose(1, 2).flatten(2) @ b["attention.w_out"] + b["attention.b_out"]


def tensors(params):
    return {name: torch.tensor(array, requires_grad=True) for name, array in params.items()}


def as_tensors(*ids):
    return (torch.from_numpy(i.astype(np.int64)) for i in ids)


@BOTH
def test_the_gradient_of_every_array_is_pytorchs(config):
    params, (inputs, targets) = weights(config), batch(config)
    theirs = tensors(params)
    their_loss = torch_loss(theirs, config, *as_tensors(inputs, targets))
    their_loss.backward()
    loss, grads = gpt.loss_and_grads(params, config, inputs, targets)
    assert abs(loss - their_loss.item()) < SAME
    assert max(np.abs(grads[name] - theirs[name].grad.numpy()).max() for name in params) < SAME


def test_a_gradient_for_other_targets_is_not_pytorchs():
    params, (inputs, targets) = weights(TIED), batch(TIED)
    theirs = tensors(params)
    torch_loss(theirs, TIED, *as_tensors(inputs, targets)).backward()
    _, grads = gpt.loss_and_grads(params, TIED, inputs, targets[::-1])
    assert max(np.abs(grads[name] - theirs[name].grad.numpy()).max() for name in params) > 1e-3


def five_steps_of_pytorch(params, config, inputs, targets, settings, most):
    theirs = tensors(params)
    groups = [
        {"params": [t for t in theirs.values() if t.ndim >= 2], "weight_decay": settings.weight_decay},
        {"params": [t for t in theirs.values() if t.ndim < 2], "weight_decay": 0.0},
    ]
    betas = settings.beta1, settings.beta2
    optimizer = torch.optim.AdamW(groups, lr=0.01, betas=betas, eps=settings.epsilon)
    for _ in range(5):
        optimizer.zero_grad()
        torch_loss(theirs, config, *as_tensors(inputs, targets)).backward()
        length = math.sqrt(sum(float((t.grad**2).sum()) for t in theirs.values()))
        for t in theirs.values():
            t.grad *= min(1.0, most / length)
        optimizer.step()
    return torch_loss(theirs, config, *as_tensors(inputs, targets)).item(), theirs


def five_steps(params, config, inputs, targets, settings, most):
    moments = Moments.zeros(params)
    for _ in range(5):
        _, grads = gpt.loss_and_grads(params, config, inputs, targets)
        clip(grads, most)
        adamw_step(params, grads, moments, 0.01, settings)
    return gpt.loss_and_grads(params, config, inputs, targets)[0]


@BOTH
@pytest.mark.parametrize("most", [0.5, 1e9], ids=["clipped", "not clipped"])
def test_after_five_steps_of_adamw_loss_and_weights_are_pytorchs(config, most):
    params, (inputs, targets) = weights(config), batch(config)
    settings = AdamWSettings(weight_decay=0.1)
    their_loss, theirs = five_steps_of_pytorch(params, config, inputs, targets, settings, most)
    assert abs(five_steps(params, config, inputs, targets, settings, most) - their_loss) < SAME
    assert max(np.abs(params[name] - theirs[name].detach().numpy()).max() for name in params) < SAME


def test_five_steps_with_another_beta_end_elsewhere():
    params, (inputs, targets) = weights(TIED), batch(TIED)
    their_loss, _ = five_steps_of_pytorch(params, TIED, inputs, targets, AdamWSettings(beta2=0.95), 1e9)
    assert abs(five_steps(params, TIED, inputs, targets, AdamWSettings(beta2=0.99), 1e9) - their_loss) > 1e-6
