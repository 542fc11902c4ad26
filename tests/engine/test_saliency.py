"""Saliency: the gradient against finite differences, leave-one-out against two plain forwards."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine import average, gpt, saliency, window_mlp
from tinylm_tui.engine.examples import last_windows
from tinylm_tui.engine.saliency import Saliency, places_of, rank_correlation, replaced

from . import plain
from .small_gpt import RIGHT, TIED, UNTIED, WRONG, weights

BOTH = pytest.mark.parametrize("config", [TIED, UNTIED], ids=["tied", "untied"])
TEXT = np.array([3, 1, 3, 6, 2], np.int32)
STEP = 1e-5
WINDOW = 4
WORDS = {
    "in a word": [0, 3, 1, 2, 0, 5, 4],
    "at its beginning": [0, 3, 1, 0],
    "in a long word": [0, 1, 2, 3, 4, 5, 6, 1],
    "a boundary just out of sight": [2, 0, 3, 4, 5, 6],
    "no boundary": [3, 1],
    "one token": [0],
    "none": [],
}
TEXTS = pytest.mark.parametrize("text", [np.array(ids, np.int32) for ids in WORDS.values()], ids=list(WORDS))


def log_p(logits, target):
    return math.log(plain.softmax(logits.tolist())[target])


def small(model):
    """A window model of 7 tokens with weights that mean something, in float64."""
    rng = np.random.default_rng(3)
    if model is average:
        return average.start(7, 6, rng).copy(np.float64)
    params = window_mlp.start(7, WINDOW, 6, 5, rng).copy(np.float64)
    params["output.w"][...] *= 10
    return params


WINDOW_MODELS = pytest.mark.parametrize("model", [average, window_mlp], ids=["average", "mlp"])


def grown_gpt(params, config, place, factor):
    """log p of token 4 where the token embedding of one place is `factor` times as long, the position held."""
    apart = replaced(params, {"embedding.token": params["embedding.token"][TEXT], "head": gpt.head(params)})
    apart["embedding.token"][place] *= factor
    logits, _ = gpt.forward(apart, config, np.arange(len(TEXT), dtype=np.int32)[None])
    return log_p(logits[0, -1], 4)


def by_difference(grown):
    """What log p gains when a vector grows: its derivative by the factor is vector · gradient."""
    return (grown(1 + STEP) - grown(1 - STEP)) / (2 * STEP)


@BOTH
def test_gradient_times_input_of_a_transformer_is_right_by_finite_differences(config):
    params = weights(config)
    s = saliency.of_gpt(params, config, TEXT, 4)
    numeric = np.array([by_difference(lambda f, i=i: grown_gpt(params, config, i, f)) for i in range(len(TEXT))])
    assert np.abs(s.gradient_x_input - numeric).max() < RIGHT
    assert np.abs(1.1 * s.gradient_x_input - numeric).max() > WRONG
    assert np.abs(saliency.of_gpt(params, config, TEXT, 5).gradient_x_input - numeric).max() > WRONG


@BOTH
def test_a_head_tied_to_the_embedding_is_held_still(config):
    """The gradient of the weights themselves has the head's share in it where the head is tied, and only there."""
    params = weights(config)
    logits, trace = gpt.forward(params, config, TEXT[None])
    dlogits = np.zeros_like(logits)
    dlogits[0, -1] = np.eye(7)[4] - plain.softmax(logits[0, -1].tolist())
    gradient = gpt.backward(params, config, trace, dlogits)["embedding.token"]
    of_token_6 = float(params["embedding.token"][6] @ gradient[6])
    ours = saliency.of_gpt(params, config, TEXT, 4).gradient_x_input[3]
    assert (of_token_6 == pytest.approx(ours)) == (not config.tie_head)


@BOTH
def test_leave_one_out_of_a_transformer_is_the_difference_of_two_plain_forwards(config):
    params = weights(config)
    s = saliency.of_gpt(params, config, TEXT, 4)
    whole = log_p(gpt.forward(params, config, TEXT[None])[0][0, -1], 4)
    for i in range(len(TEXT)):
        without = log_p(gpt.forward(params, config, np.delete(TEXT, i)[None])[0][0, -1], 4)
        assert s.leave_one_out[i] == pytest.approx(whole - without, abs=1e-12)
    assert s.seen.all()
    assert np.ptp(s.leave_one_out) > WRONG


def test_however_many_texts_go_side_by_side_the_numbers_are_the_same(monkeypatch):
    together = saliency.of_gpt(weights(TIED), TIED, TEXT, 4)
    monkeypatch.setattr(saliency, "AT_ONCE", 1)
    alone = saliency.of_gpt(weights(TIED), TIED, TEXT, 4)
    assert together.leave_one_out == pytest.approx(alone.leave_one_out, abs=1e-12)


def test_a_transformer_says_nothing_after_nothing():
    s = saliency.of_gpt(weights(TIED), TIED, TEXT[:1], 4)
    assert np.isnan(s.leave_one_out).tolist() == [True]
    assert np.isfinite(s.gradient_x_input).all()
    assert s.agreement is None


@pytest.mark.parametrize(("text", "error"), [([], ValueError), ([1] * 6, ValueError), ([-1, 2], IndexError)])
def test_a_text_that_a_transformer_cannot_read_is_refused(text, error):
    with pytest.raises(error):
        saliency.of_gpt(weights(TIED), TIED, np.array(text, np.int32), 4)


@pytest.mark.parametrize("target", [-1, 7])
def test_a_target_outside_the_vocabulary_is_refused(target):
    with pytest.raises(IndexError, match="vocabulary"):
        saliency.of_gpt(weights(TIED), TIED, TEXT, target)
    with pytest.raises(IndexError, match="vocabulary"):
        saliency.of_window(average, small(average), TEXT, target, WINDOW, bounded=True)


def grown_window(model, params, text, token, factor, bounded):
    """log p of token 4 where the vectors of a token of the text are `factor` times as long in the window."""
    inputs = last_windows([text.tolist()], WINDOW, bounded=bounded)[0]
    apart = replaced(params, {"embedding": params["embedding"][inputs]})
    apart["embedding"][places_of(text, WINDOW, bounded=bounded) == token] *= factor
    return log_p(model.forward(apart, np.arange(WINDOW, dtype=np.int32)[None])[0][0], 4)


@WINDOW_MODELS
@TEXTS
@pytest.mark.parametrize("bounded", [True, False])
def test_gradient_times_input_of_a_window_is_right_by_finite_differences(model, text, bounded):
    params = small(model)
    s = saliency.of_window(model, params, text, 4, WINDOW, bounded=bounded)
    numeric = [by_difference(lambda f, i=i: grown_window(model, params, text, i, f, bounded)) for i in range(len(text))]
    assert s.gradient_x_input == pytest.approx(numeric, abs=RIGHT)
    assert not len(text) or 1.1 * s.gradient_x_input != pytest.approx(numeric, abs=WRONG / 10)


@WINDOW_MODELS
@TEXTS
@pytest.mark.parametrize("bounded", [True, False])
def test_leave_one_out_of_a_window_is_the_difference_of_two_plain_forwards(model, text, bounded):
    params = small(model)

    def of(ids):
        return log_p(model.next_logits(params, last_windows([ids.tolist()], WINDOW, bounded=bounded))[0], 4)

    s = saliency.of_window(model, params, text, 4, WINDOW, bounded=bounded)
    differences = [of(text) - of(np.delete(text, i)) for i in range(len(text))]
    assert s.leave_one_out == pytest.approx(differences, abs=1e-12)
    assert not s.leave_one_out[~s.seen].any()
    assert not s.gradient_x_input[~s.seen].any()


@given(st.lists(st.integers(0, 3), max_size=12), st.booleans(), st.integers(1, 6))
def test_the_places_of_a_window_are_those_that_are_looked_up(ids, bounded, window):
    text = np.array(ids, np.int32)
    places = places_of(text, window, bounded=bounded)
    looked_up = [int(text[place]) if place >= 0 else 0 for place in places]
    assert last_windows([ids], window, bounded=bounded)[0].tolist() == looked_up


def test_only_the_word_itself_is_seen_and_the_boundary_before_it():
    s = saliency.of_window(average, small(average), np.array([0, 3, 0, 5, 4], np.int32), 4, WINDOW, bounded=True)
    assert s.seen.tolist() == [False, False, True, True, True]
    s = saliency.of_window(average, small(average), np.array([0, 3, 0, 5, 4], np.int32), 4, WINDOW, bounded=False)
    assert s.seen.tolist() == [False, True, True, True, True]


def test_the_order_of_a_window_makes_no_difference_to_the_average_and_does_to_the_mlp():
    there, back = np.array([3, 5, 2, 6], np.int32), np.array([6, 2, 5, 3], np.int32)

    def mirrored(model):
        a, b = (saliency.of_window(model, small(model), text, 4, WINDOW, bounded=False) for text in (there, back))
        return a.gradient_x_input == pytest.approx(b.gradient_x_input[::-1], abs=1e-12)

    assert mirrored(average)
    assert not mirrored(window_mlp)


def test_in_float32_the_numbers_are_the_same_to_rounding():
    exact, single = (saliency.of_gpt(weights(TIED).copy(dtype), TIED, TEXT, 4) for dtype in (np.float64, np.float32))
    assert single.gradient_x_input == pytest.approx(exact.gradient_x_input, abs=1e-5)
    assert single.leave_one_out == pytest.approx(exact.leave_one_out, abs=1e-5)
    assert single.leave_one_out.dtype == single.gradient_x_input.dtype == np.float64


def test_looking_leaves_the_weights_as_they_were():
    params = weights(TIED)
    before = params.flat.copy()
    saliency.of_gpt(params, TIED, TEXT, 4)
    assert np.array_equal(params.flat, before)


def test_ranks_agree_where_the_order_does_whatever_the_distances():
    assert rank_correlation(np.array([1.0, 2, 3, 4]), np.array([0.1, 5, 5.1, 99])) == pytest.approx(1)
    assert rank_correlation(np.array([1.0, 2, 3, 4]), np.array([9.0, 3, -1, -8])) == pytest.approx(-1)


def test_the_rank_correlation_is_that_of_the_textbook_formula():
    a, b = np.array([3.0, 1, 4, 1.5, 9]), np.array([2.0, 7, 1, 8, 3])
    squares = sum((x - y) ** 2 for x, y in zip([3, 1, 4, 2, 5], [2, 4, 1, 5, 3], strict=True))
    assert rank_correlation(a, b) == pytest.approx(1 - 6 * squares / (5 * 24))


def test_equal_numbers_share_the_mean_of_their_ranks():
    a, b = np.array([1.0, 1, 2, 3]), np.array([1.0, 2, 3, 4])
    assert rank_correlation(a, b) == pytest.approx(np.corrcoef([1.5, 1.5, 3, 4], [1, 2, 3, 4])[0, 1])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([], []),
        ([1, 2], [1, 2]),
        ([1, 1, 1], [1, 2, 3]),
        ([1, 2, 3], [0, 0, 0]),
        ([1, 2, math.nan], [1, 2, 3]),
        ([1, 2, 3], [1, 2, math.inf]),
    ],
)
def test_where_there_is_no_order_there_is_no_agreement(a, b):
    assert rank_correlation(np.array(a, float), np.array(b, float)) is None


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), max_size=9))
def test_agreement_lies_between_minus_one_and_one_and_does_not_depend_on_who_is_first(pairs):
    a, b = (np.array(numbers) for numbers in (zip(*pairs, strict=True) if pairs else ([], [])))
    agreement = rank_correlation(a, b)
    assert agreement == pytest.approx(rank_correlation(b, a))
    assert agreement is None or -1 <= agreement <= 1


def test_agreement_counts_the_tokens_seen_and_takes_rounding_for_no_order():
    seen = np.array([False, True, True, True])
    assert Saliency(np.array([0, 1.0, 2, 3]), np.array([0, 1.0, 2, 3]), seen).agreement == pytest.approx(1)
    assert Saliency(np.array([0, 1.0, 2, 3]), np.array([0, 1e-7, 2e-7, 3e-7]), seen).agreement is None
    assert Saliency(np.array([0, 1.0, 2, 3]), np.array([9.0, 3, 2, 1]), seen).agreement == pytest.approx(-1)
