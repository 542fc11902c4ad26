"""Principal components against what defines them, and the rules that keep a film of them steady."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.pca import matched, principal_components, turned

SHAPES = [(30, 5), (5, 30), (7, 7), (2, 3), (2, 1), (300, 64)]


def cloud(V, E, seed=0):
    """A cloud that spreads differently in every direction, turned at random, away from zero."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((E, E)))[0]
    return (rng.standard_normal((V, E)) * np.linspace(3, 0.5, E)) @ turn + rng.standard_normal(E)


def angle(a, b):
    """Degrees between the rows of a and of b, the largest."""
    return np.degrees(np.arccos(np.clip((a * b).sum(axis=1), -1, 1))).max()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_variance_along_each_axis_is_what_it_says_and_all_of_them_together_are_the_whole(shape):
    X = cloud(*shape)
    c = principal_components(X)
    assert c.variances == pytest.approx((X @ c.axes.T).var(axis=0), abs=1e-9)
    assert c.total == pytest.approx(X.var(axis=0).sum())
    assert c.variances.sum() == pytest.approx(c.total)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_axes_are_unit_vectors_at_right_angles_with_the_most_variance_first(shape):
    c = principal_components(cloud(*shape))
    assert c.axes @ c.axes.T == pytest.approx(np.eye(len(c.axes)), abs=1e-9)
    assert (np.diff(c.variances) <= 1e-12).all()


@pytest.mark.parametrize("shape", [(30, 5), (5, 30)])
def test_no_other_direction_has_more_variance_than_the_first_component(shape):
    X = cloud(*shape)
    c = principal_components(X)
    others = np.random.default_rng(1).standard_normal((500, shape[1]))
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    assert (X @ others.T).var(axis=0).max() < c.variances[0]
    assert (X @ others.T).var(axis=0).max() > c.variances[-1]  # so the comparison could fail


@pytest.mark.parametrize("shape", [(30, 5), (5, 30), (300, 64)])
def test_they_are_the_right_singular_vectors_of_the_centred_matrix_up_to_sign(shape):
    X = cloud(*shape)
    _, s, axes = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    c = principal_components(X)
    k = min(shape) - 1
    assert np.abs((c.axes[:k] * axes[:k]).sum(axis=1)) == pytest.approx(np.ones(k), abs=1e-7)
    assert c.variances[:k] == pytest.approx(s[:k] ** 2 / len(X))
    uncentred = np.linalg.svd(X, full_matrices=False)[2]
    assert np.abs((c.axes[0] * uncentred[0]).sum()) < 0.999


def test_the_number_furthest_from_zero_of_each_axis_is_positive_so_the_same_cloud_gives_the_same_picture():
    X = cloud(40, 8)
    c, again = principal_components(X), principal_components(X[::-1])
    assert all(axis[np.abs(axis).argmax()] > 0 for axis in c.axes)
    assert again.axes == pytest.approx(c.axes, abs=1e-7)


def test_moving_the_whole_cloud_changes_nothing():
    X = cloud(40, 8)
    assert principal_components(X + 100).axes == pytest.approx(principal_components(X).axes, abs=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, -1e30, 1e-30])
def test_vectors_that_are_all_the_same_have_no_variance_at_all(value, dtype):
    X = np.full((300, 64), value, dtype=dtype)
    c = principal_components(X)
    points, shares = c.along(c.pair(0))
    assert (c.total, c.variances.any(), points.any(), shares.any()) == (0, False, False, False)
    assert np.isfinite(c.axes).all()
    X[7, 3] = 1 if abs(value) < 1 else value * 1.001
    assert principal_components(X).total > 0


def test_one_number_a_token_has_one_component_and_nothing_along_the_second_axis():
    c = principal_components(np.array([[1.0], [2.0], [4.0]]))
    points, shares = c.along(c.pair(0))
    assert shares.tolist() == [1.0, 0.0]
    assert points == pytest.approx(np.array([[-4 / 3, 0], [-1 / 3, 0], [5 / 3, 0]]))


def test_the_shares_of_two_axes_are_the_variance_of_the_points_drawn():
    X = cloud(50, 6)
    c = principal_components(X)
    for axes in (c.pair(0), c.pair(2), turned(c.pair(0), c.pair(2), 0.3)):
        points, shares = c.along(axes)
        assert shares == pytest.approx(points.var(axis=0) / c.total)
        assert points.mean(axis=0) == pytest.approx([0, 0], abs=1e-9)


# ---- from picture to picture


@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
@pytest.mark.parametrize("swap", [False, True])
def test_axes_that_only_flipped_or_changed_places_are_put_back(signs, swap):
    before = principal_components(cloud(40, 8)).pair(0)
    now = before * np.array(signs)[:, None]
    axes, swapped = matched(now[::-1] if swap else now, before)
    assert swapped == swap
    assert axes == pytest.approx(before)


@given(st.integers(0, 10_000))
def test_matched_axes_are_the_same_two_lines_and_on_the_side_of_those_before(seed):
    before, now = principal_components(cloud(9, 5, seed)).pair(0), principal_components(cloud(9, 5, seed + 1)).pair(0)
    axes, swapped = matched(now, before)
    assert np.abs(axes) == pytest.approx(np.abs(now[::-1] if swapped else now))
    cosines = before @ axes.T
    assert (np.diag(cosines) >= 0).all()
    assert np.trace(cosines) >= abs(cosines[0, 1]) + abs(cosines[1, 0]) - 1e-12


@given(st.integers(0, 10_000), st.floats(0.01, 0.5))
def test_a_turn_is_no_larger_than_allowed_stays_at_right_angles_and_arrives(seed, most):
    before = principal_components(cloud(9, 5, seed)).pair(0)
    wanted = matched(principal_components(cloud(9, 5, seed + 1)).pair(0), before)[0]
    axes, pictures = before, 0
    while axes is not wanted:
        following = turned(axes, wanted, most)
        assert angle(following, axes) <= np.degrees(most) * 1.8 + 1e-6
        assert following @ following.T == pytest.approx(np.eye(2), abs=1e-9)
        axes, pictures = following, pictures + 1
        assert pictures < 400
    assert turned(wanted, wanted, most) is wanted


def test_a_component_that_does_not_exist_turns_nowhere():
    one = np.array([[1.0], [0.0]])
    assert turned(one, one, 0.1).tolist() == one.tolist()
    assert matched(one, -one)[0].tolist() == (-one).tolist()
