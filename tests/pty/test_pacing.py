"""One live frame at a time on the way to the terminal, and an answer is never a key."""

import os
import signal
import time

import pytest

QUESTION = b"\x1b[6n"
RATE = 16_000  # bytes a second that the slow terminal reads
SWINGING = """
import dataclasses, numpy as np
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.ui import link
true, frame = link.unpacked, 0
def swinging(answer, last):  # each cell of the map is another one in each live frame, and stays as it is at a pause
    global frame
    s = true(answer, last)
    frame += s.running
    rows, columns = np.indices((27, 27))
    W = ((5 * rows + 3 * columns + 7 * frame) % 16 / 7.5 - 1) * 4
    return dataclasses.replace(s, params=Parameters(np.ravel(W).astype(s.params.flat.dtype), s.params.shapes))
link.unpacked = swinging
"""
FORGETFUL = """
from tinylm_tui.ui import owed
owed.Owed.all = lambda self: (self._stop(), self._rows.clear())
"""
NOTED = """
from tinylm_tui.ui import owed
everything = owed.Owed.all
def noted(self):  # whether the end of training has come in the middle of a frame
    open("ends", "a").write("o" if self else ".")
    everything(self)
owed.Owed.all = noted
"""
PATIENT = """
from tinylm_tui.ui import pacing
pacing.LAST_PATIENCE = 3600
"""
HASTY = """
from tinylm_tui.ui import pacing
pacing.PATIENCE = 0.3
"""
MAIN = """
from tinylm_tui.cli import main
main()
"""


def live(lab, **more):
    """The curve in view, training at full speed."""
    one = lab("--set", "pace=0", **more)
    one.walk("2").train()
    return one


def test_after_a_live_frame_the_terminal_is_asked_and_the_next_one_waits(lab):
    one = live(lab, script=HASTY + MAIN)
    asked, step = one.questions, one.step()
    one.until_true(lambda: one.questions >= asked + 3, "three more questions")
    assert one.step() > step
    one.answers = False
    asked = one.questions
    one.until_true(lambda: one.questions >= asked + 4)  # three at most belong to the frame; then it is only asked again
    between = one.stream.split(QUESTION)
    assert between[asked + 3] == b""
    assert any(between[1:asked])
    one.answers = True
    one.send("\x1b[1;1R" * (one.questions - asked))
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
    for _ in range(4):
        step = one.step()
        one.until_true(lambda: one.step() > step, "another frame")  # noqa: B023
    assert one.questions == 2
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
    one = live(lab, script=PATIENT + MAIN)
    one.until_true(lambda: one.questions >= 3)
    one.answers = False
    asked = one.questions
    one.until_true(lambda: one.questions > asked)
    one.send("q")
    one.pump(0.4)
    assert one.process.poll() is None
    one.answers = True
    one.send("\x1b[1;1R" * (one.questions - asked))
    assert one.wait() == 0
    assert one.is_restored()


def test_a_terminal_that_falls_silent_does_not_keep_the_lab_alive(lab):
    one = live(lab)
    one.until_true(lambda: one.questions >= 3)
    one.answers = False
    one.pump(0.3)
    os.kill(one.pid, signal.SIGTERM)
    assert one.wait() == 128 + signal.SIGTERM


def slow(one):
    """From now on the terminal reads no faster than a slow line brings it."""
    draw, one.rate = one._draw, RATE

    def slowly(data):
        for start in range(0, len(data), 128):
            piece = data[start : start + 128]
            time.sleep(len(piece) / one.rate)
            draw(piece)

    one._draw = slowly
    return one


def pause_in_a_frame(one, ends):
    """Train and pause until training has ended while rows were owed."""
    while "o" not in (ends.read_text() if ends.exists() else ""):
        asked = one.questions
        one.send(" ")
        one.until_true(lambda: one.questions >= asked + 5, "a frame in pieces")  # noqa: B023
        one.pause()


def drawn_anew(one):
    """What stands on the screen when the terminal has had another size meanwhile."""
    one.rate = 100 * RATE
    for width in (121, 120):
        one.resize(width, 36)
        one.until("count").settle()
    return one.text


@pytest.mark.parametrize(("script", "is_torn"), [("", False), (FORGETFUL, True)])
def test_on_a_slow_line_everything_shown_at_a_pause_is_exact(lab, tmp_path, script, is_torn):
    options = {"script": SWINGING + script + NOTED + MAIN, "size": (120, 36), "NO_COLOR": "1"}  # glyphs, no colours
    one = slow(lab("--set", "pace=0", **options).walk("4"))
    one.send("p")
    pause_in_a_frame(one, tmp_path / "ends")
    shown = one.text
    assert (shown != drawn_anew(one)) == is_torn
