"""The cosine between vectors."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.neighbours import cosines, ranked


def test_the_cosine_is_that_of_the_angle_between_two_vectors():
    X = np.array([[1, 0], [3, 0], [0, 2], [-5, 0], [1, 1], [math.cos(1), math.sin(1)]], dtype=float)
    assert cosines(X, 0) == pytest.approx([1, 1, 0, -1, 2**-0.5, math.cos(1)])


@given(st.integers(0, 1000))
def test_it_is_what_a_plain_loop_computes_whatever_the_lengths(seed):
    rng = np.random.default_rng(seed)
    X = (rng.standard_normal((6, 4)) * rng.uniform(1e-18, 1e18, (6, 1))).astype(np.float32)
    for i in range(6):
        a = X[i].astype(float)
        plain = [float(a @ b.astype(float)) / (math.hypot(*a) * math.hypot(*b.astype(float))) for b in X]
        assert cosines(X, i) == pytest.approx(plain, abs=1e-12)


def test_a_vector_of_zeros_has_no_direction_and_nothing_is_not_a_number():
    X = np.array([[0.0, 0.0], [1.0, 2.0], [0.0, 0.0]])
    assert cosines(X, 0).tolist() == [0, 0, 0]
    assert cosines(X, 1) == pytest.approx([0, 1, 0])


def test_the_most_alike_come_first_without_the_token_itself_and_equal_ones_by_id():
    assert ranked(np.array([0.1, 1.0, 0.5, -1.0, 0.5]), 1).tolist() == [2, 4, 0, 3]
    assert ranked(np.array([1.0]), 0).tolist() == []
