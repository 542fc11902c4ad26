import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinylm_tui.engine.tokenizer import BOUNDARY, REPLACEMENT, UNKNOWN, AlphabetTokenizer, CharTokenizer

ANYTHING = st.text(st.characters(codec=None), max_size=60)  # any code point at all, lone surrogates too
AWKWARD = "e\u0301 \u200d\U0001f469\U0001f680 \ud800\udc00 \udfff \x00 \U0010ffff"


@given(ANYTHING)
@example(AWKWARD)
def test_any_text_comes_back_exactly(text):
    tokenizer = CharTokenizer.of(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text


@given(ANYTHING)
@example(AWKWARD)
def test_every_character_is_one_token_within_the_vocabulary(text):
    tokenizer = CharTokenizer.of(text)
    ids = tokenizer.encode(text)
    assert ids.shape == (len(text),)
    assert ids.dtype == np.int32
    assert all(0 < i < tokenizer.size for i in ids)


@given(ANYTHING, ANYTHING)
@example("abc", AWKWARD)
@example("", "abc")
def test_a_letter_outside_the_vocabulary_is_unknown_and_never_an_error(text, other):
    ids = CharTokenizer.of(text).encode(other)
    assert [i == UNKNOWN for i in ids] == [letter not in text for letter in other]


@given(st.lists(ANYTHING, max_size=8))
@example([])
@example(["", ""])
@example([AWKWARD, ""])
def test_units_come_back_exactly_from_their_stream(units):
    tokenizer = CharTokenizer.of("".join(units))
    assert tokenizer.decode_units(tokenizer.encode_units(units)) == units


@given(st.lists(ANYTHING, max_size=8))
def test_a_boundary_stands_before_the_first_unit_and_after_each(units):
    stream = CharTokenizer.of("".join(units)).encode_units(units)
    assert (stream == BOUNDARY).sum() == len(units) + 1
    assert stream[0] == stream[-1] == BOUNDARY


def test_a_stream_is_boundary_letters_boundary():
    assert CharTokenizer("ab").encode_units(["ab", "b"]).tolist() == [0, 1, 2, 0, 2, 0]


def test_letters_have_ids_in_code_point_order_from_one():
    tokenizer = CharTokenizer.of("banana")
    assert tokenizer.letters == "abn"
    assert tokenizer.size == 4
    assert tokenizer.encode("nab").tolist() == [3, 1, 2]


def test_a_combining_accent_is_a_token_of_its_own():
    assert CharTokenizer.of("e\u0301").size == 3
    assert CharTokenizer.of("\u00e9").size == 2


def test_the_boundary_has_no_text_and_the_unknown_is_a_replacement_character():
    assert CharTokenizer("ab").decode([BOUNDARY, 1, UNKNOWN, 2, BOUNDARY]) == f"a{REPLACEMENT}b"


@pytest.mark.parametrize("i", [3, 100, -2])
def test_a_number_that_is_no_id_is_refused(i):
    with pytest.raises(IndexError, match="vocabulary of 3"):
        CharTokenizer("ab").token(i)


def test_unknown_letters_are_named_once_in_order_of_appearance():
    assert CharTokenizer("ab").unknown("xaybyx") == "xy"


def test_an_empty_alphabet_knows_nothing_but_the_boundary():
    nothing = CharTokenizer.of("")
    assert nothing.size == 1
    assert nothing.encode("a").tolist() == [UNKNOWN]


@given(ANYTHING, ANYTHING)
@example("abc", AWKWARD)
def test_the_spans_of_a_text_are_side_by_side_and_cover_it(text, other):
    tokenizer = CharTokenizer.of(text)
    spans = tokenizer.spans(other)
    assert [start for _, start, _ in spans] == [0, *[end for _, _, end in spans]][: len(spans)]
    assert "".join(other[start:end] for _, start, end in spans) == other
    assert [i for i, _, _ in spans] == tokenizer.encode(other).tolist()


def test_a_boundary_counts_as_one_character():
    assert CharTokenizer("ab").lengths.tolist() == [1, 1, 1]


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_vocabulary_with_more_letters_still_has_the_old_tokens(text, more):
    old = CharTokenizer.of(text)
    new = old.extended(more)
    assert [new.token(i) for i in old.places_in(new)] == list(old.tokens)
    assert set(new.letters) == set(text + more)


def test_the_alphabet_is_the_blank_and_a_to_z():
    assert AlphabetTokenizer().encode("hello").tolist() == [8, 5, 12, 12, 15]
    assert AlphabetTokenizer().size == 27
    assert AlphabetTokenizer().decode([20, 8, 5, 0, 3, 1, 20]) == "the cat"


@given(ANYTHING)
@example("Ünder Z\n9{`@[")
def test_in_the_alphabet_capitals_become_small_and_all_else_a_blank(text):
    plain = "".join(c.lower() if c.isascii() and c.isalpha() else " " for c in text)
    assert AlphabetTokenizer().decode(AlphabetTokenizer().encode(text)) == plain
    assert AlphabetTokenizer().unknown(text) == ""


def test_in_the_alphabet_no_boundary_stands_around_a_text():
    assert AlphabetTokenizer().encode_units(["the", "cat"]).tolist() == [20, 8, 5, 0, 3, 1, 20]
    assert not AlphabetTokenizer().bounded
