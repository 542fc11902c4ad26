import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tinylm_tui.lab.history import CAPACITY, Curve, History

VALUES = st.integers(0, 20 * CAPACITY)


def filled(count, value=lambda step: float(step)):
    history = History()
    for step in range(count):
        history.add(step, value(step))
    return history


def zigzag(step):
    """Values without a pattern that merging could profit from; the extremes lie where they like."""
    return float((step * 7919) % 10007)


@given(VALUES)
@example(CAPACITY)
@example(CAPACITY + 1)
@example(2 * CAPACITY + 1)
@settings(max_examples=20)
def test_a_curve_never_outgrows_its_capacity_and_keeps_half_of_it_in_use(count):
    curve = filled(count).curve()
    assert len(curve) <= CAPACITY
    assert len(curve) >= min(count, CAPACITY // 2)


@given(VALUES.filter(bool))
@settings(max_examples=20)
def test_the_extremes_are_kept(count):
    curve, values = filled(count, zigzag).curve(), [zigzag(step) for step in range(count)]
    assert curve.low.min() == min(values)
    assert curve.high.max() == max(values)


@given(VALUES)
@settings(max_examples=20)
def test_steps_increase_evenly_from_the_first(count):
    history = filled(count)
    assert history.curve().steps.tolist() == list(range(0, count, history.stride))


@given(VALUES)
@settings(max_examples=20)
def test_each_point_holds_the_extremes_of_its_own_steps(count):
    history = filled(count, zigzag)
    curve = history.curve()
    for step, low, high in list(zip(curve.steps, curve.low, curve.high, strict=True))[::101]:
        covered = [zigzag(s) for s in range(step, min(step + history.stride, count))]
        assert (low, high) == (min(covered), max(covered))


@given(st.integers(0, 3 * CAPACITY), st.integers(0, 3 * CAPACITY))
@settings(max_examples=20)
def test_a_saved_curve_goes_on_as_if_it_had_never_been_saved(before, after):
    whole, first = filled(before + after, zigzag), filled(before, zigzag)
    again = History.of(first.curve(), **first.state())
    for step in range(before, before + after):
        again.add(step, zigzag(step))
    assert again.curve().steps.tolist() == whole.curve().steps.tolist()
    assert again.curve().high.tolist() == whole.curve().high.tolist()
    assert again.state() == whole.state()


def test_forgetting_how_full_the_last_point_is_would_be_noticed():
    first = filled(CAPACITY + 2, zigzag)
    again = History.of(first.curve(), stride=first.stride, in_last=1)
    for step in range(CAPACITY + 2, CAPACITY + 6):
        again.add(step, zigzag(step))
    assert again.curve().steps.tolist() != filled(CAPACITY + 6, zigzag).curve().steps.tolist()


def test_a_curve_does_not_change_when_training_goes_on():
    history = filled(3)
    curve = history.curve()
    history.add(3, -1.0)
    assert len(curve) == 3
    assert len(Curve.empty()) == 0


@pytest.mark.parametrize(
    ("points", "state"), [(3, (0, 0)), (3, (2, 3)), (3, (1, 0)), (0, (1, 1)), (CAPACITY + 1, (1, 1))]
)
def test_a_state_that_no_curve_can_have_is_refused(points, state):
    numbers = filled(1).curve().steps.repeat(points)
    with pytest.raises(ValueError, match="no curve of"):
        History.of(Curve(numbers, numbers * 1.0, numbers * 1.0), *state)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_value_that_is_no_finite_number_is_left_out(value):
    history = History()
    for step, loss in enumerate([1.0, value, 2.0]):
        history.add(step, loss)
    assert history.curve().steps.tolist() == [0, 2]
    assert history.curve().high.tolist() == [1.0, 2.0]


@given(st.integers(0, 3 * CAPACITY), st.integers(0, 3 * CAPACITY), st.sampled_from([1, 50]))
def test_what_is_taken_back_is_forgotten_and_no_point_that_is_left_holds_any_of_it(count, step, every):
    history, whole = History(), History()
    for n in range(count):
        history.add(every * n, float(n))
        whole.add(every * n, float(n))
    before = whole.curve()
    dropped = history.forget(step)
    left = history.curve()
    assert dropped == (len(left) < len(before))
    assert left.steps.tolist() == before.steps[: len(left)].tolist()
    assert (left.high * every < step).all()  # a value tells the step it was added at
    assert every * (count - 1) < step or dropped
    assert len(before) - len(left) <= 1 + sum(before.steps >= step)
    again = History.of(left, **history.state())
    again.add(step, 0.5)
    assert not dropped or again.curve().steps[-1] == step


def test_nothing_is_forgotten_where_nothing_is_taken_back():
    history = filled(10)
    assert not history.forget(10)
    assert len(history.curve()) == 10
    assert history.forget(9)
    assert history.curve().steps.tolist() == [*range(9)]
