"""What a terminal that can do less gets to see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tinylm_tui.ui.filters import Colourless, Harmless, PlainAscii
from tinylm_tui.ui.keys import TABS
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.terminal import look_of_terminal

from .stage import open_lab

BLACK = Color(0, 0, 0)


async def screens(look, size=(80, 24), **choices):
    """The strips of every screen in turn."""
    async with open_lab(look=look, size=size, text="names", steps=40, **choices) as lab:
        for tab in TABS:
            await lab.press(tab.number)
            yield tab.id, lab.strips
        for key in ("question_mark", "comma", "c"):
            await lab.press("escape", key)
            yield key, lab.strips


async def test_without_colours_no_colour_is_sent():
    async for name, strips in screens(Look("none")):
        assert {strip.cell_length for strip in strips} == {80}, name
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        assert not any(style.color or style.bgcolor for style in styles)


async def test_without_colours_the_cursor_and_the_lit_stage_are_seen_by_reverse_video():
    async with open_lab("heatmap", look=Look("none"), text="names", steps=40) as lab:
        stage = lab.app.query_one("#stages").region.y
        for y in (stage, 5):
            assert any(segment.style and segment.style.reverse for segment in lab.strips[y])


async def test_in_ascii_nothing_but_ascii_is_sent_at_the_same_width():
    async for _, strips in screens(Look("few", ascii=True)):
        assert all(strip.text.isascii() for strip in strips)
        assert {len(strip.text) for strip in strips} == {80}


async def test_wide_characters_keep_their_columns_in_ascii():
    async with open_lab(look=Look("none", ascii=True), text="你好\n世界\n") as lab:
        for tab in TABS:
            await lab.press(tab.number)
            assert {len(strip.text) for strip in lab.strips} == {80}


async def test_with_few_colours_the_map_is_made_of_glyphs():
    async with open_lab("heatmap", look=Look("few"), text="names", steps=40) as lab:
        assert not lab.pane.window.dense
        assert any(glyph in lab.drawn("#map") for glyph in ("::", "==", "++"))


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=20)))
def test_the_gate_lets_nothing_through_that_acts(texts):
    passed = Harmless().apply([Segment(text) for text in texts], BLACK)
    assert [len(segment.text) for segment in passed] == [len(text) for text in texts]
    assert not any(c < " " or "\x7f" <= c <= "\x9f" for segment in passed for c in segment.text)


def test_the_filters_bear_a_segment_without_a_style():
    segments = [Segment("é", None), Segment("a", Style(color="red", bold=True))]
    (first, second) = Colourless().apply(PlainAscii().apply(segments, BLACK), BLACK)
    assert (first.text, second.style) == ("e", Style(bold=True))


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color"}, "many"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "many"),
        ({"TERM": "xterm"}, "few"),
        ({"TERM": "linux"}, "few"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "none"),
    ],
)
def test_the_look_follows_what_the_terminal_says(environment, depth):
    assert look_of_terminal(environment).depth == depth
