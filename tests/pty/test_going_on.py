"""The next lab offers to go on where the last one ended, however it ended."""

import os
import signal

import pytest

STORM = [None, signal.SIGHUP, signal.SIGTERM, signal.SIGKILL]


def trained(lab, steps=50):
    one = lab()
    one.send("f")  # from 100 to 1,000 steps a second
    one.send("2")
    one.until("loss in nats").train(steps)
    return one


@pytest.mark.parametrize("how", STORM, ids=["q", "SIGHUP", "SIGTERM", "SIGKILL"])
def test_the_next_lab_goes_on_with_step_and_screen(lab, how):
    one = trained(lab)
    reached = one.pause().step()
    one.pump(2.0)  # it is saved within a second of the pause
    one.send("4")
    one.until("count").pump(3.0)  # and where one is, within two and a half
    one.send("q") if how is None else os.kill(one.pid, how)
    one.wait()
    assert one.nobody_left()
    two = lab()
    two.until("Go on?").until(f"names, bigram, step {reached:,}")
    two.send("\r")
    two.until("count")  # the heat map
    two.until_true(lambda: two.step() == reached, "the step it had")


@pytest.mark.parametrize("how", STORM[:3], ids=["q", "SIGHUP", "SIGTERM"])
def test_an_end_in_mid_training_saves_the_run(lab, how):
    one = trained(lab)
    one.send("q") if how is None else os.kill(one.pid, how)
    one.wait()
    assert one.nobody_left()
    two = lab().until("Go on?").until("names, bigram, step ")
    two.send("\r")
    two.until_true(lambda: two.step() >= 50, "the steps that were made")


def test_a_lost_connection_saves_the_run_and_leaves_nobody(lab):
    one = trained(lab)
    one.hang_up()
    one.wait()
    assert one.nobody_left()
    two = lab().until("Go on?")
    two.send("\r")
    two.until_true(lambda: two.step() >= 50, "the steps that were made")


def test_what_was_typed_and_not_loaded_is_there_again(lab):
    one = lab()
    one.send("n")
    one.until("leave")
    one.paste("zyx wvu\n")
    one.pump(4.0)
    os.kill(one.pid, signal.SIGKILL)
    one.wait()
    two = lab().until("Go on?")
    two.until("a text you were writing")
    two.send("\r")
    two.until("zyx wvu").until("not yet loaded")


def test_what_was_typed_on_other_screens_is_there_again_after_kill_9(lab):
    one = trained(lab, 5)
    one.pause()
    one.send("3p")
    one.until("the model goes on")
    one.send("mar\r")
    one.pump(0.3)
    one.send("Ut")  # the sheet for a text of several lines
    one.until("How surprising is").settle()
    one.paste("zebra\nquagga\n")
    one.until("quagga").send("\x0c")  # ctrl+l
    one.until("your text, 13 characters").pump(4.0)
    os.kill(one.pid, signal.SIGKILL)
    one.wait()
    two = lab().until("Go on?").until("names, bigram")
    two.send("\r")
    two.until("your text, 13 characters").until("quagga")
    two.send("3")
    two.until("prompt").until("mar")
    assert sum("mar" in line for line in two.text.split("\n")) > 3  # the prompt, and what the model makes of it


def test_starting_afresh_is_not_asked_twice(lab):
    one = trained(lab)
    one.end("q")
    two = lab().until("Go on?")
    two.send("n")
    two.settle()
    assert "Go on?" not in two.text
    two.end("q")
    assert "Go on?" not in lab().text


def test_a_lab_that_was_told_what_to_open_with_does_not_ask(lab):
    trained(lab).end("q")
    one = lab("--corpus", "story")
    one.pump(1.0)
    assert "Go on?" not in one.text


@pytest.mark.parametrize("lesson", [("--corpus", "story"), ("--preset", "text=story"), ("--set", "learn_rate=2")])
def test_a_guest_did_not_choose_what_it_opens_with_and_is_asked(lab, lesson):
    one = trained(lambda: lab("--kiosk", *lesson)).pause()
    reached = one.step()
    one.end("q")
    two = lab("--kiosk", *lesson).until("Go on?")
    two.send("\r")
    two.until_true(lambda: two.step() == reached, "the step it had")


def test_a_lesson_begins_once_a_guest_starts_afresh(lab):
    trained(lambda: lab("--kiosk")).pause().end("q")
    two = lab("--kiosk", "--preset", "text=story steps=70").until("Go on?")
    two.pump(1.0)
    assert two.step() == 0
    two.send("n")
    two.until_true(lambda: two.step() == 70, "the steps of the lesson")


def test_a_guest_is_told_of_another_lab_of_theirs_that_is_still_open(lab):
    one = trained(lambda: lab("--kiosk")).pause()
    two = lab("--kiosk").until("another lab in this folder is still open")
    assert two.end("q") == 0
    assert one.end("q") == 0


def test_ctrl_c_names_the_key_that_leaves(lab):
    one = lab()
    one.send("\x03")
    one.until("q leaves the lab")
    assert "ctrl+q" not in one.text
    assert one.end("q") == 0


def test_where_nothing_can_be_kept_the_lab_says_so_and_trains(lab, tmp_path):
    (tmp_path / "file").write_text("")
    one = lab(XDG_DATA_HOME=str(tmp_path / "file"))
    one.until("not kept")
    one.send("2")
    one.until("loss in nats").train(20)
    assert "not kept" in one.text
    assert one.end("q") == 0
