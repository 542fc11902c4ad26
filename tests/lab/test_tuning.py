import numpy as np
import pytest

from tinylm_tui.engine.feedback import Rating, kl_divergence, log_probability
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.tuning import MOST_MOVED, MOST_UNDO
from tinylm_tui.lab.writing import Request, write

from .conftest import new_run


@pytest.fixture
def run():
    run = new_run(start="random", learn_rate=5.0)
    for _ in range(100):
        run.train_step()
    return run


def rating(run, word, sign=1):
    return Rating((0, *map(int, run.corpus.tokenizer.encode(word)), 0), sign)


def bits(run):
    return run.params.flat.tobytes()


def test_the_report_names_each_rated_word_with_its_probability_before_and_after(run):
    ratings = [rating(run, "nina"), rating(run, "ben", -1)]
    W = run.params["W"].copy()
    run.apply_feedback(ratings)
    liked, disliked = run.tuning.report.rated
    assert (liked.text, liked.sign, disliked.text, disliked.sign) == ("nina", 1, "ben", -1)
    assert liked.before == log_probability(W, ratings[0].ids) < liked.after
    assert disliked.before > disliked.after == log_probability(run.params["W"], ratings[1].ids)


def test_at_the_default_rate_any_one_sample_moves_the_way_it_was_rated(run):
    for sample in write(run.params, run.corpus.tokenizer, Request(count=20)):
        for sign in (1, -1):
            run.apply_feedback([Rating(sample.ids, sign)])
            (word,) = run.tuning.report.rated
            assert sign * (word.after - word.before) > 0
            run.undo_feedback()


def test_undo_puts_every_bit_back(run):
    before = bits(run)
    run.apply_feedback([rating(run, "nina"), rating(run, "bea", -1)])
    assert bits(run) != before
    run.undo_feedback()
    assert bits(run) == before


def test_subtracting_the_step_again_would_not_put_every_bit_back(run):
    from tinylm_tui.engine.feedback import feedback_gradient

    before = run.params.flat.copy()
    step = feedback_gradient(run.params, [rating(run, "nina")]).flat
    run.params.flat += step
    run.params.flat -= step
    assert run.params.flat == pytest.approx(before, abs=1e-5)
    assert bits(run) != before.tobytes()


def test_rounds_are_undone_one_by_one_with_their_reports(run):
    states = []
    for word in ("nina", "ben", "eve"):
        states.append((bits(run), run.tuning.report))
        run.apply_feedback([rating(run, word)])
    assert run.tuning.report.rounds == 3
    for state in reversed(states):
        run.undo_feedback()
        assert (bits(run), run.tuning.report) == state
    assert not run.tuning.can_undo


def test_only_so_many_rounds_are_kept_for_undo(run):
    for _ in range(MOST_UNDO + 5):
        run.apply_feedback([rating(run, "na")])
    for _ in range(MOST_UNDO):
        run.undo_feedback()
    assert not run.tuning.can_undo


@pytest.mark.parametrize("move", [lambda run: run.train_step(), lambda run: run.nudge(0, 1, 0.5)])
def test_what_moved_the_weights_since_is_not_undone(run, move):
    run.apply_feedback([rating(run, "nina")])
    move(run)
    before = bits(run)
    with pytest.raises(LabError, match="no feedback to undo"):
        run.undo_feedback()
    assert bits(run) == before


def test_the_divergence_is_measured_from_before_the_first_round(run):
    W = run.params["W"].copy()
    run.apply_feedback([rating(run, "nina")])
    first = run.tuning.report.divergence
    run.apply_feedback([rating(run, "nina")])
    weights = run.corpus.counts.sum(axis=1) / run.corpus.pairs
    assert run.tuning.report.divergence == kl_divergence(run.params["W"], W, weights) > first > 0


@pytest.mark.parametrize("move", [lambda run: run.train_step(), lambda run: run.nudge(0, 1, 5.0)])
def test_what_moved_the_weights_in_another_way_is_not_counted_as_feedback(run, move):
    run.apply_feedback([rating(run, "nina")])
    move(run)
    run.change("feedback_rate", "0")
    run.apply_feedback([rating(run, "nina")])
    assert (run.tuning.report.rounds, run.tuning.report.divergence) == (1, 0)


def test_the_pairs_that_moved_most_are_told_largest_first(run):
    p = softmax(run.params["W"].astype(float))
    run.apply_feedback([rating(run, "nina"), rating(run, "eve", -1)])
    q = softmax(run.params["W"].astype(float))
    moved = run.tuning.report.moved
    assert len(moved) == MOST_MOVED
    sizes = [abs(pair.after - pair.before) for pair in moved]
    assert sizes == sorted(np.abs(q - p).reshape(-1), reverse=True)[:MOST_MOVED]
    assert all((pair.before, pair.after) == (p[pair.current, pair.next], q[pair.current, pair.next]) for pair in moved)


def test_nothing_rated_is_refused(run):
    with pytest.raises(LabError, match="nothing is rated yet"):
        run.apply_feedback([])


@pytest.mark.parametrize("ids", [(0, 99, 0), (0, -1, 0)])
def test_a_word_with_letters_of_another_text_is_refused_and_moves_nothing(run, ids):
    before = bits(run)
    with pytest.raises(LabError, match="tokens which the text now loaded does not have"):
        run.apply_feedback([rating(run, "nina"), Rating(ids, 1)])
    assert bits(run) == before
    assert not run.tuning.can_undo


def test_a_rate_of_zero_moves_nothing(run):
    before = bits(run)
    run.change("feedback_rate", "0")
    run.apply_feedback([rating(run, "nina")])
    assert bits(run) == before
    assert (run.tuning.report.moved, run.tuning.report.divergence) == ((), 0)
