"""The names in the picture of the loss: whole or not at all, wherever the losses lie."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.lab.marks import FEEDBACK, KINDS, NUDGED, TAUGHT, Mark
from tinylm_tui.ui.drawing.curve import SCALES, levels_of, loss_curve
from tinylm_tui.ui.drawing.curve_frame import Frame
from tinylm_tui.ui.drawing.curve_uprights import changes_of, uprights_of
from tinylm_tui.ui.look import Look

from .stage import new_snapshot

NOW = new_snapshot("names", model="mlp", batch=8, learn_rate=0.01, held_out=0.2, steps=400)


def drawn(snapshot, scale="plain", width=50, height=18):
    return [strip.text for strip in loss_curve(snapshot, scale, width, height, Look())]


@given(
    held=st.floats(1.1, 3.9),
    turned=st.none() | st.integers(0, 400),
    marks=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(KINDS)), max_size=9),
    scale=st.sampled_from(SCALES),
    size=st.sampled_from([(50, 18), (30, 12), (90, 30), (28, 10)]),
)
def test_every_name_is_whole_or_not_there(held, turned, marks, scale, size):
    snapshot = replace(NOW, held_out=held, turned=turned, marks=tuple(Mark(*mark) for mark in sorted(marks)))
    marks = uprights_of(snapshot)
    names = [level.name for level in levels_of(snapshot)]
    names += [f" {mark.name} " for mark in marks] + [f" {mark.short} " for mark in marks]
    for line in drawn(snapshot, scale, *size):
        for name in names:
            line = line.replace(name, "")
        assert not re.search("[a-z]", line)


def test_of_two_losses_close_together_one_has_its_name():
    text = "\n".join(drawn(replace(NOW, held_out=NOW.corpus.uniform - 0.01, turned=None)))
    assert ("knowing nothing" in text, "held out" in text) == (True, False)
    text = "\n".join(drawn(replace(NOW, held_out=2.2, turned=None)))
    assert ("knowing nothing" in text, "held out 2.2000" in text) == (True, True)  # the control


@pytest.mark.parametrize(("y", "columns", "free"), [(0.9, 9, True), (1.1, 9, False), (1.5, 2, False), (1.5, 3, True)])
def test_a_name_takes_a_place_that_is_free_and_wide_enough(y, columns, free):
    frame = Frame(20, 10, 0.0, 2.0, [1.2])
    assert frame.takes("abc", y, columns) is free
    assert frame.taken == ([1.2, y] if free else [1.2])


# ---- what training did not do

TAUGHT_AND_RATED = (Mark(40, TAUGHT), Mark(200, FEEDBACK), Mark(200, FEEDBACK), Mark(200, NUDGED))


@pytest.mark.parametrize("scale", SCALES)
def test_a_change_that_training_did_not_make_is_a_line_down_with_its_name(scale):
    shown = drawn(replace(NOW, turned=None, marks=TAUGHT_AND_RATED), scale, 90, 30)
    before = drawn(replace(NOW, turned=None), scale, 90, 30)
    assert "taught more at step 40" in "\n".join(shown)
    assert "feedback, nudged at step 200" in "\n".join(shown)
    foot, foot_before = shown[-2], before[-2]
    assert foot.count("┴") == foot_before.count("┴") + 2
    assert not any("at step" in line for line in before)  # the control


def test_at_step_zero_there_is_nothing_to_bend():
    assert changes_of([Mark(0, TAUGHT), Mark(0, NUDGED), Mark(7, NUDGED)]) == {7: "nudged"}


def test_the_newest_changes_are_drawn_and_where_it_turned():
    snapshot = replace(NOW, turned=250, marks=tuple(Mark(step, TAUGHT) for step in range(10, 20)))
    assert [upright.step for upright in uprights_of(snapshot)] == [250, 19, 18, 17, 16, 15, 14]
