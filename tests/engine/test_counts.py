import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.counts import PairShares, conditional_entropy, pair_counts, row_shares
from tinylm_tui.engine.tokenizer import CharTokenizer

from .plain import entropy_of_the_next, pairs_of

UNITS = st.lists(st.text("abcd", min_size=1, max_size=6), min_size=1, max_size=12)


def counted(units):
    tokenizer = CharTokenizer.of("".join(units))
    return pair_counts(tokenizer.encode_units(units), tokenizer.size), tokenizer


@given(UNITS)
def test_the_counts_are_those_of_counting_one_by_one(units):
    counts, tokenizer = counted(units)
    tokens = [None, *tokenizer.letters]
    by_hand = pairs_of(units)
    assert counts.tolist() == [[by_hand[a, b] for b in tokens] for a in tokens]


@given(UNITS)
def test_the_floor_is_the_entropy_of_the_next_letter(units):
    counts, _ = counted(units)
    assert conditional_entropy(counts) == pytest.approx(entropy_of_the_next(units), abs=1e-12)


def test_a_wrong_floor_is_noticed(words):
    counts, _ = counted(words)
    counts[0, 1] += 1
    assert conditional_entropy(counts) != pytest.approx(entropy_of_the_next(words), abs=1e-3)


def test_the_floor_of_two_equally_likely_successors_is_one_bit_where_they_stand():
    counts, _ = counted(["a", "b"])  # after the boundary: a or b; after each letter: the boundary, surely
    assert conditional_entropy(counts) == pytest.approx(0.5 * math.log(2))


def test_a_text_without_surprise_has_the_floor_zero_and_not_minus_zero():
    floor = conditional_entropy(counted(["ab", "ab"])[0])
    assert floor == 0
    assert math.copysign(1, floor) == 1


def test_row_shares_sum_to_one_where_a_token_occurs_and_to_zero_where_not(counts):
    with_empty_row = np.pad(counts, (0, 1))
    assert row_shares(with_empty_row).sum(axis=1) == pytest.approx([1] * len(counts) + [0])


def test_pair_shares_sum_to_one_and_rows_are_their_sums(counts):
    shares = PairShares.of(counts, np.float64)
    assert shares.pair.sum() == pytest.approx(1)
    assert shares.row[:, 0] == pytest.approx(counts.sum(axis=1) / counts.sum())


def test_counting_does_not_overflow_with_many_letters():
    ids = np.array([1_999, 2_000, 1_999], dtype=np.int32)
    counts = pair_counts(ids, 2_001)
    assert counts[1_999, 2_000] == counts[2_000, 1_999] == 1
    assert counts.sum() == 2
