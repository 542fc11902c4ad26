"""What feedback did, and that it can be undone, is in the file of a run."""

import copy
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.feedback import Rating
from tinylm_tui.lab import store, tuning
from tinylm_tui.lab.errors import LabError, RunFileError
from tinylm_tui.lab.feedback_state import LONGEST, refuse_feedback, report_of
from tinylm_tui.lab.tuning import MOST_UNDO

from .conftest import new_run
from .test_kept import places
from .test_note import JSON

WORDS = [(0, 1, 5, 0), (0, 2, 0), (0, 3, 1, 1, 0), (0, 5, 4, 0)]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("feedback") / "run.safetensors"


def rated(rounds, **choices):
    """A trained run with so many rounds of feedback."""
    run = new_run(**choices)
    for _ in range(5):
        run.train_step()
    for n in range(rounds):
        run.apply_feedback([Rating(WORDS[n % 4], 1), Rating(WORDS[(n + 1) % 4], -1)])
    return run


def passed_through(run, path):
    store.save(run, path)
    return store.load(path)


def undone(run):
    """Weights and report after each undo, until nothing can be undone."""
    found = []
    while run.tuning.can_undo:
        run.undo_feedback()
        found.append((run.params.flat.tobytes(), run.tuning.report, run.tuning.rounds))
    return found


@pytest.mark.parametrize("rounds", [0, 1, 3, MOST_UNDO + 3])
def test_report_and_undo_are_as_they_were(rounds, path):
    run = rated(rounds)
    back = passed_through(run, path)
    assert back.tuning.report == run.tuning.report
    assert (back.tuning.report is None) == (rounds == 0)
    assert len(undone(copy.deepcopy(run))) == min(rounds, MOST_UNDO)
    assert undone(back) == undone(run)


def test_the_next_round_after_opening_does_what_it_would_have_done(path):
    run = rated(2)
    back = passed_through(run, path)
    for one in (run, back):
        one.apply_feedback([Rating(WORDS[3], 1)])
    assert back.tuning.report == run.tuning.report
    assert undone(back) == undone(run)


def test_after_training_there_is_nothing_to_undo_and_opening_does_not_forget_why(path):
    run = rated(2)
    run.train_step()
    said = []
    for one in (run, passed_through(run, path)):
        with pytest.raises(LabError) as raised:
            one.undo_feedback()
        said.append(str(raised.value))
    assert said == ["there is no feedback to undo: training or a nudge has moved the weights since"] * 2


def test_of_large_models_the_newest_rounds_can_be_undone(path, monkeypatch):
    run = rated(5)
    monkeypatch.setattr(tuning, "MOST_KEPT", 2 * run.params.flat.nbytes + 1)
    back = passed_through(run, path)
    assert undone(back) == undone(run)[:2]
    monkeypatch.setattr(tuning, "MOST_KEPT", run.params.flat.nbytes - 1)
    assert undone(passed_through(rated(5), path)) == []


def test_a_report_that_is_too_long_is_left_out_and_the_run_is_saved(path):
    run = rated(1)
    run.apply_feedback([Rating((0, *[1] * LONGEST, 0), 1)])
    back = passed_through(run, path)
    assert back.tuning.report is None
    assert undone(back) == undone(run)


def test_a_rated_word_may_have_any_characters(path):
    run = new_run("\ud800\x1b é\n\ud800 \x1b[\n")
    run.apply_feedback([Rating((0, *range(1, run.corpus.size), 0), 1)])
    assert passed_through(run, path).tuning.report == run.tuning.report


def test_without_its_part_in_the_file_report_and_undo_are_gone_and_the_run_is_not(path):
    run = rated(2)
    run.tuning.state = dict
    arrays = run.tuning.arrays()
    run.tuning.arrays = lambda: {"reference": arrays["reference"]}
    back = passed_through(run, path)
    assert (back.tuning.report, back.tuning.can_undo, back.tuning.rounds) == (None, False, 2)
    assert np.array_equal(back.params.flat, run.params.flat)


# ---- a file may come from anybody


def parts(state):
    """Every list or mapping with each of its places."""
    yield from ((state, name) for name in state)
    yield from places([value for value in state.values() if isinstance(value, list)])


@given(data=st.data())
def test_whatever_stands_in_its_place_it_is_refused_or_can_be_shown(data):
    run = rated(2)
    state = json.loads(json.dumps(run.tuning.state()))
    owner, place = data.draw(st.sampled_from(list(parts(state))))
    owner[place] = data.draw(JSON | st.integers(-2, 9) | st.floats(-2, 2))
    lengths = {name: len(array) for name, array in run.tuning.arrays().items()} | {"weights": run.params.count}
    try:
        refuse_feedback(state, run.corpus.size, lengths, 2, MOST_UNDO)
    except RunFileError:
        return
    run.tuning.restore(run.tuning.arrays(), state, 2)
    for report in (run.tuning.report, *map(report_of, state.get("undo", []))):
        for word in report.rated if report else ():
            assert 0 <= math.exp(word.before) <= 1
            assert 0 <= math.exp(word.after) <= 1
        for pair in report.moved if report else ():
            assert 0 <= min(pair.current, pair.next) <= max(pair.current, pair.next) < run.corpus.size
    run.undo_feedback()


def test_more_rounds_to_undo_than_there_were_are_refused(path):
    run = rated(2)
    store.save(run, path)
    run.tuning.rounds = 1
    with pytest.raises(RunFileError):
        store.save(run, path)


def test_what_can_be_so_is_not_refused():
    run = rated(2)
    lengths = {name: len(array) for name, array in run.tuning.arrays().items()} | {"weights": run.params.count}
    refuse_feedback(run.tuning.state(), run.corpus.size, lengths, 2, MOST_UNDO)
    refuse_feedback({}, run.corpus.size, {"weights": run.params.count}, 2, MOST_UNDO)


WRONG = {
    "other names": {"other": 1}, "no mapping": [1], "a round more than its weights": {"undo": [None] * 3},
    "a round less": {"undo": [None]}, "too many rounds": {"undo": [None] * (MOST_UNDO + 1)}, "moved": {"moved": 1},
    "of a later round": {"report": [3, [], [], 0.0]},
    "no report": {"report": [1, [], []]}, "round 0": {"report": [0, [], [], 0.0]},
    "a word too likely": {"report": [1, [["a", 1, 0.5, -1.0]], [], 0.0]},
    "a sign that is none": {"report": [1, [["a", 0, -0.5, -1.0]], [], 0.0]},
    "a token that is none": {"report": [1, [], [[0, 99, 0.5, 0.5]], 0.0]},
    "more than certain": {"report": [1, [], [[0, 1, 0.5, 1.5]], 0.0]},
    "a distance below 0": {"report": [1, [], [], -1.0]},
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_refused(wrong):
    run = rated(2)
    lengths = {name: len(array) for name, array in run.tuning.arrays().items()} | {"weights": run.params.count}
    state = {**run.tuning.state(), **wrong} if isinstance(wrong, dict) else wrong
    with pytest.raises(RunFileError, match="feedback"):
        refuse_feedback(state, run.corpus.size, lengths, 2, MOST_UNDO)
    run.tuning.state = lambda: state
    with pytest.raises(RunFileError):
        store.bytes_of(run)
