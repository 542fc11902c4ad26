"""When the next live frame is asked for, with a terminal and timers that are made up."""

from itertools import pairwise

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from tinylm_tui.ui import line, pacing
from tinylm_tui.ui.owed import MEASURED, PIECE, size_of
from tinylm_tui.ui.pacing import LONGEST, Pacing, busy_wait
from tinylm_tui.ui.terminal import animations
from tinylm_tui.ui.wire import Keyboard


class App:
    """Keeps what is to be called; a test says when."""

    def __init__(self):
        self.timers, self.drawn, self.screen_stack = [], [], ["the lab's"]

    def set_timer(self, seconds, call):
        self.timers.append(Timer(seconds, call))
        return self.timers[-1]

    def call_after_refresh(self, call, *args):
        self.drawn.append(lambda: call(*args))

    def call_later(self, call, *args):
        call(*args)

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
    monkeypatch.setattr(pacing.wire, "hear", lambda answered, expected, sent: None)
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
    pace.answered(0.0)
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
    pace.answered(0.0)
    assert asked == ["question", "question"]
    assert not running(app, pace._ask_next)
    pace.answered(0.0)
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
    pace.answered(0.0)
    frame(pace, app)
    assert asked.count("question") == 3


def test_on_a_line_that_stalls_questions_go_out_and_hardly_a_frame(pace, app, asked):
    frame(pace, app)
    pace.answered(0.0)
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
        pace.answered(0.0)
    assert asked == ["question"] * 4


def test_at_rest_nothing_is_waited_for(pace, app, asked):
    frame(pace, app)
    pace.rest()
    assert not running(app, pace._late)
    pace.displayed()
    assert asked == ["question"]


class Rows:
    """In place of a canvas: each row takes 500 bytes, written when it is refreshed."""

    size = Size(80, 20)

    def __init__(self, pace):
        self.pace, self.sent = pace, []

    def render_line(self, y):
        return Strip([Segment("x" * 482)])

    def redraw(self):
        self.sent.append("anew")

    def refresh(self, *rows):
        self.sent.append([row.y for row in rows])
        self.pace.line.sent(500 * len(rows))


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only when a test says so; for the line alone."""
    now = [100.0]
    monkeypatch.setattr(line.time, "monotonic", lambda: now[0])
    return now


def owe(pace, rows, numbers):
    """A live frame in which these rows changed."""
    pace.drawing = True
    assert pace.holds(rows, [Region(0, y, 80, 1) for y in numbers])
    pace.live(0.0)


def pieces_of(pace, app, clock, most=50):
    """Let the terminal be drawn, and the line take what was written, until nothing is owed."""
    for _ in range(most):
        pace.displayed()
        app.refresh()
        if not running(app, pace._owed._send):
            return
        clock[0] += pace.line.busy
        ring(app, pace._owed._send)


def test_on_a_line_not_known_to_be_slow_a_frame_is_one_piece(pace, app, clock):
    owe(pace, rows := Rows(pace), range(20))
    pieces_of(pace, app, clock)
    assert rows.sent == [list(range(20))]


def test_on_a_slow_line_a_frame_goes_out_in_pieces_and_is_asked_after_at_its_end(pace, app, asked, clock):
    pace.line.pace = 1 / 32_000
    owe(pace, rows := Rows(pace), range(20))
    pieces_of(pace, app, clock, most=17)
    assert rows.sent == [[0, 1], *([y] for y in range(2, 19))]
    assert asked == ["question"] * 2
    pieces_of(pace, app, clock)
    assert rows.sent[-1] == [19]
    assert asked == ["question"] * 3
    for _ in range(3):
        assert not running(app, pace._ask_next)
        pace.answered(0.0)
    assert running(app, pace._ask_next)


def test_a_piece_is_what_the_line_takes_in_a_moment(pace, app, clock):
    pace.line.pace = PIECE / 2_100
    owe(pace, rows := Rows(pace), range(20))
    pieces_of(pace, app, clock)
    assert [len(piece) for piece in rows.sent] == [6, 4, 4, 4, 2]  # the line is measured by the first


def test_rows_wait_until_what_a_key_drew_has_left(pace, app, clock):
    pace.line.pace = 1 / 32_000
    owe(pace, rows := Rows(pace), range(5))
    pace.displayed()
    pace.line.sent(3_200)
    ring(app, pace._owed._send)
    assert rows.sent == [[0, 1]]
    clock[0] += pace.line.busy
    ring(app, pace._owed._send)
    assert rows.sent == [[0, 1], [2]]


def test_what_a_key_changes_is_not_held(pace):
    assert not pace.holds(Rows(pace), [Region(0, 0, 80, 1)])


def test_what_is_said_in_few_rows_comes_first(pace, app, clock):
    pace.line.pace = 1 / 32_000
    pace.drawing = True
    large, small = Rows(pace), Rows(pace)
    pace.holds(large, [Region(0, y, 80, 1) for y in range(9)])
    owe(pace, small, range(3))
    assert (large.sent, small.sent) == ([], [[0, 1]])


def test_at_rest_everything_is_sent(pace, app, clock):
    pace.line.pace = 1 / 32_000
    owe(pace, rows := Rows(pace), range(20))
    pace.displayed()
    pace.rest()
    assert rows.sent == [[0, 1], list(range(2, 20))]
    assert not running(app, pace._owed._send)


def test_rows_that_are_hidden_by_now_hold_up_nothing(pace, app, clock):
    pace.line.pace = 1 / 32_000
    owe(pace, rows := Rows(pace), range(9))
    rows.size, rows.render_line = Size(0, 0), None  # it cannot be drawn in no place at all
    app.refresh()
    clock[0] += 1
    ring(app, pace._owed._send)
    assert rows.sent == [[0, 1], "anew"]
    app.refresh()
    assert running(app, pace._ask_next)


def test_rows_under_a_dialog_are_sent_when_it_is_gone(pace, app, asked, clock):
    pace.line.pace = 1 / 32_000
    owe(pace, rows := Rows(pace), range(4))
    pace.displayed()
    app.screen_stack.append("a dialog")
    ring(app, pace._owed._send)
    app.refresh()
    ring(app, pace._ask_next)
    owe(pace, rows, range(2, 6))
    app.refresh()
    assert rows.sent == [[0, 1]]
    assert asked == ["question", "question", "frame"]
    ring(app, pace._ask_next)
    app.screen_stack.pop()
    pace.uncovered()
    assert rows.sent == [[0, 1], [2, 3, 4, 5]]


def test_a_key_that_brings_another_live_frame_sends_each_row_once(pace, app, clock):
    pace.line.pace = 1 / 32_000
    owe(pace, rows := Rows(pace), range(4))
    pace.displayed()
    owe(pace, rows, range(4))
    pieces_of(pace, app, clock)
    assert rows.sent == [[0, 1], [0], [1], [2], [3]]


def test_the_terminal_is_asked_before_a_frame_and_after_its_first_piece(pace, app, asked, clock):
    frame(pace, app)
    pace.answered(0.0)
    asked.clear()
    pace.line.pace = 1 / 32_000
    owe(pace, rows := Rows(pace), range(6))
    assert asked == ["question"]
    assert len(rows.sent[0]) == int(max(MEASURED * 32_000, 2 * line.TELLING) / 500)
    pieces_of(pace, app, clock)
    assert asked == ["question"] * 3


def test_the_line_is_measured_by_a_piece_that_says_something_at_any_pace(pace, app, clock):
    pace.line.pace = 1 / 2_000
    owe(pace, rows := Rows(pace), range(20))
    assert 500 * len(rows.sent[0]) > line.TELLING
    pieces_of(pace, app, clock)
    assert {len(piece) for piece in rows.sent[1:]} == {1}


def test_a_first_frame_that_takes_long_tells_how_slow_the_line_is(pace, app, asked, clock):
    owe(pace, Rows(pace), range(20))
    pace.displayed()
    pace.answered(100.0)  # the question before the frame; the one after it is a while on the way
    for _ in range(2):
        ring(app, pace._late)
    assert asked == ["question"] * 4
    for _ in range(3):
        clock[0] = 105.0
        pace.answered(105.0)
    assert pace.line.pace == pytest.approx(5.0 / 10_000)
    assert running(app, pace._ask_next)


def test_a_late_answer_is_not_taken_for_that_of_a_newer_question(pace, app, asked):
    frame(pace, app)
    pace.answered(0.0)
    frame(pace, app)
    ring(app, pace._late)
    assert asked.count("question") == 3
    for timer in app.timers:
        timer.on = timer.call == pace._late and timer.on
    pace.answered(0.0)
    assert not running(app, pace._ask_next)
    pace.answered(0.0)
    assert running(app, pace._ask_next)


def test_an_answer_that_was_lost_is_not_waited_for_for_ever(pace, app):
    frame(pace, app)
    pace.answered(0.0)
    frame(pace, app)  # the answer to this one is lost
    ring(app, pace._late)
    pace.answered(0.0)
    assert pace.line.asks
    ring(app, pace._late)
    pace.answered(0.0)
    assert not pace.line.asks
    frame(pace, app)
    for timer in app.timers:
        timer.on = False
    pace.answered(0.0)
    assert running(app, pace._ask_next)


def test_no_answer_is_late_while_the_line_is_busy(pace, app, clock):
    pace.line.pace = 1 / 2_000
    pace.line.sent(10_000)
    frame(pace, app)
    (late,) = [timer for timer in app.timers if timer.call == pace._late]
    assert late.seconds == pytest.approx(pacing.PATIENCE + 5)


def test_one_that_never_answers_is_asked_twice_also_where_it_is_before_a_frame(pace, app, asked, clock):
    for _ in range(3):
        owe(pace, rows := Rows(pace), range(20))
        pace.displayed()
        app.refresh()
        assert rows.sent == [list(range(20))]
        if running(app, pace._late):
            ring(app, pace._late)
        ring(app, pace._ask_next)
    assert asked == ["question", "question", "frame", "frame", "frame"]


def measured(one, clock, count, seconds, before=0):
    """A question, a piece of so many bytes, a question; the answers lie so many seconds further apart."""
    one.sent(before)
    one.asked(begins=True)
    one.sent(count)
    clock[0] += 0.02
    one.asked(begins=False)
    one.answered(clock[0] + 0.2)
    one.answered(clock[0] + 0.2 + 0.02 + seconds)
    clock[0] += 4


def test_the_pace_of_a_line_is_how_much_further_apart_the_answers_are(clock):
    one = line.Line()
    measured(one, clock, 4_000, 0.125)
    assert one.pace == pytest.approx(1 / 32_000)


@pytest.mark.parametrize(
    "seconds", [(3.0, 0.125), (0.125, 3.0), (0.125, -2.0, 0.125), (0.125, 3.0, 0.125, -2.0, 0.125)]
)
def test_one_answer_that_was_held_up_misleads_nobody(clock, seconds):
    one = line.Line()
    for more in seconds:
        measured(one, clock, 4_000, more)
    assert one.pace == pytest.approx(1 / 32_000)


def test_what_was_on_the_way_when_the_pace_became_known_is_waited_for(clock):
    one = line.Line()
    one.asked(begins=True)
    one.sent(4_000)
    one.asked(begins=False)
    one.sent(3_200)
    one.answered(clock[0])
    one.answered(clock[0] + 0.125)
    assert one.busy == pytest.approx(0.125 + 0.1)


def test_a_line_that_was_taken_for_slow_is_free_when_everything_is_answered(clock):
    one = line.Line()
    one.pace = 0.001
    one.sent(4_000)
    one.asked(begins=False)
    one.answered(clock[0])
    assert one.busy == 0


def test_a_line_that_has_become_fast_is_known_to_be(clock):
    one = line.Line()
    for seconds in (0.125, 0.0, 0.0, 0.0):
        measured(one, clock, 4_000, seconds)
    assert one.pace == 0


@pytest.mark.parametrize(("count", "before"), [(line.TELLING - 1, 0), (4_000, 2_000)])
def test_too_few_bytes_or_too_many_before_them_tell_nothing(clock, count, before):
    one = line.Line()
    measured(one, clock, count, 0.125, before)
    assert one.pace == 0


def test_a_line_is_busy_until_it_has_taken_everything(clock):
    one = line.Line()
    one.pace = 0.001
    one.sent(100)
    one.sent(50)
    assert one.busy == pytest.approx(0.15)
    clock[0] += 1
    assert one.busy == 0


def test_the_size_of_a_row_grows_with_its_colours():
    colours = [Style(color=f"color({n})") for n in range(20)]
    rows = [Strip([Segment("ab", colours[i % n]) for i in range(20)]) for n in (1, 2, 20)]
    sizes = [size_of(row) for row in rows]
    assert sizes[0] < 80 < 300 < sizes[1] == sizes[2]
    assert all(a <= b for a, b in pairwise(sizes))


def test_a_busy_machine_draws_fewer_live_frames():
    assert busy_wait(0.01) == 0
    assert 0 < busy_wait(0.027) < busy_wait(0.03) < LONGEST
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
