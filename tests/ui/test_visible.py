import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tinylm_tui.ui.drawing.readout import token_words
from tinylm_tui.ui.filters import UNSAFE, ascii_only
from tinylm_tui.ui.visible import REORDERING, for_editor, from_editor, token_glyph, visible

ANYTHING = st.text(st.characters(exclude_categories=()))
ACTING = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xD800, 0xDFFF)]


@given(ANYTHING)
def test_every_character_stays_one_character(text):
    assert len(visible(text)) == len(text)


@given(ANYTHING)
def test_nothing_that_acts_on_a_terminal_is_left(text):
    shown = visible(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in shown)
    assert not set(shown) & REORDERING
    assert not UNSAFE.search(shown) or all(ord(c) > 0xFFFF for c in UNSAFE.findall(shown))


@pytest.mark.parametrize("character", [*ACTING, *sorted(REORDERING)], ids=ascii)
def test_each_of_them_gets_a_glyph_of_one_column(character):
    assert visible(character) != character
    assert cell_len(visible(character)) == 1


@given(ANYTHING)
def test_what_is_visible_stays_as_it_is(text):
    assert visible(visible(text)) == visible(text)


@given(st.text("abcäßдעא你😀 [/]@\\", min_size=1))
def test_what_is_harmless_stays_as_it_is(text):
    assert visible(text) == text


@given(ANYTHING)
def test_a_text_in_an_editor_looks_as_it_does_elsewhere(text):
    assert visible(for_editor(text)) == visible(text)


@given(st.text(st.characters(exclude_categories=["Co"])))
def test_what_goes_into_an_editor_comes_out_of_it(text):
    assert from_editor(for_editor(text)) == text


def test_what_has_no_letter_has_a_name_and_a_glyph():
    assert [token_glyph(c) for c in ("", " ", "\n", "\t", "a")] == ["·", "␣", "↵", "⇥", "a"]
    assert [token_words(c) for c in ("", " ", "\n", "a")] == ["the boundary", "the blank", "the line end", "a"]


def test_a_combining_mark_stands_on_a_circle():
    assert token_glyph("\u0301") == "◌\u0301"


@given(ANYTHING.map(visible))
def test_in_ascii_nothing_else_is_left_and_the_width_is_kept(text):
    plain = ascii_only(text)
    assert plain.isascii()
    assert len(plain) == cell_len(text)
