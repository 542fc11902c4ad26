import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.sampling import Sample, distribution, draw, generate
from tinylm_tui.engine.tokenizer import BOUNDARY

from . import plain

P = [0.4, 0.3, 0.2, 0.06, 0.04]


def chi_squared(frequencies, probabilities):
    """Pearson's sum of (seen − expected)² / expected: about as large as there are bars when they agree."""
    total = sum(frequencies)
    expected = [total * p for p in probabilities]
    return sum((n - e) ** 2 / e for n, e in zip(frequencies, expected, strict=True))


def frequencies_of(probabilities, times=5000):
    rng = np.random.default_rng(11)
    drawn = Counter(draw(np.array(probabilities), rng) for _ in range(times))
    return [drawn[i] for i in range(len(probabilities))]


def test_letters_are_drawn_as_often_as_their_probabilities_say():
    assert chi_squared(frequencies_of(P), P) < 25  # 4 degrees of freedom: 25 is exceeded once in 20,000


def test_drawing_from_another_distribution_is_noticed():
    assert chi_squared(frequencies_of([0.36, 0.34, 0.2, 0.06, 0.04]), P) > 25


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8).filter(any), st.integers(0, 99))
def test_nothing_impossible_is_ever_drawn(weights, seed):
    probabilities = np.array(weights) / sum(weights)
    assert probabilities[draw(probabilities, np.random.default_rng(seed))] > 0


class Dice:
    """A generator that throws what it is told to."""

    def __init__(self, throw):
        self.random = lambda: throw


def test_the_smallest_and_the_largest_throw_fall_on_possible_letters():
    probabilities = np.array([0.0] + [0.1] * 10 + [0.0])
    assert draw(probabilities, Dice(0.0)) == 1
    assert draw(probabilities, Dice(math.nextafter(1, 0))) == 10


def test_a_throw_on_the_edge_between_two_letters_belongs_to_the_upper_one():
    assert [draw(np.array([0.25, 0.5, 0.25]), Dice(throw)) for throw in (0.24, 0.25, 0.74, 0.75)] == [0, 1, 1, 2]


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=8), st.floats(0.2, 5))
def test_temperature_divides_the_scores(scores, temperature):
    by_hand = plain.softmax([s / temperature for s in scores])
    assert distribution(np.array(scores), temperature) == pytest.approx(by_hand, rel=1e-9, abs=1e-300)


def test_temperature_zero_is_greedy():
    assert distribution(np.array([1.0, 5.0, 5.0, 2.0]), 0).tolist() == [0, 1, 0, 0]


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=6), st.floats(5e-324, 1e-3))
def test_a_tiny_temperature_does_not_overflow(scores, temperature):
    p = distribution(np.array(scores, np.float32), temperature)
    assert np.isfinite(p).all()
    assert p.sum() == pytest.approx(1)
    assert p[int(np.argmax(scores))] == p.max()


def test_a_high_temperature_comes_near_to_equal_chances():
    assert distribution(np.array([3.0, -3.0]), 1e6) == pytest.approx([0.5, 0.5], abs=1e-5)


@pytest.mark.parametrize("temperature", [-0.1, float("nan"), float("inf")])
def test_an_impossible_temperature_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature must be 0 or more"):
        distribution(np.zeros(2), temperature)


def always(scores):
    return lambda texts: np.array([scores] * len(texts), float)


def one(next_logits, given, length, temperature, rng):
    return generate(next_logits, given, length, temperature, [rng])[0]


def test_texts_grow_side_by_side_and_each_is_what_it_would_be_alone():
    def dice():
        return [np.random.default_rng(seed) for seed in range(6)]

    scores = always([1.0, 0, 0, 0])
    together = generate(scores, [BOUNDARY], 20, 1.0, dice())
    alone = [one(scores, [BOUNDARY], 20, 1.0, rng) for rng in dice()]
    assert together == alone
    assert len({len(sample.ids) for sample in together}) > 1


def test_a_text_ends_where_the_boundary_is_drawn(rng):
    after = {0: [0, 9, 0], 1: [0, 0, 9], 2: [9, 0, 0]}
    sample = one(lambda texts: np.array([after[ids[-1]] for ids in texts], float), [BOUNDARY], 50, 0, rng)
    assert sample == Sample((0, 1, 2, 0), 1, (1.0, 1.0, 1.0), ended=True)
    assert sample.drawn == (1, 2)


def test_a_text_without_an_end_stops_at_the_length_asked_for(rng):
    sample = one(always([-99, 0, 0]), [BOUNDARY, 1], 7, 1.0, rng)
    assert len(sample.drawn) == len(sample.probabilities) == 7
    assert not sample.ended


def test_nothing_is_drawn_where_the_length_is_zero(rng):
    assert one(always([0, 0]), [BOUNDARY], 0, 1.0, rng) == Sample((0,), 1, (), ended=False)


def test_each_drawn_token_carries_the_probability_it_had(rng):
    sample = one(always([-50, 1.0, 2.0]), [BOUNDARY], 30, 1.0, rng)
    p = plain.softmax([-50, 1.0, 2.0])
    assert sample.probabilities == pytest.approx([p[i] for i in sample.ids[1:]])


def test_a_seed_fixes_the_text():
    first, again, other = (
        one(always([-9, 0, 0, 0]), [BOUNDARY], 20, 1.0, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first == again != other
