"""Other sizes are judged before anything is made of them, exactly as a run would judge them."""

import pytest

from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import Cut
from tinylm_tui.lab.errors import LabError, SettingError, TextError
from tinylm_tui.lab.planning import plan, tokens_to_learn_from
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import MODELS, Settings
from tinylm_tui.lab.starters import starter

from .conftest import TEXT

SMALL = {"layers": "2", "heads": "2", "width": "16", "context": "8", "batch": "4", "tie_head": "yes"}


@pytest.fixture(scope="module")
def names():
    return make_corpus("names", starter("names").text(), "words")


def test_a_plan_tells_the_weights_that_the_run_then_has(names):
    run = Run(names, Settings())
    planned = plan(run.settings, names, {"model": "gpt", **SMALL})
    assert run.configure(planned.pairs) is planned.restarts is True
    assert run.params.count == planned.weights
    assert run.settings == planned.settings


def test_only_what_differs_is_sent_and_the_model_first(names):
    gpt = Settings().changed("model", "gpt")
    assert plan(gpt, names, {"learn_rate": "0.01", "model": "gpt", "width": "64"}).pairs == (("learn_rate", "0.01"),)
    assert plan(gpt, names, {"model": "gpt", "heads": "4"}).pairs == ()
    (model, rate) = plan(gpt, names, {"learn_rate": "5", "model": "bigram"}).pairs
    assert (model, rate) == (("model", "bigram"), ("learn_rate", "5"))
    own = str(MODELS["bigram"]["learn_rate"])
    assert plan(gpt, names, {"model": "bigram", "learn_rate": own}).pairs == (("model", "bigram"),)


def test_a_learn_rate_alone_starts_nothing_over(names):
    assert not plan(Settings(), names, {"model": "bigram", "learn_rate": "3"}).restarts
    assert plan(Settings(), names, {"model": "gpt"}).restarts


@pytest.mark.parametrize(
    ("wanted", "error", "reason"),
    [
        ({"heads": "3"}, SettingError, "heads must divide width"),
        ({"width": "1024", "heads": "4", "layers": "24"}, SettingError, "GB to train"),
        ({"batch": "0"}, SettingError, "batch takes a number from 1 up"),
        ({"width": ""}, SettingError, "width takes a number"),
        ({"layers": "0"}, SettingError, "layers takes a number from 1"),
        ({"learn_rate": "e-"}, SettingError, "learn_rate takes a number"),
    ],
)
def test_sizes_that_make_no_model_are_refused_with_the_reason(wanted, error, reason, names):
    with pytest.raises(error, match=reason):
        plan(Settings(), names, {"model": "gpt", **SMALL, **wanted})


@pytest.mark.parametrize("context", range(20, 40))
@pytest.mark.parametrize("reading", ["words", "text"])
def test_a_context_is_refused_exactly_where_a_run_would_refuse_it(context, reading):
    corpus = make_corpus("words", TEXT * 2, reading)
    wanted = {"model": "gpt", **SMALL, "context": str(context), "batch": "2"}
    try:
        planned, refused = plan(Settings(), corpus.without_ids(), wanted), False
    except TextError:
        refused = True
    try:
        Run(corpus, Settings()).configure([*wanted.items()])
        assert not refused
        assert planned.weights
    except LabError:
        assert refused


@pytest.mark.parametrize("held_out", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("reading", ["words", "text"])
def test_the_tokens_to_learn_from_are_those_a_run_finds(held_out, reading):
    settings = Settings(model="gpt", layers=1, heads=1, width=4, context=2, batch=1, held_out=held_out, seed=3)
    corpus = make_corpus("words", TEXT * 3, reading)
    assert tokens_to_learn_from(corpus.without_ids(), held_out, 3) == len(Run(corpus, settings).learner.train)


WINDOWS = {"average": {"width": "8", "context": "3", "batch": "1"},
           "mlp": {"width": "4", "context": "3", "hidden": "7", "batch": "16"}}  # fmt: skip


@pytest.mark.parametrize("model", WINDOWS)
def test_the_window_models_have_the_weights_and_the_settings_that_were_planned(model, names):
    run = Run(names, Settings())
    planned = plan(run.settings, names, {"model": model, **WINDOWS[model]})
    assert run.configure(planned.pairs) is planned.restarts is True
    assert (run.params.count, run.settings) == (planned.weights, planned.settings)
    assert planned.memory > 4 * planned.weights


def test_the_weights_of_the_two_seeds_are_counted_as_they_tell_them():
    alphabet = make_corpus("words", TEXT, "auto", Cut("alphabet"))
    assert plan(Settings(tokenizer="alphabet"), alphabet, {"model": "average", "batch": "1"}).weights == 1_728
    pairs = make_corpus("story", starter("story").text(), "text", Cut("bpe", 203))
    assert plan(Settings(tokenizer="bpe", vocabulary=203), pairs, {"model": "mlp"}).weights == 20_003


@pytest.mark.parametrize("context", range(24, 36))
@pytest.mark.parametrize("cut", [Cut(), Cut("alphabet")], ids=lambda cut: cut.tokenizer)
@pytest.mark.parametrize("model", WINDOWS)
def test_a_window_is_refused_exactly_where_a_run_would_refuse_it(model, cut, context):
    corpus, settings = make_corpus("words", TEXT, "text", cut), Settings(tokenizer=cut.tokenizer)
    wanted = {"model": model, **WINDOWS[model], "context": str(context)}
    try:
        planned, refused = plan(settings, corpus.without_ids(), wanted), False
    except TextError:
        refused = True
    try:
        Run(corpus, settings).configure([*wanted.items()])
        assert not refused
        assert planned.weights
    except LabError:
        assert refused
    assert refused == (cut.tokenizer == "alphabet" and context >= tokens_to_learn_from(corpus, 0.1, 0))


def test_a_window_model_without_batches_is_refused(names):
    for model in WINDOWS:
        with pytest.raises(SettingError, match="batch takes a number from 1 up"):
            plan(Settings(), names, {"model": model, **WINDOWS[model], "batch": "0"})
        with pytest.raises(SettingError, match="GB to train"):
            plan(
                Settings(),
                names,
                {"model": model, **WINDOWS[model], "batch": "65536", "context": "1024", "width": "1024"},
            )
