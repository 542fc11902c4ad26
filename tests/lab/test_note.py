"""A note is a file that anybody may have written: what in it will do is taken, and nothing else."""

import json
import os
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.lab import note as notes
from tinylm_tui.lab.note import DEEPEST, LONGEST_DRAFT, Note, read_note
from tinylm_tui.lab.session import Session

NUMBERS = st.integers() | st.floats() | st.sampled_from([0, 1, -1, 10**400, 1e308, float("nan"), float("inf")])
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(max_size=9) | st.sampled_from(["\ud800", "\x1b[2J", "[/x]"])
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner))
SCREENS = st.dictionaries(st.text(max_size=9), st.dictionaries(st.text(max_size=9), JSON, max_size=3), max_size=3)
TOLD = {"tab": "math", "draft": "a b", "text": "words", "model": "gpt", "step": 7, "declined": False, "format": 1}
WHOLE = Note("math", "a b", "words", "gpt", 7)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("notes") / "1.json"


def read(file, told):
    file.write_text(told if isinstance(told, str) else json.dumps(told))
    return read_note(file)


def same(one, other):
    """Also of what is no number."""
    return repr(one) == repr(other)


@given(
    draft=st.none() | st.text(), screens=SCREENS, names=st.tuples(*[st.text()] * 3), step=st.integers(0, 1 << 53),
    declined=st.booleans(),
)  # fmt: skip
def test_what_is_noted_is_read(file, draft, screens, names, step, declined):
    note = Note(names[0], draft, names[1], names[2], step, declined, screens)
    assert same(read(file, note.json()), note)


@given(st.dictionaries(st.sampled_from([*TOLD, "screens"]), JSON))
def test_whatever_stands_in_it_a_note_is_a_note_or_none(file, told):
    note = read(file, {**TOLD, **told})
    if note is None:
        return
    assert [type(one) for one in (note.tab, note.text, note.model, note.step, note.declined)] == [str] * 3 + [int, bool]
    assert note.draft is None or isinstance(note.draft, str)
    assert all(isinstance(name, str) and isinstance(values, dict) for name, values in note.screens.items())


@given(st.binary(max_size=200))
def test_whatever_bytes_are_in_the_file_nothing_goes_wrong(file, data):
    file.write_bytes(data)
    note = read_note(file)
    assert note is None or isinstance(note, Note)


@pytest.mark.parametrize("told", ["[" * 100_000, "9" * 5_000, '{"tab":' * 50_000, "\ufeff{}", "{}x"])
def test_a_text_that_is_no_json_or_endlessly_nested_is_no_note(file, told):
    assert read(file, told) is None


def nested(depth):
    """A note in whose JSON text lists stand inside each other, so that there are `depth` of lists and mappings."""
    inner = "[" * (depth - 3) + "]" * (depth - 3)
    return json.dumps(TOLD)[:-1] + f', "screens": {{"math": {{"x": {inner}}}}}}}'


@pytest.mark.parametrize("depth", [DEEPEST + 1, 100, 300, 450, 600, 900, 5_000])
def test_a_text_that_is_more_deeply_nested_than_any_screen_keeps_is_no_note(file, depth):
    assert read(file, nested(depth)) is None


def test_the_deepest_note_can_be_declined_where_the_stack_is_in_use_already(tmp_path):
    def called_from(frames):
        return called_from(frames - 1) if frames else left.decline()

    (tmp_path / "1-1.json").write_text(nested(DEEPEST))
    (left,) = Session(tmp_path).left()
    assert left.note.screens
    called_from(sys.getrecursionlimit() // 2)
    assert Session(tmp_path).left() == []


def test_one_screen_that_is_none_costs_the_others_nothing(file):
    told = {**TOLD, "screens": {"math": {"text": "ab"}, "lens": 5, "train": [1], "": None}}
    assert read(file, told) == replace(WHOLE, screens={"math": {"text": "ab"}})


@pytest.mark.parametrize("value", [5, True, ["a"], {"a": 1}, "a" * (LONGEST_DRAFT + 1)], ids=type)
def test_a_draft_that_is_none_costs_the_rest_nothing(file, value):
    assert read(file, {**TOLD, "draft": value}) == replace(WHOLE, draft=None)


@pytest.mark.parametrize("step", [-1, 1.5, "7", True, float("inf"), None, 10**30])
def test_a_step_that_none_can_have_makes_it_no_note(file, step):
    assert read(file, {**TOLD, "step": step}) is None


def test_a_note_of_an_early_version_has_no_screens(file):
    early = {name: value for name, value in TOLD.items() if name != "format"}
    assert read(file, early) == WHOLE


@pytest.mark.parametrize("version", [2, "1", None, 1.5])
def test_what_screens_of_a_later_version_kept_is_not_guessed_at(file, version):
    assert read(file, {**TOLD, "format": version, "screens": {"math": {"text": "ab"}}}) == WHOLE


def test_a_file_too_large_for_a_note_is_not_even_read(file, monkeypatch):
    assert read(file, TOLD) == WHOLE
    monkeypatch.setattr(notes, "MOST_BYTES", file.stat().st_size - 1)
    assert read_note(file) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_in_the_place_of_a_note_does_not_make_the_lab_wait(tmp_path):
    os.mkfifo(tmp_path / "1.json")
    assert read_note(tmp_path / "1.json") is None
    assert Session(tmp_path).left() == []


@pytest.mark.parametrize(
    ("screens", "offered"),
    [
        ({}, False),
        ({"heatmap": {"cursor": [3, 4]}, "math": {"text": None}, "generate": {"prompt": ""}}, False),
        ({"steps": {"trees": []}, "feedback": {"ratings": []}}, False),
        ({"generate": {"prompt": "an"}}, True),
        ({"math": {"text": "an"}}, True),
        ({"feedback": {"ratings": [[0, 1]]}}, True),
    ],
)
def test_without_a_run_what_was_typed_is_offered_and_a_moved_cursor_is_not(tmp_path, screens, offered):
    session = Session(tmp_path)
    session.note(replace(WHOLE, draft=None, screens=screens))
    session.end()
    assert bool(Session(tmp_path).left()) == offered
