"""The four steps to attention, against the plainest loops."""

import math

import numpy as np
import pytest

from tinylm_tui.engine import attention, gpt, trick

from .small_gpt import TIED, batch, weights

SIZES = [(1, 1), (1, 4), (2, 3), (5, 4), (9, 2), (16, 16)]


def vectors(T, d, seed=0):
    return np.random.default_rng(seed).standard_normal((3, T, d))


def brute_average(v):
    return np.array([[sum(v[i][c] for i in range(t + 1)) / (t + 1) for c in range(len(v[0]))] for t in range(len(v))])


def brute_weights(q, k):
    T, d = q.shape
    rows = []
    for t in range(T):
        exps = [math.exp(sum(q[t, c] * k[i, c] for c in range(d)) / math.sqrt(d)) for i in range(t + 1)]
        rows.append([e / sum(exps) for e in exps] + [0.0] * (T - t - 1))
    return np.array(rows)


@pytest.mark.parametrize(("T", "d"), SIZES)
def test_the_first_three_steps_are_the_plain_average_of_the_past(T, d):
    q, k, v = vectors(T, d)
    loop, triangle, softmax, _ = trick.steps(q, k, v)
    for step in (loop, triangle, softmax):
        assert step.result == pytest.approx(brute_average(v), abs=1e-12)
    assert trick.largest_difference((loop, triangle, softmax)) < 1e-12


@pytest.mark.parametrize(("T", "d"), SIZES)
def test_the_fourth_is_attention(T, d):
    q, k, v = vectors(T, d, seed=1)
    learned = trick.steps(q, k, v)[3]
    assert learned.weights == pytest.approx(brute_weights(q, k), abs=1e-12)
    assert learned.result == pytest.approx(brute_weights(q, k) @ v, abs=1e-12)


@pytest.mark.parametrize(("T", "d"), SIZES)
def test_all_four_have_the_same_shape_and_weights_that_look_back_only(T, d):
    for step in trick.steps(*vectors(T, d)):
        assert (step.weights.shape, step.result.shape) == ((T, T), (T, d))
        assert step.weights.sum(axis=1) == pytest.approx(np.ones(T))
        assert not step.weights[np.triu_indices(T, 1)].any()
        assert step.weights @ vectors(T, d)[2] == pytest.approx(step.result)


def test_scores_stand_only_where_weights_come_from_them_and_are_masked():
    loop, triangle, softmax, learned = trick.steps(*vectors(4, 3))
    assert loop.scores is None
    assert triangle.scores is None
    for step in (softmax, learned):
        assert np.isneginf(step.scores[np.triu_indices(4, 1)]).all()
        assert np.isfinite(step.scores[np.tril_indices(4)]).all()
    assert not softmax.scores[np.tril_indices(4)].any()


def test_only_the_scores_change_from_the_third_to_the_fourth():
    q, k, v = vectors(6, 4)
    same = trick.steps(np.zeros_like(q), k, v)
    assert trick.largest_difference(same) < 1e-12
    assert trick.largest_difference(trick.steps(q, k, v)) > 0.1


def test_the_fourth_is_what_the_model_itself_computes():
    ids, _ = batch(TIED, examples=1)
    trace = gpt.forward(weights(TIED), TIED, ids)[1]
    for block in trace.blocks:
        a = block.attention
        mixed = attention.split(a.mixed, TIED.heads)
        for h in range(TIED.heads):
            learned = trick.steps(a.q[0, h], a.k[0, h], a.v[0, h])[3]
            assert learned.weights == pytest.approx(a.pattern[0, h], abs=1e-12)
            assert learned.result == pytest.approx(mixed[0, h], abs=1e-12)


def test_the_difference_is_the_largest_of_any_number():
    one = trick.Step("a", None, np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]]))
    other = trick.Step("b", None, np.eye(2), np.array([[1.0, 2.0], [3.0, 4.5]]))
    assert trick.largest_difference((one, one)) == 0
    assert trick.largest_difference((one, one, other)) == 0.5


def test_float32_is_worked_in_float64():
    q, k, v = vectors(3, 2).astype(np.float32)
    assert all(step.result.dtype == np.float64 for step in trick.steps(q, k, v))
