"""The line of keys at the bottom."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tinylm_tui.ui.drawing.offered import Offered, key_at, offered_line
from tinylm_tui.ui.look import Look

from .stage import open_lab

THREE = (Offered("space", "space", "train"), Offered("question_mark", "?", "help"), Offered("q", "q", "quit"))
OWN = Offered("g", "g", "count letters")
WORDS = st.text("abc →é漢", min_size=1, max_size=9)
SOME = st.lists(st.builds(Offered, WORDS, WORDS, WORDS, st.booleans()), max_size=9, unique_by=lambda one: one.key)


def test_each_key_stands_before_what_it_does():
    assert offered_line(THREE, 80, Look()).text.split() == ["space", "train", "?", "help", "q", "quit"]


def test_a_key_that_would_not_fit_whole_is_left_out():
    assert offered_line(THREE, 20, Look()).text == " space train "
    assert offered_line(THREE, 13, Look()).text == " space train "
    assert offered_line(THREE, 12, Look()).text == " ? help "


def test_a_screens_own_keys_are_left_out_before_those_of_everywhere():
    everywhere = [replace(one, everywhere=True) for one in THREE]
    assert offered_line([OWN, *everywhere], 80, Look()).text.split()[0] == "g"
    assert offered_line([OWN, *everywhere], 34, Look()).text == offered_line(THREE, 34, Look()).text
    assert "quit" not in offered_line([OWN, *THREE], 34, Look()).text  # the control


@given(SOME, st.integers(0, 90))
def test_a_click_finds_the_key_that_stands_there_and_none_where_nothing_stands(offered, width):
    drawn = offered_line(offered, width, Look())
    assert drawn.cell_length <= width
    clicked = [key_at(offered, width, x) for x in range(width)]
    assert [key is not None for key in clicked] == [x < drawn.cell_length for x in range(width)]
    fits = [one for one in offered if one.key in clicked]
    assert all(f" {one.shown} {one.does} " in drawn.text for one in fits)
    assert sum(cell_len(f" {one.shown} {one.does} ") for one in fits) >= drawn.cell_length


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (120, 36)])
async def test_a_click_on_a_key_presses_it(size):
    async with open_lab(size=size) as lab:
        await lab.pilot.click("#keys", offset=(lab.lines[-1].index("help"), 0))
        await lab.pause()
        assert lab.in_dialog


async def test_the_line_is_right_after_every_change_of_screen_and_of_the_focus():
    async with open_lab() as lab:
        lines = []
        for key in ("1", "e", "escape", "2", "4", "question_mark", "escape", "1"):
            await lab.press(key)
            lines.append(lab.lines[-1])
        assert lines[0] == lines[2] == lines[7]
        assert lines[4] == lines[6]
        assert len(set(lines)) >= 4


async def test_under_a_dialog_no_key_is_offered_that_would_do_nothing():
    async with open_lab() as lab:
        before = lab.lines[-1]
        await lab.press("question_mark")
        assert lab.lines[-1] == ""
        await lab.press("escape")
        assert lab.lines[-1] == before
