"""One look of attention in numbers, against the engine's forward pass."""

import numpy as np
import pytest

from tinylm_tui.engine import attention, gpt
from tinylm_tui.engine.looking import habits, work

from .small_gpt import TIED, batch, weights


def heads():
    """q, k, v, scores, pattern and what comes out of every head of a small model on one text."""
    ids, _ = batch(TIED, examples=1)
    for block in gpt.forward(weights(TIED), TIED, ids)[1].blocks:
        a = block.attention
        mixed = attention.split(a.mixed, TIED.heads)
        for h in range(TIED.heads):
            yield [x[0, h] for x in (a.q, a.k, a.v, a.scores, a.pattern, mixed)]


def test_every_number_is_that_of_the_forward_pass():
    for q, k, v, scores, pattern, mixed in heads():
        for query in range(len(q)):
            w = work(q, k, v, query)
            assert w.scores == pytest.approx(scores[query], abs=1e-12)
            assert w.shares == pytest.approx(pattern[query], abs=1e-12)
            assert w.mixed == pytest.approx(mixed[query], abs=1e-12)


def test_the_numbers_follow_from_each_other():
    for q, k, v, *_ in heads():
        for query in range(len(q)):
            w, d = work(q, k, v, query), q.shape[1]
            assert w.products == pytest.approx([sum(q[query] * key) for key in k])
            assert w.scores == pytest.approx(w.products / d**0.5)
            assert w.top == max(w.scores[: query + 1])
            assert w.exps[: query + 1] == pytest.approx(np.exp(w.scores[: query + 1] - w.top))
            assert not w.exps[query + 1 :].any()
            assert w.total == pytest.approx(sum(w.exps))
            assert w.shares == pytest.approx(w.exps / w.total)


def test_a_huge_score_overflows_nothing_even_where_it_is_masked():
    q = np.array([[1.0], [1000.0], [1.0]])
    k = np.array([[1.0], [900.0], [1e6]])
    w = work(q, k, np.eye(3), 1)
    assert w.shares == pytest.approx([0, 1, 0])
    assert np.isfinite(w.exps).all()


def test_habits_are_means_over_the_tokens_that_have_one_before_them():
    pattern = np.array([[1.0, 0, 0], [0.25, 0.75, 0], [0.5, 0.2, 0.3]])
    h = habits(pattern)
    assert h.itself == pytest.approx((0.75 + 0.3) / 2)
    assert h.before == pytest.approx((0.25 + 0.2) / 2)
    assert h.first == pytest.approx((0.25 + 0.5) / 2)


def test_one_token_alone_looks_at_itself():
    h = habits(np.ones((1, 1)))
    assert (h.itself, h.before, h.first) == (1, 0, 0)
