"""The line that is the same on every screen: inside its room whatever the model is called, and what long work shows."""

from dataclasses import replace

import pytest

from tinylm_tui.lab.snapshot import Busy
from tinylm_tui.ui.drawing.state import state
from tinylm_tui.ui.look import Look

from .stage import new_snapshot

AVERAGE = {"model": "average", "width": 32, "context": 5, "batch": 1, "learn_rate": 0.1}


def shown(snapshot, width):
    (strip,) = state(snapshot, width, Look())
    assert strip.cell_length <= width
    return strip.text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_long_model_name_stays_inside_the_line(width):
    s = new_snapshot("names", **AVERAGE)
    s = replace(s, step=123_456_789, speed=123_456.0, loss=1e9, running=True)
    text = shown(s, width)
    assert "step 123,456,789" in text
    assert "training" in text
    assert ("average" in text) == (width >= 80)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_long_work_takes_the_place_of_the_rest_and_says_how_to_stop_it(width):
    s = replace(new_snapshot("names"), busy=Busy("learning the tokens", 34, 100))
    text = shown(s, width)
    assert "names  learning the tokens  34%  esc stops" in text
    assert "step" not in text
    assert "100%" in shown(replace(s, busy=Busy("learning the tokens", 7, 5)), width)
    assert "  0%" in shown(replace(s, busy=Busy("learning the tokens", 0, 0)), width)


def test_without_long_work_there_is_no_word_of_it():
    assert "esc" not in shown(new_snapshot("names"), 120)
