"""The names in the picture of the loss: whole or not at all, wherever the losses lie."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.ui.drawing.curve import SCALES, levels_of, loss_curve, turned_words
from tinylm_tui.ui.drawing.curve_frame import Frame
from tinylm_tui.ui.look import Look

from .stage import new_snapshot

NOW = new_snapshot("names", model="mlp", batch=8, learn_rate=0.01, held_out=0.2, steps=400)
BEGINNINGS = ("knowing", "exact", "held out 2", "held out 3", "held out was")


def drawn(snapshot, scale="plain", width=50, height=18):
    return [strip.text for strip in loss_curve(snapshot, scale, width, height, Look())]


@given(
    held=st.floats(1.1, 3.9),
    turned=st.none() | st.integers(0, 400),
    scale=st.sampled_from(SCALES),
    size=st.sampled_from([(50, 18), (30, 12), (90, 30), (28, 10)]),
)
def test_every_name_is_whole_or_not_there(held, turned, scale, size):
    snapshot = replace(NOW, held_out=held, turned=turned)
    names = [level.name for level in levels_of(snapshot)] + ([] if turned is None else [turned_words(turned)])
    for line in drawn(snapshot, scale, *size):
        for beginning in BEGINNINGS:
            if beginning in line:
                assert any(name in line and name.startswith(beginning) for name in names)


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
