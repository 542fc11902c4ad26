import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine import gpt
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.gradcheck import worst_relative_error

from .small_gpt import RIGHT, TIED, UNTIED, WRONG, batch, spoilt, weights

BOTH = pytest.mark.parametrize("config", [TIED, UNTIED], ids=["tied", "untied"])


@BOTH
def test_the_gradient_of_the_whole_model_is_right(config, rng):
    inputs, targets = batch(config)
    loss_of = lambda params: gpt.loss_and_grads(params, config, inputs, targets)  # noqa: E731
    assert worst_relative_error(loss_of, weights(config), rng, most=10_000) < RIGHT


@BOTH
def test_a_wrong_gradient_of_any_single_array_is_caught(config, rng):
    inputs, targets = batch(config)
    params = weights(config)
    loss, grads = gpt.loss_and_grads(params, config, inputs, targets)
    for name in params:
        wrong = grads.copy()
        spoilt(lambda _, wrong=wrong: (loss, wrong), name)(params)
        place = int(np.abs(wrong.flat - grads.flat).argmax())
        assert worst_of_one(params, config, inputs, targets, wrong, place) > WRONG, name


def worst_of_one(params, config, inputs, targets, grads, place):
    """The relative error of one weight's gradient against its central difference."""
    slope = central(params, config, inputs, targets, place)
    return abs(grads.flat[place] - slope) / max(abs(slope), 1e-12)


def central(params, config, inputs, targets, place, h=1e-5):
    losses = []
    for sign in (1, -1):
        moved = params.copy()
        moved.flat[place] += sign * h
        losses.append(gpt.loss_and_grads(moved, config, inputs, targets)[0])
    return (losses[0] - losses[1]) / (2 * h)


@BOTH
def test_a_gradient_is_right_for_texts_shorter_than_the_context(config, rng):
    inputs, targets = (ids[:, :3] for ids in batch(config))
    loss_of = lambda params: gpt.loss_and_grads(params, config, inputs, targets)  # noqa: E731
    assert worst_relative_error(loss_of, weights(config), rng, most=300) < RIGHT


@given(st.integers(1, 4), st.integers(0, 6), st.integers(0, 1000))
def test_a_later_token_never_changes_earlier_scores(place, token, seed):
    params, (ids, _) = weights(TIED, seed), batch(TIED, 2, seed)
    before = gpt.forward(params, TIED, ids)[0]
    changed = ids.copy()
    changed[:, place] = token
    after = gpt.forward(params, TIED, changed)[0]
    assert np.array_equal(before[:, :place], after[:, :place])
    same = (changed == ids).all(axis=1)
    assert [np.array_equal(a, b) for a, b in zip(before, after, strict=True)] == same.tolist()


def test_every_example_is_for_itself():
    params, (ids, _) = weights(TIED), batch(TIED)
    together = gpt.forward(params, TIED, ids)[0]
    alone = gpt.forward(params, TIED, ids[2:3])[0]
    assert together[2] == pytest.approx(alone[0], rel=1e-12)
    assert together[1] != pytest.approx(alone[0], rel=1e-3)


@pytest.mark.parametrize("tie_head", [True, False])
def test_a_fresh_model_knows_nothing_so_its_loss_is_the_logarithm_of_the_vocabulary(tie_head):
    config = GPTConfig(vocabulary=27, layers=3, heads=4, width=64, context=32, tie_head=tie_head)
    params, (inputs, targets) = gpt.start(config, np.random.default_rng(0)), batch(config, 16)
    assert gpt.loss_and_grads(params, config, inputs, targets)[0] == pytest.approx(math.log(27), abs=0.05)
    params.flat *= 10
    assert gpt.loss_and_grads(params, config, inputs, targets)[0] != pytest.approx(math.log(27), abs=0.05)


def test_fresh_weights_are_gpt_2s():
    config = GPTConfig(vocabulary=99, layers=8, heads=4, width=64, context=32)
    params = gpt.start(config, np.random.default_rng(0))
    assert params["embedding.token"].std() == pytest.approx(0.02, rel=0.05)
    assert params["block3.mlp.w_in"].std() == pytest.approx(0.02, rel=0.05)
    assert params["block3.mlp.w_out"].std() == pytest.approx(0.02 / math.sqrt(2 * 8), rel=0.05)
    assert params["block3.attention.w_out"].std() == pytest.approx(0.02 / math.sqrt(2 * 8), rel=0.05)
    assert (params["block3.norm1.gain"] == 1).all()
    assert (params["block3.attention.b_qkv"] == 0).all()


def test_fresh_weights_are_fixed_by_their_generator():
    first, again, other = (gpt.start(TIED, np.random.default_rng(seed)).flat.tolist() for seed in (3, 3, 4))
    assert first == again != other


def test_the_loss_and_gradient_of_a_batch_are_the_means_of_its_halves():
    params, (inputs, targets) = weights(TIED), batch(TIED, 6)
    loss, grads = gpt.loss_and_grads(params, TIED, inputs, targets)
    halves = [gpt.loss_and_grads(params, TIED, inputs[half], targets[half]) for half in (slice(3), slice(3, 6))]
    assert loss == pytest.approx((halves[0][0] + halves[1][0]) / 2, rel=1e-14)
    assert grads.flat == pytest.approx((halves[0][1].flat + halves[1][1].flat) / 2, abs=1e-15)
    assert grads.flat != pytest.approx(halves[0][1].flat, abs=1e-3)


def test_the_trace_names_every_activation_with_its_shape():
    params, (ids, _) = weights(TIED), batch(TIED)
    logits, trace = gpt.forward(params, TIED, ids)
    block = trace.blocks[1]
    assert len(trace.blocks) == TIED.layers
    assert trace.logits is logits
    assert block.resid_pre is trace.blocks[0].resid_post
    assert block.resid_mid.shape == block.norm2.y.shape == trace.final_norm.y.shape == (4, 5, 8)
    assert block.attention.q.shape == block.attention.k.shape == block.attention.v.shape == (4, 2, 5, 4)
    assert block.attention.scores.shape == block.attention.pattern.shape == (4, 2, 5, 5)
    assert block.mlp.hidden.shape == block.mlp.activated.shape == (4, 5, 32)


def test_the_residual_stream_is_what_each_block_adds():
    params, (ids, _) = weights(TIED), batch(TIED)
    block = gpt.forward(params, TIED, ids)[1].blocks[0]
    looked = block.attention.mixed @ params["block0.attention.w_out"] + params["block0.attention.b_out"]
    thought = block.mlp.activated @ params["block0.mlp.w_out"] + params["block0.mlp.b_out"]
    assert block.resid_post == pytest.approx(block.resid_pre + looked + thought, rel=1e-12)


def test_looking_leaves_the_weights_alone_and_float32_stays_float32():
    params, (inputs, targets) = gpt.start(TIED, np.random.default_rng(0)), batch(TIED)
    before = params.flat.copy()
    logits, trace = gpt.forward(params, TIED, inputs)
    _, grads = gpt.loss_and_grads(params, TIED, inputs, targets)
    assert np.array_equal(params.flat, before)
    assert {logits.dtype, trace.blocks[0].attention.pattern.dtype, grads.flat.dtype} == {np.dtype(np.float32)}


def test_a_text_longer_than_the_context_is_refused():
    with pytest.raises(ValueError, match=r"1 to 5 tokens\), got \(1, 6\)"):
        gpt.forward(weights(TIED), TIED, np.zeros((1, 6), np.int32))


@pytest.mark.parametrize("stranger", [-1, 7])
def test_ids_outside_the_vocabulary_are_refused(stranger):
    with pytest.raises(IndexError, match="the vocabulary from 0 to 6"):
        gpt.forward(weights(TIED), TIED, np.array([[0, stranger]]))


def test_the_next_scores_come_from_the_last_tokens_that_fit():
    params = weights(TIED)
    ids = [1, 2, 3, 4, 5, 6, 0]
    scores, of_the_last_5, of_the_last_4 = (gpt.next_logits(params, TIED, [t]) for t in (ids, ids[-5:], ids[-4:]))
    assert scores.shape == (1, 7)
    assert np.array_equal(scores, of_the_last_5)
    assert not np.array_equal(scores, of_the_last_4)
