"""What the lab asks of every model without training it is what the model then is and does."""

import numpy as np
import pytest

from tinylm_tui.engine.gpt_config import count
from tinylm_tui.engine.tokenizer import BOUNDARY
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import Cut, cut_of
from tinylm_tui.lab.models import TABLE, article, model_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import MODELS, Settings
from tinylm_tui.lab.views import single_token_logits, token_axes, window_journey, windows_of
from tinylm_tui.lab.writing import Request, write

from .conftest import TEXT

SMALL = {
    "bigram": {},
    "average": {"width": 6, "context": 3, "batch": 1, "learn_rate": 0.1},
    "mlp": {"width": 4, "context": 3, "hidden": 5, "batch": 4, "learn_rate": 0.01},
    "gpt": {"layers": 1, "heads": 2, "width": 8, "context": 4, "batch": 2, "learn_rate": 0.01},
}
CUTS = (Cut(), Cut("alphabet"), Cut("bpe", 12))


def run_of(model, cut=CUTS[0], steps=20):
    settings = Settings(model=model, tokenizer=cut.tokenizer, vocabulary=cut.vocabulary, **SMALL[model])
    run = Run(make_corpus("words", TEXT * 3, "auto", cut_of(settings)), settings)
    for _ in range(steps):
        run.train_step()
    return run


def test_every_model_of_the_settings_has_its_row():
    assert set(TABLE) == set(MODELS) == set(SMALL)


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.tokenizer)
@pytest.mark.parametrize("model", MODELS)
def test_the_shapes_are_those_of_the_run(model, cut):
    run = run_of(model, cut, 0)
    shapes = model_of(run.settings).shapes(run.settings, run.corpus.size)
    assert run.params.shapes == shapes
    assert run.params.count == count(shapes)


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.tokenizer)
@pytest.mark.parametrize("model", MODELS)
def test_a_token_alone_is_what_the_model_says_after_boundary_and_token(model, cut):
    run = run_of(model, cut)
    size = run.corpus.size
    single = single_token_logits(run.params, size, run.settings)
    asked = model_of(run.settings).next_logits(run.params, run.settings, run.corpus.tokenizer)
    assert single.shape == (size, size)
    for token in range(1, size):
        assert single[token] == pytest.approx(asked([[BOUNDARY, token]])[0], abs=1e-5)
    assert single[BOUNDARY] == pytest.approx(asked([[BOUNDARY]])[0], abs=1e-5)
    assert single[1] != pytest.approx(single[2], abs=1e-5)


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.tokenizer)
@pytest.mark.parametrize("model", MODELS)
def test_every_model_writes_with_every_tokenizer(model, cut):
    run = run_of(model, cut)
    tokenizer = run.corpus.tokenizer
    for sample in write(run.params, tokenizer, Request(5, 12, prompt="an"), run.settings):
        assert tokenizer.decode(sample.ids[: sample.given]).strip() == "an"
        assert (len(sample.drawn) == 12) or (sample.ended and tokenizer.bounded)
        assert all(0 < p <= 1 for p in sample.probabilities)


@pytest.mark.parametrize("model", ["average", "mlp"])
@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.tokenizer)
def test_the_windows_of_a_text_are_what_the_journey_sees_at_each_position(model, cut):
    run = run_of(model, cut)
    tokenizer = run.corpus.tokenizer
    ids = np.concatenate(([BOUNDARY], tokenizer.encode("nina"))).astype(np.int32)
    windows = windows_of(tokenizer, run.settings, ids)
    assert windows.shape == (len(ids), 3)
    for position in range(len(ids)):
        way = window_journey(run.params, tokenizer, run.settings, ids, position)
        assert way.window == windows[position].tolist()
        assert way.window[-1] == ids[position]


@pytest.mark.parametrize("model", MODELS)
def test_the_axes_of_tokens_are_as_long_as_the_vocabulary_whatever_it_is(model):
    small, large = run_of(model, steps=0), run_of(model, Cut("bpe", 12), 0)
    for name, shape in small.params.shapes.items():
        grown = [axis for axis in range(len(shape)) if large.params.shapes[name][axis] != shape[axis]]
        if len(shape) == 2:
            assert list(token_axes(name)) == grown


def test_the_article_suits_the_name():
    assert [article(model) for model in MODELS] == ["a bigram", "an average", "an mlp", "a gpt"]
