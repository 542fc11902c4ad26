"""Why Surprise and Train may tell different figures of the same tokens with the same weights: what the words say."""

import pytest

from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.readers import reader_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import parse_pairs
from tinylm_tui.lab.starters import starter

TEXT = "\n".join(starter("names").text().split()[:60]) + "\n"


def trained(model, steps=60):
    settings = parse_pairs([
        f"model={model}", "held_out=0.4", "context=6", "width=8", "layers=1", "heads=2",
        *([] if model == "bigram" else ["batch=16", "learn_rate=0.02"]),
    ])  # fmt: skip
    run = Run(make_corpus("names", TEXT, "words"), settings)
    for _ in range(steps):
        run.train_step()
    return run


def read(run, stream):
    return reader_of(run.corpus, run.params, run.settings).nats(stream).mean()


@pytest.mark.parametrize("model", ["bigram", "average", "mlp"])
def test_a_model_of_a_window_is_asked_in_the_same_windows_by_both(model):
    run = trained(model)
    assert read(run, run.learner.held) == pytest.approx(run.learner.evaluate(run.learner.held), rel=1e-5)


def test_a_bigram_s_loss_is_what_reading_all_it_learns_from_comes_to():
    run = trained("bigram")
    assert read(run, run.learner.train) == pytest.approx(run.loss(), rel=1e-5)


def test_a_gpt_that_has_learnt_to_look_back_is_less_surprised_in_windows_that_overlap():
    run = trained("gpt", steps=400)
    held = run.learner.held
    assert read(run, held) < run.learner.evaluate(held) - 0.005
    whole = held[: run.settings.context + 1]  # one window: both ask the same
    assert read(run, whole) == pytest.approx(run.learner.evaluate(whole), rel=1e-5)
