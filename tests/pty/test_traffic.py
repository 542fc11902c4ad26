"""What is sent to the terminal, and when: a slow line must do."""

from itertools import cycle

from terminal import SIGNS

KIB = 1024


def test_nothing_is_sent_when_nothing_changes(lab):
    one = lab()
    one.send("sss")
    one.until_true(lambda: one.step() == 3)
    for tab in "123456":
        one.walk(tab).settle(0.3)
        assert one.pump(0.8) == 0, f"tab {tab}"


def test_the_heat_map_in_training_is_light(lab, note):
    one = lab("--set", "pace=0").train().walk("4")
    one.pump(1)
    early = one.pump(3) / 3 / KIB
    note("heat map in training", early, "KiB/s")
    assert early < 120


def test_the_curve_and_the_walk_in_training_are_light_too(lab, note):
    one = lab("--set", "pace=0").train()
    for tab in "25":
        one.walk(tab).pump(0.2)
        rate = one.pump(0.8) / 0.8 / KIB
        note(f"tab {tab} in training", rate, "KiB/s")
        assert rate < 120


def test_a_storm_of_resizes_leaves_a_screen_that_is_right(lab):
    one = lab("--set", "pace=200").train()
    sizes = [(10, 3), (200, 60), (60, 20), (59, 20), (1, 1), (80, 24)] * 5
    for tab, size in zip(cycle(SIGNS), sizes, strict=False):
        one.send(tab)
        one.resize(*size)
        one.pump(0.05)
    one.resize(10, 3)
    one.pump(0.3)
    one.resize(80, 24)
    one.pause()
    for tab, sign in SIGNS.items():
        one.walk(tab).settle()
        fresh = one.text
        one.resize(81, 24)  # everything is drawn anew
        one.until(sign).settle()
        one.resize(80, 24)
        one.until(sign).settle()
        assert one.text == fresh, f"tab {tab}"
    assert one.end() == 0


def test_a_window_that_is_too_small_says_so_and_comes_back(lab):
    one = lab()
    one.resize(40, 10)
    one.until("at least")
    one.resize(80, 24)
    one.until("starter texts")
    assert one.end() == 0
