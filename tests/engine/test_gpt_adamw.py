import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.adamw import AdamWSettings, Moments, adamw_step, clip
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.schedule import Schedule
from tinylm_tui.engine.windows import all_windows, draw_windows

SHAPES = {"w": (2, 3), "b": (3,)}


def in_plain_python(weights, gradients, learn_rate, settings, decayed):
    """AdamW as Loshchilov and Hutter write it, one weight at a time."""
    m, s = [0.0] * len(weights), [0.0] * len(weights)
    for t, gradient in enumerate(gradients, 1):
        for i, g in enumerate(gradient):
            m[i] = settings.beta1 * m[i] + (1 - settings.beta1) * g
            s[i] = settings.beta2 * s[i] + (1 - settings.beta2) * g * g
            mean, square = m[i] / (1 - settings.beta1**t), s[i] / (1 - settings.beta2**t)
            decay = settings.weight_decay * weights[i] if decayed[i] else 0
            weights[i] -= learn_rate * (mean / (math.sqrt(square) + settings.epsilon) + decay)
    return weights


def steps(params, gradients, learn_rate, settings):
    moments = Moments.zeros(params)
    for gradient in gradients:
        adamw_step(params, Parameters(np.array(gradient), params.shapes), moments, learn_rate, settings)
    return moments


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adamw_is_the_formula_in_plain_python(rng, decay):
    settings = AdamWSettings(weight_decay=decay)
    params = Parameters(rng.standard_normal(9), SHAPES)
    gradients = rng.standard_normal((6, 9))
    gradients[:, 4] = 0
    by_hand = in_plain_python(params.flat.tolist(), gradients.tolist(), 0.01, settings, [True] * 6 + [False] * 3)
    moments = steps(params, gradients, 0.01, settings)
    assert params.flat == pytest.approx(by_hand, rel=1e-12)
    assert moments.steps == 6


def test_decaying_biases_as_well_would_be_noticed(rng):
    settings = AdamWSettings(weight_decay=0.1)
    params = Parameters(rng.standard_normal(9), SHAPES)
    gradients = rng.standard_normal((6, 9))
    by_hand = in_plain_python(params.flat.tolist(), gradients.tolist(), 0.01, settings, [True] * 9)
    steps(params, gradients, 0.01, settings)
    assert params.flat != pytest.approx(by_hand, rel=1e-5)


def test_the_first_step_moves_each_weight_by_the_learn_rate_whatever_its_gradient():
    params = Parameters(np.zeros(3), {"b": (3,)})
    steps(params, [[1e-3, -5.0, 0.0]], 0.01, AdamWSettings())
    assert params.flat == pytest.approx([-0.01, 0.01, 0], rel=1e-4)


def test_float32_stays_float32():
    params = Parameters(np.ones(3, np.float32), {"b": (3,)})
    moments = steps(params, np.ones((2, 3), np.float32), 0.01, AdamWSettings())
    assert {params.flat.dtype, moments.mean.dtype, moments.square.dtype} == {np.dtype(np.float32)}


def test_a_gradient_longer_than_the_limit_is_shortened_to_it_in_the_same_direction():
    grads = Parameters(np.array([3.0, 4.0]), {"b": (2,)})
    assert clip(grads, 1.0) == pytest.approx(5)
    assert grads.flat == pytest.approx([0.6, 0.8])


def test_a_shorter_gradient_is_left_as_it_is():
    grads = Parameters(np.array([3.0, 4.0]), {"b": (2,)})
    assert clip(grads, 5.5) == pytest.approx(5)
    assert grads.flat.tolist() == [3, 4]


@pytest.mark.parametrize("huge", [np.inf, np.nan, 1e30])
def test_a_gradient_without_a_finite_length_is_left_as_it_is(huge):
    grads = Parameters(np.array([3, huge], np.float32), {"b": (2,)})
    assert not math.isfinite(clip(grads, 1.0))
    assert grads.flat.tolist() == [3, pytest.approx(huge, nan_ok=True)]


def test_the_learn_rate_warms_up_then_decays_and_stays():
    schedule = Schedule(peak=1e-3, warmup=100, steps=2000, decay_to=1e-4)
    assert schedule.learn_rate(0) == pytest.approx(1e-3 / 101)
    assert schedule.learn_rate(49) == pytest.approx(1e-3 * 50 / 101)
    assert schedule.learn_rate(100) == pytest.approx(1e-3)
    assert schedule.learn_rate(1050) == pytest.approx((1e-3 + 1e-4) / 2)
    assert schedule.learn_rate(2000) == schedule.learn_rate(9999) == pytest.approx(1e-4)


@given(st.integers(0, 50), st.integers(0, 300), st.floats(0, 1))
def test_the_learn_rate_rises_to_the_peak_and_never_rises_again(warmup, steps, decay_to):
    schedule = Schedule(1.0, warmup, steps, decay_to)
    rates = [schedule.learn_rate(step) for step in range(400)]
    assert rates[: warmup + 1] == sorted(rates[: warmup + 1])
    assert rates[warmup:] == sorted(rates[warmup:], reverse=True)
    assert max(rates) == 1


def test_a_schedule_that_decays_to_its_peak_is_constant():
    assert {Schedule(0.1, 0, 0, 0.1).learn_rate(step) for step in (0, 5, 500)} == {0.1}


def test_targets_are_the_inputs_one_token_later_and_every_start_is_drawn(rng):
    stream = np.arange(10, dtype=np.int32)
    inputs, targets = draw_windows(stream, 500, 4, rng)
    assert inputs.shape == targets.shape == (500, 4)
    assert np.array_equal(targets, inputs + 1)
    assert set(inputs[:, 0].tolist()) == set(range(6))


def test_all_windows_stand_side_by_side():
    inputs, targets = all_windows(np.arange(12), 4)
    assert inputs.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert np.array_equal(targets, inputs + 1)


@pytest.mark.parametrize("cut", [lambda s, rng: draw_windows(s, 1, 4, rng), lambda s, rng: all_windows(s, 4)])
def test_a_text_too_short_for_one_window_is_refused(cut, rng):
    assert cut(np.arange(5), rng)[0].shape == (1, 4)
    with pytest.raises(ValueError, match="a longer text than 4"):
        cut(np.arange(4), rng)
