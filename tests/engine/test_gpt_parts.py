"""Each operation of the transformer against central differences, in float64."""

import math

import numpy as np
import pytest

from tinylm_tui.engine import attention, embedding, layernorm, linear, mlp
from tinylm_tui.engine.gradcheck import worst_relative_error
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.parts import by_part, part
from tinylm_tui.engine.softmax import softmax

from .small_gpt import RIGHT, WRONG, loss_of_part, random_parameters, spoilt

B, T, D, HEADS = 2, 5, 6, 3

SHAPES = {
    "linear": {"x": (B, T, D), "w": (D, 4), "b": (4,)},
    "layernorm": {"x": (B, T, D), "gain": (D,), "bias": (D,)},
    "attention": {"x": (B, T, D), "w_qkv": (D, 3 * D), "b_qkv": (3 * D,), "w_out": (D, D), "b_out": (D,)},
    "mlp": {"x": (B, T, D), "w_in": (D, 4 * D), "b_in": (4 * D,), "w_out": (4 * D, D), "b_out": (D,)},
    "gelu": {"x": (B, T, D)},
    "softmax": {"x": (B, T, D)},
}


def linear_backward(p, g, trace, dy):
    dx, g["w"][...], g["b"][...] = linear.backward(p["x"], p["w"], dy)
    return dx


OPERATIONS = {
    "linear": (lambda p, x: (linear.forward(x, p["w"], p["b"]), None), linear_backward),
    "layernorm": (layernorm.forward, layernorm.backward),
    "attention": (lambda p, x: attention.forward(p, x, HEADS), attention.backward),
    "mlp": (mlp.forward, mlp.backward),
    "gelu": (lambda p, x: (mlp.gelu(x), x), lambda p, g, x, dy: mlp.gelu_backward(x, dy)),
    "softmax": (lambda p, x: (softmax(x),) * 2, lambda p, g, y, dy: attention.softmax_backward(y, dy)),
}


@pytest.fixture(params=OPERATIONS)
def operation(request, rng):
    """One operation as a loss, and random weights and input for it."""
    forward, backward = OPERATIONS[request.param]
    params = random_parameters(SHAPES[request.param], rng)
    outputs = rng.standard_normal(forward(params, params["x"])[0].shape)
    return loss_of_part(forward, backward, outputs), params


def test_the_gradient_of_each_operation_is_right(operation, rng):
    loss_of, params = operation
    assert worst_relative_error(loss_of, params, rng) < RIGHT


def test_a_wrong_gradient_of_any_array_of_an_operation_is_caught(operation, rng):
    loss_of, params = operation
    for name in params:
        assert worst_relative_error(spoilt(loss_of, name), params, rng) > WRONG, name


def embedding_loss(params, ids, outputs):
    p = part(params, "embedding")
    grads = Parameters.zeros(params.shapes, np.float64)
    embedding.backward(p, part(grads, "embedding"), ids, outputs)
    return float((embedding.forward(p, ids) * outputs).sum()), grads


def test_the_gradient_of_the_embedding_is_right_where_tokens_repeat(rng):
    params = random_parameters({"embedding.token": (4, D), "embedding.position": (T, D)}, rng)
    ids, outputs = np.array([[0, 1, 1], [3, 1, 0]]), rng.standard_normal((2, 3, D))
    assert worst_relative_error(lambda p: embedding_loss(p, ids, outputs), params, rng) < RIGHT


def test_an_embedding_gradient_for_other_tokens_is_caught(rng):
    params = random_parameters({"embedding.token": (4, D), "embedding.position": (T, D)}, rng)
    ids, outputs = np.array([[0, 1, 1], [3, 1, 0]]), rng.standard_normal((2, 3, D))

    def mixed_up(params):
        return embedding_loss(params, ids, outputs)[0], embedding_loss(params, ids[::-1], outputs)[1]

    assert worst_relative_error(mixed_up, params, rng) > WRONG


def test_layernorm_brings_each_token_to_mean_0_and_variance_1(rng):
    x = 5 + 3 * rng.standard_normal((B, T, 64))
    _, trace = layernorm.forward({"gain": np.ones(64), "bias": np.zeros(64)}, x)
    assert trace.normed.mean(axis=-1) == pytest.approx(np.zeros((B, T)), abs=1e-12)
    assert trace.normed.var(axis=-1) == pytest.approx(np.ones((B, T)), rel=1e-4)
    assert x.mean(axis=-1) != pytest.approx(np.zeros((B, T)), abs=1e-1)


def test_layernorm_of_a_token_whose_numbers_are_all_alike_is_its_bias():
    y, _ = layernorm.forward({"gain": np.ones(4), "bias": np.arange(4.0)}, np.full((1, 1, 4), 7.0))
    assert y.tolist() == [[[0, 1, 2, 3]]]


def test_gelu_is_the_formula_written_out():
    for x in (-3.0, -0.5, 0.0, 0.1, 2.0, 30.0):
        by_hand = 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
        assert mlp.gelu(np.array([x]))[0] == pytest.approx(by_hand, rel=1e-12, abs=1e-15)


def attended(rng, x=None):
    params = random_parameters(SHAPES["attention"], rng)
    return attention.forward(params, params["x"] if x is None else x, HEADS)


def test_every_row_of_a_pattern_sums_to_1_and_looks_at_nothing_later(rng):
    pattern = attended(rng)[1].pattern
    assert pattern.shape == (B, HEADS, T, T)
    assert pattern.sum(axis=-1) == pytest.approx(np.ones((B, HEADS, T)))
    assert not np.triu(pattern, 1).any()
    assert (np.tril(pattern) != 0).sum() == B * HEADS * T * (T + 1) // 2


def test_without_the_mask_a_pattern_looks_ahead(rng):
    assert np.triu(softmax(attended(rng)[1].scores), 1).max() > 0.1


def test_scores_are_dot_products_of_queries_and_keys_over_the_root_of_the_head_width(rng):
    trace = attended(rng)[1]
    by_hand = sum(a * b for a, b in zip(trace.q[1, 2, 4], trace.k[1, 2, 3], strict=True)) / math.sqrt(D // HEADS)
    assert trace.scores[1, 2, 4, 3] == pytest.approx(by_hand)


def test_the_mixed_values_are_the_values_weighed_by_the_pattern(rng):
    trace = attended(rng)[1]
    head, d = 1, D // HEADS
    by_hand = sum(trace.pattern[0, head, 3, j] * trace.v[0, head, j] for j in range(4))
    assert trace.mixed[0, 3, head * d : (head + 1) * d] == pytest.approx(by_hand)


def test_splitting_into_heads_and_joining_them_gives_the_same_back(rng):
    x = rng.standard_normal((B, T, D))
    assert np.array_equal(attention.join(attention.split(x, HEADS)), x)


def test_a_part_is_the_same_arrays_under_shorter_names(rng):
    params = random_parameters({"block1.mlp.w_in": (2, 3), "block10.mlp.w_in": (1, 1), "head": (2, 2)}, rng)
    assert list(part(params, "block1")) == ["mlp.w_in"]
    assert part(part(params, "block1"), "mlp")["w_in"] is params["block1.mlp.w_in"]
    assert by_part(params)["block10"]["mlp.w_in"] is params["block10.mlp.w_in"]
    assert set(by_part(params)) == {"block1", "block10"}
