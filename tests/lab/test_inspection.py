import json
import math

import pytest

from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.inspection import in_words, inspect, math_record, note_on, walk_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings

from .conftest import new_run


@pytest.fixture
def record(run):
    for _ in range(50):
        run.train_step()
    return math_record(run, "ben")


def test_the_record_is_that_of_the_last_letter(run, record):
    assert record["token"] == record["letter"] == "n"
    assert "letter" not in in_words(record)
    assert record["vocabulary"][record["one_hot_index"]] == "n"
    assert math_record(run, "")["token"] == "boundary"


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


@pytest.mark.parametrize("view", ["attention", "lens", "saliency"])
def test_what_a_bigram_does_not_have_is_refused(run, view):
    with pytest.raises(LabError, match=f"a bigram has no {view} to show"):
        inspect(run, view, "a")


WINDOWS = {"average": {"width": 6, "context": 3, "batch": 1, "learn_rate": 0.1},
           "mlp": {"width": 4, "context": 3, "hidden": 5, "batch": 4, "learn_rate": 0.01}}  # fmt: skip


@pytest.fixture(params=WINDOWS)
def windowed(request):
    run = new_run(model=request.param, **WINDOWS[request.param])
    for _ in range(30):
        run.train_step()
    return run


def test_a_window_models_record_holds_its_window_and_its_stages(windowed):
    record = inspect(windowed, "math", "ben")
    assert record["window"] == ["b", "e", "n"]
    assert inspect(windowed, "math", "n")["window"] == ["boundary", "boundary", "n"]
    between = {"average": ["average"], "mlp": ["concatenation", "hidden", "tanh"]}[windowed.settings.model]
    assert list(record["stages"]) == ["lookup 1", "lookup 2", "lookup 3", *between, "logits"]
    assert sum(record["probabilities"]) == pytest.approx(1)
    assert record["probabilities"] == pytest.approx([e / record["sum"] for e in record["e_to_logit_less_top"]])
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert "'b' 'e' 'n'" in in_words(record)


def test_the_order_of_the_window_is_nothing_to_an_average_and_something_to_an_mlp(windowed):
    there, back = (inspect(windowed, "math", text)["probabilities"] for text in ("abe", "eba"))
    same = there == pytest.approx(back, abs=1e-7)
    assert same == (windowed.settings.model == "average")


def test_what_a_window_model_does_not_have_is_refused_with_what_it_has(windowed):
    with pytest.raises(LabError, match=r"^an (average|mlp) has no attention to show; it has math, surprise, saliency$"):
        inspect(windowed, "attention", "a")


def test_the_note_counts_tokens_and_not_letters(windowed):
    assert note_on(windowed, "math", "be") == ""
    assert "the text has 5 tokens with the boundary; the last 3 are used" in note_on(windowed, "math", "nina")
    settings = Settings(model="mlp", tokenizer="bpe", vocabulary=9, **WINDOWS["mlp"])
    run = Run(make_corpus("words", "nana\n" * 9, "auto", cut_of(settings)), settings)
    assert len(run.corpus.tokenizer.encode("nana")) == 1
    assert note_on(run, "math", "nana") == ""
