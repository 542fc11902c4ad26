"""The lens says at each layer what the final norm and the head make of it."""

import math

import numpy as np
import pytest

from tinylm_tui.engine import gpt, lens
from tinylm_tui.engine.layernorm import EPSILON

from . import plain
from .small_gpt import TIED, UNTIED, batch, weights

BOTH = pytest.mark.parametrize("config", [TIED, UNTIED], ids=["tied", "untied"])


def looked(config, tokens=5, dtype=np.float64, examples=1):
    ids, _ = batch(config, examples)
    params = weights(config).copy(dtype)
    logits, trace = gpt.forward(params, config, ids[:, :tokens])
    return params, logits, trace, lens.read(params, trace)


@BOTH
@pytest.mark.parametrize("tokens", [1, 2, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_last_layer_is_the_models_output_exactly(config, tokens, dtype):
    _, logits, _, read = looked(config, tokens, dtype)
    assert read.logits.shape == (config.layers + 1, tokens, config.vocabulary)
    assert np.array_equal(read.logits[-1], logits[0])
    assert not np.allclose(read.logits[-2], logits[0], rtol=1e-3)


@BOTH
def test_each_layer_is_normed_and_read_by_the_head(config):
    params, _, trace, read = looked(config)
    points = [trace.blocks[0].resid_pre, trace.blocks[1].resid_pre, trace.blocks[1].resid_post]
    gain, bias, head = params["final_norm.gain"], params["final_norm.bias"], gpt.head(params)
    for layer, point in enumerate(points):
        for place, x in enumerate(point[0].tolist()):
            mean = math.fsum(x) / len(x)
            sigma = math.sqrt(math.fsum((number - mean) ** 2 for number in x) / len(x) + EPSILON)
            final = [g * (number - mean) / sigma + b for g, number, b in zip(gain, x, bias, strict=True)]
            scores = [math.fsum(f * h for f, h in zip(final, row, strict=True)) for row in head.tolist()]
            assert read.logits[layer, place] == pytest.approx(scores, abs=1e-12)
            assert read.probabilities[layer, place] == pytest.approx(plain.softmax(scores), abs=1e-12)


def test_a_model_that_ends_after_a_block_says_what_the_lens_says_there():
    params, _, trace, read = looked(TIED)
    blind = params.copy()
    for name in ("attention.w_out", "attention.b_out", "mlp.w_out", "mlp.b_out"):
        blind[f"block1.{name}"][...] = 0  # the second block adds nothing: the model ends after the first
    logits, _ = gpt.forward(blind, TIED, trace.ids)
    assert read.logits[1] == pytest.approx(logits[0], abs=1e-12)


def test_only_the_first_text_of_a_trace_is_read():
    _, logits, _, read = looked(TIED, examples=3)
    assert np.array_equal(read.logits[-1], logits[0])
    assert read.logits.shape == (3, 5, 7)
    assert np.abs(logits[1] - logits[0]).max() > 1e-3


def test_the_top_token_its_probability_and_the_rank_of_the_right_one_agree_with_a_sorted_list():
    _, _, _, read = looked(UNTIED)
    targets = np.array([3, 0, 6, 2], np.int32)  # of five tokens, the last has nothing after it
    ranks = read.ranks(targets)
    assert ranks.shape == (3, 4)
    for layer in range(3):
        for place, target in enumerate(targets):
            ordered = sorted(range(7), key=lambda i: -read.probabilities[layer, place, i])
            assert read.top[layer, place] == ordered[0]
            assert read.sureness[layer, place] == read.probabilities[layer, place].max()
            assert ranks[layer, place] == ordered.index(target) + 1
            assert read.best(layer, place, 4).tolist() == ordered[:4]


def test_equal_scores_rank_by_id_as_they_are_listed():
    read = lens.Lens(np.array([[[1.0, 2, 2, 2]]]), np.array([[[0.1, 0.3, 0.3, 0.3]]]))
    assert [read.ranks(np.array([t])).item() for t in range(4)] == [4, 1, 2, 3]
    assert read.best(0, 0).tolist() == [1, 2, 3, 0]
    assert read.top.item() == 1


def test_without_targets_there_are_no_ranks():
    assert looked(TIED)[3].ranks(np.zeros(0, np.int32)).shape == (3, 0)


def test_an_unknown_letter_has_no_rank():
    with pytest.raises(IndexError, match="vocabulary"):
        looked(TIED)[3].ranks(np.array([-1]))
