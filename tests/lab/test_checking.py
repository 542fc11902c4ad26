"""The gradient check of the model on screen, and of small ones: it passes where the gradient is right, only."""

import math

import numpy as np
import pytest

from tinylm_tui.engine import average, bigram, gpt, window_mlp
from tinylm_tui.engine.fast import average as fast_average
from tinylm_tui.engine.fast import gpt as fast
from tinylm_tui.engine.fast import window_mlp as fast_mlp
from tinylm_tui.lab import checking
from tinylm_tui.lab.checking import LIMIT, WEIGHTS, check, gradient_check, worst
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import Cut
from tinylm_tui.lab.errors import SettingError
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.trainer import Trainer

from .conftest import TEXT

SMALL = {"model": "gpt", "layers": 2, "heads": 2, "width": 16, "context": 8, "batch": 4, "learn_rate": 3e-3}


WINDOWS = {
    "average": {"model": "average", "width": 16, "context": 5, "batch": 1, "learn_rate": 0.1},
    "mlp": {"model": "mlp", "width": 8, "context": 5, "hidden": 12, "batch": 4, "learn_rate": 1e-2},
}


def snapshot(steps=0, text=TEXT, cut="characters", **choices):
    run = Run(make_corpus("words", text, cut=Cut(cut)), Settings(**choices))
    for _ in range(steps):
        run.train_step()
    return Trainer(run).snapshot()


@pytest.mark.parametrize("tie", [True, False])
@pytest.mark.parametrize("steps", [0, 60])
def test_the_gradient_of_a_gpt_is_right_in_both_its_forms(tie, steps):
    found = check(snapshot(steps, tie_head=tie, **SMALL))
    assert found.passed
    assert found.error < LIMIT / 10
    assert (found.weights, found.step, found.tokens) == (WEIGHTS, steps, 8)
    assert found.total == snapshot(tie_head=tie, **SMALL).params.count


@pytest.mark.parametrize("steps", [0, 300])
def test_the_gradient_of_a_bigram_is_right(steps):
    found = check(snapshot(steps))
    assert found.passed
    assert (found.weights, found.total) == (49, 49)


@pytest.mark.parametrize("model", WINDOWS)
@pytest.mark.parametrize("cut", ["characters", "alphabet"])
@pytest.mark.parametrize("steps", [0, 300])
def test_the_gradient_of_a_window_model_is_right_in_both_its_forms(model, cut, steps):
    found = check(snapshot(steps, cut=cut, **WINDOWS[model]))
    assert found.passed
    assert found.error < LIMIT / 10
    assert found.step == steps
    assert found.weights == min(WEIGHTS, found.total)
    assert found.tokens == {"characters": 29, "alphabet": 23}[cut]  # 28 - 5: full windows only


@pytest.mark.parametrize(
    ("model", "form", "name"),
    [
        ("average", average, "embedding"),
        ("average", fast_average, "output"),
        ("mlp", window_mlp, "hidden.w"),
        ("mlp", fast_mlp, "embedding"),
    ],
)
def test_a_gradient_a_tenth_too_large_in_one_form_of_a_window_model_fails(model, form, name, monkeypatch):
    right = form.loss_and_grads

    def wrong(*args):
        loss, grads = right(*args)
        grads = grads.copy()
        grads[name][...] *= 1.1
        return loss, grads

    moment = snapshot(**WINDOWS[model])
    monkeypatch.setattr(form, "loss_and_grads", wrong)
    assert check(moment).error > 1e-3


def test_a_model_that_knows_its_text_by_heart_is_still_checked():
    text = "abc" * 20
    known = snapshot(400, text=text, **SMALL, held_out=0.0)
    assert known.loss < 0.1
    assert check(known).passed


@pytest.mark.parametrize("form", [gpt, fast])
def test_a_gradient_a_tenth_too_large_in_one_form_fails(form, monkeypatch):
    right = form.loss_and_grads

    def wrong(*args):
        loss, grads = right(*args)
        grads["block0.mlp.w_in"][...] *= 1.1
        return loss, grads

    monkeypatch.setattr(form, "loss_and_grads", wrong)
    found = check(snapshot(**SMALL))
    assert found.error > 1e-3
    assert not found.passed


def test_an_error_that_is_no_number_does_not_pass():
    assert math.isnan(worst({"plain": 1e-9, "fast": math.nan}))
    assert not checking.Check(math.nan, 1, 1, 1, 0).passed


def test_the_check_leaves_the_snapshot_as_it_was():
    moment = snapshot(3, **SMALL)
    before = moment.params.flat.tobytes()
    check(moment)
    assert moment.params.flat.tobytes() == before


def test_it_tells_how_far_it_is_and_stops_when_told():
    told = []

    def until_the_fifth(done, of):
        told.append((done, of))
        return done < 5

    assert check(snapshot(**SMALL), until_the_fifth) is None
    assert told == [(done, WEIGHTS) for done in range(6)]


def test_a_model_too_large_for_it_is_refused_before_anything_is_copied(monkeypatch):
    monkeypatch.setattr(checking, "MOST_WEIGHTS", 100)
    monkeypatch.setattr(checking, "case_of", None)
    with pytest.raises(SettingError, match="it takes up to 100"):
        check(snapshot(**SMALL))


@pytest.mark.parametrize("text", ["a", "   \n\n  ab", "a b c\n", "\x00\u202e"])
@pytest.mark.parametrize("model", ["bigram", "average", "mlp", "gpt"])
def test_any_text_will_do(text, model):
    sizes = {"bigram": {}, "gpt": {**SMALL, "context": 1, "held_out": 0.0}, **WINDOWS}[model]
    assert check(snapshot(text=text, **sizes)).passed


@pytest.mark.parametrize(
    ("model", "forms"),
    [
        ("bigram", {"mini-batch", "full batch"}),
        ("average", {"plain", "fast"}),
        ("mlp", {"plain", "fast"}),
        ("gpt", {"tied plain", "tied fast", "untied plain", "untied fast"}),
    ],
)
def test_small_models_are_checked_in_every_form_over_every_weight(model, forms):
    errors = gradient_check(model)
    assert set(errors) == forms
    assert worst(errors) < LIMIT


def test_a_gradient_with_a_wrong_sign_would_fail_it(monkeypatch):
    right = bigram.full_batch

    def wrong(params, shares):
        loss, grads = right(params, shares)
        grads.flat[int(np.abs(grads.flat).argmax())] *= -1
        return loss, grads

    monkeypatch.setattr(bigram, "full_batch", wrong)
    assert gradient_check("bigram")["full batch"] > 1e-3
