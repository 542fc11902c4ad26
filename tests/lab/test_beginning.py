"""What a screen looks at where nobody has typed a text: the beginning of the corpus."""

import pytest

from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import Cut
from tinylm_tui.lab.views import beginning_of, first_word

LONG = "once upon a time there was"


@pytest.mark.parametrize(
    ("text", "reading", "most", "begun"),
    [
        ("anna\nben\n", "words", 40, "anna"),
        ("annabella\nben\n", "words", 4, "anna"),
        (f"{LONG}\nand so on\n", "lines", 40, LONG),
        (f"{LONG}\nand so on\n", "lines", 12, "once upon a"),
        (f"{LONG}\nand so on\n", "text", 40, f"{LONG} and so on"),
        (f"{LONG}\nand so on\n", "text", 12, "once upon a"),
        ("annabella", "text", 4, "anna"),
        ("\n" * 900 + "anna\nben\n", "words", 4, "anna"),
        ("\n" * 900 + "anna\nben\n", "text", 40, "anna ben"),
    ],
)
def test_it_ends_with_a_word_where_there_is_one_that_fits(text, reading, most, begun):
    assert beginning_of(make_corpus("x", text, reading), most) == begun


def test_without_boundaries_a_list_is_a_running_text_too():
    assert beginning_of(make_corpus("x", "anna\nben\n", "words", Cut("alphabet")), 40) == "anna ben"


@pytest.mark.parametrize(("text", "word"), [("", ""), ("  \n", ""), (" anna ben", "anna"), ("a" * 13, "a" * 12)])
def test_the_first_word_is_as_much_of_it_as_fits(text, word):
    assert first_word(text) == word
