"""The parts of a model, their weights, and the norm of the stream between them."""

import numpy as np
import pytest

from tinylm_tui.engine import gpt
from tinylm_tui.engine.gpt_config import GPT2_SMALL, GPTConfig
from tinylm_tui.lab.anatomy import beginning, block_weights, part_weights, stream_norms
from tinylm_tui.lab.corpus import make_corpus

CONFIGS = [
    GPTConfig(27), GPTConfig(27, tie_head=False), GPTConfig(5, 1, 1, 1, 1), GPTConfig(9, 12, 3, 48, 7), GPT2_SMALL,
]  # fmt: skip


@pytest.mark.parametrize("config", CONFIGS)
def test_the_parts_make_all_weights(config):
    parts = part_weights(config)
    outside = sum(parts[name] for name in ("token", "position", "final_norm", "head"))
    assert outside + config.layers * block_weights(config) == config.weights


def test_the_parts_of_gpt2_are_those_of_the_paper():
    parts, D = part_weights(GPT2_SMALL), 768
    assert parts["attention"] == 4 * D * D + 4 * D
    assert parts["mlp"] == 8 * D * D + 5 * D
    assert (parts["token"], parts["head"], GPT2_SMALL.weights) == (50257 * D, 0, 124_439_808)


def test_the_norm_is_the_mean_length_of_the_streams_vectors():
    config = GPTConfig(7, layers=3, heads=2, width=8, context=5)
    params = gpt.start(config, np.random.default_rng(0))
    trace = gpt.forward(params, config, np.array([[1, 2, 3, 0]], dtype=np.int32))[1]
    norms = stream_norms(trace)
    assert len(norms) == 4
    assert norms[0] == pytest.approx(np.mean([np.linalg.norm(x) for x in trace.blocks[0].resid_pre[0]]), rel=1e-6)
    assert norms[3] == pytest.approx(np.mean([np.linalg.norm(x) for x in trace.blocks[2].resid_post[0]]), rel=1e-6)


@pytest.mark.parametrize(
    ("text", "reading"), [("anna\nben\n", "words"), ("\n\n  " * 99 + "anna ben", "words"), ("a b\nc d", "lines"),
                          ("\n a b", "text"), ("x", "text")],
)  # fmt: skip
@pytest.mark.parametrize("most", [1, 2, 5, 64])
def test_the_beginning_is_that_of_the_stream_the_model_learns(text, reading, most):
    corpus = make_corpus("t", text, reading)
    ids = beginning(corpus.without_ids(), most)
    assert len(ids) == min(most, len(corpus.ids))
    assert ids.tolist() == corpus.ids[: len(ids)].tolist()
