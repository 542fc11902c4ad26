import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine import bigram
from tinylm_tui.engine.counts import PairShares, conditional_entropy, pair_counts
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.sgd import sgd_step
from tinylm_tui.engine.softmax import cross_entropy
from tinylm_tui.engine.tokenizer import CharTokenizer

from . import plain


def over_all_pairs(params, ids):
    """Loss and gradient as a model with batches computes them: forward, cross-entropy, backward."""
    logits, trace = bigram.forward(params, ids[:-1])
    loss, dlogits = cross_entropy(logits, ids[1:])
    return loss, bigram.backward(params, trace, dlogits)


def test_a_zero_start_has_the_loss_of_knowing_nothing(counts):
    loss, _ = bigram.full_batch(bigram.zero_start(len(counts)), PairShares.of(counts))
    assert loss == pytest.approx(math.log(len(counts)), rel=1e-6)


def test_a_random_start_is_fixed_by_its_generator():
    first, again, other = (bigram.random_start(5, np.random.default_rng(seed)).flat for seed in (3, 3, 4))
    assert first.tolist() == again.tolist() != other.tolist()
    assert first.dtype == np.float32


def test_a_random_start_is_drawn_from_the_standard_normal():
    scores = bigram.random_start(100, np.random.default_rng(1)).flat
    assert abs(scores.mean()) < 0.05
    assert abs(scores.std() - 1) < 0.05


def test_forward_is_a_one_hot_vector_times_the_matrix(params, ids):
    logits, trace = bigram.forward(params, ids)
    assert np.array_equal(logits, np.eye(len(params["W"]))[ids] @ params["W"])
    assert trace.inputs is ids
    assert trace.logits is logits


def test_the_full_batch_is_forward_cross_entropy_and_backward_over_all_pairs(params, ids, counts):
    by_counts, dW = bigram.full_batch(params, PairShares.of(counts, np.float64))
    one_by_one, gradient = over_all_pairs(params, ids)
    assert by_counts == pytest.approx(one_by_one, rel=1e-12)
    assert dW.flat == pytest.approx(gradient.flat, abs=1e-14)


def test_a_full_batch_of_other_pairs_is_noticed(params, ids, counts):
    by_counts, dW = bigram.full_batch(params, PairShares.of(counts.T, np.float64))
    one_by_one, gradient = over_all_pairs(params, ids)
    assert by_counts != pytest.approx(one_by_one, rel=1e-3)
    assert dW.flat != pytest.approx(gradient.flat, abs=1e-3)


def test_the_loss_is_the_mean_surprise_in_plain_python(params, ids, counts):
    by_hand = plain.mean_surprise(params["W"].tolist(), ids.tolist())
    assert bigram.full_batch(params, PairShares.of(counts, np.float64))[0] == pytest.approx(by_hand, rel=1e-12)


def test_looking_leaves_the_weights_alone(params, counts):
    before = params.flat.copy()
    bigram.full_batch(params, PairShares.of(counts, np.float64))
    assert np.array_equal(params.flat, before)


@given(st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=8), st.data())
def test_no_bigram_reaches_below_the_floor(words, data):
    tokenizer = CharTokenizer.of("".join(words))
    counts = pair_counts(tokenizer.encode_units(words), tokenizer.size)
    scores = data.draw(st.lists(st.floats(-30, 30), min_size=counts.size, max_size=counts.size))
    loss, _ = bigram.full_batch(Parameters(np.array(scores), bigram.shapes(len(counts))), PairShares.of(counts, float))
    assert loss >= conditional_entropy(counts) - 1e-12


def test_the_logarithms_of_the_counts_reach_the_floor(counts):
    best = Parameters(np.log(np.maximum(counts, 1e-300)).reshape(-1), bigram.shapes(len(counts)))
    loss, _ = bigram.full_batch(best, PairShares.of(counts, np.float64))
    assert loss == pytest.approx(conditional_entropy(counts), abs=1e-12)


def test_a_step_goes_down_and_a_step_with_the_wrong_sign_goes_up(params, counts):
    shares = PairShares.of(counts, np.float64)
    start, grads = bigram.full_batch(params, shares)
    down, up = params.copy(), params.copy()
    sgd_step(down, grads, 0.1)
    sgd_step(up, grads, -0.1)
    assert bigram.full_batch(down, shares)[0] < start < bigram.full_batch(up, shares)[0]


def test_a_step_moves_every_weight_by_the_learn_rate_times_its_gradient():
    params = Parameters(np.array([1, 2, 3, 4], np.float32), {"W": (2, 2)})
    sgd_step(params, Parameters(np.array([1, 0, -1, 2], np.float32), {"W": (2, 2)}), 0.5)
    assert params["W"].tolist() == [[0.5, 2], [3.5, 3]]
    assert params.flat.dtype == np.float32
