import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.softmax import cross_entropy, log_softmax, softmax

from . import plain

SCORES = st.lists(st.floats(-50, 50), min_size=1, max_size=12)


@given(SCORES)
def test_softmax_is_the_formula_written_out(scores):
    assert softmax(np.array(scores)) == pytest.approx(plain.softmax(scores), rel=1e-12, abs=1e-300)


@given(SCORES)
def test_log_softmax_is_the_logarithm_of_softmax(scores):
    by_hand = [math.log(p) for p in plain.softmax(scores)]
    assert log_softmax(np.array(scores)) == pytest.approx(by_hand, rel=1e-9, abs=1e-12)


@given(SCORES, st.floats(-1e3, 1e3))
def test_adding_a_constant_to_all_scores_changes_nothing(scores, constant):
    scores = np.array(scores)
    assert softmax(scores + constant) == pytest.approx(softmax(scores), rel=1e-9)


def test_huge_scores_neither_overflow_nor_take_the_logarithm_of_zero():
    scores = np.array([1e4, -1e4, 0.0])
    assert softmax(scores).tolist() == [1, 0, 0]
    assert log_softmax(scores).tolist() == [0, -2e4, -1e4]


def test_every_row_is_a_distribution_of_its_own(rng):
    rows = softmax(rng.standard_normal((3, 4, 5)))
    assert rows.shape == (3, 4, 5)
    assert rows.sum(axis=-1) == pytest.approx(np.ones((3, 4)))


def test_float32_stays_float32():
    assert softmax(np.ones(3, np.float32)).dtype == log_softmax(np.ones(3, np.float32)).dtype == np.float32


def test_cross_entropy_is_the_mean_surprise_of_the_targets(rng):
    logits, targets = rng.standard_normal((6, 4)), np.array([0, 1, 2, 3, 0, 0])
    by_hand = [-math.log(plain.softmax(row.tolist())[t]) for row, t in zip(logits, targets, strict=True)]
    assert cross_entropy(logits, targets)[0] == pytest.approx(sum(by_hand) / 6)


def differences(logits, targets, h=1e-6):
    """The gradient of cross-entropy with respect to each logit, by central differences."""
    slopes = np.zeros_like(logits)
    for place in np.ndindex(*logits.shape):
        step = np.zeros_like(logits)
        step[place] = h
        slopes[place] = (cross_entropy(logits + step, targets)[0] - cross_entropy(logits - step, targets)[0]) / (2 * h)
    return slopes


def test_the_gradient_of_cross_entropy_is_p_minus_one_hot(rng):
    logits, targets = rng.standard_normal((3, 4)), np.array([2, 0, 2])
    assert cross_entropy(logits, targets)[1] == pytest.approx(differences(logits, targets), abs=1e-8)


def test_a_gradient_towards_the_wrong_target_is_noticed(rng):
    logits = rng.standard_normal((3, 4))
    wrong = cross_entropy(logits, np.array([2, 0, 1]))[1]
    assert wrong != pytest.approx(differences(logits, np.array([2, 0, 2])), abs=1e-2)
