import json
import math

import pytest

from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.inspection import inspect, math_record, walk_of


@pytest.fixture
def record(run):
    for _ in range(50):
        run.train_step()
    return math_record(run, "ben")


def test_the_record_is_that_of_the_last_letter(run, record):
    assert record["letter"] == "n"
    assert record["vocabulary"][record["one_hot_index"]] == "n"
    assert math_record(run, "")["letter"] == "boundary"


def test_the_figures_are_those_of_the_walk(run, record):
    w = walk_of(run, "n")
    assert record["scores"] == pytest.approx(w.scores)
    assert record["probabilities"] == pytest.approx(w.probabilities)
    assert record["gradient"] == pytest.approx(w.gradient)
    assert record["sum"] == w.total


def test_the_figures_fit_together(record):
    assert record["e_to_score"] == pytest.approx([math.exp(s) for s in record["scores"]])
    assert record["sum"] == pytest.approx(sum(record["e_to_score"]))
    assert record["probabilities"] == pytest.approx([e / record["sum"] for e in record["e_to_score"]])
    assert record["surprise_nats"] == pytest.approx(-math.log(record["commonest_probability"]))
    assert record["surprise_bits"] == pytest.approx(record["surprise_nats"] / math.log(2))


def test_the_successors_are_those_of_the_text(run, record):
    follow = [word[i + 1 : i + 2] for word in run.corpus.text.split() for i in range(len(word)) if word[i] == "n"]
    commonest = max(set(follow), key=follow.count)
    assert record["commonest_successor"] == commonest
    assert record["commonest_share"] == follow.count(commonest) / len(follow)


def test_the_record_is_plain_json(record):
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_an_unknown_letter_is_refused(run):
    with pytest.raises(LabError, match="never seen x"):
        math_record(run, "x")


@pytest.mark.parametrize("view", ["attention", "lens", "saliency", "surprise"])
def test_what_a_bigram_does_not_have_is_refused(run, view):
    with pytest.raises(LabError, match=f"a bigram has no {view} to show"):
        inspect(run, view, "a")
