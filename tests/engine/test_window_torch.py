"""The same window models in PyTorch, where it is installed: gradients, and five steps of the optimizer."""

import numpy as np
import pytest

from tinylm_tui.engine import average, window_mlp
from tinylm_tui.engine.adamw import AdamWSettings, Moments, adamw_step
from tinylm_tui.engine.sgd import sgd_step

from .small_windows import average_weights, mlp_weights, windows

torch = pytest.importorskip("torch", reason="PyTorch is only compared with, never needed: pip install torch")
F = torch.nn.functional

SAME = 1e-12


def torch_average(p, inputs):
    return p["embedding"][inputs].mean(dim=1) @ p["output"]


def torch_mlp(p, inputs):
    hidden = torch.tanh(p["embedding"][inputs].flatten(1) @ p["hidden.w"] + p["hidden.b"])
    return hidden @ p["output.w"] + p["output.b"]


BOTH = pytest.mark.parametrize(
    ("model", "theirs", "weights"),
    [(average, torch_average, average_weights), (window_mlp, torch_mlp, mlp_weights)],
    ids=["average", "mlp"],
)


def tensors(params):
    return {name: torch.tensor(array, requires_grad=True) for name, array in params.items()}


def torch_loss(logits_of, p, inputs, targets):
    inputs, targets = (torch.from_numpy(ids.astype(np.int64)) for ids in (inputs, targets))
    return F.cross_entropy(logits_of(p, inputs), targets)


@BOTH
def test_the_gradient_of_every_array_is_pytorchs(model, theirs, weights):
    params, (inputs, targets) = weights(), windows()
    p = tensors(params)
    their_loss = torch_loss(theirs, p, inputs, targets)
    their_loss.backward()
    loss, grads = model.loss_and_grads(params, inputs, targets)
    assert abs(loss - their_loss.item()) < SAME
    assert max(np.abs(grads[name] - p[name].grad.numpy()).max() for name in params) < SAME


@BOTH
def test_a_gradient_for_other_targets_is_not_pytorchs(model, theirs, weights):
    params, (inputs, targets) = weights(), windows()
    p = tensors(params)
    torch_loss(theirs, p, inputs, targets).backward()
    _, grads = model.loss_and_grads(params, inputs, targets[::-1])
    assert max(np.abs(grads[name] - p[name].grad.numpy()).max() for name in params) > 1e-3


def after_five_steps_of_pytorch(logits_of, params, optimizer_of):
    p, (inputs, targets) = tensors(params), windows()
    optimizer = optimizer_of(list(p.values()))
    for _ in range(5):
        optimizer.zero_grad()
        torch_loss(logits_of, p, inputs, targets).backward()
        optimizer.step()
    return np.concatenate([t.detach().numpy().reshape(-1) for t in p.values()])


@pytest.mark.parametrize(("rate", "same"), [(0.5, True), (0.4, False)])
def test_five_steps_of_sgd_on_the_average_end_where_pytorchs_do(rate, same):
    theirs = after_five_steps_of_pytorch(torch_average, average_weights(), lambda ps: torch.optim.SGD(ps, lr=rate))
    params = average_weights()
    for _ in range(5):
        sgd_step(params, average.loss_and_grads(params, *windows())[1], 0.5)
    assert (np.abs(params.flat - theirs).max() < SAME) == same


@pytest.mark.parametrize(("beta2", "same"), [(0.99, True), (0.9, False)])
def test_five_steps_of_adamw_on_the_mlp_end_where_pytorchs_do(beta2, same):
    def adamw(ps):
        groups = [{"params": [t for t in ps if t.ndim >= 2], "weight_decay": 0.1},
                  {"params": [t for t in ps if t.ndim < 2], "weight_decay": 0.0}]  # fmt: skip
        return torch.optim.AdamW(groups, lr=0.01, betas=(0.9, beta2))

    theirs = after_five_steps_of_pytorch(torch_mlp, mlp_weights(), adamw)
    params = mlp_weights()
    moments = Moments.zeros(params)
    for _ in range(5):
        adamw_step(params, window_mlp.loss_and_grads(params, *windows())[1], moments, 0.01, AdamWSettings(beta2=0.99))
    assert (np.abs(params.flat - theirs).max() < 1e-9) == same
