import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.reading import units_of
from tinylm_tui.engine.tokenizer import BOUNDARY, UNKNOWN, AlphabetTokenizer, CharTokenizer
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import CHARACTERS, Cut
from tinylm_tui.lab.tokens import Story, pieces_of

TEXTS = st.text("aab \n", min_size=1, max_size=60).map(lambda text: f"a{text}b")  # one letter alone is no text
READINGS = st.sampled_from(["words", "lines", "text"])
CUTS = st.builds(Cut, st.just("bpe"), st.integers(8, 30), st.booleans())
ANY_CUT = st.one_of(CUTS, st.sampled_from([CHARACTERS, Cut("alphabet")]))


def told_story(text, reading, cut):
    return Story(make_corpus("", text, reading, cut).without_ids())


def counted(story, moment):
    """How often each token stands in the text: counted anew in the stream of the tokenizer of that moment."""
    corpus = story.corpus
    stream = story.at(moment).encode_units(units_of(corpus.text, corpus.reading))
    return np.bincount(stream, minlength=story.first + moment)


@given(TEXTS, READINGS, CUTS)
def test_at_every_moment_the_counts_are_those_of_the_text_cut_anew(text, reading, cut):
    story = told_story(text, reading, cut)
    for moment in range(len(story.merges) + 1):
        assert story.counts_at(moment).tolist() == counted(story, moment).tolist()


@given(TEXTS, READINGS, ANY_CUT)
def test_the_counts_of_any_tokenizer_are_those_of_its_stream(text, reading, cut):
    corpus = make_corpus("", text, reading, cut)
    assert Story(corpus).counts.tolist() == np.bincount(corpus.ids, minlength=corpus.size).tolist()


@given(TEXTS, READINGS, CUTS)
def test_each_merge_shortens_the_text_by_as_many_tokens_as_it_was_made_times(text, reading, cut):
    story = told_story(text, reading, cut)
    lengths = [int(counted(story, moment).sum()) for moment in range(len(story.merges) + 1)]
    assert [merge.times for merge in story.merges] == (-np.diff(lengths)).tolist()


def test_a_count_that_is_wrong_at_the_end_is_wrong_at_every_moment():
    story = told_story("the then the\n", "text", Cut("bpe", 12))
    story.counts[-1] += 1
    assert all(story.counts_at(m).tolist() != counted(story, m).tolist() for m in range(len(story.merges) + 1))


@given(TEXTS, READINGS, CUTS)
def test_characters_per_token_grow_from_1_to_those_of_the_corpus(text, reading, cut):
    story = told_story(text, reading, cut)
    ratios = [story.characters_per_token(moment) for moment in range(len(story.merges) + 1)]
    assert ratios[0] == pytest.approx(1)
    assert ratios == sorted(ratios)
    assert ratios[-1] == pytest.approx(story.corpus.characters_per_token)


@given(TEXTS, READINGS, ANY_CUT)
def test_the_pieces_of_a_short_text_are_its_stream_in_order_without_a_gap(text, reading, cut):
    corpus = make_corpus("", text, reading, cut)
    pieces = pieces_of(corpus.tokenizer, text, reading)
    assert [piece.id for piece in pieces] == corpus.ids.tolist()
    assert [piece.start for piece in pieces] == [0, *(piece.end for piece in pieces[:-1])]
    assert all(piece.text == corpus.tokenizer.tokens[piece.id] for piece in pieces)


@given(TEXTS, CUTS, st.integers(0, 60))
def test_no_merge_moves_the_place_of_a_character(text, cut, place):
    story = told_story(text, "text", cut)
    ends = {pieces_of(story.at(moment), text, "text")[-1].end for moment in range(len(story.merges) + 1)}
    assert ends == {len(text) + 2}


@given(TEXTS, READINGS, st.integers(1, 40))
def test_of_a_long_text_the_beginning_is_shown_as_it_is_in_the_whole_text(text, reading, most):
    tokenizer = CharTokenizer.of(text)
    whole = pieces_of(tokenizer, text, reading, 1000)
    assert whole[: len(part := pieces_of(tokenizer, text, reading, most))] == part
    assert len(part) <= most + 2


def test_a_running_text_that_goes_on_ends_with_no_boundary():
    tokenizer = CharTokenizer.of("one two three")
    assert [p.text for p in pieces_of(tokenizer, "one two three", "text", 9)] == ["", *"one two"]
    assert [p.text for p in pieces_of(tokenizer, "one two three", "words", 9)] == ["", *"one", "", *"two", ""]


def test_a_character_that_is_not_in_the_vocabulary_stands_as_it_is():
    found = pieces_of(CharTokenizer("ab"), "aé", "text")
    assert [(piece.id, piece.text) for piece in found] == [(BOUNDARY, ""), (1, "a"), (UNKNOWN, "é"), (BOUNDARY, "")]


def test_the_alphabet_reads_capitals_small_and_the_rest_as_blanks():
    found = pieces_of(AlphabetTokenizer(), "Hello!", "text")
    assert [(piece.id, piece.text) for piece in found] == [
        (8, "h"), (5, "e"), (12, "l"), (12, "l"), (15, "o"), (0, " "),
    ]  # fmt: skip
