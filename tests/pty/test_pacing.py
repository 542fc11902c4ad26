"""One live frame at a time on the way to the terminal, and an answer is never a key."""

import os
import signal
import time

QUESTION = b"\x1b[6n"


def live(lab, **more):
    """The curve in view, training at full speed."""
    one = lab("--set", "pace=0", **more)
    one.walk("2").train()
    return one


def test_after_a_live_frame_the_terminal_is_asked_and_the_next_one_waits(lab):
    one = live(lab)
    asked, step = one.questions, one.step()
    one.until_true(lambda: one.questions >= asked + 3, "three more questions")
    assert one.step() > step
    one.answers = False
    one.pump(0.3)  # what was on its way
    one.stream = b""
    one.pump(1.0)
    assert len(one.stream.replace(QUESTION, b"")) == 0
    one.answers = True
    one.send("\x1b[1;1R")
    step = one.step()
    one.until_true(lambda: one.step() > step, "the next frame")
    assert one.end() == 0


def test_a_key_is_answered_while_a_frame_waits(lab):
    one = live(lab)
    one.until_true(lambda: one.questions >= 3)
    one.answers = False
    one.pump(0.3)
    one.walk("415")
    assert one.end() == 0


def test_no_answer_reaches_the_keys_or_the_text(lab):
    one = live(lab)
    one.until_true(lambda: one.questions >= 5)
    one.walk("1").send("n")
    one.until("esc: leave").send("zebra\x1b[7;9Rs\r")
    one.until("zebras").paste("mid\x1b[12;40Rdle\nand a long tail\nthat is longer than\nany key's sequence\n")
    for line in ("middle", "and a long tail", "any key's sequence"):
        one.until(line)
    assert "[7;9R" not in one.text
    assert "[12;40R" not in one.text
    assert one.end("\x11") == 0


def test_an_answer_in_two_pieces_is_one(lab):
    one = live(lab)
    one.walk("1").send("n")
    one.until("esc: leave")
    before, one.answers = one.questions, False
    one.until_true(lambda: one.questions > before, "an open question")
    one.send("before\x1b[7")
    one.pump(0.05)
    one.send(";9Rafter")
    one.until("beforeafter")


def test_a_terminal_that_never_answers_is_asked_twice_and_then_no_more(lab):
    one = lab("--set", "pace=0")
    one.answers = False
    one.walk("2").train()
    one.until_true(lambda: one.questions == 2, "the second question")
    one.pump(1.2)
    step = one.step()
    one.until_true(lambda: one.step() > step, "live frames without questions")
    frames = set()
    end = time.monotonic() + 3
    while time.monotonic() < end:
        one.pump(0.05)
        frames.add(one.step())
    assert one.questions == 2
    assert len(frames) > 4
    assert one.end() == 0


def test_nothing_is_asked_while_nothing_is_drawn(lab):
    one = live(lab)
    one.until_true(lambda: one.questions >= 3)
    one.pause()
    asked = one.questions
    assert one.pump(2.5) == 0  # longer than the patience with an answer
    assert one.questions == asked
    one.walk("4").settle()
    assert one.questions == asked


def test_the_question_is_one_of_the_sequences_known(lab):
    one = live(lab)
    one.until_true(lambda: one.questions >= 3)
    assert one.strange() == set()
    assert one.end() == 0
    assert one.is_restored()


def test_leaving_waits_for_the_answer_that_would_else_be_typed_into_the_shell(lab):
    one = live(lab)
    one.until_true(lambda: one.questions >= 3)
    one.answers = False
    asked = one.questions
    one.until_true(lambda: one.questions > asked)
    one.send("q")
    assert one.pump(0.4) < 400
    assert one.process.poll() is None
    one.send("\x1b[1;1R")
    assert one.wait() == 0
    assert one.is_restored()


def test_a_terminal_that_falls_silent_does_not_keep_the_lab_alive(lab):
    one = live(lab)
    one.until_true(lambda: one.questions >= 3)
    one.answers = False
    one.pump(0.3)
    os.kill(one.pid, signal.SIGTERM)
    assert one.wait() == 128 + signal.SIGTERM
