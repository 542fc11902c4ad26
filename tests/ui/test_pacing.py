"""When the next live frame is asked for, with a terminal and timers that are made up."""

import pytest

from tinylm_tui.ui import pacing
from tinylm_tui.ui.pacing import LONGEST, Pacing, busy_wait
from tinylm_tui.ui.terminal import animations
from tinylm_tui.ui.wire import Keyboard


class App:
    """Keeps what is to be called; a test says when."""

    def __init__(self):
        self.timers, self.drawn = [], []

    def set_timer(self, seconds, call):
        self.timers.append(Timer(seconds, call))
        return self.timers[-1]

    def call_after_refresh(self, call, *args):
        self.drawn.append(lambda: call(*args))

    def call_later(self, call):
        call()

    def refresh(self):
        while self.drawn:
            self.drawn.pop(0)()


class Timer:
    def __init__(self, seconds, call):
        self.seconds, self.call, self.on = seconds, call, True

    def stop(self):
        self.on = False


@pytest.fixture
def app():
    return App()


@pytest.fixture
def asked():
    return []


@pytest.fixture
def pace(app, asked, monkeypatch):
    monkeypatch.setattr(pacing.wire, "hear", lambda answered, expected: None)
    one = Pacing(app, lambda: asked.append("frame"), lambda app: asked.append("question"))
    one.hear()
    return one


def frame(pace, app, *, drawn=True):
    pace.live(0.0)
    if drawn:
        pace.displayed()
    app.refresh()


def ring(app, call):
    """The one timer that is running for this."""
    (timer,) = [t for t in app.timers if t.on and t.call == call]
    timer.on = False
    timer.call()


def running(app, call):
    return any(t.on and t.call == call for t in app.timers)


def test_the_next_frame_waits_for_the_answer(pace, app, asked):
    frame(pace, app)
    assert asked == ["question"]
    assert not running(app, pace._ask_next)
    pace.answered()
    ring(app, pace._ask_next)
    assert asked == ["question", "frame"]


def test_a_frame_in_which_nothing_changed_asks_nothing(pace, app, asked):
    frame(pace, app, drawn=False)
    ring(app, pace._ask_next)
    assert asked == ["frame"]


def test_what_a_key_draws_asks_nothing(pace, asked):
    pace.displayed()
    assert asked == []


def test_a_second_live_frame_that_a_key_brought_is_waited_for_too(pace, app, asked):
    frame(pace, app)
    frame(pace, app)
    assert asked == ["question"]
    pace.answered()
    assert asked == ["question", "question"]
    assert not running(app, pace._ask_next)
    pace.answered()
    assert running(app, pace._ask_next)


def test_one_that_never_answers_is_not_asked_a_third_time(pace, app, asked):
    for _ in range(2):
        frame(pace, app)
        ring(app, pace._late)
        ring(app, pace._ask_next)
    frame(pace, app)
    assert asked == ["question", "frame", "question", "frame"]
    assert running(app, pace._ask_next)


def test_an_answer_that_was_only_late_brings_the_questions_back(pace, app, asked):
    for _ in range(2):
        frame(pace, app)
        ring(app, pace._late)
    pace.answered()
    frame(pace, app)
    assert asked.count("question") == 3


def test_on_a_line_that_stalls_questions_go_out_and_hardly_a_frame(pace, app, asked):
    frame(pace, app)
    pace.answered()
    asked.clear()
    frame(pace, app)
    for _ in range(3):
        ring(app, pace._late)
    assert asked == ["question"] * 4
    for timer in app.timers:
        timer.on = timer.call == pace._late and timer.on
    ring(app, pace._late)
    assert running(app, pace._ask_next)
    for _ in range(4):
        pace.answered()
    assert asked == ["question"] * 4


def test_at_rest_nothing_is_waited_for(pace, app, asked):
    frame(pace, app)
    pace.rest()
    assert not running(app, pace._late)
    pace.displayed()
    assert asked == ["question"]


def test_a_busy_machine_draws_fewer_live_frames():
    assert busy_wait(0.01) == 0
    assert 0 < busy_wait(0.03) < busy_wait(0.04) < LONGEST
    assert busy_wait(10) == LONGEST


@pytest.mark.parametrize("cut", range(1, 7))
def test_an_answer_is_taken_out_wherever_it_is_cut(cut):
    heard = []
    keyboard = Keyboard(lambda: heard.append(1), lambda: True)
    data = b"ab\x1b[7;9Rcd\x1b[A"
    text = keyboard.decode(data[: 2 + cut]) + keyboard.decode(data[2 + cut :])
    whole = "ab\x1b[7;9Rcd\x1b[A" if cut == 1 else "abcd\x1b[A"  # a lone escape may be the key: Textual reads on
    assert (text, len(heard)) == (whole, int(cut > 1))


def test_nothing_is_held_back_while_no_answer_is_expected():
    keyboard = Keyboard(lambda: None, lambda: False)
    assert keyboard.decode(b"\x1b[") == "\x1b["


def test_bytes_that_are_no_text_end_nothing():
    assert Keyboard(lambda: None, lambda: False).decode(b"\xe4b") == "\ufffdb"


def test_through_ssh_nothing_is_animated():
    assert animations({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "full") == "none"
    assert animations({}, "full") == "full"
