"""Saliency on a text: leave-one-out against two plain forwards of the model that generates, and what is left out."""

import json
import math

import numpy as np
import pytest

from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.inspection import in_words, inspect, note_on
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.moving import MOST, in_a_word, moved, reach
from tinylm_tui.lab.text_records import saliency_record, surprise_record
from tinylm_tui.lab.views import read_text

from .test_surprising import NAMES, STORY, log_softmax, reader, trained

MODELS = pytest.mark.parametrize("model", ["average", "mlp", "gpt"])


def found_in(run, text, target=None, rank=None):
    tokenizer = run.corpus.tokenizer
    ids = read_text(tokenizer, text, len(text) + 1).ids
    return moved(run.params, tokenizer, run.settings, ids, target, rank)


def log_p(run, ids, target):
    logits = model_of(run.settings).next_logits(run.params, run.settings, run.corpus.tokenizer)([ids])[0]
    return log_softmax(logits)[target]


@MODELS
@pytest.mark.parametrize("more", [{}, {"tokenizer": "alphabet"}], ids=["bounded", "not bounded"])
def test_leave_one_out_is_the_difference_of_two_plain_forwards(model, more):
    run = trained(model, STORY, **more)
    found = found_in(run, "the ca", target=3)
    ids = found.ids.tolist()
    for i, nats in enumerate(found.saliency.leave_one_out):
        plain = log_p(run, ids, 3) - log_p(run, ids[:i] + ids[i + 1 :], 3)
        assert nats == pytest.approx(plain, abs=1e-4)
    assert np.abs(found.saliency.leave_one_out).max() > 1e-2
    other = [log_p(run, ids, 4) - log_p(run, ids[:i] + ids[i + 1 :], 4) for i in range(len(ids))]
    assert not np.allclose(found.saliency.leave_one_out, other, atol=1e-3)


@MODELS
def test_without_a_target_it_is_asked_about_the_top_guess_or_the_one_of_that_rank(model):
    run = trained(model, STORY)
    top = found_in(run, "the c")
    assert (top.target, top.rank) == (int(top.probabilities.argmax()), 0)
    second = found_in(run, "the c", target=1, rank=1)
    assert (second.rank, second.probability) == (1, sorted(top.probabilities)[-2])
    assert math.log(top.probability) == pytest.approx(log_p(run, top.ids.tolist(), top.target), abs=1e-4)


@pytest.mark.parametrize("model", ["average", "mlp"])
def test_what_a_window_does_not_see_is_told_apart(model):
    run = trained(model, STORY)
    found = found_in(run, "the cat")
    assert found.saliency.seen.tolist() == [False] * 5 + [True] * 3
    assert not found.saliency.leave_one_out[:5].any()


def test_of_a_long_text_the_last_tokens_are_used():
    gpt, mlp = trained("gpt", STORY), trained("mlp", STORY)
    assert (reach(gpt.settings), reach(mlp.settings)) == (8, MOST)
    assert len(found_in(gpt, STORY).ids) == 8
    assert len(found_in(mlp, STORY).ids) == MOST


def test_the_only_token_of_a_text_cannot_be_left_out_of_a_gpt():
    found = found_in(trained("gpt", STORY), "")
    assert np.isnan(found.saliency.leave_one_out).all()
    assert found.saliency.agreement is None


@pytest.mark.parametrize(
    ("agreement", "word"),
    [(1.0, "they agree"), (0.5, "they mostly agree"), (0.2, "they agree a little"), (0.0, "they do not agree"),
     (-0.2, "they do not agree"), (-0.21, "they contradict each other"), (-1.0, "they contradict each other")],
)  # fmt: skip
def test_an_agreement_has_a_word(agreement, word):
    assert in_a_word(agreement) == word


# ---- tinylm inspect


def test_the_surprise_record_is_that_of_the_reader():
    for model in ("bigram", "average", "mlp", "gpt"):
        run = trained(model)
        record = inspect(run, "surprise", "anna ben")
        assert record["tokens"] == [*"anna", "boundary", *"ben", "boundary"]
        assert sum(record["bits"]) == pytest.approx(record["total_bits"])
        assert record["total_bits"] == pytest.approx(9 * record["bits_per_character"])
        stream = run.corpus.tokenizer.encode_units(["anna", "ben"])
        if model != "gpt":  # which drops what does not fill its context
            assert record["nats_per_token"] == pytest.approx(run.learner.evaluate(stream), rel=1e-5)
        assert record["total_bits"] == pytest.approx(9 * record["nats_per_token"] / math.log(2))
        assert json.loads(json.dumps(record, allow_nan=False)) == record
        assert f"{record['bits_per_character']:.4f} bits a character" in in_words(record)


def test_the_saliency_record_is_that_of_the_top_guess():
    for model in ("average", "mlp", "gpt"):
        run = trained(model)
        record = inspect(run, "saliency", "ann")
        assert record["tokens"] == ["boundary", *"ann"]
        logits = model_of(run.settings).next_logits(run.params, run.settings, run.corpus.tokenizer)([[0, 1, 5, 5]])[0]
        assert record["target"] == (run.corpus.tokenizer.token(int(logits.argmax())) or "boundary")
        assert len(record["gradient_x_input"]) == len(record["leave_one_out"]) == 4
        assert json.loads(json.dumps(record, allow_nan=False)) == record
        assert f"{record['leave_one_out'][3]:+.5f}" in in_words(record)


def test_bad_texts_are_refused_in_words():
    run, gpt = trained("bigram"), trained("gpt")
    with pytest.raises(LabError, match="never seen x"):
        surprise_record(run, "anna x")
    with pytest.raises(LabError, match='write one character or more; try --text "some words"'):
        surprise_record(run, " ")
    with pytest.raises(LabError, match="a bigram has no saliency to show; it has math, surprise"):
        inspect(run, "saliency", "anna")
    with pytest.raises(LabError, match="never seen the blank"):
        saliency_record(gpt, "an na")
    assert saliency_record(gpt, "")["leave_one_out"] == [None]


def test_a_boundary_that_fills_the_window_is_plainly_0_in_words():
    record = saliency_record(trained("mlp"), "an")
    assert in_words(record).splitlines()[2].split()[-1] == "0"
    assert "+0.00000" not in in_words(record | {"leave_one_out": [0.0, -1e-7, 1e-7]})
    assert "0.00000" in in_words(record | {"leave_one_out": [0.0, -1e-7, 1e-7]})


def test_what_is_left_out_is_said():
    gpt = trained("gpt")
    assert note_on(gpt, "surprise", NAMES) == ""
    assert "the first 20,000 are read" in note_on(gpt, "surprise", NAMES * 300)
    assert note_on(gpt, "saliency", "annaben") == ""
    assert note_on(gpt, "saliency", "annabena") == "the text has 9 tokens; the last 8 are used"
    assert reader(gpt).wants
