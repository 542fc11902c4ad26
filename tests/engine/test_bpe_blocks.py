"""Byte pairs of a long text are learnt and cut a block at a time: the same as all at once, and heard of in between."""

import types

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinylm_tui.engine import merging, progress, tokenizer
from tinylm_tui.engine.bpe import learn_merges
from tinylm_tui.engine.progress import Ended

from .test_bpe import SONG, UNITS, WHOLE, WORDS


@given(UNITS, st.integers(1, 7), st.booleans())
@example(["aaaaaaa", "aaaa"], 2, WHOLE)
@example(["ababab", "babab"], 1, WHOLE)
def test_merges_and_ids_are_the_same_however_few_places_are_worked_on_at_once(units, block, split):
    whole = learn_merges(units, 60, split)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "BLOCK", block)
        assert learn_merges(units, 60, split) == whole
        ids = whole.tokenizer.encode_units(units).tolist()
    assert ids == whole.tokenizer.at(60).encode_units(units).tolist()


class Watched:
    """numpy, which notes how many places it is handed until somebody is told of them."""

    def __init__(self):
        self.handed, self.most = 0, 0

    def __getattr__(self, name):
        found = getattr(np, name)
        if name == "split" or not isinstance(found, types.FunctionType | types.BuiltinFunctionType | type(np.sort)):
            return found  # splitting only gives views

        def noting(*arguments, **named):
            self.handed += max((a.size for a in arguments if isinstance(a, np.ndarray)), default=0)
            self.most = max(self.most, self.handed)
            return found(*arguments, **named)

        return noting

    def told(self, done, of):
        self.handed = 0
        return True


@pytest.mark.parametrize("text", [SONG * 100, "ab" * 3000, "b" + "a" * 6000], ids=["song", "abab", "aaaa"])
@pytest.mark.parametrize("silent", [False, True])
def test_between_two_reports_only_a_few_blocks_are_worked_on(text, silent, monkeypatch):
    watched = Watched()
    for module in (merging, tokenizer):
        monkeypatch.setattr(module, "np", watched)
    monkeypatch.setattr(progress, "BLOCK", 10**9 if silent else 100)
    monkeypatch.setattr(progress, "_SILENT", 100)
    learnt = learn_merges([text], 40, split_words=False, told=watched.told)
    learning, watched.most = watched.most, 0
    learnt.tokenizer.encode_units([text], watched.told)
    assert [most <= 1000 for most in (learning, watched.most)] == [not silent] * 2


def test_the_passes_before_the_first_merge_are_those_foreseen_and_a_merge_is_heard_of_while_it_is_made(monkeypatch):
    monkeypatch.setattr(progress, "BLOCK", 100)
    monkeypatch.setattr(progress, "_SILENT", 0)
    learning, cutting = [], []
    found = learn_merges(["ab" * 3000], 4, split_words=False, told=lambda *far: not learning.append(far))
    found.tokenizer.encode_units(["ab" * 3000], lambda *far: not cutting.append(far))
    for heard, passes in ((learning, 5), (cutting, 4)):
        assert [done for done, _ in heard] == sorted(done for done, _ in heard)
        assert {of for _, of in heard} == {passes * 60 + 1}
        assert [done for done, _ in heard].count(passes * 60) >= 3000 / 100  # the only merge, in blocks


@pytest.mark.parametrize("split", [WORDS, WHOLE])
def test_cutting_can_be_ended_at_any_moment_and_is_done_anew_afterwards(split, monkeypatch):
    monkeypatch.setattr(progress, "_SILENT", 0)
    learnt, heard = learn_merges([SONG], 40, split).tokenizer, []
    ids = learnt.encode_units([SONG], lambda *far: not heard.append(far)).tolist()
    assert len(heard) > 10
    for last in range(1, len(heard) + 1):
        left, again = iter(range(last)), learnt.at(40)
        with pytest.raises(Ended):
            again.encode_units([SONG], lambda done, of, left=left: next(left) < last - 1)  # noqa: B023 - used at once
        assert again.encode_units([SONG]).tolist() == ids
