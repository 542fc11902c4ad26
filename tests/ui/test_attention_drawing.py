"""The drawings of attention: arrays in, lines out."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine import trick
from tinylm_tui.ui.drawing.attention import arrows, map_page
from tinylm_tui.ui.drawing.heads import fitting, heads_page
from tinylm_tui.ui.drawing.numbers import numbers_page, numbers_table
from tinylm_tui.ui.drawing.pattern import (
    LEGEND,
    SHADES,
    legend,
    pattern_map,
    pooled,
    shade,
)
from tinylm_tui.ui.drawing.place import place_map, sizes
from tinylm_tui.ui.drawing.signed import signed
from tinylm_tui.ui.drawing.trick import trick_page
from tinylm_tui.ui.look import GROUND, TOWARDS, Look

from .attentive import ANY_LOOK, LOOKS, TOKENS, head, text_of

PAGES = {
    "map": lambda h, at, width, height, look: map_page(h, at, width, height, look)[0],
    "numbers": numbers_page,
    "heads": lambda h, at, *size_and_look: heads_page(np.array([[h.pattern] * 4] * 2), (1, 2), *size_and_look),
    "trick": lambda h, at, *size_and_look: trick_page(
        trick.steps(h.q[:48], h.k[:48], h.v[:48]), 3, h.beginning(48), min(at[0], 47), *size_and_look
    ),
}


@pytest.mark.parametrize("name", PAGES)
@given(tokens=TOKENS, width=st.integers(58, 198), height=st.integers(14, 60), look=ANY_LOOK)
def test_a_page_is_no_larger_than_asked_and_every_piece_has_a_style(name, tokens, width, height, look):
    strips = PAGES[name](head(tokens), (tokens - 1, tokens // 2), width, height, look)
    assert all(segment.style is not None for strip in strips for segment in strip if segment.text)
    assert max(strip.cell_length for strip in strips) <= width
    assert len(strips) <= height


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("look", LOOKS)
def test_the_same_head_gives_the_same_drawing(name, look):
    drawn = [PAGES[name](head(5), (4, 2), 78, 18, look) for _ in range(2)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("tokens", [1, 5, 8, 32])
def test_at_80_columns_nothing_is_cut_off_at_the_bottom(look, tokens):
    h = head(tokens)
    ends = {"map": "", "numbers": "up down", "heads": "share %", "trick": "share %"}
    for name, end in ends.items():
        strips = PAGES[name](h, (tokens - 1, 0), 78, 18, look)
        assert end in strips[-1].text
    assert "1, 2, 3 agree" in text_of(PAGES["trick"](h, (tokens - 1, 0), 78, 18, look))
    assert "others" in text_of(PAGES["map"](h, (tokens - 1, 0), 78, 18, look)) or tokens < 8


# ---- the map


@given(TOKENS, st.integers(30, 120), st.integers(6, 40), ANY_LOOK, st.data())
def test_the_cursor_is_in_view_and_every_cell_is_found_again_by_a_click(tokens, width, height, look, data):
    cursor = tuple(data.draw(st.integers(0, tokens - 1)) for _ in range(2))
    h = head(tokens)
    place = place_map(h.letters, cursor, width, height, look, (0, 0))
    assert place.top <= cursor[0] < place.top + place.rows
    assert place.left <= cursor[1] < place.left + place.columns
    strips = pattern_map(h.pattern, h.letters, cursor, place, look)
    assert len(strips) == 1 + place.cell.lines(place.rows)
    assert len(strips) <= max(height, 2)
    assert {strip.cell_length for strip in strips[1:]} <= {place.width}
    x = 6 + (cursor[1] - place.left) * place.cell.columns
    y = 1 + (cursor[0] - place.top) * place.cell.halves // 2
    row, column = place.at(x, y)
    assert (row in (cursor[0], cursor[0] - 1), column) == (True, cursor[1])
    assert place.at(3, 3) is None


def test_the_larger_the_room_the_larger_the_cell():
    h, columns = head(6), []
    for width, height in ((20, 5), (20, 9), (40, 14), (60, 20), (80, 30)):
        columns.append(place_map(h.letters, (0, 0), width, height, Look(), (0, 0)).cell.columns)
    assert columns == sorted(columns)
    assert (columns[0], columns[-1]) == (2, 8)


def test_nothing_is_drawn_above_the_diagonal():
    h = head(6)
    place = place_map(h.letters, (5, 0), 60, 30, Look(), (0, 0))
    strips = pattern_map(h.pattern, h.letters, (5, 0), place, Look())
    for r in range(6):
        line = strips[1 + place.cell.lines(r)]
        beyond = line.crop(6 + (r + 1) * place.cell.columns)
        assert beyond.text.strip() == ""
        assert all(segment.style.bgcolor is None for segment in beyond if segment.text)


def test_two_rows_in_a_line_leave_the_upper_right_empty_too():
    h = head(30)
    place = place_map(h.letters, (29, 0), 60, 18, Look(), (0, 0))
    assert place.cell.halves == 1
    first = pattern_map(h.pattern, h.letters, (29, 0), place, Look())[1]
    cells = [segment for segment in first if "▀" in segment.text]
    assert cells[0].style.color.name == TOWARDS[SHADES]  # the first token has only itself to look at
    assert {cell.style.color.name for cell in cells[1:]} == {GROUND}
    assert {cell.style.bgcolor.name for cell in cells[2:]} == {GROUND}


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_is_never_darker_and_never_looks_like_an_empty_cell(one, other):
    low, high = sorted((one, other))
    assert 1 <= shade(low) <= shade(high) <= SHADES


@pytest.mark.parametrize("look", LOOKS)
def test_the_legend_has_a_different_cell_for_each_shade(look):
    strip = legend(look)
    assert strip.cell_length == 36
    assert [shade(share) for share in LEGEND] == list(range(1, SHADES + 1))
    assert len({(segment.text, segment.style) for segment in strip}) == 1 + SHADES


def test_every_size_of_a_cell_is_drawn_without_colours_too():
    assert all(cell.halves > 1 for look in LOOKS if not look.halves for cell in sizes(look))


def test_letters_of_two_columns_get_cells_of_two():
    h = head(30, letters=["", *["你"] * 29])
    place = place_map(h.letters, (29, 29), 60, 18, Look(), (0, 0))
    assert place.cell.columns == 2
    strips = pattern_map(h.pattern, h.letters, (29, 29), place, Look())
    assert {strip.cell_length for strip in strips} == {place.width}


@pytest.mark.parametrize("tokens", [5, 12, 24, 31, 64])
@pytest.mark.parametrize("width", [104, 118, 160])
def test_the_numbers_beside_a_wide_map_are_whole(tokens, width):
    drawn = text_of(map_page(head(tokens), (tokens - 1, 0), width, 28, Look())[0])
    assert re.search(r"e\^\(s−max\) +share", drawn)
    assert "100.00%" in drawn


# ---- arrows


def test_arrows_name_the_letters_looked_at_with_their_shares():
    h = head(5, letters=["", "e", "m", "m", "a"])
    h.pattern[4] = [0.5, 0.01, 0.04, 0.3, 0.15]
    lines = text_of(arrows(h, 4, 60, 10, Look())).split("\n")
    assert lines[0].split() == ["·", "e", "m", "m", "a"]
    assert "itself 15.0%" in lines[1]
    assert [line.split()[-3:] for line in lines[2:4]] == [["m", "(4)", "30.0%"], ["m", "(3)", "4.0%"]]
    assert "· (1) 50.0%" in lines[4]
    assert "│" not in lines[4]


def test_an_arrow_ends_under_the_letter_it_means():
    h = head(5)
    h.pattern[4] = [0, 0, 1, 0, 0]
    letters, tips, arrow = (strip.text for strip in arrows(h, 4, 60, 10, Look()))
    place = letters.index("b")
    assert (tips.index("▲"), arrow.index("╰"), arrow.index("╯")) == (place, place, letters.index("d"))


@given(TOKENS, st.integers(30, 100), st.integers(3, 12), ANY_LOOK, st.data())
def test_arrows_fit_and_the_chosen_letter_is_in_view(tokens, width, height, look, data):
    query = data.draw(st.integers(0, tokens - 1))
    strips = arrows(head(tokens), query, width, height, look)
    assert len(strips) <= max(height, 3)
    assert all(strip.cell_length <= width + 3 for strip in strips)
    lit = [segment.text.strip() for segment in strips[0] if segment.style == look.style("cursor")]
    assert lit == [head(tokens).letters[query] or "·"]


# ---- many heads


def test_a_pooled_map_holds_the_largest_share_of_each_square():
    pattern = np.arange(25.0).reshape(5, 5)
    assert pooled(pattern, 2).tolist() == [[6, 8, 9], [16, 18, 19], [21, 23, 24]]
    assert pooled(pattern, 1) is pattern


@given(TOKENS, st.integers(1, 4), st.integers(1, 8), st.integers(58, 198), st.integers(12, 50), ANY_LOOK)
def test_maps_are_made_small_enough_for_all_heads_where_that_is_possible(tokens, layers, heads, width, height, look):
    cell, factor = fitting(tokens, layers, heads, width, height, look)
    size = -(-tokens // factor)
    if layers * 3 <= height and heads * 7 - 2 <= width:
        assert layers * (cell.lines(size) + 2) <= height
        assert heads * (size * cell.columns + 2) - 2 <= width


def test_more_heads_than_fit_are_scrolled_to_the_chosen_one():
    patterns = np.array([[np.eye(4)] * 30] * 12)
    shown = text_of(heads_page(patterns, (11, 29), 78, 18, Look()))
    assert "12.30" in shown
    assert "of 360 heads in view" in shown


# ---- signs


def test_a_signed_matrix_is_teal_above_zero_red_below_and_empty_where_masked():
    matrix = np.array([[1.0, -1.0, -np.inf]])
    (drawn,) = signed(matrix, range(1), 6, 2, 1.0, Look(), write=True)
    above, below, masked = list(drawn)
    assert (above.text.strip(), below.text.strip(), masked.text.strip()) == ("+1.00", "-1.00", "−∞")
    assert above.style.bgcolor != below.style.bgcolor
    assert masked.style.bgcolor is None


# ---- numbers


@pytest.mark.parametrize(
    ("width", "height", "says"), [(78, 15, "\u2191 4 more"), (90, 30, ""), (55, 30, "k, v: 2 of ")]
)
def test_what_of_the_numbers_is_not_in_view_is_said(width, height, says):
    h = head(10)
    (total,) = [strip.text for strip in numbers_table(h, (9, 9), width, height, Look()) if "100.00%" in strip.text]
    assert says in total
    assert bool(says) == (re.search("more|of", total) is not None)
