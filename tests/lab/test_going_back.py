"""After an explosion in small batches: everything is as it was before, also what AdamW remembers, also from a file."""

import json
import re

import pytest

from tinylm_tui.lab import store
from tinylm_tui.lab.errors import Diverged, RunFileError

from .test_window_learners import BOTH, figures, train, trained

SMALL = ("batch=1", "learn_rate=0.002", "held_out=0.2", "warmup=0")


def went_back(model):
    run = trained(model, 200, *SMALL)
    run.change("learn_rate", "1e6")
    with pytest.raises(Diverged):
        train(run, 300)
    return run


def opened_at(model, step, path):
    store.save(trained(model, step, *SMALL), path)
    return store.load(path)


def calmer(run):
    run.change("learn_rate", "0.003")
    train(run, 150)
    return run.params.flat.tobytes(), figures(run)


@BOTH
def test_a_run_that_went_back_goes_on_as_one_that_was_saved_at_that_step_and_opened(model, tmp_path):
    run = went_back(model)
    other = opened_at(model, run.step, tmp_path / "run.safetensors")
    assert calmer(run) == calmer(other)


def test_with_what_adamw_remembered_of_the_explosion_it_would_go_on_otherwise(tmp_path, monkeypatch):
    monkeypatch.setattr("tinylm_tui.lab.learners.adam.take_back", lambda *_: None)
    run = went_back("mlp")
    other = opened_at("mlp", run.step, tmp_path / "run.safetensors")
    assert calmer(run) != calmer(other)


@BOTH
def test_a_run_that_was_saved_exploding_goes_back_to_all_of_that_moment_too(model, tmp_path):
    run, whole = trained(model, 200, *SMALL), went_back(model)
    run.change("learn_rate", "1e6")
    train(run, 1)
    store.save(run, tmp_path / "run.safetensors")
    run = store.load(tmp_path / "run.safetensors")
    with pytest.raises(Diverged):
        train(run, 300)
    assert calmer(run) == calmer(whole)


def test_a_file_whose_moments_lack_what_adamw_remembered_begins_that_anew_after_an_explosion(tmp_path):
    run = trained("mlp", 200, *SMALL)
    kept = run.learner.arrays(), run.learner.state()
    arrays = {name: array for name, array in kept[0].items() if not re.match(r"earlier\.\w+\.", name)}
    state = json.loads(json.dumps(kept[1]))
    for name in ("old", "new"):
        del state["earlier"][name]["adamw_steps"]
    run.learner.arrays, run.learner.state = lambda: arrays, lambda: state
    store.save(run, tmp_path / "run.safetensors")
    early = store.load(tmp_path / "run.safetensors")
    early.change("learn_rate", "1e6")
    with pytest.raises(Diverged):
        train(early, 300)
    assert early.learner.moments.steps == 0
    assert not early.learner.moments.square.any()


@pytest.mark.parametrize("lost", ["arrays", "one array", "a count"])
def test_a_file_with_half_of_what_adamw_remembered_is_refused(lost, tmp_path):
    run = trained("mlp", 200, *SMALL)
    arrays, state = run.learner.arrays(), json.loads(json.dumps(run.learner.state()))
    gone = {"arrays": r"earlier\.\w+\.", "one array": r"earlier\.old\.mean"}.get(lost, "none")
    arrays = {name: array for name, array in arrays.items() if not re.match(gone, name)}
    if lost == "a count":
        del state["earlier"]["new"]["adamw_steps"]
    run.learner.arrays, run.learner.state = lambda: arrays, lambda: state
    with pytest.raises(RunFileError):
        store.save(run, tmp_path / "run.safetensors")
