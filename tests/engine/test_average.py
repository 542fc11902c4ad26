import math

import numpy as np
import pytest

from tinylm_tui.engine import average, lookup
from tinylm_tui.engine.fast import average as fast
from tinylm_tui.engine.gradcheck import worst_relative_error
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.engine.tokenizer import AlphabetTokenizer
from tinylm_tui.engine.window_journey import average_journey

from .small_windows import B, E, V, W, average_weights, spoilt, windows

RIGHT, WRONG = 1e-6, 1e-3


def test_27_symbols_of_width_32_make_1728_weights():
    assert average.start(27, 32, np.random.default_rng(0)).count == 1728


def test_it_starts_near_knowing_nothing_and_the_same_for_the_same_dice():
    first, again, other = (average.start(27, 32, np.random.default_rng(seed)) for seed in (3, 3, 4))
    inputs, targets = np.zeros((27, 5), np.int32), np.arange(27)
    assert average.loss_and_grads(first, inputs, targets)[0] == pytest.approx(math.log(27), abs=0.02)
    assert first.flat.tolist() == again.flat.tolist() != other.flat.tolist()
    assert first.flat.dtype == np.float32
    assert first.flat.std() == pytest.approx(0.1, rel=0.05)


def test_forward_is_what_the_formulas_say():
    params, (inputs, _) = average_weights(), windows()
    logits, trace = average.forward(params, inputs)
    for b in range(B):
        mean = sum(params["embedding"][token] for token in inputs[b]) / W
        assert trace.mean[b] == pytest.approx(mean)
        assert logits[b] == pytest.approx(mean @ params["output"])
    assert trace.vectors.shape == (B, W, E)
    assert trace.logits is logits
    assert np.array_equal(average.next_logits(params, inputs), logits)


def test_it_cannot_tell_one_order_from_another():
    encode = AlphabetTokenizer().encode
    params = average.start(27, 32, np.random.default_rng(0)).copy(np.float64)
    one, other, else_ = (average.next_logits(params, encode(text)[None]) for text in ("t on ", " on t", " on h"))
    assert one == pytest.approx(other)
    assert one != pytest.approx(else_)


@pytest.mark.parametrize("examples", [1, B])
def test_the_gradient_is_right_and_a_wrong_one_is_caught(rng, examples):
    params, (inputs, targets) = average_weights(), windows(examples=examples)
    loss_of = lambda params: average.loss_and_grads(params, inputs, targets)  # noqa: E731
    assert worst_relative_error(loss_of, params, rng) < RIGHT
    for name in params:
        assert worst_relative_error(spoilt(loss_of, name), params, rng) > WRONG


def test_a_token_that_stands_twice_counts_twice():
    params, targets = average_weights(), np.array([3], np.int32)
    _, grads = average.loss_and_grads(params, np.array([[1, 1, 2]], np.int32), targets)
    assert grads["embedding"][1] == pytest.approx(2 * grads["embedding"][2])
    assert not grads["embedding"][4].any()


@pytest.mark.parametrize("bad", [-1, V])
def test_an_id_outside_the_vocabulary_is_refused(bad):
    params, (inputs, targets) = average_weights(), windows()
    inputs[2, 3] = bad
    with pytest.raises(IndexError, match="the vocabulary from 0 to 6"):
        average.loss_and_grads(params, inputs, targets)
    with pytest.raises(IndexError, match="the vocabulary from 0 to 6"):
        fast.shares_of(inputs, V)


def test_looking_up_and_back_is_the_product_with_one_hot_rows():
    ids = windows()[0]
    dvectors = np.random.default_rng(3).standard_normal((*ids.shape, E))
    one_hot = np.eye(V)[ids.reshape(-1)]
    assert lookup.backward(ids, dvectors, V) == pytest.approx(one_hot.T @ dvectors.reshape(-1, E))
    assert lookup.backward(ids, dvectors.astype(np.float32), V).dtype == np.float32


@pytest.mark.parametrize("examples", [1, B])
@pytest.mark.parametrize("spread", [1, 300], ids=["tame logits", "huge logits"])
def test_the_fast_form_gives_the_same_numbers(examples, spread):
    params, (inputs, targets) = average_weights(), windows(examples=examples)
    params.flat *= spread
    loss, grads = average.loss_and_grads(params, inputs, targets)
    kept = fast.Workspace.of(params, examples)
    for _ in range(2):  # the second time the arrays hold what the first left behind
        fast_loss, fast_grads = fast.loss_and_grads(params, fast.shares_of(inputs, V, np.float64), targets, kept)
        assert fast_loss == pytest.approx(loss, rel=1e-12)
        assert fast_grads.flat == pytest.approx(grads.flat, rel=1e-9, abs=1e-13 * spread)


def test_the_fast_form_of_other_windows_is_noticed():
    params, (inputs, targets) = average_weights(), windows()
    _, grads = average.loss_and_grads(params, inputs, targets)
    kept = fast.Workspace.of(params, B)
    _, others = fast.loss_and_grads(params, fast.shares_of(inputs[::-1], V, np.float64), targets, kept)
    assert others.flat != pytest.approx(grads.flat, abs=1e-3)


def test_the_shares_of_each_window_add_up_to_one():
    shares = fast.shares_of(windows()[0], V)
    assert shares.dtype == np.float32
    assert shares.sum(axis=1) == pytest.approx(np.ones(B))


def test_the_journey_is_the_way_of_the_window_that_ends_at_the_position():
    params, ids = average_weights(), [0, 3, 1, 6, 2]
    journey = average_journey(params, ids, 2, 3, bounded=True)
    vectors = {stage.name: stage.vector for stage in journey.way.stages}
    assert journey.window == [0, 3, 1]
    assert list(vectors) == ["lookup 1", "lookup 2", "lookup 3", "average", "logits"]
    assert vectors["average"] == pytest.approx((vectors["lookup 1"] + vectors["lookup 2"] + vectors["lookup 3"]) / 3)
    assert journey.way.probabilities == pytest.approx(softmax(vectors["average"] @ params["output"]))
    assert journey.way.target == 6
    with pytest.raises(IndexError, match="not in a text of 5 tokens"):
        average_journey(params, ids, 5, 3, bounded=True)
