import math

import numpy as np
import pytest

from tinylm_tui.engine import window_mlp
from tinylm_tui.engine.fast import window_mlp as fast
from tinylm_tui.engine.gradcheck import worst_relative_error
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.engine.window_journey import mlp_journey

from .small_windows import B, E, H, V, W, mlp_weights, spoilt, windows

RIGHT, WRONG = 1e-6, 1e-3


def start(size=203, window=10, width=8, hidden=64, seed=0):
    return window_mlp.start(size, window, width, hidden, np.random.default_rng(seed))


def test_203_tokens_a_window_of_10_and_64_hidden_units_make_20003_weights():
    assert start().count == 20_003 == 9 * 203 + 81 * 64 + 64 * 203


def test_it_starts_near_knowing_nothing_and_the_same_for_the_same_dice():
    rng = np.random.default_rng(1)
    inputs, targets = rng.integers(0, 203, (500, 10)).astype(np.int32), rng.integers(0, 203, 500)
    assert window_mlp.loss_and_grads(start(), inputs, targets)[0] == pytest.approx(math.log(203), abs=0.02)
    assert start().flat.tolist() == start().flat.tolist() != start(seed=1).flat.tolist()
    assert start().flat.dtype == np.float32


def test_at_the_start_the_tanh_is_neither_flat_nor_a_straight_line():
    inputs = np.random.default_rng(1).integers(0, 203, (500, 10)).astype(np.int32)
    assert window_mlp.forward(start(), inputs)[1].hidden.std() == pytest.approx(1, rel=0.1)


def test_forward_is_what_the_formulas_say():
    params, (inputs, _) = mlp_weights(), windows()
    logits, trace = window_mlp.forward(params, inputs)
    for b in range(B):
        joined = np.concatenate([params["embedding"][token] for token in inputs[b]])
        activated = np.tanh(joined @ params["hidden.w"] + params["hidden.b"])
        assert trace.joined[b] == pytest.approx(joined)
        assert trace.activated[b] == pytest.approx(activated)
        assert logits[b] == pytest.approx(activated @ params["output.w"] + params["output.b"])
    assert trace.vectors.shape == (B, W, E)
    assert trace.hidden.shape == (B, H)
    assert np.array_equal(window_mlp.next_logits(params, inputs), logits)


def test_the_order_of_the_window_counts():
    params, (inputs, _) = mlp_weights(), windows()
    assert window_mlp.next_logits(params, inputs) != pytest.approx(window_mlp.next_logits(params, inputs[:, ::-1]))


@pytest.mark.parametrize("examples", [1, B])
def test_the_gradient_is_right_and_a_wrong_one_is_caught(rng, examples):
    params, (inputs, targets) = mlp_weights(), windows(examples=examples)
    loss_of = lambda params: window_mlp.loss_and_grads(params, inputs, targets)  # noqa: E731
    assert worst_relative_error(loss_of, params, rng) < RIGHT
    for name in params:
        assert worst_relative_error(spoilt(loss_of, name), params, rng) > WRONG


@pytest.mark.parametrize("bad", [-1, V])
def test_an_id_outside_the_vocabulary_is_refused(bad):
    params, (inputs, targets) = mlp_weights(), windows()
    kept = fast.Workspace.of(params, B)
    inputs[2, 3] = bad
    with pytest.raises(IndexError, match="the vocabulary from 0 to 6"):
        window_mlp.forward(params, inputs)
    with pytest.raises(IndexError, match="the vocabulary from 0 to 6"):
        fast.loss_and_grads(params, inputs, targets, kept)


@pytest.mark.parametrize("examples", [1, B])
@pytest.mark.parametrize("spread", [1, 300], ids=["tame logits", "huge logits"])
def test_the_fast_form_gives_the_same_numbers(examples, spread):
    params, (inputs, targets) = mlp_weights(), windows(examples=examples)
    params["output.w"][...] *= spread
    loss, grads = window_mlp.loss_and_grads(params, inputs, targets)
    kept = fast.Workspace.of(params, examples)
    for _ in range(2):  # the second time the arrays hold what the first left behind
        fast_loss, fast_grads = fast.loss_and_grads(params, inputs, targets, kept)
        assert fast_loss == pytest.approx(loss, rel=1e-12)
        assert fast_grads.flat == pytest.approx(grads.flat, rel=1e-9, abs=1e-13 * spread)


def test_the_fast_form_of_other_windows_is_noticed():
    params, (inputs, targets) = mlp_weights(), windows()
    _, grads = window_mlp.loss_and_grads(params, inputs, targets)
    _, others = fast.loss_and_grads(params, inputs[:, ::-1], targets, fast.Workspace.of(params, B))
    assert others.flat != pytest.approx(grads.flat, abs=1e-3)


def test_in_float32_both_agree_to_rounding():
    params, (inputs, targets) = mlp_weights().copy(np.float32), windows()
    loss, grads = window_mlp.loss_and_grads(params, inputs, targets)
    fast_loss, fast_grads = fast.loss_and_grads(params, inputs, targets, fast.Workspace.of(params, B))
    assert grads.flat.dtype == fast_grads.flat.dtype == np.float32
    assert fast_loss == pytest.approx(loss, rel=1e-5)
    assert fast_grads.flat == pytest.approx(grads.flat, abs=1e-6)


def test_the_journey_is_the_way_of_the_window_that_ends_at_the_position():
    params, ids = mlp_weights(), [0, 3, 1, 6, 2]
    journey = mlp_journey(params, ids, 4, W, bounded=True)
    vectors = {stage.name: stage.vector for stage in journey.way.stages}
    assert journey.window == [0, 3, 1, 6, 2]
    assert list(vectors)[W:] == ["concatenation", "hidden", "tanh", "logits"]
    assert vectors["concatenation"] == pytest.approx(params["embedding"][journey.window].reshape(-1))
    assert vectors["tanh"] == pytest.approx(np.tanh(vectors["hidden"]))
    logits = vectors["tanh"] @ params["output.w"] + params["output.b"]
    assert journey.way.probabilities == pytest.approx(softmax(logits))
    assert (journey.way.target, journey.way.surprise) == (None, None)
    with pytest.raises(IndexError, match="not in a text of 5 tokens"):
        mlp_journey(params, ids, -1, W, bounded=True)
