import numpy as np
import pytest

from tinylm_tui.engine import bigram
from tinylm_tui.engine.counts import PairShares
from tinylm_tui.engine.gradcheck import central_difference, finer_difference, relative_errors, worst_relative_error
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.softmax import cross_entropy

RIGHT, WRONG = 1e-6, 1e-3  # below: the gradient is right; above: something is wrong


@pytest.fixture
def full_batch(counts):
    return lambda params: bigram.full_batch(params, PairShares.of(counts, np.float64))


def spoilt(loss_of, spoil):
    """The same loss, with a gradient that `spoil` has changed."""

    def loss_and_wrong_gradient(params):
        loss, grads = loss_of(params)
        spoil(grads)
        return loss, grads

    return loss_and_wrong_gradient


def test_the_full_batch_gradient_is_right(full_batch, params, rng):
    assert worst_relative_error(full_batch, params, rng) < RIGHT


def test_the_mini_batch_gradient_is_right(params, ids, rng):
    def by_batch(params):
        logits, trace = bigram.forward(params, ids[:20])
        loss, dlogits = cross_entropy(logits, ids[1:21])
        return loss, bigram.backward(params, trace, dlogits)

    assert worst_relative_error(by_batch, params, rng) < RIGHT


def one_wrong_sign(grads):
    place = int(np.abs(grads.flat).argmax())
    grads.flat[place] *= -1


def transposed(grads):
    grads["W"][...] = grads["W"].T.copy()


def a_tenth_too_large(grads):
    grads.flat *= 1.1


def one_row_forgotten(grads):
    grads["W"][1] = 0


@pytest.mark.parametrize("spoil", [one_wrong_sign, transposed, a_tenth_too_large, one_row_forgotten])
def test_a_wrong_gradient_is_caught(full_batch, params, rng, spoil):
    assert worst_relative_error(spoilt(full_batch, spoil), params, rng) > WRONG


def test_a_gradient_of_all_zeros_is_caught(full_batch, params, rng):
    assert worst_relative_error(spoilt(full_batch, lambda grads: grads.flat.fill(0)), params, rng) == pytest.approx(1)


def test_the_check_leaves_the_weights_as_they_were(full_batch, params, rng):
    before = params.flat.copy()
    worst_relative_error(full_batch, params, rng)
    assert np.array_equal(params.flat, before)


def test_float32_weights_are_refused(full_batch, params, rng):
    with pytest.raises(TypeError, match="float64 weights, got float32"):
        worst_relative_error(full_batch, params.copy(np.float32), rng)


def test_the_difference_of_a_square_is_its_slope():
    params = Parameters(np.array([3.0, 5.0]), {"x": (2,)})
    assert central_difference(lambda p: (float(p.flat @ p.flat), p), params, 1) == pytest.approx(10)


def test_with_many_weights_only_as_many_as_asked_for_are_checked(rng):
    asked = []

    def loss_of(params):
        asked.append(1)
        return 0.0, params

    worst_relative_error(loss_of, Parameters(np.zeros(500), {"x": (500,)}), rng, most=10)
    assert len(asked) == 1 + 2 * 10


def test_a_gradient_near_zero_is_held_to_the_largest_and_not_to_itself():
    errors = relative_errors(np.array([1.0, 1e-12]), np.array([1.0, -1e-12]))
    assert errors.max() < RIGHT


def test_the_finer_difference_of_a_fourth_power_is_its_slope_and_the_weight_is_put_back():
    params = Parameters(np.array([3.0, 5.0]), {"x": (2,)})
    assert finer_difference(lambda p: float((p.flat**4).sum()), params, 1) == pytest.approx(4 * 5**3, rel=1e-12)
    assert params.flat.tolist() == [3.0, 5.0]


def test_the_largest_gradient_elsewhere_is_a_measure_too():
    right, off = np.array([1e-5]), np.array([1.1e-5])
    assert relative_errors(right, off).max() > 0.05
    assert relative_errors(right, off, largest=1.0).max() == pytest.approx(1e-3)
