"""The fast form gives the numbers of the plain one."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from tinylm_tui.engine import attention, gpt, layernorm, mlp
from tinylm_tui.engine.fast import attention as fast_attention
from tinylm_tui.engine.fast import gpt as fast_gpt
from tinylm_tui.engine.fast import halves
from tinylm_tui.engine.fast import layernorm as fast_layernorm
from tinylm_tui.engine.fast import mlp as fast_mlp
from tinylm_tui.engine.fast.buffers import NormBuffers, Workspace
from tinylm_tui.engine.fast.loss import cross_entropy as fast_cross_entropy
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.gradcheck import worst_relative_error
from tinylm_tui.engine.softmax import cross_entropy, softmax

from .small_gpt import RIGHT, TIED, UNTIED, WRONG, batch, spoilt, weights

BOTH = pytest.mark.parametrize("config", [TIED, UNTIED], ids=["tied", "untied"])


def workspace(config, examples, most=0, dtype=np.float64):
    return Workspace.of(config, examples, config.context, dtype, most)


@BOTH
@pytest.mark.parametrize("most", [1, 3, 7])
def test_loss_and_gradient_are_those_of_the_plain_model_however_the_batch_is_cut(config, most):
    params, (inputs, targets) = weights(config), batch(config, 7)
    loss, grads = gpt.loss_and_grads(params, config, inputs, targets)
    for _ in range(2):  # the second time the buffers hold what the first left behind
        fast_loss, fast = fast_gpt.loss_and_grads(params, inputs, targets, workspace(config, 7, most))
        assert fast_loss == pytest.approx(loss, rel=1e-13)
        assert fast.flat == pytest.approx(grads.flat, abs=1e-14)


def test_a_workspace_used_before_for_another_batch_gives_the_same_numbers():
    params, used = weights(TIED), workspace(TIED, 4, 3)
    fast_gpt.loss_and_grads(params, *batch(TIED, 4, seed=8), used)
    fresh = fast_gpt.loss_and_grads(params, *batch(TIED, 4), workspace(TIED, 4, 3))
    again = fast_gpt.loss_and_grads(params, *batch(TIED, 4), used)
    assert again[0] == fresh[0]
    assert np.array_equal(again[1].flat, fresh[1].flat)


@BOTH
def test_the_fast_gradient_is_right_by_central_differences(config, rng):
    inputs, targets = batch(config)
    kept = workspace(config, 4)
    loss_of = lambda params: fast_gpt.loss_and_grads(params, inputs, targets, kept)  # noqa: E731

    def apart(params):
        loss, grads = loss_of(params)
        return loss, grads.copy()

    params = weights(config)
    assert worst_relative_error(apart, params, rng, most=10_000) < RIGHT
    assert worst_relative_error(spoilt(apart, "block1.mlp.w_in"), params, rng, most=500) > WRONG


def test_in_float32_both_agree_to_rounding():
    config = GPTConfig(vocabulary=27, layers=2, heads=4, width=32, context=16)
    params, (inputs, targets) = weights(config, spread=0.1).copy(np.float32), batch(config, 8)
    loss, grads = gpt.loss_and_grads(params, config, inputs, targets)
    fast_loss, fast = fast_gpt.loss_and_grads(params, inputs, targets, workspace(config, 8, 3, np.float32))
    assert fast_loss == pytest.approx(loss, rel=1e-6)
    assert np.abs(fast.flat - grads.flat).max() < 1e-5 * np.abs(grads.flat).max()
    assert fast.flat.dtype == np.float32


def test_two_threads_give_the_gradient_of_one():
    params, (inputs, targets) = weights(TIED), batch(TIED, 7)
    loss, grads = gpt.loss_and_grads(params, TIED, inputs, targets)
    with ThreadPoolExecutor(1) as pool:
        both = halves.Halves.of(TIED, 7, TIED.context, np.float64, most=2)
        halved_loss, halved = halves.loss_and_grads(params, inputs, targets, both, pool)
    assert halved_loss == pytest.approx(loss, rel=1e-13)
    assert halved.flat == pytest.approx(grads.flat, abs=1e-14)
    assert both.second.grads.flat != pytest.approx(grads.flat, abs=1e-3)


def test_a_batch_of_one_cannot_be_halved():
    with pytest.raises(ValueError, match="2 or more"):
        halves.Halves.of(TIED, 1, 5)


@BOTH
def test_texts_shorter_than_the_context_give_the_plain_gradient_too(config):
    params, (inputs, targets) = weights(config), (ids[:, :3] for ids in batch(config))
    loss, grads = gpt.loss_and_grads(params, config, inputs, targets)
    fast_loss, fast = fast_gpt.loss_and_grads(params, inputs, targets, Workspace.of(config, 4, 3, np.float64))
    assert fast_loss == pytest.approx(loss, rel=1e-13)
    assert fast.flat == pytest.approx(grads.flat, abs=1e-14)
    assert not fast["embedding.position"][3:].any()


@pytest.mark.parametrize("tokens", [5, 2])
@pytest.mark.parametrize("examples", [1, 3, 4, 11])
def test_the_mean_loss_is_the_plain_loss_for_any_number_of_examples_and_tokens(examples, tokens):
    params, (inputs, targets) = weights(TIED), (ids[:, :tokens] for ids in batch(TIED, examples))
    loss, _ = gpt.loss_and_grads(params, TIED, inputs, targets)
    assert fast_gpt.mean_loss(params, inputs, targets, workspace(TIED, 4, 2)) == pytest.approx(loss, rel=1e-13)


def test_a_batch_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"shape \(4, 5\), got \(3, 5\)"):
        fast_gpt.loss_and_grads(weights(TIED), *batch(TIED, 3), workspace(TIED, 4))


def test_ids_outside_the_vocabulary_are_refused():
    inputs, targets = batch(TIED, 4)
    with pytest.raises(IndexError, match="vocabulary"):
        fast_gpt.loss_and_grads(weights(TIED), inputs - 1, targets, workspace(TIED, 4))


def test_pieces_cover_the_batch_once_and_differ_by_one_at_most():
    pieces = [piece for piece, _ in workspace(TIED, 31, 8).pieces]
    assert np.concatenate([np.arange(31)[piece] for piece in pieces]).tolist() == list(range(31))
    assert {piece.stop - piece.start for piece in pieces} == {7, 8}


def test_gelu_and_its_slope_are_the_plain_ones(rng):
    x = 3 * rng.standard_normal((6, 8))
    y, slope = np.empty_like(x), np.empty_like(x)
    fast_mlp.gelu(x.copy(), y, slope, np.empty_like(x))
    assert y == pytest.approx(mlp.gelu(x), rel=1e-12, abs=1e-15)
    assert slope == pytest.approx(mlp.gelu_backward(x, np.ones_like(x)), rel=1e-12, abs=1e-15)
    assert slope != pytest.approx(mlp.gelu_backward(x, 2 * np.ones_like(x)), rel=1e-3)


def softmax_scratch(T, rows):
    return SimpleNamespace(mask=np.tri(T), ones=np.ones(T), total=np.empty(rows))


@pytest.mark.parametrize("size", [1, 1e4], ids=["tame scores", "huge scores"])
def test_the_causal_softmax_is_the_plain_one_for_tame_and_for_huge_scores(rng, size):
    scores = size * rng.standard_normal((2, 3, 5, 5))
    pattern, plain = scores.copy(), softmax(attention.masked(scores))
    fast_attention.causal_softmax(pattern, softmax_scratch(5, 30))
    assert pattern == pytest.approx(plain, rel=1e-12, abs=1e-300)
    assert pattern != pytest.approx(softmax(scores), rel=1e-3)


def test_huge_scores_in_float32_need_the_careful_form():
    scores = np.zeros((1, 1, 2, 2), np.float32)
    scores[..., 1, 0] = 200
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isinf(np.exp(scores)).any()
    fast_attention.causal_softmax(scores, softmax_scratch(2, 2))
    assert scores[0, 0].tolist() == [[1, 0], [1, 0]]


def test_the_backward_of_softmax_is_the_plain_one(rng):
    p, dp = softmax(rng.standard_normal((2, 3, 5, 5))), rng.standard_normal((2, 3, 5, 5))
    plain = attention.softmax_backward(p, dp)
    fast_attention.softmax_backward(p.copy(), dp, softmax_scratch(5, 30))
    assert dp == pytest.approx(plain, abs=1e-15)


def test_layernorm_is_the_plain_one_in_both_directions(rng):
    x, dy, gain, bias = rng.standard_normal((6, 8)), rng.standard_normal((6, 8)), *rng.standard_normal((2, 8))
    p, g, fast_g = {"gain": gain, "bias": bias}, *({"gain": np.empty(8), "bias": np.empty(8)} for _ in range(2))
    y, trace = layernorm.forward(p, x)
    dx = layernorm.backward(p, g, trace, dy)
    kept = NormBuffers(np.empty((6, 8)), np.empty(6), np.empty((6, 8)))
    scratch = SimpleNamespace(mean=np.empty(6), wide=np.empty((6, 8)), ones=np.ones(6))
    before = rng.standard_normal((6, 8))
    dresid = before.copy()
    assert fast_layernorm.forward(x, gain, bias, kept, scratch) == pytest.approx(y, rel=1e-12)
    fast_layernorm.backward(dy.copy(), gain, kept, fast_g["gain"], fast_g["bias"], dresid, scratch)
    assert dresid - before == pytest.approx(dx, abs=1e-13)
    assert fast_g["gain"] == pytest.approx(g["gain"])
    assert fast_g["bias"] == pytest.approx(g["bias"])


@pytest.mark.parametrize("size", [1, 1e4], ids=["tame logits", "huge logits"])
def test_cross_entropy_is_the_plain_one_for_tame_and_for_huge_logits(rng, size):
    logits, targets = size * rng.standard_normal((6, 4)), np.array([0, 1, 2, 3, 0, 0])
    loss, dlogits = cross_entropy(logits, targets)
    buffers = SimpleNamespace(logits=logits.copy(), scratch=SimpleNamespace(mean=np.empty(6)))
    assert fast_cross_entropy(buffers, targets, 6) == pytest.approx(loss, rel=1e-12)
    assert buffers.logits == pytest.approx(dlogits, abs=1e-15)


@pytest.mark.parametrize("explode", [lambda flat: flat.fill(1e30), lambda flat: flat.fill(np.nan)])
def test_a_model_that_has_exploded_says_so_by_its_loss_without_a_warning(explode):
    params, (inputs, targets), kept = weights(TIED).copy(np.float32), batch(TIED), workspace(TIED, 4, 0, np.float32)
    assert np.isfinite(fast_gpt.loss_and_grads(params, inputs, targets, kept)[0])
    explode(params.flat)
    assert not np.isfinite(fast_gpt.loss_and_grads(params, inputs, targets, kept)[0])
    assert not np.isfinite(fast_gpt.mean_loss(params, inputs, targets, kept))
    assert np.isfinite(fast_gpt.loss_and_grads(weights(TIED), *batch(TIED), kept)[0])
