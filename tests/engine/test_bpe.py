import json
import pickle
from collections import Counter
from importlib.util import find_spec
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinylm_tui.engine import bpe, progress
from tinylm_tui.engine.bpe import BPETokenizer, learn_merges
from tinylm_tui.engine.progress import Work
from tinylm_tui.engine.tokenizer import BOUNDARY, UNKNOWN

ANYTHING = st.text(st.characters(codec=None), max_size=60)  # any code point at all, lone surrogates too
AWKWARD = "e\u0301 \u200d\U0001f469\U0001f680 \ud800\udc00 \udfff \x00 \u202eabc\u2066 \U0010ffff"
FEW_LETTERS = st.text("ab c\n", max_size=80)  # few letters: runs, overlaps and ties all the time
UNITS = st.lists(FEW_LETTERS, max_size=4)
WORDS, WHOLE = True, False  # split_words
SONG = "the cat sat on the mat, the rat sat on the cat\n\nthat  fat cat\n"


def smallest_ids_first(pair):
    return pair


def largest_ids_first(pair):
    return -pair[0], -pair[1]


def plain(units, vocabulary, split, tie=smallest_ids_first):
    """Everything counted anew after each merge: the tokens, the merges, their counts, and the pieces at the end."""
    tokens = ["", *sorted(set("".join(units)))]
    pieces = [[tokens.index(c) for c in p] for unit in units for p in words(unit, split)]
    merges, counts = [], []
    while len(tokens) < vocabulary:
        found = Counter(pair for piece in pieces for pair in pairwise(piece))
        pair = min(found, key=lambda p: (-found[p], tie(p)), default=None)
        if pair is None or found[pair] < 2:
            break
        tokens.append(tokens[pair[0]] + tokens[pair[1]])
        merges.append(pair)
        counts.append(found[pair])
        pieces = [joined(piece, pair, len(tokens) - 1) for piece in pieces]
    return tokens, merges, counts, pieces


def words(unit, split):
    """The pieces of a unit, letter by letter: one begins at a blank after a word, or at the last blank before one."""
    pieces = []
    for i, letter in enumerate(unit):
        before, after = unit[i - 1 : i], unit[i + 1 : i + 2]
        after_a_word = before and not before.isspace()
        before_a_word = after and not after.isspace()
        if i == 0 or (split and letter.isspace() and (after_a_word or before_a_word)):
            pieces.append("")
        pieces[-1] += letter
    return pieces


def joined(piece, pair, token):
    """`pair` written as `token`, from left to right."""
    out, i = [], 0
    while i < len(piece):
        here = tuple(piece[i : i + 2]) == tuple(pair)
        out.append(token if here else piece[i])
        i += 2 if here else 1
    return out


def by_rank(tokenizer, piece):
    """The ids of one piece: of all pairs in it the one that was merged first, again and again."""
    ranks = {pair: k for k, pair in enumerate(tokenizer.merges)}
    ids = [tokenizer.letters.index(c) + 1 if c in tokenizer.letters else UNKNOWN for c in piece]
    while found := [pair for pair in pairwise(ids) if pair in ranks]:
        pair = min(found, key=ranks.__getitem__)
        ids = joined(ids, pair, len(tokenizer.letters) + 1 + ranks[pair])
    return ids


def learnt(text, vocabulary=60, split=True):
    return learn_merges([text], vocabulary, split).tokenizer


@given(UNITS, st.integers(0, 60), st.booleans())
@example(["aaaaaaa", "aaaa"], 9, WHOLE)
@example(["ababab", "babab"], 12, WHOLE)
def test_the_merges_are_those_of_counting_everything_anew_after_each(units, vocabulary, split):
    tokens, merges, counts, pieces = plain(units, vocabulary, split)
    found = learn_merges(units, vocabulary, split)
    assert list(found.tokenizer.merges) == merges
    assert list(found.counts) == counts
    assert list(found.tokenizer.tokens) == tokens
    ids = [i for unit in units for i in found.tokenizer.encode(unit).tolist()]
    assert ids == [i for piece in pieces for i in piece]


@given(st.lists(ANYTHING, max_size=3), st.booleans())
@example([AWKWARD * 2], WORDS)
@example([AWKWARD * 2], WHOLE)
def test_the_merges_of_any_text_are_those_of_counting_anew(units, split):
    assert list(learn_merges(units, 40, split).tokenizer.merges) == plain(units, 40, split)[1]


def test_with_another_rule_for_ties_the_merges_would_be_others():
    merges = list(learnt(SONG).merges)
    assert merges == plain([SONG], 60, WORDS)[1]
    assert merges != plain([SONG], 60, WORDS, largest_ids_first)[1]
    assert merges != plain([SONG], 60, WHOLE)[1]


def test_of_equally_frequent_pairs_the_one_with_the_smaller_ids_is_merged_first():
    assert learn_merges(["ba", "ba", "ab", "ab"], 5).tokenizer.merges == ((1, 2), (2, 1))
    assert learn_merges(["ac", "ac", "ab", "ab"], 6).tokenizer.merges == ((1, 2), (1, 3))


def test_overlapping_pairs_each_count_and_are_merged_from_left_to_right():
    found = learn_merges(["aaa"], 3)
    assert (found.tokenizer.merges, found.counts) == (((1, 1),), (2,))
    assert found.tokenizer.encode("aaa").tolist() == [2, 1]
    assert found.tokenizer.encode("aaaa").tolist() == [2, 2]


def test_a_pair_that_stands_once_is_not_merged():
    assert learn_merges(["abcdef"], 100).tokenizer.merges == ()
    assert learn_merges(["abab"], 100).tokenizer.tokens == ("", "a", "b", "ab")


@pytest.mark.parametrize("vocabulary", [0, 1, 2, 3])
def test_a_vocabulary_without_room_holds_the_boundary_and_the_letters(vocabulary):
    assert learn_merges(["abab"], vocabulary).tokenizer.tokens == ("", "a", "b")


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("units", [[], [""], ["", "", ""]])
def test_from_no_text_only_the_boundary_is_learnt(units, split):
    tokenizer = learn_merges(units, 10, split).tokenizer
    assert tokenizer.tokens == ("",)
    assert tokenizer.encode("a").tolist() == [UNKNOWN]
    assert tokenizer.encode_units(units).tolist() == [BOUNDARY] * (len(units) + 1)


@given(UNITS, st.booleans())
def test_no_two_tokens_have_one_text_and_no_merge_is_more_frequent_than_those_before(units, split):
    found = learn_merges(units, 60, split)
    assert len(set(found.tokenizer.tokens)) == found.tokenizer.size
    assert list(found.counts) == sorted(found.counts, reverse=True)


@given(FEW_LETTERS | ANYTHING)
@example("  a  bc \n\n d\t\x1c\u3000e  ")
def test_the_pieces_side_by_side_are_the_text_and_a_blank_stays_with_the_word_after_it(text):
    *pieces, end = chain.from_iterable(bpe.pieces_of([text], WORDS, Work()))
    assert end == ""
    assert pieces == words(text, split=True)
    assert "".join(pieces) == text


def test_a_token_holds_the_blank_before_a_word_never_the_one_after():
    tokenizer = learnt("a cat a cat a cat", 100)
    assert " cat" in tokenizer.tokens
    assert not any(token.endswith(" ") for token in tokenizer.tokens if len(token) > 1)
    assert any(token.strip().count(" ") for token in learnt("a cat a cat a cat", 100, split=False).tokens)


def test_no_token_crosses_from_one_unit_to_the_next():
    assert learn_merges(["ab"] * 9, 100, split_words=False).tokenizer.tokens == ("", "a", "b", "ab")


@given(ANYTHING | FEW_LETTERS, st.booleans())
@example(AWKWARD, WORDS)
@example(AWKWARD * 2, WHOLE)
def test_any_text_comes_back_exactly(text, split):
    tokenizer = learnt(text + text, 200, split)
    ids = tokenizer.encode(text)
    assert ids.dtype == np.int32
    assert tokenizer.decode(ids) == text


@given(FEW_LETTERS, FEW_LETTERS, st.booleans())
@example("abab", "abxab", WHOLE)
def test_a_text_never_seen_is_cut_by_the_merges_in_the_order_they_were_made(text, other, split):
    tokenizer = learnt(text, 60, split)
    assert tokenizer.encode(other).tolist() == [i for p in words(other, split) for i in by_rank(tokenizer, p)]


def test_a_letter_outside_the_vocabulary_is_unknown_and_merges_with_nothing():
    tokenizer = learnt("abababab", 4)
    assert tokenizer.encode("abxab").tolist() == [3, UNKNOWN, 3]
    assert tokenizer.encode("axb").tolist() == [1, UNKNOWN, 2]
    assert tokenizer.spans("abxb") == [(3, 0, 2), (UNKNOWN, 2, 3), (2, 3, 4)]


@given(st.lists(ANYTHING | FEW_LETTERS, max_size=6), st.booleans())
@example([], WORDS)
@example(["", ""], WHOLE)
@example([AWKWARD, "", AWKWARD], WHOLE)
def test_units_come_back_exactly_from_their_stream(units, split):
    tokenizer = learn_merges(units, 80, split).tokenizer
    stream = tokenizer.encode_units(units)
    assert stream.dtype == np.int32
    assert (stream == BOUNDARY).sum() == len(units) + 1
    assert tokenizer.decode_units(stream) == units


def test_what_looks_like_a_sign_for_the_end_is_text():
    text = "abc<|endoftext|>abc <|endoftext|>"
    for tokenizer in (learnt(text, 500), learnt("<|endoftext|>" * 9, 500, split=False)):
        ids = tokenizer.encode("<|endoftext|>")
        assert BOUNDARY not in ids
        assert tokenizer.decode(ids) == "<|endoftext|>"


@given(FEW_LETTERS, st.integers(0, 60), st.booleans())
def test_after_some_of_the_merges_a_text_is_cut_as_it_was_then(text, n, split):
    earlier = learnt(text, 60, split).at(n)
    _, merges, _, pieces = plain([text], len(set(text)) + 1 + n, split)
    assert list(earlier.merges) == merges
    assert earlier.encode(text).tolist() == [i for piece in pieces for i in piece]


def test_before_the_first_merge_stand_the_letters_and_after_the_last_the_tokenizer():
    tokenizer = learnt(SONG)
    assert tokenizer.at(0).encode(SONG).tolist() == [tokenizer.letters.index(c) + 1 for c in SONG]
    assert tokenizer.at(len(tokenizer.merges)) == tokenizer


@given(FEW_LETTERS, ANYTHING, st.booleans())
@example("abab", "A\U0010ffff", WORDS)
def test_with_more_letters_the_same_text_has_the_same_tokens(text, letters, split):
    old = learnt(text, 60, split)
    new = old.extended(letters)
    assert new.letters == "".join(sorted(set(text + letters)))
    assert [new.token(i) for i in old.places_in(new)] == list(old.tokens)
    assert [new.token(i) for i in new.encode(text)] == [old.token(i) for i in old.encode(text)]
    assert UNKNOWN not in new.encode(letters)


def test_remembered_words_change_no_token_and_are_no_part_of_the_tokenizer(monkeypatch):
    tokenizer = learnt(SONG)
    fresh, empty = tokenizer.encode(SONG).tolist(), len(pickle.dumps(learnt(SONG)))
    assert tokenizer.encode(SONG).tolist() == fresh
    assert tokenizer == learnt(SONG)
    assert len(pickle.dumps(tokenizer)) == empty
    assert pickle.loads(pickle.dumps(tokenizer)).encode(SONG).tolist() == fresh
    monkeypatch.setattr(bpe, "_MOST_KEPT", 3)
    kept = len(tokenizer._known)
    assert tokenizer.encode(SONG + " unseen").tolist()[: len(fresh)] == fresh
    assert len(tokenizer._known) == kept > 3


def test_the_state_brings_the_same_tokenizer_back():
    tokenizer = learn_merges([AWKWARD * 2], 100, split_words=False).tokenizer
    state = json.loads(json.dumps(tokenizer.state()))
    assert state.pop("kind") == "bpe"
    merges = tuple((left, right) for left, right in state["merges"])
    assert BPETokenizer("".join(state["letters"]), merges, state["split_words"]) == tokenizer


@pytest.mark.parametrize("merges", [((1, 3),), ((0, 1),), ((1, -1),), ((1, 2), (4, 1)), ((1, 10**30),)])
def test_a_merge_of_what_is_not_there_is_refused(merges):
    with pytest.raises(ValueError, match="a merge of"):
        BPETokenizer("ab", merges)


def test_merges_that_make_the_same_text_are_refused():
    with pytest.raises(ValueError, match="the same token"):
        BPETokenizer("ab", ((1, 1), (1, 3), (3, 1)))


def test_merges_whose_text_would_fill_the_memory_are_refused():
    with pytest.raises(ValueError, match="characters"):
        BPETokenizer("a", tuple((k, k) for k in range(1, 60)))


def test_someone_listening_hears_how_far_it_is(monkeypatch):
    monkeypatch.setattr(progress, "_SILENT", 5000)
    heard = []
    learn_merges([SONG * 3], 40, split_words=False, told=lambda done, of: not heard.append((done, of)))
    letters = len(set(SONG))
    assert 2 < len(heard) < (40 - letters) / 2  # now and then, not after each merge
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert {of for _, of in heard} == {40 - letters - 1}


@pytest.mark.parametrize("last", [1, 2, 4])
def test_someone_listening_can_end_it_at_any_moment(monkeypatch, last):
    monkeypatch.setattr(progress, "_SILENT", 0)
    monkeypatch.setattr(bpe, "_STRETCH", 30)
    heard = []
    assert learn_merges([SONG], 40, told=lambda *far: not heard.append(far) and len(heard) < last) is None
    assert len(heard) == last
    assert heard[0][0] == 0  # already while pieces are counted


@given(FEW_LETTERS)
def test_a_long_text_is_counted_in_stretches_with_the_same_pieces(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bpe, "_STRETCH", 5)
        stretches = learn_merges([text], 60)
    assert stretches == learn_merges([text], 60)


with_theirs = pytest.mark.skipif(find_spec("tokenizers") is None, reason="Hugging Face tokenizers is not installed")


def theirs(units, vocabulary, split):
    """Trained by Hugging Face `tokenizers` on the same pieces; id 0 is kept free for the boundary."""
    import tokenizers as hf

    tokenizer = hf.Tokenizer(hf.models.BPE())
    if split:
        tokenizer.pre_tokenizer = hf.pre_tokenizers.Split(hf.Regex(bpe.PIECE.pattern), "isolated")
    asked = {"vocab_size": vocabulary, "min_frequency": 2, "show_progress": False}
    trainer = hf.trainers.BpeTrainer(special_tokens=["<no text has this>"], **asked)
    tokenizer.train_from_iterator(units, trainer)
    return tokenizer


def merges_of(theirs):
    model = json.loads(theirs.to_str())["model"]
    return tuple((model["vocab"][left], model["vocab"][right]) for left, right in model["merges"])


@with_theirs
@given(UNITS, st.integers(1, 60), st.booleans())
@example([SONG * 2], 60, WORDS)
@example(["a" * 37, "aaab" * 9], 20, WHOLE)
def test_merges_and_ids_are_those_of_hugging_face(units, vocabulary, split):
    other = theirs(units, vocabulary, split)
    ours = learn_merges(units, vocabulary, split).tokenizer
    assert ours.merges == merges_of(other)
    for unit in units:
        assert ours.encode(unit).tolist() == other.encode(unit, add_special_tokens=False).ids


@with_theirs
def test_other_merges_than_those_of_hugging_face_would_be_noticed():
    assert tuple(plain([SONG], 60, WORDS, largest_ids_first)[1]) != merges_of(theirs([SONG], 60, split=True))
