"""Two labs on one run: the second one works on a copy, and says so."""

import os
import signal


def saved(lab, name="mine"):
    one = lab()
    one.send("\x13")
    one.until("Save this run")
    one.send(f"\x15{name}\r")
    return one.until("saved step")


def reopened(one, name="mine"):
    one.send("\x0f")
    one.until("A text (.txt)")
    one.send(f"{name}\r")
    return one


def save_as(one, name):
    one.send("\x13")
    one.until("Save this run").settle()
    one.send(f"\x15{name}\r")


def test_the_second_lab_opens_a_copy_and_cannot_write_over_the_run(lab):
    saved(lab)
    two = reopened(lab("--corpus", "story"))
    two.until("a copy of mine")
    save_as(two, "mine")
    two.until("another lab has mine open")
    save_as(two, "mine-copy")
    two.until("saved step")


def test_when_the_first_lab_is_gone_the_run_is_free(lab):
    one = saved(lab)
    os.kill(one.pid, signal.SIGKILL)
    one.wait()
    assert one.nobody_left()
    two = reopened(lab("--corpus", "story"))
    two.until("opened").settle()
    assert "a copy of" not in two.text
