import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.bigram import shapes
from tinylm_tui.engine.feedback import Rating, feedback_gradient, kl_divergence, log_probability
from tinylm_tui.engine.parameters import Parameters

from . import plain

SIZE = 4
MATRIX = st.lists(st.floats(-5, 5), min_size=SIZE**2, max_size=SIZE**2)
WORD = st.lists(st.integers(1, SIZE - 1), min_size=1, max_size=6).map(lambda letters: (0, *letters, 0))


def of(scores):
    return Parameters(np.array(scores, float), shapes(SIZE))


def by_hand(W, ids):
    """log p of a word in plain Python: the sum of the logarithms over its pairs."""
    return math.fsum(math.log(plain.softmax(W[a].tolist())[b]) for a, b in pairwise(ids))


def after(params, ratings, rate):
    return of(params.flat + rate * feedback_gradient(params, ratings).flat)


@given(MATRIX, WORD)
def test_the_probability_of_a_word_is_the_product_over_its_pairs(scores, word):
    W = of(scores)["W"]
    assert log_probability(W, word) == pytest.approx(by_hand(W, word), abs=1e-9)


# log p(word) is concave and its slope changes by at most half a pair a score: below 4 / pairs a step cannot overshoot.
@given(MATRIX, WORD, st.floats(0.01, 3.9))
def test_a_liked_word_becomes_likelier(scores, word, rate):
    params = of(scores)
    liked = after(params, [Rating(word, 1)], rate / (len(word) - 1))
    assert log_probability(liked["W"], word) > log_probability(params["W"], word) - 1e-9


@given(MATRIX, WORD, st.floats(0.01, 10))
def test_a_disliked_word_becomes_less_likely_however_large_the_step(scores, word, rate):
    params = of(scores)
    disliked = after(params, [Rating(word, -1)], rate)
    assert log_probability(disliked["W"], word) < log_probability(params["W"], word) + 1e-9


def test_from_a_flat_start_the_change_is_no_rounding():
    flat, word = of([0] * SIZE**2), (0, 1, 2, 3, 0)
    start = log_probability(flat["W"], word)
    assert log_probability(after(flat, [Rating(word, 1)], 1.0)["W"], word) > start + 1
    assert log_probability(after(flat, [Rating(word, -1)], 1.0)["W"], word) < start - 1


@given(MATRIX, WORD, WORD)
def test_the_gradient_is_that_of_the_rated_words_log_probabilities(scores, liked, disliked):
    params, ratings = of(scores), [Rating(liked, 1), Rating(disliked, -1)]
    gradient, h = feedback_gradient(params, ratings).flat, 1e-6
    for place in range(0, SIZE**2, 3):
        slopes = []
        for step in (h, -h):
            moved = params.copy()
            moved.flat[place] += step
            slopes.append(sum(r.sign * by_hand(moved["W"], r.ids) for r in ratings) / len(ratings))
        assert gradient[place] == pytest.approx((slopes[0] - slopes[1]) / (2 * h), abs=1e-6)


def test_many_liked_words_at_once_all_become_likelier():
    flat, words = of([0] * SIZE**2), [(0, i, j, 0) for i in (1, 2, 3) for j in (1, 2, 3)] * 6
    liked = after(flat, [Rating(word, 1) for word in words], 1.0)
    assert all(log_probability(liked["W"], word) > log_probability(flat["W"], word) for word in words)


def test_a_gradient_with_the_signs_swapped_is_noticed():
    params, word = of([0] * SIZE**2), (0, 1, 0)
    wrong = Parameters(params.flat - feedback_gradient(params, [Rating(word, 1)]).flat, params.shapes)
    assert log_probability(wrong["W"], word) < log_probability(params["W"], word)


def test_liking_and_disliking_the_same_word_cancels():
    params = of(np.arange(16) / 7)
    assert not feedback_gradient(params, [Rating((0, 2, 0), 1), Rating((0, 2, 0), -1)]).flat.any()


def test_only_the_rows_of_the_rated_letters_move():
    gradient = feedback_gradient(of([0] * 16), [Rating((0, 2, 2, 0), 1)])["W"]
    assert gradient[[1, 3]].tolist() == [[0] * 4] * 2
    assert gradient[[0, 2]].any(axis=1).all()


@given(MATRIX, MATRIX, st.lists(st.integers(0, 9), min_size=SIZE, max_size=SIZE).filter(any))
def test_the_divergence_is_the_sum_written_out(scores, reference, weights):
    W, R, weights = of(scores)["W"], of(reference)["W"], np.array(weights) / sum(weights)
    total = 0.0
    for a in range(SIZE):
        p, q = plain.softmax(W[a].tolist()), plain.softmax(R[a].tolist())
        total += weights[a] * math.fsum(p[b] * math.log(p[b] / q[b]) for b in range(SIZE))
    assert kl_divergence(W, R, weights) == pytest.approx(total, abs=1e-9)


def test_the_divergence_is_zero_where_nothing_moved_and_not_the_same_both_ways():
    there, here, weights = of(np.arange(16) / 5)["W"], of([0] * 15 + [3])["W"], np.full(SIZE, 1 / SIZE)
    assert kl_divergence(there, there, weights) == 0
    assert kl_divergence(there, here, weights) != pytest.approx(kl_divergence(here, there, weights), rel=1e-2)
