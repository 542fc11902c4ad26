"""However the lab ends, it leaves the terminal as it was, and nobody behind."""

import os
import signal
import time

import pytest

SCRIPT = """
import sys
from tinylm_tui.cli import main
from tinylm_tui.ui.app import LabApp

def boom(self):
    raise ValueError("boom \\x1b]52;c;QUJD\\x07 [/foo]")

LabApp.action_compare = boom
main(sys.argv[1:])
"""
SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


def left_in_order(lab, status):
    return lab.process.returncode == status and lab.is_restored() and lab.nobody_left()


def test_quitting_restores_the_terminal_and_leaves_nobody(lab, note):
    one = lab()
    assert one.end("q") == 0
    assert left_in_order(one, 0)
    assert one.last_lines() == ""
    note("quit", one.seconds, "s; the last process gone after", one.gone - one.ended, "s more")


def test_quitting_at_full_speed_is_as_quick(lab, note):
    one = lab("--set", "pace=0").train(1000)
    assert one.end("q") == 0
    assert left_in_order(one, 0)
    note("quit in mid-training", one.seconds, "s")


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("\x10", "Search for commands"),
        ("\x0f", "A text (.txt)"),
        ("e", "leave"),
    ],
    ids=["commands", "open", "editor"],
)
def test_ctrl_q_quits_also_from_a_dialog_or_the_editor(lab, keys, shown):
    one = lab()
    one.send(keys)
    one.until(shown).end("\x11")
    assert left_in_order(one, 0)


@pytest.mark.parametrize("number", SIGNALS, ids=[s.name for s in SIGNALS])
def test_a_signal_ends_it_in_order_while_it_trains(lab, number, note):
    one = lab("--set", "pace=0").train()
    asked = time.monotonic()
    os.kill(one.pid, number)
    one.wait()
    assert left_in_order(one, 128 + number)
    note(number.name, one.ended - asked, "s")


@pytest.mark.parametrize(
    ("after", "number"), [(0.2, signal.SIGINT), (0.6, signal.SIGTERM), (0.75, signal.SIGTERM), (0.9, signal.SIGINT)]
)
def test_a_signal_while_it_starts_ends_it_without_a_word(terminal, number, after):
    one = terminal()
    one.pump(after)
    os.killpg(one.pid, number)  # as ctrl+c does, to the trainer too
    assert one.wait() in (128 + number, -number)
    assert one.is_restored()
    assert one.nobody_left()
    assert one.last_lines() == ""


def test_ctrl_c_says_how_to_quit_and_quits_nothing(lab):
    one = lab()
    one.send("\x03")
    one.until("q leaves the lab")
    assert one.end("q") == 0


def test_keys_typed_ahead_are_obeyed_once_it_is_there(terminal):
    one = terminal()
    one.send("4563")
    one.until("temperature").settle()
    one.send("q")
    assert one.wait() == 0


def test_a_terminal_that_goes_away_takes_everything_with_it(lab, note):
    one = lab("--set", "pace=0").train()
    asked = time.monotonic()
    one.hang_up()
    assert one.wait() != 0
    assert one.nobody_left()
    note("dead terminal", one.gone - asked, "s")


def test_a_terminal_that_stopped_reading_cannot_hold_it(lab, note):
    one = lab("--set", "pace=0").train()
    one.send("4")
    time.sleep(1.5)  # the terminal's buffer fills, and the screen waits for it
    asked = time.monotonic()
    os.kill(one.pid, signal.SIGTERM)
    status = one.process.wait(20)
    note("SIGTERM while the terminal does not read", time.monotonic() - asked, "s")
    assert status == 128 + signal.SIGTERM
    assert one.nobody_left()


def test_a_terminal_that_goes_away_while_it_is_not_reading_takes_everything_too(lab):
    one = lab("--set", "pace=0").train()
    one.send("4")
    time.sleep(1.5)
    one.hang_up()
    assert one.wait() != 0
    assert one.nobody_left()


def test_when_the_screen_is_killed_the_trainer_goes_too(lab):
    one = lab("--set", "pace=0").train()
    os.kill(one.pid, signal.SIGKILL)
    assert one.wait() == -signal.SIGKILL
    assert one.nobody_left()


def test_when_the_trainer_is_killed_the_lab_ends_with_one_sentence(lab):
    one = lab("--set", "pace=0").train()
    os.kill(one.trainer(), signal.SIGKILL)
    assert one.wait() == 1
    assert left_in_order(one, 1)
    assert one.last_lines().count("\n") == 0
    assert "killed by signal 9" in one.last_lines()


def test_an_error_in_the_lab_ends_it_with_one_sentence_and_a_log(terminal, tmp_path):
    one = terminal(script=SCRIPT).until("step").settle()
    one.send("c")
    assert one.wait() == 1
    assert left_in_order(one, 1)
    assert one.last_lines().startswith("tinylm: an error in the lab ended it: ValueError: boom ␛]52;c;QUJD")
    assert one.last_lines().count("\n") == 0
    log = next(tmp_path.rglob("errors.log"))
    assert str(log) in one.last_lines()
    assert "Traceback" in log.read_text()
    assert one.strange() == set()
