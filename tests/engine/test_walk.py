import math

import numpy as np
import pytest

from tinylm_tui.engine import bigram
from tinylm_tui.engine.counts import PairShares
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.walk import walk

from . import plain

TOKENS = range(7)  # the boundary and a, b, e, i, n, v


@pytest.mark.parametrize("token", TOKENS)
def test_every_figure_is_what_plain_python_gives(params, counts, words, token):
    w, row = walk(params, counts, token), params["W"][token].tolist()
    assert w.scores.tolist() == row
    assert w.exps == pytest.approx([math.exp(s) for s in row])
    assert w.total == pytest.approx(sum(math.exp(s) for s in row))
    assert w.probabilities == pytest.approx(plain.softmax(row))
    assert w.top == row.index(max(row))


@pytest.mark.parametrize("token", TOKENS)
def test_what_follows_in_the_text_is_counted_one_by_one(params, counts, words, tokenizer, token):
    w, letters = walk(params, counts, token), [None, *tokenizer.letters]
    follow = {b: n for (a, b), n in plain.pairs_of(words).items() if a == letters[token]}
    assert w.occurs == sum(follow.values())
    assert w.commonest_share == max(follow.values()) / w.occurs
    assert follow[letters[w.commonest]] == max(follow.values())
    assert w.row_floor == pytest.approx(plain.entropy(follow))


@pytest.mark.parametrize("token", TOKENS)
def test_the_gradient_row_is_the_row_of_the_full_gradient(params, counts, token):
    _, grads = bigram.full_batch(params, PairShares.of(counts, np.float64))
    assert walk(params, counts, token).gradient == pytest.approx(grads["W"][token], abs=1e-15)


def test_the_gradient_row_of_another_letter_is_noticed(params, counts):
    _, grads = bigram.full_batch(params, PairShares.of(counts, np.float64))
    assert walk(params, counts, 1).gradient != pytest.approx(grads["W"][2], abs=1e-3)


def test_the_surprises_of_all_rows_make_the_loss(params, counts):
    walks = [walk(params, counts, token) for token in TOKENS]
    loss = sum(-w.share_of_row * float(w.shares @ np.log(w.probabilities)) for w in walks)
    assert loss == pytest.approx(bigram.full_batch(params, PairShares.of(counts, np.float64))[0])


def test_the_surprise_is_that_of_the_commonest_successor(params, counts):
    w = walk(params, counts, 1)
    assert w.surprise == pytest.approx(-math.log(plain.softmax(w.scores.tolist())[w.commonest]))
    assert w.commonest_probability == w.probabilities[w.commonest]


@pytest.mark.parametrize("size", [400.0, 1e30, -400.0, -1e30])
def test_scores_too_large_for_e_to_the_score_are_written_relative_to_the_top(counts, size):
    params = Parameters(np.linspace(0, size, counts.size).astype(np.float32), bigram.shapes(len(counts)))
    w = walk(params, counts, 6)
    assert w.shift == w.scores.max()
    assert w.exps.max() == 1
    assert w.probabilities.sum() == pytest.approx(1)
    assert math.isfinite(w.surprise)


def test_ordinary_scores_are_not_shifted(params, counts):
    assert walk(params, counts, 0).shift == 0


@pytest.mark.parametrize("token", [7, -1])
def test_an_id_outside_the_vocabulary_is_refused(params, counts, token):
    with pytest.raises(IndexError, match="vocabulary of 7"):
        walk(params, counts, token)
