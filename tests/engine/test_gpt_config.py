import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.fast.buffers import Workspace
from tinylm_tui.engine.gpt_config import GPT2_SMALL, GPTConfig, count


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


def bytes_of(workspace):
    """What one piece's buffers really take, views not counted twice."""
    arrays = {}

    def collect(thing):
        for value in vars(thing).values():
            if hasattr(value, "nbytes"):
                base = value if value.base is None else value.base
                arrays[id(base)] = base.nbytes
            elif hasattr(value, "__dataclass_fields__"):
                collect(value)
            elif isinstance(value, tuple):
                for each in value:
                    collect(each)

    collect(workspace.pieces[0][1])
    return sum(arrays.values())


@pytest.mark.parametrize("tokens", [16, 64])
def test_the_memory_estimate_is_near_what_a_training_step_allocates(tokens):
    config = GPTConfig(vocabulary=65, layers=3, heads=4, width=48, context=tokens)
    real = bytes_of(Workspace.of(config, 8, tokens, most=8))
    assert 4 * config.activations(8) == pytest.approx(real, rel=0.15)
    assert 4 * config.activations(16) != pytest.approx(real, rel=0.15)
    assert config.memory(8) == 4 * (4 * config.weights + config.activations(8))
