"""Values that were kept come back as they were, and whatever else stands in their place leaves things as they are."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.sampling import Sample
from tinylm_tui.lab import kept, kept_trees
from tinylm_tui.lab.candidates import Moment
from tinylm_tui.lab.cutting import Cut
from tinylm_tui.lab.kept_trees import LONGEST, MOST_STEPS, plain_samples, plain_trees, trees_left_out
from tinylm_tui.lab.stepping import START, Step, Tree, stretches

from .test_note import JSON

SIZE = 5
KINDS = {
    "whole": kept.whole(0, 9), "number": kept.number(0, 2), "text": kept.text(5), "choice": kept.one_of("a", "b", 2),
    "flag": kept.flag, "place": kept.place, "maybe": kept.maybe(kept.flag), "several": kept.several(kept.flag, 3),
    "trees": kept_trees.trees(SIZE), "samples": kept_trees.samples(SIZE, 3, 6),
}  # fmt: skip


def through_json(value):
    return json.loads(json.dumps(kept.plain(value)))


# ---- single values


@given(value=JSON, kind=st.sampled_from(list(KINDS.values())))
def test_a_value_is_of_its_kind_or_is_refused_with_a_value_error(value, kind):
    try:
        kind(value)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("whole", [0, 9], [-1, 10, 1.0, True, "3", None, [], 10**400]),
        ("number", [0, 2, 1.5], [-0.1, 2.1, float("nan"), float("inf"), True, "1", None, 10**400]),
        ("text", ["", "abcde", "\ud800"], ["abcdef", 5, None, ["a"]]),
        ("choice", ["a", 2], ["c", "", 2.0, None, ["a"], {}]),
        ("flag", [True, False], [0, 1, "yes", None]),
        ("maybe", [None, True], [0, "x"]),
    ],
)
def test_a_kind_takes_what_is_in_its_range_and_of_its_type_only(kind, good, bad):
    assert [KINDS[kind](value) for value in good] == good
    assert [kept.taken(KINDS[kind], value) for value in bad] == [None] * len(bad)


@pytest.mark.parametrize("bad", [[1], [1, 2, 3], [1, -1], [1, 2.0], {"0": 1}, "ab", None])
def test_a_place_is_two_whole_numbers(bad):
    assert kept.place([3, 4]) == (3, 4)
    assert kept.taken(kept.place, bad) is None


# ---- what an owner has


def owner():
    return SimpleNamespace(text="ab", cursor=(1, np.int64(2)), dials=SimpleNamespace(dice=3), note="x" * 6)


OWNED = {"text": kept.text(5), "cursor": kept.place, "dials.dice": kept.whole(), "note": kept.text(5)}


def test_what_is_kept_comes_back_also_inside_of_an_attribute():
    told = json.loads(json.dumps(kept.kept_of(owner(), OWNED)))
    other = SimpleNamespace(text="", cursor=(0, 0), dials=SimpleNamespace(dice=0), note="old")
    kept.give_back(other, OWNED, told)
    assert (other.text, other.cursor, other.dials.dice) == ("ab", (1, 2), 3)
    assert other.note == "old"  # what is too long to be taken back is not kept


@given(st.dictionaries(st.sampled_from([*OWNED, "other"]), JSON))
def test_what_will_not_do_changes_nothing(told):
    one = owner()
    kept.give_back(one, OWNED, told)
    for name, kind in OWNED.items():
        now = one.dials.dice if name == "dials.dice" else getattr(one, name)
        before = 3 if name == "dials.dice" else getattr(owner(), name)
        assert now == (before if kept.taken(kind, told.get(name)) is None else kind(told[name]))
    assert not hasattr(one, "other")


def test_sets_paths_and_cuts_become_plain():
    assert through_json(frozenset({(1, 0), (0, 1)})) == [[0, 1], [1, 0]]
    assert through_json(Path("/tmp/x")) == "/tmp/x"
    assert through_json(Cut("bpe", 30, split_words=False)) == ["bpe", 30, False]
    assert through_json((True, None, 1.5)) == [True, None, 1.5]


def test_vocabularies_are_told_apart():
    assert kept.mark_of(("", "a", "\ud800")) == kept.mark_of(["", "a", "\ud800"])
    assert len({kept.mark_of(tokens) for tokens in (("", "a"), ("", "b"), ("", "ab"), ("", "a", "b"))}) == 4


# ---- trees


@st.composite
def trees(draw):
    """Trees as a person makes them."""
    tokens, share, by = st.integers(0, SIZE - 1), st.floats(0, 1), st.sampled_from(["you", "dice", "greedy"])
    count = draw(st.integers(1, 8))
    steps = [
        Step(draw(tokens), draw(st.integers(START, n - 1)), draw(by), draw(share), draw(share),
             Moment(draw(st.integers(0, 99)), draw(st.integers(0, 2**32 - 1))))
        for n in range(count)
    ]  # fmt: skip
    given = tuple(draw(st.lists(tokens, min_size=1, max_size=3)))
    tip = draw(st.integers(START, count - 1))
    tree = Tree(given, tuple(steps), tip=tip)
    return Tree(given, tuple(steps), draw(st.sampled_from([START, *tree.branch])), tip)


@given(st.lists(trees(), max_size=4))
def test_trees_come_back_as_they_were(made):
    by_start = {tree.given: tree for tree in made}
    plain = through_json(plain_trees(by_start, (0,)))
    assert kept_trees.trees(SIZE)(plain) == by_start


@given(tree=trees(), data=st.data())
def test_a_tree_with_any_part_exchanged_is_refused_or_can_be_walked(tree, data):
    plain = through_json(plain_trees({tree.given: tree}, ()))
    owner, place = data.draw(st.sampled_from(list(places(plain))))
    owner[place] = data.draw(JSON | st.integers(-2, 9))
    for one in (kept.taken(kept_trees.trees(SIZE), plain) or {}).values():
        assert all(0 <= token < SIZE for token in one.ids)
        assert one.at == START or one.at in one.branch
        assert sorted(n for stretch in stretches(one) for n in stretch.steps) == list(range(len(one.steps)))
        assert one.bits(one.branch) >= 0


def places(value):
    """Every list in a value, with each of its places."""
    if isinstance(value, list):
        for n, inner in enumerate(value):
            yield value, n
            yield from places(inner)


FORKED = [[0], [[1, START, "you", 0.5, 0.5, 0, 0], [2, START, "dice", 0.5, 0.5, 0, 0]], 0, 0]
ASTRAY = {
    "standing on another branch": {2: 1}, "behind the last step": {3: 2}, "before the start": {2: -2},
    "a step after itself": {1: [[1, 0, "you", 0.5, 0.5, 0, 0]]}, "nothing given": {0: []}, "no steps": {1: []},
    "chosen by nobody": {1: [[1, START, "me", 0.5, 0.5, 0, 0]]},
    "less than nothing": {1: [[1, START, "you", -1, 0, 0, 0]]},
}  # fmt: skip


@pytest.mark.parametrize("change", ASTRAY.values(), ids=ASTRAY)
def test_a_tree_that_does_not_hang_together_is_refused(change):
    assert kept.taken(kept_trees.trees(SIZE), [FORKED])
    wrong = [change.get(n, part) for n, part in enumerate(FORKED)]
    assert kept.taken(kept_trees.trees(SIZE), [wrong]) is None


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_tree_over_tokens_that_are_not_there_is_refused(size):
    tree = Tree((0,), (Step(4, START, "you", 1.0, 1.0, Moment(0, 0)),), 0, 0)
    plain = plain_trees({tree.given: tree}, ())
    assert kept.taken(kept_trees.trees(size), plain) is None
    assert kept_trees.trees(SIZE)(plain) == {(0,): tree}


def long_tree(given, count):
    steps = tuple(Step(1, n - 1, "dice", 0.5, 0.5, Moment(0, 0)) for n in range(count))
    return Tree(given, steps, count - 1, count - 1)


def test_where_there_are_too_many_steps_the_tree_in_view_is_kept():
    made = {(n,): long_tree((n,), MOST_STEPS // 2) for n in range(4)}
    assert [parts[0] for parts in plain_trees(made, (3,))] == [[3], [0]]
    assert plain_trees({(0,): long_tree((0,), MOST_STEPS + 1)}, (0,)) == []


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ([((0,), MOST_STEPS)], ""),
        ([((0,), MOST_STEPS + 1)], "more than 1,000"),
        ([((0,), MOST_STEPS), ((1,), 0)], ""),
        ([((0,), MOST_STEPS), ((1,), 1)], "more than 1,000"),
        ([((0,) * LONGEST, 1)], ""),
        ([((0,) * (LONGEST + 1), 1)], "a prompt of more than 10,000 tokens"),
        ([], ""),
    ],
    ids=str,
)
def test_that_some_trees_are_left_out_is_told_where_it_is_so(made, why):
    by_start = {given: long_tree(given, count) for given, count in made}
    told = trees_left_out(by_start)
    assert bool(told) == bool(why)
    assert why in told
    written = [tree for tree in by_start.values() if tree.steps]
    assert (len(plain_trees(by_start, ())) < len(written)) == bool(told)


# ---- written texts

SAMPLES = [Sample((0, 1, 2, 0), 1, (0.5, 0.25, 1.0), ended=True), Sample((0, 3), 1, (0.125,), ended=False)]


def test_written_texts_come_back_as_they_were():
    assert KINDS["samples"](through_json(plain_samples(SAMPLES))) == SAMPLES


@given(st.data())
def test_a_written_text_with_any_part_exchanged_is_refused_or_hangs_together(data):
    plain = through_json(plain_samples(SAMPLES))
    owner, place = data.draw(st.sampled_from(list(places(plain))))
    owner[place] = data.draw(JSON | st.integers(-2, 9))
    for one in kept.taken(KINDS["samples"], plain) or []:
        assert one.given + len(one.probabilities) == len(one.ids)
        assert all(0 <= i < SIZE for i in one.ids)
        assert not one.ended or one.ids[-1] == 0
