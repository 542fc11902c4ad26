"""The grid of parts: names only with their figure, colours that mean the same in every model, and what differs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.heads import Head, Score
from tinylm_tui.lab.ablation import Off
from tinylm_tui.ui.drawing.ablation import LABELS, Parts, amount, lattice, place_lattice
from tinylm_tui.ui.drawing.ablation_page import Shown, part_lines
from tinylm_tui.ui.drawing.missing import arranged
from tinylm_tui.ui.drawing.written import marked
from tinylm_tui.ui.look import Look

LOOKS = [Look(), Look("few"), Look("none"), Look("none", ascii=True)]


def score(name="previous token", share=0.84, chance=0.2, looks=100):
    return Score(name, share, chance, looks)


def parts(named=(), cursor=(0, 0), layers=2, heads=3, costs=None, off=None):
    return Parts(layers, heads, off or Off(), cursor, costs, named)


def named(*scores):
    """Six heads, of which the first has these scores."""
    return [Head(0, 0, scores), *[Head(i // 3, i % 3, ()) for i in range(1, 6)]]


def drawn(p, width=80, height=12, look=LOOKS[0]):
    return "\n".join(strip.text for strip in lattice(p, place_lattice(p, width, height, (0, 0)), look))


def said(p, width=80):
    shown = Shown(p, None, None, None, "", [], "", 0, 0)
    return " ".join(" ".join(strip.text for strip in part_lines(shown, width, Look())).split())


@pytest.mark.parametrize("look", LOOKS)
def test_a_name_stands_with_the_share_that_justifies_it(look):
    assert "previous 84%" in drawn(parts(named(score())), look=look)
    assert "Previous token 84% (evenly 20%)" in said(parts(named(score())))


@pytest.mark.parametrize("unearned", [score(share=0.45), score(looks=3), score(share=0.9, chance=0.7)])
def test_a_share_that_justifies_no_name_is_given_as_the_nearest_and_stands_in_no_cell(unearned):
    p = parts(named(unearned))
    assert "previous" not in drawn(p)
    assert said(p).startswith("layer 1, head 1: on. No name. Nearest: previous token")


def test_several_names_stand_in_the_sentence_the_surest_first():
    p = parts(named(score(share=0.6), score("induction", 0.9, 0.1)))
    assert "Induction 90% (evenly 10%), previous token 60% (evenly 20%)" in said(p, 120)
    assert "induction 90%" in drawn(p)


def test_a_head_without_any_score_and_an_mlp_have_no_name():
    assert "No name: the text is too short to tell" in said(parts(named()))
    assert "An MLP looks at nothing" in said(parts(named(), cursor=(1, 3)))


@given(st.floats(1e-9, 100), st.floats(1e-9, 100))
def test_a_larger_cost_is_never_darker_and_the_sign_is_the_colours(one, other):
    low, high = sorted([one, other])
    assert 0 <= amount(low) <= amount(high) <= 1
    assert amount(-high) == -amount(high)


@pytest.mark.parametrize(
    ("cost", "colour"), [(0, 0), (1e-4, 0), (1e-3, 0.25), (0.01, 0.5), (0.1, 0.75), (1, 1), (9, 1)]
)
def test_the_colour_goes_by_the_logarithm(cost, colour):
    assert amount(cost) == pytest.approx(colour)


@pytest.mark.parametrize("cost", [math.nan, math.inf, -math.inf])
def test_a_cost_that_is_no_number_is_written_so(cost):
    costs = np.zeros((2, 4))
    costs[0, 1] = cost
    assert amount(cost) == 0
    assert "no number" in drawn(parts(costs=costs))


@given(st.integers(1, 12), st.integers(1, 12), st.integers(60, 160), st.integers(3, 30), st.data())
def test_the_cursors_cell_is_always_in_view_and_nothing_stands_outside(layers, heads, width, height, data):
    cursor = data.draw(st.tuples(st.integers(0, layers - 1), st.integers(0, heads)))
    before = data.draw(st.tuples(st.integers(0, 20), st.integers(0, 20)))
    p = parts(cursor=cursor, layers=layers, heads=heads)
    place = place_lattice(p, width, height, before)
    lines = lattice(p, place, Look())
    assert len(lines) == place.height <= max(height, 2)
    assert all(strip.cell_length <= width for strip in lines)
    x, y = LABELS + (cursor[1] - place.left) * (place.columns + 1), 1 + (cursor[0] - place.top) * place.lines
    assert place.at(x, y) == cursor
    assert [segment for segment in lines[y] if segment.style == Look().style("cursor")]


@given(st.integers(1, 300), st.integers(1, 2), st.integers(12, 30))
def test_the_small_maps_fit_beside_the_grid(tokens, maps, height):
    beneath, factor, cell = arranged(tokens, maps, 40, height, Look())
    size = -(-tokens // factor)
    across, down = (1, maps) if beneath else (maps, 1)
    assert across * size * cell.columns + 2 * (across - 1) <= 40
    assert down * (1 + cell.lines(size)) + 6 <= max(height, 6 + 2 * down)


def test_what_differs_is_marked_character_by_character():
    pieces = marked("anab", "anna", Look())
    assert [text for text, style in pieces if style.underline] == ["a", "b"]
    assert "".join(text for text, _ in pieces) == "anab"
    assert not [1 for _, style in marked("anna", "anna", Look()) if style.underline]
    assert [text for text, style in marked("annas", "anna", Look()) if style.underline] == ["s"]
