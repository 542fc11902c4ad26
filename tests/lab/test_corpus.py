import math

import pytest

from tinylm_tui.engine.reading import READINGS
from tinylm_tui.lab import corpus as corpus_module
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.errors import TextError
from tinylm_tui.lab.settings import MOST_TOKENS

MANY = "".join(chr(0x4E00 + i) for i in range(MOST_TOKENS))


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\n", "\u3000\u00a0"])
def test_a_text_without_a_letter_is_refused(text):
    with pytest.raises(TextError, match="write some words first"):
        make_corpus("nothing", text)


@pytest.mark.parametrize("reading", READINGS)
def test_one_character_is_a_text(reading):
    one = make_corpus("one", "a", reading)
    assert one.counts.tolist() == [[0, 1], [1, 0]]
    assert one.floor == 0
    assert one.uniform == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("日本 東京", "日本東京"),
        ("🚀 👩\u200d🚀", "\u200d👩🚀"),
        ("e\u0301a", "ae\u0301"),
        ("[/foo] \x1b]52;c;x\x07", "[/foo]\x1b52;cx\x07"),
        ("a\x00b", "\x00ab"),
    ],
)
def test_any_script_has_its_alphabet(text, letters):
    assert make_corpus("any", text, "words").tokenizer.letters == "".join(sorted(set(letters)))


def test_three_hundred_letters_are_welcome():
    assert make_corpus("many", MANY[:300]).size == 301


def test_as_many_letters_as_the_lab_takes_are_taken():
    assert make_corpus("many", MANY).counts.shape == (MOST_TOKENS + 1, MOST_TOKENS + 1)


def test_one_letter_too_many_is_refused_with_the_numbers():
    with pytest.raises(TextError, match=r"2,001 different characters.*up to 2,000"):
        make_corpus("too many", MANY + "a")


def test_a_text_too_long_is_refused_with_the_numbers(monkeypatch):
    monkeypatch.setattr(corpus_module, "MOST_CHARACTERS", 9)
    with pytest.raises(TextError, match="10 characters; the lab reads up to 9"):
        make_corpus("long", "abcdefghij")


def test_the_reading_goes_by_the_shape_of_the_text_unless_told():
    assert make_corpus("x", "anna\nben\n").reading == "words"
    assert make_corpus("x", "the dog\n").reading == "text"
    assert make_corpus("x", "the dog\n", "lines").reading == "lines"


@pytest.mark.parametrize("reading", READINGS)
def test_words_are_counted_the_same_however_the_text_is_cut(reading):
    assert make_corpus("x", "the dog\n\nand the cat\n", reading).words == 5


def test_the_text_is_kept_exactly(corpus):
    text = "  a\tb\n\n c \n"
    assert make_corpus("x", text, "words").text == text


def test_pairs_are_one_fewer_than_tokens(corpus):
    assert corpus.pairs == len(corpus.ids) - 1 == corpus.counts.sum()


def test_the_floor_lies_below_knowing_nothing(corpus):
    assert 0 < corpus.floor < corpus.uniform == pytest.approx(math.log(corpus.size))


def test_the_copy_for_the_screen_lacks_only_the_ids(corpus):
    copy = corpus.without_ids()
    assert copy.ids is None
    assert copy.counts is corpus.counts
    assert (copy.text, copy.floor, copy.pairs) == (corpus.text, corpus.floor, corpus.pairs)
