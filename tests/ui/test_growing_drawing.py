"""The drawings of a growing text: the names beside the rows, a map that keeps its place, and the lines over it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.tokenizer import CharTokenizer
from tinylm_tui.lab.growing import LONGEST, Growing, Newest, Odds
from tinylm_tui.lab.settings import Settings
from tinylm_tui.ui.drawing.attention import map_page
from tinylm_tui.ui.drawing.attention_growing import Told, growing_lines, room_for
from tinylm_tui.ui.drawing.pattern import pattern_map
from tinylm_tui.ui.drawing.place import LONGEST_NAME, place_map
from tinylm_tui.ui.look import Look

from .attentive import ANY_LOOK, LOOKS, head, text_of

# ---- names beside the rows, and a map that grows

LONG = ["", "the", "␣cat", "␣sat", "␣down", "."]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("width", "height"), [(38, 13), (60, 26), (30, 8)])
def test_long_tokens_stand_whole_beside_their_rows_where_there_is_room(width, height, look):
    h = head(6, letters=LONG)
    place = place_map(h.letters, (5, 4), width, height, look, (0, 0), longest=LONGEST_NAME)
    labels = text_of(
        strip.crop(0, place.margin) for strip in pattern_map(h.pattern, h.letters, (5, 4), place, look)[1:]
    )
    assert labels.split() == ["·", *LONG[1:]]


@given(st.integers(1, 40), st.integers(24, 70), st.integers(6, 30), ANY_LOOK)
def test_long_names_take_no_room_from_the_cells(tokens, width, height, look):
    long, short = (["", *[name] * tokens][:tokens] for name in ("long name", "ab"))
    places = [
        place_map(letters, (0, 0), width, height, look, (0, 0), longest=LONGEST_NAME) for letters in (long, short)
    ]
    assert len({(place.cell, place.rows, place.columns) for place in places}) == 1
    assert places[0].width <= width
    strips = pattern_map(head(tokens).pattern, long, (0, 0), places[0], look)
    assert {strip.cell_length for strip in strips} == {places[0].width}


@given(st.integers(1, 60), st.integers(24, 70), st.integers(6, 30), ANY_LOOK)
def test_every_line_of_cells_begins_right_of_the_margin(tokens, width, height, look):
    """Also the last one, where two rows share a line and their number is odd."""
    h = head(tokens)
    place = place_map(h.letters, (tokens - 1, 0), width, height, look, (0, 0))
    for strip in pattern_map(h.pattern, h.letters, (tokens - 1, 0), place, look)[1:]:
        assert strip.cell_length == place.margin + place.columns * place.cell.columns


@pytest.mark.parametrize(("width", "height"), [(78, 14), (118, 26), (58, 10)])
def test_a_map_keeps_its_place_until_its_room_is_taken(width, height):
    for first, last in ((1, 6), (7, 10), (11, 14)):
        placed = set()
        for tokens in range(first, last + 1):
            room = room_for(tokens, 64, ("", "a", "␣long"))
            letters = ["", *["a", "␣long"] * tokens][:tokens]
            _, place = map_page(head(tokens, letters=letters), (tokens - 1, 0), width, height, Look(), room=room)
            placed.add((place.cell, place.margin, place.width, place.height))
        assert (room.tokens, len(placed)) == (last, 1)


@given(st.integers(1, 300), st.integers(1, 300))
def test_there_is_room_for_all_tokens_in_view_and_never_for_more_than_the_context(tokens, context):
    in_view = min(tokens, context)
    room = room_for(in_view, context, ("", "a"))
    assert in_view <= room.tokens <= min(context, max(6, in_view + 3))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", [58, 78, 118])
@pytest.mark.parametrize("temperature", [0.0, 0.5, 1.0])
def test_four_lines_tell_of_the_growing_text_whatever_it_is(width, temperature, look):
    tokenizer, settings = CharTokenizer("你b\x1b c"), Settings(model="gpt", layers=12, heads=12, context=8)
    for shown in (0, 1, 3, 7, 8, 90, 200):
        growing = Growing((0, 1), 7, temperature, (1, 2, 3, 4) * 50, shown)
        last = Newest(growing.ids[-1], 1e-9, Odds(temperature, 0.0)) if shown else None
        for playing in (True, False):
            told = Told(growing, last, playing, 10)
            lines = growing_lines(told, tokenizer, settings, (11, 11), 3, width, look)
            assert len(lines) == 4
            assert max(strip.cell_length for strip in lines) <= width
            assert not any("\x1b" in strip.text for strip in lines)
            assert lines[0].text.startswith("layer 12 of 12")


def lines_of(growing, odds, width):
    told = Told(growing, Newest(growing.ids[-1], 0.25, odds), playing=False, speed=5)
    settings = Settings(model="gpt", layers=2, heads=2, context=300)
    return [strip.text for strip in growing_lines(told, CharTokenizer("abc"), settings, (0, 0), 3, width, Look())]


@pytest.mark.parametrize("width", [58, 78, 118])
def test_what_the_newest_token_was_drawn_with_stands_there_with_the_temperature_of_that_draw(width):
    growing = Growing((0, 1), 0, 1.5, (1, 2), (), 2)
    for temperature in (0.5, 1.0, 1.5):
        said = lines_of(growing, Odds(temperature, 0.6123), width)[2]
        assert f"at {temperature:.2f}:  61.23%" in said
        assert ("1.50 + -" in said) == (width > 58)
        assert ("surprise" in said) == (width == 118)
    plain = lines_of(growing.at(1.0), Odds(1.0, 0.25), width)[2]
    assert ("61.23%" in plain, "surprise  2.00 bits" in plain) == (False, True)


@pytest.mark.parametrize("width", [58, 78, 118])
@pytest.mark.parametrize(("shown", "token"), [(3, 0), (LONGEST, 1)])
def test_at_the_end_a_is_said_to_begin_again_with_the_same_dice(width, shown, token):
    growing = Growing((0, 1), 0, 1.0, (1,) * (shown - 1) + (token,), (), shown)
    said = lines_of(growing, Odds(1.0, 0.25), width)[3]
    assert "a: from the start, with the same dice" in said
    assert "…" not in said
