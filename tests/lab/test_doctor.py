"""What `tinylm doctor` finds, without a terminal: the questions to a real one are asked in tests/pty."""

import argparse
import json
import os
from pathlib import Path

import pytest

from tinylm_tui import doctor as d
from tinylm_tui.cli_lists import list_options
from tinylm_tui.terminal_questions import Answers, ask

GOOD = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
ANSWERED = Answers(120, 40, 0.003, 1)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return tmp_path


def found(environ=GOOD, answers=ANSWERED):
    return {one.about: one for one in d.examine(environ, answers)}


def run(*options):
    parser = argparse.ArgumentParser()
    list_options(parser)
    return d.doctor(parser.parse_args(options))


def test_where_all_is_well_every_line_says_ok():
    findings = found()
    cores = findings.pop("cores")
    assert cores.state == ("ok" if (os.cpu_count() or 1) > 1 else "note")
    assert {one.state for one in findings.values()} == {"ok"}
    assert not any(one.would_do for one in findings.values())
    assert {"versions", "terminal", "size", "colours", "UTF-8", "answers", "reached", "BLAS", "threads", "runs",
            "sessions"} == set(findings)  # fmt: skip


@pytest.mark.parametrize(
    ("about", "environ", "answers", "state", "words"),
    [
        ("terminal", {"TERM": "dumb"}, ANSWERED, "bad", "xterm-256color"),
        ("terminal", {}, ANSWERED, "bad", "xterm-256color"),
        ("terminal", GOOD, None, "note", "no terminal"),
        ("size", GOOD, Answers(79, 40, 0.1, 1), "note", "79 columns, 40 rows"),
        ("size", GOOD, Answers(80, 24, 0.1, 1), "ok", "80 columns, 24 rows"),
        ("colours", {"TERM": "xterm"}, ANSWERED, "note", "16 colours"),
        ("colours", {**GOOD, "NO_COLOR": "1"}, ANSWERED, "note", "NO_COLOR taken away"),
        ("colours", {**GOOD, "COLORTERM": "truecolor"}, ANSWERED, "ok", "256 or more"),
        ("UTF-8", {**GOOD, "LC_ALL": "C"}, ANSWERED, "note", "no more than ASCII"),
        ("UTF-8", GOOD, Answers(80, 24, 0.1, 3), "bad", "3 places for one character"),
        ("UTF-8", GOOD, Answers(80, 24, None, None), "ok", "the locale says UTF-8"),
        ("answers", GOOD, Answers(80, 24, None, None, 2.0), "note", "asked for 2 s"),
        ("answers", GOOD, Answers(80, 24, 0.25, 1), "ok", "after 250 ms"),
        ("reached", {**GOOD, "SSH_CONNECTION": "10.0.0.7 5000 10.0.0.1 22"}, ANSWERED, "ok", "over ssh, from 10.0.0.7"),
        ("BLAS", {**GOOD, "OPENBLAS_CORETYPE": "Haswell"}, ANSWERED, "ok", "OPENBLAS_CORETYPE Haswell"),
        ("threads", {**GOOD, "OMP_NUM_THREADS": "4"}, ANSWERED, "note", "OMP_NUM_THREADS taken away"),
        ("threads", {**GOOD, "OMP_NUM_THREADS": "1"}, ANSWERED, "ok", "one BLAS thread"),
    ],
)
def test_what_is_looked_at_and_what_would_do(about, environ, answers, state, words):
    one = found(environ, answers)[about]
    assert one.state == state
    assert words in f"{one.found}. {one.would_do}"
    assert bool(one.would_do) == (state != "ok")


@pytest.mark.parametrize(("count", "state"), [(1, "note"), (2, "ok")])
def test_one_core_is_few(count, state):
    assert d.cores(count).state == state


def test_the_folders_can_be_written_to_and_nothing_is_left_in_them():
    folders = [found()[about].found.partition(" can be written to")[0] for about in ("runs", "sessions")]
    assert [list(Path(folder).iterdir()) for folder in folders] == [[], []]


@pytest.mark.parametrize("place", ["file in the way", "no home", "full"])
def test_a_folder_that_cannot_be_written_to_is_told_with_status_1(place, home, monkeypatch, capsys):
    if place == "file in the way":
        (home / ".local").write_text("")
    elif place == "no home":
        monkeypatch.setenv("HOME", "")
        monkeypatch.setattr("tinylm_tui.ui.places.user_data_path", lambda *a, **more: Path("~/.local"))
    else:
        monkeypatch.setattr(os, "fsync", full)
    assert run("--json") == 1
    told = {record["about"]: record for record in map(json.loads, capsys.readouterr().out.splitlines())}
    assert told["runs"]["state"] == told["sessions"]["state"] == "bad"
    assert "XDG_DATA_HOME" in told["runs"]["would_do"]


def full(*_):
    raise OSError(28, "No space left on device")


def test_a_disk_that_is_nearly_full_is_noted(monkeypatch):
    usage = d.shutil.disk_usage("/")._replace(free=d.SPARE - 1)
    monkeypatch.setattr(d.shutil, "disk_usage", lambda folder: usage)
    assert found()["runs"].state == "note"


def test_it_prints_one_line_each_and_ends_with_status_0(capsys):
    assert run() == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith(("ok ", "note ")) for line in lines)
    assert len(lines) == len(found(answers=None))


@pytest.mark.parametrize("width", [80, 40])
def test_in_a_terminal_lines_break_between_words_only(width):
    path = "/home/some-body/.local/share/tinylm/runs"
    record = {"state": "ok", "about": "runs", "found": f"{path} can be written to, 1,234.5 GB are free"}
    record["would_do"] = "more space on that disk, or another-disk"
    told, words = d.in_words(record, width), d.in_words(record).split()
    assert told.split() == words
    assert all(len(line) <= width or len(line.split()) == 1 for line in told.split("\n")[1:])
    assert "\n" not in d.in_words(record)


def test_two_cores_are_not_promised_to_every_guest():
    assert "--duty" in d.cores(2).found
    assert "one each" not in d.cores(2).found


def test_nothing_is_asked_where_there_is_no_terminal(capsys):
    assert ask() is None
    assert capsys.readouterr().out == ""
