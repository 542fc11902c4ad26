"""The picture of the ladder: curves on shared axes, their names, their ends, and the floors under them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.ui.drawing.ladder_axes import LEFT, Line, axes_of, dots_of, floors_of, lines_of, spread
from tinylm_tui.ui.drawing.ladder_curves import END, HUES, curves, round_ticks
from tinylm_tui.ui.look import Look

from .rungs import DONE, STEPS, new_report, waiting

NAMES = [rung.name for rung in DONE]


def texts(strips):
    return [strip.text for strip in strips]


def picture(report, width=80, height=20, look=Look(), *, held=False, chosen="counts"):  # noqa: B008
    return texts(curves(report, chosen, width, height, look, held=held))


def test_every_rung_has_its_name_and_its_figure_at_the_right_the_highest_on_top():
    for held in (False, True):
        told = [text[80 - 16 :].split() for text in picture(new_report(), held=held)]
        named = [(words[-2].removeprefix("▸"), words[-1]) for words in told if len(words) > 1]
        bits = {rung.name: rung.held_bits if held else rung.train_bits for rung in DONE}
        assert [name for name, _ in named if name in bits] == sorted(bits, key=lambda name: -bits[name])
        assert all(figure == f"{bits[name]:.3f}" for name, figure in named if name in bits)


def test_every_rung_has_a_colour_of_its_own():
    assert len(set(HUES.values())) == 5
    strips = curves(new_report(), "counts", 80, 20, Look(), held=True)
    drawn = {s.style.color.name for strip in strips for s in strip if "\u2800" < s.text[:1] <= "\u28ff"}
    assert drawn == set(HUES.values())


@pytest.mark.parametrize("look", [Look("none"), Look("few"), Look("none", ascii=True)])
def test_without_colours_the_lines_carry_the_letters_of_their_rungs(look):
    plot = "".join(text[LEFT:64] for text in picture(new_report(), look=look, held=True))
    assert {"c", "b", "a", "m", "g"} <= set(plot)
    coloured = "".join(text[LEFT:64] for text in picture(new_report(), held=True))
    assert not {"c", "b", "a", "m", "g"} & set(coloured)


def test_in_ascii_there_is_no_braille():
    plot = "".join(picture(new_report(), look=Look(ascii=True)))
    assert not any("\u2800" <= c <= "\u28ff" for c in plot)


def test_floors_stand_under_the_training_curves_only_and_rungs_on_one_floor_share_it():
    training, held = "\n".join(picture(new_report())), "\n".join(picture(new_report(), held=True))
    assert "floor of counts, bigram 3.175" in training
    assert "floor of average 1.367" in training
    assert "floor of mlp 0.115" in training
    assert "floor" not in held
    assert [floor.names for floor in floors_of(new_report())] == [("counts", "bigram"), ("average",), ("mlp",)]


def test_the_end_of_a_line_is_where_its_rung_was_measured():
    alone = new_report([replace(DONE[4], train_bits=1.0)])
    lines = picture(alone, chosen="gpt")
    marked = next(i for i, text in enumerate(lines) if END in text)
    assert f"{1.0:.3f}" in lines[marked]
    axes = axes_of(lines_of(alone, held=False), [], STEPS, 80, 20)
    assert marked == axes.row(1.0)
    assert marked > axes.row(1.921)  # the curve ends higher, and no line leads from there to the point
    assert lines_of(alone, held=False)[0].bits[-1] > 1.9


def test_what_is_held_out_is_joined_from_one_measurement_to_the_next():
    told = (5.0, 5.0, 5.0, 4.0, 4.0)
    rung = replace(DONE[3], curve_steps=(0, 100, 200, 300, 400), curve_held=told, curve_train=told)
    line = lines_of(new_report([rung]), held=True)[0]
    assert list(zip(line.steps, line.bits, strict=True)) == [(0, 5.0), (300, 4.0), (1000, 2.731)]
    assert len(lines_of(new_report([rung]), held=False)[0].bits) == 5


def test_no_line_leads_to_the_last_point_of_a_gpt_which_sees_more_there():
    told = (5.0, 5.0, 5.0, 4.0, 4.0)
    gpt = replace(DONE[4], curve_steps=(0, 100, 200, 300, 400), curve_held=told)
    line = lines_of(new_report([gpt]), held=True)[0]
    assert list(zip(line.steps, line.bits, strict=True)) == [(0, 5.0), (300, 4.0)]
    assert line.last == gpt.held_bits
    unmeasured = replace(gpt, curve_held=())
    assert lines_of(new_report([unmeasured]), held=True)[0].bits.tolist() == [gpt.held_bits]


def test_an_infinite_loss_is_named_on_top_and_no_line_is_drawn_for_it():
    counts = replace(DONE[0], held_bits=math.inf)
    lines = picture(new_report([counts, *DONE[1:]]), held=True, chosen="gpt")
    assert lines[0].split()[-2:] == ["counts", "∞"]
    styles = {
        s.style.color.name
        for strip in curves(new_report([counts, *DONE[1:]]), "gpt", 80, 20, Look(), held=True)
        for s in strip
        if "\u2800" < s.text[:1] <= "\u28ff"
    }
    assert HUES["counts"] not in styles


def test_a_ladder_of_nothing_yet_has_no_picture():
    assert picture(new_report([waiting(name) for name in NAMES], running=True)) == []
    assert picture(new_report([replace(DONE[0], held_bits=math.inf)]), held=True) != []


def test_a_falling_line_falls_and_goes_through_its_points():
    line = Line("gpt", np.array([0.0, 500.0, 1000.0]), np.array([4.0, 2.0, 1.0]), None)
    axes = axes_of([line], [], 1000, 80, 20)
    cells = dots_of(line, axes)
    for step, bits in ((500.0, 2.0), (1000.0, 1.0)):
        assert (axes.row(bits), int(axes.x(np.array([step]))[0]) // 2) in cells
    rows = [min(row for row, c in cells if c == column) for column in sorted({c for _, c in cells})]
    assert rows == sorted(rows)
    assert {c for _, c in cells} == set(range(axes.columns))


@given(st.lists(st.floats(0, 20), min_size=1, max_size=30), st.integers(31, 200), st.integers(5, 60))
def test_any_curve_can_be_drawn(values, width, height):
    steps = tuple(range(len(values)))
    rung = replace(DONE[4], curve_steps=steps, curve_train=tuple(values), curve_held=tuple(values), steps=len(values))
    for held in (False, True):
        strips = curves(new_report([rung], steps=max(1, len(values))), "gpt", width, height, Look(), held=held)
        assert len(strips) == height
        assert all(strip.cell_length == width for strip in strips)


@given(st.lists(st.integers(0, 19), min_size=1, max_size=8).map(sorted))
def test_names_that_would_lie_on_each_other_give_way_in_order(rows):
    places = spread(rows, 20)
    assert places == sorted(set(places))
    assert places[0] >= 0
    assert places[-1] < 20
    if len(set(rows)) == len(rows):
        assert places == rows


@given(st.floats(0, 8), st.floats(0.05, 12), st.integers(3, 12))
def test_the_figures_on_the_axis_are_round_and_not_too_many(low, extent, most):
    ticks = round_ticks(low, low + extent, most)
    assert len(ticks) <= most + 1
    assert all(low - 1e-9 <= tick <= low + extent + 1e-9 for tick in ticks)
    assert all(abs(tick * 20 - round(tick * 20)) < 1e-6 for tick in ticks)
