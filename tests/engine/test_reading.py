import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.reading import READINGS, guess_reading, units_of


@pytest.mark.parametrize("text", ["anna\nben\n", "anna", "\n anna \n\nben", "日本\n東京"])
def test_one_word_a_line_is_read_as_words(text):
    assert guess_reading(text) == "words"


@pytest.mark.parametrize("text", ["the dog", "anna\nben and eve\n"])
def test_a_line_with_two_words_makes_it_a_running_text(text):
    assert guess_reading(text) == "text"


def test_words_are_cut_at_any_white_space():
    assert units_of("anna ben\n\teve\u3000nina", "words") == ["anna", "ben", "eve", "nina"]


def test_lines_lose_the_blanks_at_their_ends_and_keep_those_inside():
    assert units_of("  a b \n\n \nc\n", "lines") == ["a b", "c"]


def test_a_running_text_is_one_unit_with_every_blank_in_it():
    assert units_of(" a\n\nb ", "text") == [" a\n\nb "]


@pytest.mark.parametrize("reading", READINGS)
def test_an_empty_text_has_no_units(reading):
    assert units_of("", reading) == []


@given(st.text())
def test_no_unit_is_empty_and_only_white_space_is_lost(text):
    for reading in READINGS:
        units = units_of(text, reading)
        assert all(units)
        assert "".join("".join(units).split()) == "".join(text.split())


def test_another_reading_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="words, lines, text"):
        units_of("a", "syllables")
