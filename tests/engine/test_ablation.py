"""A head switched off is a head whose mixed values are zero, and its cost is the loss without it."""

from itertools import product

import numpy as np
import pytest

from tinylm_tui.engine import attention, gpt, layernorm, linear, mlp
from tinylm_tui.engine.ablation import costs, switched_off
from tinylm_tui.engine.parts import part

from .small_gpt import TIED, UNTIED, batch, weights

BOTH = pytest.mark.parametrize("config", [TIED, UNTIED], ids=["tied", "untied"])
HEADS = list(product(range(2), range(2)))


def forward_without(params, config, ids, heads=(), mlps=()):
    """The transformer once more, with these heads' mixed values and these MLPs' outputs zeroed on the way."""
    resid = params["embedding.token"][ids] + params["embedding.position"][: ids.shape[1]]
    for layer in range(config.layers):
        p = part(params, f"block{layer}")
        normed, _ = layernorm.forward(part(p, "norm1"), resid)
        mixed = attention.split(attention.forward(part(p, "attention"), normed, config.heads)[1].mixed, config.heads)
        for head in range(config.heads):
            if (layer, head) in heads:
                mixed[:, head] = 0
        resid = resid + linear.forward(attention.join(mixed), p["attention.w_out"], p["attention.b_out"])
        normed, _ = layernorm.forward(part(p, "norm2"), resid)
        if layer not in mlps:
            resid = resid + mlp.forward(part(p, "mlp"), normed)[0]
    return layernorm.forward(part(params, "final_norm"), resid)[0] @ gpt.head(params).T


@BOTH
@pytest.mark.parametrize("heads", [[head] for head in HEADS] + [[(0, 1), (1, 0)], [(0, 0), (0, 1)], HEADS])
def test_a_head_switched_off_gives_the_logits_of_its_mixed_values_zeroed(config, heads):
    params, (ids, _) = weights(config), batch(config)
    logits, _ = gpt.forward(switched_off(params, config, heads=heads), config, ids)
    assert logits == pytest.approx(forward_without(params, config, ids, heads), abs=1e-12)
    other = [head for head in HEADS if head not in heads][:1]
    assert logits != pytest.approx(forward_without(params, config, ids, other), abs=1e-3)


@BOTH
@pytest.mark.parametrize("mlps", [[0], [1], [0, 1]])
def test_an_mlp_switched_off_adds_nothing(config, mlps):
    params, (ids, _) = weights(config), batch(config)
    logits, _ = gpt.forward(switched_off(params, config, mlps=mlps), config, ids)
    assert logits == pytest.approx(forward_without(params, config, ids, mlps=mlps), abs=1e-12)
    assert logits != pytest.approx(forward_without(params, config, ids), abs=1e-3)


def test_heads_and_mlps_can_be_off_together():
    params, (ids, _) = weights(TIED), batch(TIED)
    logits, _ = gpt.forward(switched_off(params, TIED, {(1, 1)}, {0}), TIED, ids)
    assert logits == pytest.approx(forward_without(params, TIED, ids, {(1, 1)}, {0}), abs=1e-12)


def test_switching_off_is_done_to_a_copy_and_to_nothing_else():
    params = weights(TIED)
    before = params.copy()
    off = switched_off(params, TIED, [(1, 0)])
    assert np.array_equal(params.flat, before.flat)
    changed = {name for name in off if not np.array_equal(off[name], params[name])}
    assert changed == {"block1.attention.w_out"}
    assert not off["block1.attention.w_out"][:4].any()
    assert np.array_equal(off["block1.attention.w_out"][4:], params["block1.attention.w_out"][4:])


def test_nothing_switched_off_is_the_same_model():
    assert np.array_equal(switched_off(weights(TIED), TIED).flat, weights(TIED).flat)


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"heads": [(2, 0)]}, "no layer 2; this model has 2"),
        ({"heads": [(0, -1)]}, "no head -1; this model has 2"),
        ({"mlps": [-1]}, "no layer -1"),
    ],
)
def test_a_part_that_is_not_there_is_refused(choice, sentence):
    with pytest.raises(IndexError, match=sentence):
        switched_off(weights(TIED), TIED, **choice)


def going_on(done, of):
    return True


@BOTH
def test_costs_are_the_plain_losses_without_each_part(config):
    params, (inputs, targets) = weights(config), batch(config, 7)

    def loss(heads=(), mlps=()):
        return gpt.loss_and_grads(switched_off(params, config, heads, mlps), config, inputs, targets)[0]

    c = costs(params, config, inputs, targets, going_on)
    assert c.loss == pytest.approx(loss(), rel=1e-12)
    by_head = [[loss([(layer, head)]) - loss() for head in range(2)] for layer in range(2)]
    assert c.heads == pytest.approx(np.array(by_head), abs=1e-12)
    assert c.mlps == pytest.approx([loss(mlps=[layer]) - loss() for layer in range(2)], abs=1e-12)
    assert np.abs(c.heads).min() > 1e-4
    assert c.heads != pytest.approx(np.array(by_head).T, abs=1e-4)


def test_a_part_that_writes_nothing_costs_nothing():
    params = switched_off(weights(TIED), TIED, [(0, 1)], [1])
    c = costs(params, TIED, *batch(TIED), going_on)
    assert c.heads[0, 1] == c.mlps[1] == 0
    assert c.heads[0, 0] != 0


def test_progress_goes_from_nothing_to_all_of_it():
    heard = []
    costs(weights(TIED), TIED, *batch(TIED), lambda done, of: heard.append((done, of)) or True)
    assert heard == [(n, 7) for n in range(8)]


@pytest.mark.parametrize("after", [0, 1, 6])
def test_it_can_be_stopped_at_every_part(after):
    heard = []

    def told(done, of):
        heard.append(done)
        return done < after

    assert costs(weights(TIED), TIED, *batch(TIED), told) is None
    assert heard == list(range(after + 1))
