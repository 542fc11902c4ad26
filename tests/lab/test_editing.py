import pytest

from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import Cut
from tinylm_tui.lab.editing import OWN, edited_corpus, edited_name, edited_reading
from tinylm_tui.lab.errors import TextError
from tinylm_tui.lab.settings import Settings

WORDS = make_corpus("words", "anna\nben\nanna\n")


def test_an_edit_of_an_edit_and_a_text_of_ones_own_keep_their_names():
    assert edited_name("words") == "edited words"
    assert edited_name(edited_name("words")) == "edited words"
    assert edited_name(OWN) == OWN


@pytest.mark.parametrize(
    ("text", "told", "reading"),
    [
        ("anna\neve\n", "auto", "words"),  # the shape of before
        ("anna\neve\n", "text", "text"),
        ("anna met eve\neve met ben\n", "auto", "auto"),  # another shape: it is guessed anew
        ("anna met eve\neve met ben\n", "lines", "lines"),
    ],
)
def test_an_edit_is_read_as_told_or_as_before_unless_it_has_another_shape(text, told, reading):
    assert edited_reading(text, WORDS, told) == reading


def test_a_list_that_was_told_to_be_read_as_lines_stays_so_when_nothing_is_told_any_more():
    assert edited_reading("anna\neve\n", make_corpus("words", WORDS.text, "lines"), "auto") == "lines"


def test_an_edit_is_counted_as_if_it_were_loaded():
    edited, loaded = edited_corpus("anna\neve\n", WORDS, Settings()), make_corpus("", "anna\neve\n")
    assert (edited.tokenizer.tokens, edited.words) == (loaded.tokenizer.tokens, loaded.words)
    assert (edited.counts == loaded.counts).all()


def test_the_byte_pairs_of_an_edit_are_those_of_the_model_with_the_new_characters():
    before = make_corpus("words", "anna\nanna\nben\n", "auto", Cut("bpe", 6))
    settings = Settings(tokenizer="bpe", vocabulary=6)
    edited = edited_corpus("eve\neve\neve\n", before, settings)
    merged = {token for token in edited.tokenizer.tokens if len(token) > 1}
    assert merged == {token for token in before.tokenizer.tokens if len(token) > 1} != set()
    assert "v" in edited.tokenizer.letters


@pytest.mark.parametrize("tokenizer", ["characters", "bpe"])
@pytest.mark.parametrize("text", ["", " \n"])
def test_an_edit_that_leaves_nothing_is_refused(text, tokenizer):
    with pytest.raises(TextError):
        edited_corpus(text, WORDS, Settings(tokenizer=tokenizer))
