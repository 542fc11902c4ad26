"""The lens on a text: its figures are those of plain forward passes, and its record says the same as the screen."""

import json

import numpy as np
import pytest

from tinylm_tui.engine import gpt
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.inspection import in_words, inspect, note_on
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.lens import row_name, text_lens
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings

from .conftest import TEXT, new_run

SMALL = {"model": "gpt", "layers": 2, "heads": 2, "width": 8, "context": 6, "batch": 4, "learn_rate": 0.02,
         "held_out": 0.0, "threads": "one", "warmup": 1}  # fmt: skip


def trained(steps=100, **choices):
    settings = Settings(**{**SMALL, **choices})
    run = Run(make_corpus("words", TEXT, "auto", cut_of(settings)), settings)
    for _ in range(steps):
        run.train_step()
    return run


@pytest.fixture(scope="module")
def run():
    return trained()


def outputs(run, text, params=None):
    """The model's own probabilities after each token of the text, by a plain forward pass."""
    ids = np.array([[0, *run.corpus.tokenizer.encode(text)]], np.int32)
    logits, _ = gpt.forward(params or run.params, config_of(run.settings, run.corpus.size), ids)
    return np.exp(logits[0]) / np.exp(logits[0]).sum(axis=-1, keepdims=True)


def without_last_block(run):
    """A model that ends one block earlier: the last one adds nothing."""
    params = run.params.copy()
    for name in ("attention.w_out", "attention.b_out", "mlp.w_out", "mlp.b_out"):
        params[f"block1.{name}"][...] = 0
    return params


def test_the_last_layer_of_the_record_is_the_models_output(run):
    layers = inspect(run, "lens", "anna")["layers"]
    said = [cell["probability"] for cell in layers[-1]]
    assert said == pytest.approx(outputs(run, "anna").max(axis=-1), rel=1e-5)
    assert said != pytest.approx([cell["probability"] for cell in layers[-2]], rel=1e-3)


def test_the_layer_before_is_what_a_model_says_that_ends_there(run):
    layers = inspect(run, "lens", "anna")["layers"]
    earlier = outputs(run, "anna", without_last_block(run))
    assert [cell["probability"] for cell in layers[1]] == pytest.approx(earlier.max(axis=-1), rel=1e-4)


def test_the_right_token_is_the_next_one_of_the_text_and_its_rank_counts_the_likelier_ones(run):
    record, p = inspect(run, "lens", "anna"), outputs(run, "anna")
    output = record["layers"][-1]
    assert [cell["right"] for cell in output] == [*record["tokens"][1:], None]
    ids = run.corpus.tokenizer.encode("anna").tolist()
    for place, target in enumerate(ids):
        assert output[place]["right_probability"] == pytest.approx(p[place, target], rel=1e-5)
        assert output[place]["right_rank"] == 1 + sum(p[place] > p[place, target])
    assert (output[4]["right_rank"], output[4]["right_probability"]) == (None, None)


def test_the_surprise_of_the_right_tokens_is_the_loss_on_the_text(run):
    stream = np.array([0, *run.corpus.tokenizer.encode("ninab")], np.int32)
    config = config_of(run.settings, run.corpus.size)
    loss, _ = gpt.loss_and_grads(run.params, config, stream[None, :-1], stream[None, 1:])
    seen = text_lens(run.params, run.corpus.tokenizer, run.settings, "ninab")
    assert -np.log(seen.chances[-1]).mean() == pytest.approx(loss, rel=1e-5)
    assert -np.log(seen.chances[-2]).mean() != pytest.approx(loss, rel=1e-3)


@pytest.mark.parametrize(("text", "tokens"), [("", ["boundary"]), ("b", ["boundary", "b"])])
def test_an_empty_and_a_one_letter_text_are_read(run, text, tokens):
    record = inspect(run, "lens", text)
    assert record["tokens"] == tokens
    assert [len(layer) for layer in record["layers"]] == [len(tokens)] * 3
    assert record["layers"][0][-1]["right"] is None
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert "after block 1" in in_words(record)


def test_a_longer_text_is_read_from_its_end_and_it_is_said(run):
    assert inspect(run, "lens", "ninabenanna")["tokens"] == list("enanna")
    assert "the last 6 are used" in note_on(run, "lens", "ninabenanna")
    assert "the text has 1,601 tokens with the boundary" in note_on(run, "lens", "anna" * 400)


def test_unknown_letters_are_refused_by_name(run):
    with pytest.raises(LabError, match="never seen X"):
        inspect(run, "lens", "anX")


def test_the_alphabet_has_no_boundary_and_its_blank_is_a_token():
    run = trained(5, tokenizer="alphabet")
    assert inspect(run, "lens", "a b")["tokens"] == [" ", "a", " ", "b"]


@pytest.mark.parametrize("model", ["bigram", "average", "mlp"])
def test_other_models_have_no_lens_and_say_what_they_have(model):
    choices = {} if model == "bigram" else {"context": 3, "width": 4, "batch": 1, "held_out": 0.0}
    with pytest.raises(LabError, match=f"{model} has no lens to show; it has math"):
        inspect(new_run(model=model, **choices), "lens", "a")


def test_the_rows_are_named_from_the_embedding_to_the_output():
    assert [row_name(row, 3) for row in range(3)] == ["after the embedding", "after block 1", "output"]


def test_in_words_the_right_ones_are_marked(run):
    record = inspect(run, "lens", "anna")
    right = sum(cell["right_rank"] == 1 for layer in record["layers"] for cell in layer)
    assert in_words(record).count("'=") == right > 0
