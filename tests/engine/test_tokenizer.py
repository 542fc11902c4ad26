import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinylm_tui.engine.tokenizer import BOUNDARY, REPLACEMENT, UNKNOWN, CharTokenizer

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
        CharTokenizer("ab").letter(i)


def test_unknown_letters_are_named_once_in_order_of_appearance():
    assert CharTokenizer("ab").unknown("xaybyx") == "xy"


def test_an_empty_alphabet_knows_nothing_but_the_boundary():
    nothing = CharTokenizer.of("")
    assert nothing.size == 1
    assert nothing.encode("a").tolist() == [UNKNOWN]
