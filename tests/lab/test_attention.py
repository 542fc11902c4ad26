"""Who looks at whom, without a screen: `tinylm inspect RUN attention`."""

import json
import math

import numpy as np
import pytest

from tinylm_tui.engine import gpt
from tinylm_tui.lab import store
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.inspection import in_words, inspect, note_on
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.views import attention_patterns, gpt_trace, read_text

from .conftest import new_run
from .test_cli import complaint, lines_of, tinylm

SIZES = {"model": "gpt", "layers": 2, "heads": 2, "width": 8, "context": 6, "batch": 4, "learn_rate": 0.05}


@pytest.fixture(scope="module")
def learnt():
    run = new_run(**SIZES)
    for _ in range(30):
        run.train_step()
    return run


@pytest.fixture(scope="module")
def learnt_file(learnt, tmp_path_factory):
    path = tmp_path_factory.mktemp("attention") / "run.safetensors"
    store.save(learnt, path)
    return path


def pattern_of(record):
    return np.array(record["pattern"])  # (layers, heads, query, key)


@pytest.mark.parametrize("text", ["", "a", "ben", "annabennina"])
def test_rows_sum_to_one_and_nobody_looks_ahead(learnt, text):
    record = inspect(learnt, "attention", text)
    pattern, T = pattern_of(record), min(len(text) + 1, 6)
    assert pattern.shape == (2, 2, T, T)
    assert pattern.sum(axis=-1) == pytest.approx(np.ones((2, 2, T)), abs=1e-6)
    above = np.triu(np.ones((T, T), bool), 1)
    assert (pattern[:, :, above] == 0).all()
    assert (pattern[:, :, ~above] > 0).all()


def test_the_pattern_is_that_of_the_engine(learnt):
    ids = np.array([[0, *learnt.corpus.tokenizer.encode("nina")]], dtype=np.int32)
    _, trace = gpt.forward(learnt.params, config_of(learnt.settings, learnt.corpus.size), ids)
    pattern = pattern_of(inspect(learnt, "attention", "nina"))
    for layer, block in enumerate(trace.blocks):
        assert pattern[layer] == pytest.approx(block.attention.pattern[0], rel=1e-6)


def test_the_tokens_are_named_in_the_order_of_the_rows(learnt):
    assert inspect(learnt, "attention", "nina")["tokens"] == ["boundary", "n", "i", "n", "a"]
    assert inspect(learnt, "attention", "")["tokens"] == ["boundary"]


def test_of_a_text_longer_than_the_context_the_last_tokens_are_used_and_it_is_said(learnt):
    record = inspect(learnt, "attention", "annabennina")
    assert record["tokens"] == list("bennina"[-6:])
    assert record == inspect(learnt, "attention", "xannabennina".replace("x", "e"))
    assert "the text has 12 tokens with the boundary; the last 6 are used" in note_on(
        learnt, "attention", "annabennina"
    )
    assert note_on(learnt, "attention", "annab") == ""


def test_a_letter_it_has_never_seen_is_refused(learnt):
    with pytest.raises(LabError, match="never seen X"):
        inspect(learnt, "attention", "aX")


def test_a_bigram_refuses_in_one_sentence(run):
    with pytest.raises(LabError, match="a bigram has no attention to show; it has math"):
        inspect(run, "attention", "a")


def test_a_gpt_says_what_it_has(learnt):
    with pytest.raises(LabError, match=r"a gpt has no dreams to show; it has .*attention"):
        inspect(learnt, "dreams", "a")


def test_the_record_in_words_has_a_table_for_each_head(learnt):
    lines = in_words(inspect(learnt, "attention", "ben")).splitlines()
    assert [line for line in lines if line.startswith("layer")] == [
        "layer 1 head 1", "layer 1 head 2", "layer 2 head 1", "layer 2 head 2"
    ]  # fmt: skip
    first = lines[lines.index("layer 1 head 1") + 1 :][:5]
    assert first[0].split() == ["·", "b", "e", "n"]
    assert [len(row.split()) for row in first[1:]] == [2, 3, 4, 5]


def test_reading_keeps_the_last_tokens_and_leaves_out_what_is_unknown(corpus):
    read = read_text(corpus.tokenizer, "aXbXY", 2)
    assert (list(corpus.tokenizer.decode(read.ids)), read.tokens, read.unknown) == (["a", "b"], 3, "XY")
    assert read_text(corpus.tokenizer, "", 5).ids.tolist() == [0]
    assert read_text(corpus.tokenizer, "ab", 1).ids.tolist() == corpus.tokenizer.encode("b").tolist()


def test_all_patterns_of_a_trace_in_one_array(learnt):
    trace = gpt_trace(learnt.params, learnt.corpus.size, learnt.settings, np.array([0, 1, 2], dtype=np.int32))
    assert attention_patterns(trace).shape == (2, 2, 3, 3)


def test_the_command_prints_one_object(learnt, learnt_file):
    (record,) = lines_of("inspect", learnt_file, "attention", "--text", "anna")
    assert set(record) == {"tokens", "pattern"}
    assert record == json.loads(json.dumps(inspect(learnt, "attention", "anna")))


def test_the_command_says_on_standard_error_what_it_left_out(learnt_file):
    result = tinylm("inspect", learnt_file, "attention", "--text", "annabennina", "--json")
    assert result.returncode == 0
    assert len(json.loads(result.stdout)["tokens"]) == 6
    assert result.stderr.count("\n") == 1
    assert "the last 6 are used" in result.stderr


def test_the_command_refuses_an_unknown_letter_in_one_line(learnt_file):
    assert "never seen X" in complaint("inspect", learnt_file, "attention", "--text", "aX")


def test_the_math_of_a_gpt_is_that_of_its_last_token(learnt):
    record = inspect(learnt, "math", "ann")
    logits, exps = record["stages"]["logits"], record["e_to_logit_less_top"]
    assert record["tokens"] == ["boundary", "a", "n", "n"]
    assert exps == pytest.approx([math.exp(z - max(logits)) for z in logits])
    assert record["probabilities"] == pytest.approx([e / record["sum"] for e in exps])
    assert record["top_guess"] == record["vocabulary"][record["probabilities"].index(max(record["probabilities"]))]
