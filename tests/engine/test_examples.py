import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.examples import Examples, last_windows
from tinylm_tui.engine.tokenizer import AlphabetTokenizer, CharTokenizer

ALPHABET = AlphabetTokenizer()


def in_letters(tokenizer, stream, window):
    """All examples as pairs of texts; the boundary is a dot."""
    examples = Examples.of(stream, window, bounded=tokenizer.bounded)
    inputs, targets = examples.take(np.arange(examples.count))
    write = lambda ids: "".join(tokenizer.token(i) or "." for i in ids.tolist())  # noqa: E731
    return [(write(row), write(target[None])) for row, target in zip(inputs, targets, strict=True)]


def by_hand(units, window):
    """The examples of units between boundaries (0), one by one: windows filled up inside each unit."""
    found = []
    for unit in units:
        padded = [0] * window + list(unit) + [0]
        found += [(padded[i : i + window], padded[i + window]) for i in range(len(unit) + 1)]
    return found


def test_in_the_alphabet_only_full_windows_count():
    assert in_letters(ALPHABET, ALPHABET.encode("the cat"), 5) == [("the c", "a"), ("he ca", "t")]
    assert len(in_letters(ALPHABET, ALPHABET.encode("the cat sat on the mat"), 5)) == 17


def test_with_boundaries_a_window_is_filled_up_inside_its_own_word():
    tokenizer = CharTokenizer.of("cat")
    found = in_letters(tokenizer, tokenizer.encode_units(["cat", "at"]), 3)
    assert found == [
        ("...", "c"), ("..c", "a"), (".ca", "t"), ("cat", "."),
        ("...", "a"), ("..a", "t"), (".at", "."),
    ]  # fmt: skip


@given(st.lists(st.lists(st.integers(1, 5), max_size=6), min_size=1, max_size=8), st.integers(1, 7))
def test_the_examples_are_those_made_one_by_one(units, window):
    stream = np.array([0] + [token for unit in units for token in (*unit, 0)], np.int32)
    examples = Examples.of(stream, window, bounded=True)
    inputs, targets = examples.take(np.arange(examples.count))
    assert list(zip(inputs.tolist(), targets.tolist(), strict=True)) == by_hand(units, window)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.integers(1, 7))
def test_without_boundaries_they_are_the_pieces_of_the_text(stream, window):
    if len(stream) <= window:
        with pytest.raises(ValueError, match="no window of"):
            Examples.of(np.array(stream, np.int32), window, bounded=False)
        return
    examples = Examples.of(np.array(stream, np.int32), window, bounded=False)
    inputs, targets = examples.take(np.arange(examples.count))
    assert inputs.tolist() == [stream[i : i + window] for i in range(len(stream) - window)]
    assert targets.tolist() == stream[window:]


def test_a_stream_that_begins_inside_a_word_has_no_window_that_would_reach_before_it():
    stream = np.array([3, 4, 5, 0, 6, 0], np.int32)
    examples = Examples.of(stream, 3, bounded=True)
    inputs, targets = examples.take(np.arange(examples.count))
    assert inputs.tolist() == [[3, 4, 5], [0, 0, 0], [0, 0, 6]]
    assert targets.tolist() == [0, 6, 0]
    assert Examples.of(stream[:2], 1, bounded=True).count == 1


def test_they_come_in_any_order_and_more_than_once():
    examples = Examples.of(ALPHABET.encode("the cat sat"), 2, bounded=False)
    inputs, targets = examples.take(np.array([3, 0, 3]))
    assert [ALPHABET.decode(row) for row in inputs] == [" c", "th", " c"]
    assert ALPHABET.decode(targets) == "aea"


@pytest.mark.parametrize(("stream", "bounded"), [([], True), ([0], True), ([], False), ([1, 2, 3], False)])
def test_a_stream_without_examples_is_refused(stream, bounded):
    with pytest.raises(ValueError, match="no window of 3 and a token after it"):
        Examples.of(np.array(stream, np.int32), 3, bounded=bounded)


def test_what_is_seen_of_a_text_are_its_last_tokens_back_to_the_boundary():
    texts = [[1], [1, 2, 3, 4, 5], [4, 0, 5], [0], []]
    bounded = [[0, 0, 1], [3, 4, 5], [0, 0, 5], [0, 0, 0], [0, 0, 0]]
    assert last_windows(texts, 3, bounded=True).tolist() == bounded
    assert last_windows(texts, 3, bounded=False).tolist() == [*bounded[:2], [4, 0, 5], *bounded[3:]]


@given(st.lists(st.lists(st.integers(1, 5), max_size=6), min_size=1, max_size=5), st.integers(1, 7))
def test_writing_sees_the_windows_that_training_saw(units, window):
    stream = [0] + [token for unit in units for token in (*unit, 0)]
    examples = Examples.of(np.array(stream, np.int32), window, bounded=True)
    texts = [stream[:end] for end in range(1, len(stream))]
    assert np.array_equal(last_windows(texts, window, bounded=True), examples.take(np.arange(examples.count))[0])
