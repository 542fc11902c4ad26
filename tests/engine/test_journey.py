import numpy as np
import pytest

from tinylm_tui.engine import gpt
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.journey import journey
from tinylm_tui.engine.softmax import cross_entropy

CONFIG = GPTConfig(vocabulary=7, layers=2, heads=2, width=8, context=6)
IDS = np.array([[0, 3, 1, 6]], dtype=np.int32)


@pytest.fixture
def model():
    params = gpt.start(CONFIG, np.random.default_rng(0)).copy(np.float64)
    params.flat += np.random.default_rng(1).normal(0, 0.2, params.count)
    return params


def stages_of(params, position):
    trace = gpt.forward(params, CONFIG, IDS)[1]
    return {stage.name: stage.vector for stage in journey(params, trace, position).stages}


@pytest.mark.parametrize("position", range(4))
def test_what_is_written_into_the_stream_adds_up_to_the_stream(model, position):
    s = stages_of(model, position)
    stream = s["token"] + s["+ position"]
    assert s["= stream"] == pytest.approx(stream)
    for n in (1, 2):
        stream = stream + s[f"+ attention {n}"] + s[f"+ MLP {n}"]
        assert s[f"= stream {n}"] == pytest.approx(stream)


def test_leaving_one_writing_out_would_be_noticed(model):
    s = stages_of(model, 2)
    assert s["= stream"] + s["+ attention 1"] != pytest.approx(s["= stream 1"], abs=1e-3)


def test_the_surprise_and_the_gradient_are_those_of_the_loss(model):
    logits, trace = gpt.forward(model, CONFIG, IDS)
    for position in range(3):
        j = journey(model, trace, position)
        loss, dlogits = cross_entropy(logits[0, position][None], IDS[0, position + 1][None])
        assert j.surprise == pytest.approx(loss)
        assert j.gradient == pytest.approx(dlogits[0])
        assert j.probabilities == pytest.approx(j.exps / j.total)


def test_at_the_end_of_the_text_there_is_nothing_to_be_surprised_by(model):
    last = journey(model, gpt.forward(model, CONFIG, IDS)[1], 3)
    assert (last.target, last.surprise, last.gradient) == (None, None, None)


def test_a_position_that_is_not_there_is_refused(model):
    trace = gpt.forward(model, CONFIG, IDS)[1]
    for position in (-1, 4):
        with pytest.raises(IndexError, match="not in a text of 4 tokens"):
            journey(model, trace, position)
