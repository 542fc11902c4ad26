import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.adamw import Moments
from tinylm_tui.engine.fast.buffers import Workspace
from tinylm_tui.engine.gpt_config import GPT2_SMALL, GPTConfig, count
from tinylm_tui.engine.parameters import Parameters


def test_gpt_2_has_124_439_808_weights_by_the_formula_and_by_its_arrays():
    assert GPT2_SMALL.weights == 124_439_808
    assert count(GPT2_SMALL.shapes()) == 124_439_808


def test_with_a_head_of_its_own_gpt_2_would_have_more():
    untied = GPTConfig(vocabulary=50257, layers=12, heads=12, width=768, context=1024, tie_head=False)
    assert untied.weights == 124_439_808 + 50257 * 768


SIZES = st.builds(
    lambda head_width, heads, **sizes: GPTConfig(heads=heads, width=heads * head_width, **sizes),
    head_width=st.integers(1, 8),
    heads=st.integers(1, 5),
    vocabulary=st.integers(1, 90),
    layers=st.integers(1, 5),
    context=st.integers(1, 40),
    tie_head=st.booleans(),
)


@given(SIZES)
def test_the_formula_counts_what_the_arrays_hold(config):
    assert config.weights == count(config.shapes())


def test_heads_that_do_not_divide_the_width_are_refused_with_those_that_would():
    with pytest.raises(ValueError, match="5 heads do not divide a width of 64; heads of 1, 2, 4, 8, 16, 32, 64 would"):
        GPTConfig(vocabulary=27, heads=5, width=64)


@pytest.mark.parametrize("name", ["vocabulary", "layers", "heads", "width", "context"])
@pytest.mark.parametrize("value", [0, -3])
def test_sizes_below_1_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"{name} must be 1 or more, not {value}"):
        GPTConfig(**{"vocabulary": 27, name: value})


def distinct_bytes(thing, seen):
    """What the arrays of nested dataclasses, tuples and parameters take, views not counted twice."""
    if isinstance(thing, np.ndarray):
        base = thing if thing.base is None else thing.base
        seen[id(base)] = base.nbytes
    elif isinstance(thing, tuple):
        for each in thing:
            distinct_bytes(each, seen)
    elif isinstance(thing, Parameters):
        distinct_bytes(thing.flat, seen)
    elif hasattr(thing, "__dataclass_fields__"):
        for value in vars(thing).values():
            distinct_bytes(value, seen)
    return sum(seen.values())


@pytest.mark.parametrize(("width", "tokens", "batch"), [(48, 16, 8), (64, 64, 4), (256, 64, 30)])
def test_the_memory_estimate_is_what_training_allocates(width, tokens, batch):
    config = GPTConfig(vocabulary=65, layers=3, heads=4, width=width, context=tokens)
    params = Parameters.zeros(config.shapes())
    real = distinct_bytes((params, Moments.zeros(params), Workspace.of(config, batch, tokens)), {})
    assert config.memory(batch) == pytest.approx(real, rel=0.01)
    assert config.memory(1) != pytest.approx(real, rel=0.01)


def test_a_large_batch_is_taken_in_pieces_and_needs_no_more_memory():
    config = GPTConfig(vocabulary=65, layers=4, heads=4, width=64, context=64)
    assert config.piece_sizes(32) == [8] * 4
    assert config.piece_sizes(30) == [8, 8, 7, 7]
    assert config.piece_sizes(30, most=16) == [15, 15]
    assert config.memory(3) < config.memory(32) == config.memory(1000)
