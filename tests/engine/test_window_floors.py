import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine import average, window_floors, window_mlp
from tinylm_tui.engine.adamw import AdamWSettings, Moments, adamw_step
from tinylm_tui.engine.counts import conditional_entropy, pair_counts
from tinylm_tui.engine.examples import Examples
from tinylm_tui.engine.tokenizer import AlphabetTokenizer
from tinylm_tui.engine.window_floors import cost, ordered_floor, unordered_floor

FLOORS = {"in order": ordered_floor, "in no order": unordered_floor}


def alphabet(text, window=5):
    return Examples.of(AlphabetTokenizer().encode(text), window, bounded=False)


def by_counting(examples, look):
    """H(target | look(window)) in plain Python, as H(both) − H(window)."""
    inputs, targets = examples.take(np.arange(examples.count))
    seen = [look(row) for row in inputs.tolist()]
    return entropy(Counter(zip(seen, targets.tolist(), strict=True))) - entropy(Counter(seen))


def entropy(counter):
    total = sum(counter.values())
    return -math.fsum(n / total * math.log(n / total) for n in counter.values())


def without_order(row):
    return tuple(sorted(row))


def test_the_average_cannot_get_below_its_floor_on_the_cat_and_the_mat():
    examples = alphabet("the cat sat on the mat")
    assert unordered_floor(examples, 27) == pytest.approx(2 * math.log(2) / 17, rel=1e-15)
    assert unordered_floor(examples, 27) == pytest.approx(0.0815, abs=5e-5)
    assert ordered_floor(examples, 27) == 0


streams = st.lists(st.integers(0, 3), min_size=8, max_size=60)


@given(streams, st.integers(1, 6), st.booleans())
def test_both_floors_are_those_of_counting_one_by_one(stream, window, bounded):
    examples = Examples.of(np.array([0, *stream], np.int32), window, bounded=bounded)
    assert ordered_floor(examples, 4) == pytest.approx(by_counting(examples, tuple), abs=1e-12)
    assert unordered_floor(examples, 4) == pytest.approx(by_counting(examples, without_order), abs=1e-12)


def test_counting_windows_as_sets_would_be_noticed():
    examples = Examples.of(np.random.default_rng(0).integers(0, 4, 300).astype(np.int32), 4, bounded=False)
    assert unordered_floor(examples, 4) != pytest.approx(by_counting(examples, frozenset), abs=1e-3)
    assert unordered_floor(examples, 4) != pytest.approx(ordered_floor(examples, 4), abs=1e-3)


@pytest.mark.parametrize("name", FLOORS)
def test_windows_too_long_for_64_bits_are_numbered_afresh_on_the_way(name):
    rng = np.random.default_rng(1)
    stream = np.tile(rng.integers(0, 2, 37), 12).astype(np.int32) * 1999
    stream[rng.integers(0, len(stream), 3)] = 7
    examples = Examples.of(stream, 30, bounded=False)
    assert cost(examples, 2000) == examples.count * 31 * 8  # the first 5 columns, then 4 at a time
    floor = by_counting(examples, tuple if name == "in order" else without_order)
    assert floor > 0.01
    assert FLOORS[name](examples, 2000) == pytest.approx(floor, abs=1e-12)


@pytest.mark.parametrize("name", FLOORS)
def test_cutting_the_text_into_pieces_changes_nothing(name, monkeypatch):
    examples = Examples.of(np.random.default_rng(2).integers(0, 5, 500).astype(np.int32), 4, bounded=True)
    whole = FLOORS[name](examples, 5)
    monkeypatch.setattr(window_floors, "CHUNK", 7)
    assert FLOORS[name](examples, 5) == whole


def test_a_window_of_one_has_the_floor_of_the_bigram(ids, tokenizer, counts):
    examples = Examples.of(ids, 1, bounded=True)
    for floor in FLOORS.values():
        assert floor(examples, tokenizer.size) == pytest.approx(conditional_entropy(counts), rel=1e-12)
    assert pair_counts(ids, tokenizer.size).sum() == examples.count


def trained(model, params, examples, steps):
    """The loss over all examples after steps of AdamW on all of them at once."""
    inputs, targets = examples.take(np.arange(examples.count))
    moments = Moments.zeros(params)
    for _ in range(steps):
        loss, grads = model.loss_and_grads(params, inputs, targets)
        adamw_step(params, grads, moments, 0.02, AdamWSettings(weight_decay=0))
    return loss


def test_the_average_learns_down_to_its_floor_and_the_mlp_below_that():
    examples = alphabet("the cat sat on the mat")
    floor = unordered_floor(examples, 27)
    rng = np.random.default_rng(0)
    of_average = trained(average, average.start(27, 32, rng).copy(np.float64), examples, 600)
    of_mlp = trained(window_mlp, window_mlp.start(27, 5, 8, 16, rng).copy(np.float64), examples, 300)
    assert floor <= of_average < floor + 0.01
    assert of_mlp < floor / 4
