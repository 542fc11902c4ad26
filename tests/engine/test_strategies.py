"""What a strategy keeps, and that drawing follows it."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.sampling import draw, generate
from tinylm_tui.engine.strategies import Cut, Strategy, cut, distribution

from . import plain

P = [0.1, 0.4, 0.2, 0.25, 0.05]
LOGITS = np.log(P)
FAR = 30  # what chi-squared with up to 4 degrees of freedom exceeds less than once in 100,000

scores = st.lists(st.floats(-30, 30), min_size=1, max_size=12)
strategies = st.builds(Strategy, st.just(0.0) | st.floats(0.01, 100), st.integers(0, 15), st.floats(0, 1))


def kept(**choices):
    return np.flatnonzero(cut(LOGITS, Strategy(**choices)).kept).tolist()


def test_nothing_is_cut_where_all_is_off():
    c = cut(LOGITS, Strategy())
    assert c.kept.all()
    assert c.thrown == 0
    assert c.probabilities == pytest.approx(P)
    assert np.array_equal(c.distribution, c.probabilities)


def test_the_order_is_by_falling_probability():
    c = cut(LOGITS, Strategy())
    assert c.order.tolist() == [1, 3, 2, 0, 4]
    assert c.cumulated == pytest.approx([0.4, 0.65, 0.85, 0.95, 1])


def test_equal_probabilities_are_ordered_by_id():
    assert cut(np.array([1.0, 2, 1, 2, 1]), Strategy()).order.tolist() == [1, 3, 0, 2, 4]
    many = np.tile([1.0, 2.0], 500)  # so many that a sort which is not stable would mix them
    assert cut(many, Strategy()).order.tolist() == [*range(1, 1000, 2), *range(0, 1000, 2)]


def test_top_k_keeps_the_k_likeliest():
    c = cut(LOGITS, Strategy(top_k=2))
    assert c.kept.tolist() == [False, True, False, True, False]
    assert c.thrown == pytest.approx(0.35)
    assert c.distribution == pytest.approx([0, 0.4 / 0.65, 0, 0.25 / 0.65, 0])


def test_more_than_there_are_keeps_all():
    assert kept(top_k=99) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("top_p", "ids"),
    [(0, [1]), (0.39, [1]), (0.41, [1, 3]), (0.7, [1, 2, 3]), (0.96, [0, 1, 2, 3, 4]), (1, [0, 1, 2, 3, 4])],
)
def test_top_p_keeps_the_fewest_that_reach_it_with_the_one_that_crosses(top_p, ids):
    assert kept(top_p=top_p) == ids


def test_a_sum_that_misses_p_by_rounding_reaches_it():
    cumulated = cut(np.zeros(9), Strategy()).cumulated
    assert cumulated[4] < 5 / 9 * cumulated[-1]
    assert [int(cut(np.zeros(9), Strategy(top_p=n / 9)).kept.sum()) for n in range(1, 9)] == list(range(1, 9))


def test_top_p_is_a_share_of_what_top_k_has_left():
    assert kept(top_k=2, top_p=0.61) == [1]  # 0.4 of 0.65 is 0.615; of all it would be 0.4, and two would be kept
    assert kept(top_p=0.61) == [1, 3]


def test_the_temperature_comes_first():
    assert kept(top_p=0.8) == [1, 2, 3]
    assert kept(top_p=0.8, temperature=0.2) == [1]
    hot = [p**0.5 for p in P]
    assert cut(LOGITS, Strategy(2.0)).probabilities == pytest.approx([p / sum(hot) for p in hot])


def test_temperature_0_keeps_the_likeliest_and_throws_nothing_away():
    c = cut(np.array([1.0, 5, 5, 2]), Strategy(0, top_k=3, top_p=0.9))
    assert c.order.tolist() == [1, 0, 2, 3]
    assert c.kept.tolist() == [False, True, False, False]
    assert c.distribution.tolist() == [0, 1, 0, 0]
    assert c.thrown == 0


@given(scores, strategies)
def test_what_is_kept_is_a_beginning_of_the_order_and_keeps_its_proportions(logits, strategy):
    c = cut(np.array(logits), strategy)
    many = int(c.kept.sum())
    assert many >= 1
    assert c.kept[c.order[:many]].all()
    assert (np.diff(c.probabilities[c.order]) <= 0).all()
    assert c.distribution.sum() == pytest.approx(1)
    assert not c.distribution[~c.kept].any()
    assert c.thrown == pytest.approx(1 - c.probabilities[c.kept].sum(), abs=1e-12)
    assert c.distribution[c.kept] * (1 - c.thrown) == pytest.approx(c.probabilities[c.kept], abs=1e-12)


@given(scores, st.integers(1, 15), st.floats(0.001, 0.999))
def test_the_nucleus_is_the_smallest_that_reaches_p(logits, top_k, top_p):
    left = sorted(plain.softmax(logits), reverse=True)[:top_k]
    many = int(cut(np.array(logits), Strategy(1.0, top_k, top_p)).kept.sum())
    assert math.fsum(left[:many]) >= top_p * math.fsum(left) - 1e-9
    assert many == 1 or math.fsum(left[: many - 1]) < top_p * math.fsum(left) + 1e-9


@given(scores, st.floats(0, 100))
def test_where_nothing_is_cut_it_is_exactly_the_distribution_at_the_temperature(logits, temperature):
    logits = np.array(logits, np.float32)
    assert np.array_equal(cut(logits, Strategy(temperature)).distribution, distribution(logits, temperature))


def frequencies_of(c: Cut, times=20_000):
    rng = np.random.default_rng(11)
    drawn = Counter(draw(c.distribution, rng) for _ in range(times))
    return np.array([drawn[i] for i in range(len(c.kept))])


def chi_squared(frequencies, probabilities):
    """Pearson's sum of (seen − expected)² / expected over what can be drawn at all."""
    possible = probabilities > 0
    if frequencies[~possible].any():
        return math.inf
    expected = frequencies.sum() * probabilities[possible]
    return float(((frequencies[possible] - expected) ** 2 / expected).sum())


CHOICES = [Strategy(), Strategy(0.5), Strategy(1, 3), Strategy(1, 0, 0.8), Strategy(1.5, 4, 0.9)]


@pytest.mark.parametrize("strategy", CHOICES, ids=str)
def test_tokens_are_drawn_as_often_as_the_strategy_says(strategy):
    by_hand = by_definition(P, strategy)
    assert chi_squared(frequencies_of(cut(LOGITS, strategy)), by_hand) < FAR


@pytest.mark.parametrize("strategy", CHOICES, ids=str)
def test_tokens_drawn_at_a_temperature_a_third_higher_are_noticed(strategy):
    hotter = Strategy(strategy.temperature * 4 / 3, strategy.top_k, strategy.top_p)
    assert chi_squared(frequencies_of(cut(LOGITS, hotter)), by_definition(P, strategy)) > FAR


def test_the_cut_before_the_temperature_would_be_noticed():
    first_cut = cut(np.log(cut(LOGITS, Strategy(1, 0, 0.8)).distribution + 1e-300), Strategy(0.5))
    usual = by_definition(P, Strategy(0.5, 0, 0.8))
    assert (usual > 0).sum() == 2
    assert (first_cut.distribution > 1e-6).sum() == 3


def by_definition(p, strategy):
    """Temperature, top-k, top-p once more, in plain Python."""
    hot = [x ** (1 / strategy.temperature) for x in p]
    left = sorted(range(len(p)), key=lambda i: -hot[i])[: strategy.top_k or len(p)]
    total, nucleus = sum(hot[i] for i in left), []
    for i in left:
        if sum(hot[j] for j in nucleus) < strategy.top_p * total or not nucleus:
            nucleus.append(i)
    return np.array([hot[i] / sum(hot[j] for j in nucleus) if i in nucleus else 0.0 for i in range(len(p))])


def written(**choice):
    dice = [np.random.default_rng([5, n]) for n in range(40)]
    return generate(lambda texts: np.tile(LOGITS, (len(texts), 1)), [0], 30, 0.8, dice, **choice)


def test_the_same_dice_write_the_same_texts_with_a_strategy_that_cuts_nothing():
    assert written() == written(strategy=Strategy(0.8)) == written(strategy=Strategy(0.8, 5, 1.0))
    assert written() != written(strategy=Strategy(0.8, 4))


def test_the_dice_write_the_texts_they_wrote_before_there_were_strategies():
    rng, texts = [np.random.default_rng([5, n]) for n in range(40)], [[0] for _ in range(40)]
    for text, dice in zip(texts, rng, strict=True):
        while len(text) < 31 and (len(text) == 1 or text[-1]):
            text.append(draw(distribution(LOGITS, 0.8), dice))
    assert [list(sample.ids) for sample in written()] == texts


def test_only_what_is_kept_is_written_and_carries_the_probability_it_was_drawn_with():
    left = by_definition(P, Strategy(0.8, 3))
    for sample in written(strategy=Strategy(0.8, 3)):
        assert set(sample.ids[1:]) <= {1, 2, 3}
        assert sample.probabilities == pytest.approx([left[i] for i in sample.ids[1:]])


def test_values_in_range_are_taken_as_they_are_and_nothing_is_said():
    assert Strategy.clamped(0.7, 40, 0.9) == (Strategy(0.7, 40, 0.9), [])
    assert Strategy.clamped() == (Strategy(), [])


@pytest.mark.parametrize(
    ("choice", "strategy", "sentence"),
    [
        ({"temperature": -1}, Strategy(0), "temperature takes 0 to 100, so -1 became 0."),
        ({"temperature": 500}, Strategy(100), "temperature takes 0 to 100, so 500 became 100."),
        ({"temperature": float("inf")}, Strategy(100), "temperature takes 0 to 100, so inf became 100."),
        ({"temperature": float("nan")}, Strategy(1), "temperature takes 0 to 100, so nan became 1."),
        ({"top_k": -3}, Strategy(), "top-k takes 0 (off) or more, so -3 became 0."),
        ({"top_k": 50, "size": 27}, Strategy(top_k=27), "top-k takes 0 (off) to 27, so 50 became 27."),
        ({"top_p": -0.5}, Strategy(top_p=0), "top-p takes 0 to 1, so -0.5 became 0."),
        ({"top_p": 90}, Strategy(), "top-p takes 0 to 1, so 90 became 1."),
    ],
)
def test_values_out_of_range_are_brought_back_and_it_is_said(choice, strategy, sentence):
    assert Strategy.clamped(**choice) == (strategy, [sentence])


@given(st.floats(), st.integers(), st.floats(), st.none() | st.integers(1, 99))
def test_whatever_is_asked_for_becomes_a_strategy_that_can_draw(temperature, top_k, top_p, size):
    strategy, said = Strategy.clamped(temperature, top_k, top_p, size)
    assert cut(LOGITS, strategy).distribution.sum() == pytest.approx(1)
    taken = (strategy.temperature, strategy.top_k, strategy.top_p)
    assert bool(said) == ((temperature, top_k, top_p) != taken)


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ({"temperature": -0.1}, "temperature must be 0 or more"),
        ({"temperature": float("nan")}, "temperature must be 0 or more"),
        ({"top_k": -1}, "top-k must be 0"),
        ({"top_p": 1.1}, "top-p must be from 0 to 1"),
        ({"top_p": float("nan")}, "top-p must be from 0 to 1"),
    ],
)
def test_a_strategy_that_means_nothing_is_refused(choice, reason):
    with pytest.raises(ValueError, match=reason):
        Strategy(**choice)
