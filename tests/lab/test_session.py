"""What a lab leaves behind, and what the next one finds."""

import json
import os
import stat
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import pytest

from tinylm_tui.lab import session, store
from tinylm_tui.lab.autosave import replaced_of
from tinylm_tui.lab.errors import RunFileError
from tinylm_tui.lab.note import LONGEST_DRAFT, Note
from tinylm_tui.lab.session import Session

from .conftest import new_run

NOTE = Note("math", "half a word \ud800", "words", "bigram", 7)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data" / "sessions"


def ended(folder, note=NOTE, run=True):
    session = Session(folder)
    if run:
        store.save(new_run(), session.run_file)
    session.note(note)
    session.end()
    return session


def test_the_next_lab_finds_where_the_last_one_was(folder):
    ended(folder)
    (left,) = Session(folder).left()
    assert left.note == replace(NOTE, step=0)  # the run's own step is the true one
    assert store.load(left.run_file).corpus.text == new_run().corpus.text


def test_a_lab_knows_of_another_that_lives_beside_it_and_since_when(folder):
    before = time.time()
    first = Session(folder)
    assert first.another_since() is None
    second = Session(folder)
    assert before - 1 <= second.another_since() <= first.another_since() <= time.time() + 1
    for dead in ("odd", f"{time.time_ns():020d}-1"):  # what a killed lab leaves is held by nobody
        (folder / f"{dead}.lock").touch()
    first.end()
    assert second.another_since() is None


def test_a_lab_that_lives_is_not_offered(folder):
    first = Session(folder)
    first.note(NOTE)
    assert Session(folder).left() == []
    first.end()
    assert len(Session(folder).left()) == 1


def test_a_lab_that_was_killed_is_offered(folder):
    story = f"""
        import os, signal
        from pathlib import Path
        from tinylm_tui.lab.note import Note
        from tinylm_tui.lab.session import Session
        session = Session(Path({str(folder)!r}))
        session.note(Note("train", "unsaved words", "names", "gpt", 3))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(story)], check=False, timeout=60)
    (left,) = Session(folder).left()
    assert left.note.draft == "unsaved words"
    assert left.run_file is None


@pytest.fixture
def few(monkeypatch):
    """Five sessions are kept, and two of those that are not offered."""
    monkeypatch.setattr(session, "KEPT", 5)
    monkeypatch.setattr(session, "OTHERS", 2)


def tabs_offered(folder):
    return [left.note.tab for left in Session(folder).left()]


def test_the_newest_comes_first_and_the_oldest_are_swept(folder, few):
    for step in range(8):
        ended(folder, Note(str(step), None, "words", "bigram", 1))
    assert tabs_offered(folder) == ["7", "6", "5", "4", "3"]


def test_labs_that_kept_nothing_and_those_declined_push_nothing_out(folder, few):
    ended(folder, Note("mine", None, "words", "bigram", 1))
    for _ in range(9):
        ended(folder, Note("train", None, "names", "bigram", 0), run=False)
        ended(folder, Note("other", None, "words", "bigram", 1))
        Session(folder).left()[0].decline()
    assert tabs_offered(folder) == ["mine"]
    assert len(list(folder.glob("*.json"))) == 1 + 2
    assert len(list(folder.glob("*.safetensors"))) == 1 + 2


def test_a_run_whose_note_nobody_can_read_is_not_swept(folder, few):
    one = ended(folder)
    one.run_file.with_suffix(".json").write_text("?")
    assert tabs_offered(folder) == []
    assert one.run_file.exists()


def test_twenty_guests_of_one_folder_find_all_their_runs(folder):
    for guest in range(20):
        ended(folder, Note(str(guest), None, "words", "bigram", 1))
    assert len(tabs_offered(folder)) == 20


def test_where_they_take_much_room_only_the_newest_are_kept(folder, monkeypatch):
    for step in range(8):
        ended(folder, Note(str(step), None, "words", "bigram", 1))
    monkeypatch.setattr(session, "MOST", 1)
    assert tabs_offered(folder) == ["7", "6", "5", "4", "3"]


def test_what_was_declined_is_not_offered_again(folder):
    ended(folder)
    Session(folder).left()[0].decline()
    assert Session(folder).left() == []


def test_a_lab_with_nothing_to_keep_leaves_nothing_to_go_on_with(folder):
    ended(folder, Note("train", None, "names", "bigram", 0), run=False)
    assert Session(folder).left() == []


def test_files_are_for_their_owner_only(folder):
    session = ended(folder)
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert session.run_file.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"tab": 1}', json.dumps({"tab": "x", "step": "y"}), "\x00"])
def test_a_note_that_nobody_can_read_is_passed_over(folder, text):
    session = ended(folder)
    session.run_file.with_suffix(".json").write_text(text)
    assert Session(folder).left() == []


def test_a_draft_too_long_to_be_kept_does_not_cost_the_rest(folder):
    ended(folder, Note("train", "a" * (LONGEST_DRAFT + 1), "words", "bigram", 5))
    (left,) = Session(folder).left()
    assert (left.note.draft, left.note.tab) == (None, "train")


def test_where_no_folder_can_be_a_lab_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFileError, match="nothing can be kept in"):
        Session(tmp_path / "file" / "sessions")


def test_a_note_that_cannot_be_written_is_a_trouble_and_no_end(folder, monkeypatch):
    session = Session(folder)
    with monkeypatch.context() as context:
        context.setattr(os, "replace", lambda *names: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        session.note(NOTE)
    assert session.trouble == "what you type cannot be kept: No space left on device"
    assert not list(folder.glob("*.part"))
    session.note(NOTE)
    assert session.trouble == ""


def test_the_run_that_was_replaced_is_found_with_its_session_and_swept_with_it(folder, few):
    first = ended(folder)
    store.save(new_run("xyz\nzy\n"), replaced_of(first.run_file))
    (left,) = Session(folder).left()
    assert store.load(left.replaced).corpus.text == "xyz\nzy\n"
    for _ in range(5):
        assert ended(folder).run_file.exists()
    Session(folder)
    assert not [file for file in folder.iterdir() if file.name.startswith(first.id)]


def test_a_session_without_a_replaced_run_has_none(folder):
    ended(folder)
    ended(folder, replace(NOTE, screens={"math": {"text": "an"}}), run=False)
    assert [left.replaced for left in Session(folder).left()] == [None, None]
