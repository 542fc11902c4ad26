"""`tinylm doctor` in a real pseudo-terminal, which answers, answers late, wrongly, or not at all."""

import json
import os
import re
import signal

import pytest

SCRIPT = """
import argparse, sys
from tinylm_tui import cli_lists, doctor, terminal_questions
doctor.ask = lambda: terminal_questions.ask({patience})
parser = argparse.ArgumentParser()
cli_lists.list_options(parser)
sys.exit(doctor.doctor(parser.parse_args(["--json"])))
"""
ASKED = b"\x1b[6n"


@pytest.fixture
def doctor(terminal):
    def opened(patience=20.0, **more):
        one = terminal(script=SCRIPT.format(patience=patience), **more)
        one.answers = False  # by itself: the tests answer
        return one.until_true(lambda: ASKED in one.stream, "the question")

    return opened


def told(one):
    """What was found, by what was looked at."""
    text = re.sub(r"\x1b\[6?[nK]", "", one.stream.decode())
    return {record["about"]: record for record in map(json.loads, re.findall(r"\{.*\}", text))}


def answered(one, first=b"\x1b[5;1R", second=b"\x1b[5;2R"):
    one.send(first)
    one.until_true(lambda: one.stream.count(ASKED) == 2, "the second question")
    one.send(second)
    return one.wait()


def test_a_terminal_that_knows_where_its_cursor_is_is_well(terminal):
    one = terminal(script=SCRIPT.format(patience=20.0))
    assert one.wait() == 0
    assert told(one)["UTF-8"]["state"] == told(one)["answers"]["state"] == "ok"
    assert one.questions == 2


def test_a_terminal_that_answers_is_well(doctor):
    one = doctor(size=(100, 30))
    assert answered(one) == 0
    findings = told(one)
    assert findings["answers"]["state"] == findings["UTF-8"]["state"] == "ok"
    assert "the terminal shows it" in findings["UTF-8"]["found"]
    assert findings["size"]["found"] == "100 columns, 30 rows"
    assert one.is_restored()


def test_what_is_typed_meanwhile_does_not_disturb(doctor):
    one = doctor()
    assert answered(one, first=b"hello\x1b[A\x1b[12;1R\r") == 0
    assert told(one)["answers"]["state"] == "ok"
    assert one.is_restored()


def test_a_terminal_that_shows_three_characters_for_one_is_found_out(doctor):
    one = doctor()
    assert answered(one, second=b"\x1b[5;4R") == 1
    assert told(one)["UTF-8"]["state"] == "bad"
    assert one.is_restored()


def test_a_terminal_that_never_answers_is_waited_for_only_so_long(doctor):
    one = doctor(patience=0.2)
    assert one.wait() == 0
    assert one.stream.count(ASKED) == 1
    assert "asked for 0.2 s" in told(one)["answers"]["found"]
    assert one.is_restored()


def test_an_interrupt_in_the_middle_of_a_question_gives_the_terminal_back(doctor):
    one = doctor()
    one.send("\x03")
    assert one.wait() in (-signal.SIGINT, 130, 1)
    assert one.is_restored()
    assert os.get_terminal_size(one.theirs).columns == 80
