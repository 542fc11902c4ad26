"""Surprise in nats, bits and bits per character, against the loss and against plain Python."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine import gpt, surprise

from . import plain
from .small_gpt import TIED, batch, weights


def test_each_token_has_the_negative_logarithm_of_its_probability():
    logits, targets = np.array([[1.0, 2, 3], [0, 0, 0], [5, -5, 0]]), np.array([0, 2, 1])
    p = [plain.softmax(row)[t] for row, t in zip(logits.tolist(), targets, strict=True)]
    nats = surprise.of_tokens(logits, targets)
    assert nats == pytest.approx([-math.log(x) for x in p])
    assert surprise.bits(nats) == pytest.approx([-math.log2(x) for x in p])
    assert surprise.total_bits(nats) == pytest.approx(-math.log2(math.prod(p)))


def test_a_coin_has_one_bit_and_a_die_of_eight_three():
    assert surprise.bits(surprise.of_tokens(np.zeros((1, 2)), np.array([1]))) == pytest.approx(1)
    assert surprise.bits(surprise.of_tokens(np.zeros((1, 8)), np.array([5]))) == pytest.approx(3)


def test_the_surprises_of_a_text_sum_to_the_loss():
    params, (inputs, targets) = weights(TIED), batch(TIED, 1)
    loss, _ = gpt.loss_and_grads(params, TIED, inputs, targets)
    logits, _ = gpt.forward(params, TIED, inputs)
    nats = surprise.of_tokens(logits[0], targets[0])
    assert nats.sum() == pytest.approx(loss * targets.size)
    assert surprise.perplexity(nats) == pytest.approx(math.exp(loss))
    wrong = surprise.of_tokens(logits[0], targets[0, ::-1])
    assert wrong.sum() != pytest.approx(loss * targets.size, rel=1e-3)


def test_bits_per_character_divide_by_characters_and_not_by_tokens():
    nats = math.log(2) * np.array([3.0, 5.0])
    assert surprise.bits_per_character(nats, 4) == pytest.approx(2)
    assert surprise.bits_per_character(nats, 2) == pytest.approx(4)


@given(st.integers(1, 50), st.integers(1, 20))
def test_who_knows_nothing_has_the_perplexity_of_the_vocabulary(size, tokens):
    nats = surprise.of_tokens(np.zeros((tokens, size)), np.arange(tokens) % size)
    assert surprise.perplexity(nats) == pytest.approx(size)
    assert surprise.bits_per_character(nats, tokens) == pytest.approx(math.log2(size), abs=1e-12)


def test_scores_in_float32_are_worked_out_in_float64():
    nats = surprise.of_tokens(np.array([[200.0, 0, 0]], np.float32), np.array([1]))
    assert nats.dtype == np.float64
    assert nats == pytest.approx([200])


def test_no_token_at_all_has_no_surprise_and_no_mean():
    none = surprise.of_tokens(np.zeros((0, 3)), np.zeros(0, np.int32))
    assert surprise.total_bits(none) == 0
    with pytest.raises(ValueError, match="at least one token"):
        surprise.perplexity(none)
    with pytest.raises(ValueError, match="at least one character"):
        surprise.bits_per_character(none, 0)


def test_an_unknown_letter_is_refused_instead_of_taken_for_the_last():
    with pytest.raises(IndexError, match="vocabulary"):
        surprise.of_tokens(np.zeros((1, 3)), np.array([-1]))


def test_scores_and_targets_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="2 rows of scores and 1 targets"):
        surprise.of_tokens(np.zeros((2, 3)), np.array([1]))


def test_a_model_that_has_exploded_is_infinitely_unsure():
    assert surprise.perplexity(np.array([1e4])) == math.inf
