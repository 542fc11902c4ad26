import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.lab.errors import SettingError
from tinylm_tui.lab.numbers import parse_number, parse_whole, shorten


@given(st.floats(-1e6, 1e6))
def test_a_number_written_out_is_read_back_exactly(value):
    assert parse_number("x", repr(value), -1e6, 1e6) == value


@pytest.mark.parametrize("text", ["１２", "１２．０", "12", " 12.0\n", "1.2e1", "+12", "١٢"])
def test_a_whole_number_may_be_typed_in_many_ways(text):
    assert parse_whole("x", text, 0, 100) == 12


@pytest.mark.parametrize("text", ["", " ", "x", "nan", "inf", "-inf", "1e999", "0x10", "12 13", "11", "-1", "½"])
def test_what_is_no_number_in_the_range_is_refused_with_the_range(text):
    with pytest.raises(SettingError, match=r"^x takes a number from 0 to 10(, not|; nothing was typed$)"):
        parse_number("x", text, 0, 10)


def test_a_fraction_is_no_whole_number():
    with pytest.raises(SettingError, match=r"whole number, not 1\.5"):
        parse_whole("x", "1.5", 0, 10)


def test_a_decimal_comma_gets_a_hint():
    with pytest.raises(SettingError, match=r"write the decimal point as \."):
        parse_number("x", "1,5", 0, 10)


def test_the_ends_of_the_range_belong_to_it():
    assert (parse_number("x", "0", 0, 10), parse_number("x", "10", 0, 10)) == (0, 10)


@given(st.text(), st.integers(1, 40))
def test_a_shortened_text_fits_and_shows_where_it_was_cut(text, most):
    short = shorten(text, most)
    assert len(short) <= most
    assert short == text if len(text) <= most else short == text[: most - 1] + "…"
