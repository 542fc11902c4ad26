"""The picture of the lens fits whatever it is of, and its cells say what the lens says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tinylm_tui.engine.lens import Lens
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.lab.lens import TextLens
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.views import ReadText
from tinylm_tui.ui.drawing.lens import LABELS, amount, percent, picture, place_grid
from tinylm_tui.ui.drawing.lens_page import Shown, lens_page, ten_lines
from tinylm_tui.ui.look import Look

TOKENS = ["", "a", "b", "␣the", "日本", "\x1b", "banana bandana"]
LOOKS = [Look(), Look("few"), Look("none"), Look("none", ascii=True)]


def seen(rows=3, places=5, seed=0):
    """A lens of random scores on a random text."""
    rng = np.random.default_rng(seed)
    scores = Lens(logits := 3 * rng.standard_normal((rows, places, len(TOKENS))), softmax(logits))
    ids = rng.integers(0, len(TOKENS), places).astype(np.int32)
    chances = scores.probabilities[:, np.arange(places - 1), ids[1:]]
    return TextLens(ReadText(ids, places, ""), scores, scores.ranks(ids[1:]), chances)


@given(st.integers(1, 13), st.integers(1, 300), st.integers(49, 160), st.integers(4, 40), st.integers(1, 30), st.data())
def test_the_cursors_cell_is_always_in_view_and_found_by_a_click(rows, places, width, height, longest, data):
    cursor = data.draw(st.tuples(st.integers(0, rows - 1), st.integers(0, places - 1)))
    before = data.draw(st.tuples(st.integers(0, 20), st.integers(0, 400)))
    grid = place_grid((rows, places), cursor, width, height, longest, before)
    assert grid.width <= width
    assert grid.height <= height
    x = LABELS + (cursor[1] - grid.left) * (grid.columns + 1)
    y = 1 + (grid.bottom + grid.rows - 1 - cursor[0]) * grid.lines
    assert grid.at(x, y) == cursor
    assert grid.at(x, 0) is grid.at(LABELS - 1, y) is grid.at(x, grid.height) is None


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("values", ["tokens", "ranks"])
@pytest.mark.parametrize("size", [(60, 12), (80, 18), (120, 30)])
def test_every_line_has_the_same_width_whatever_the_tokens_are(look, values, size):
    lens = seen(4, 9, 3)
    grid = place_grid((4, 9), (3, 7), *size, 14, (0, 0))
    lines = picture(lens, TOKENS, (3, 7), values, grid, look)
    assert len(lines) == grid.height
    assert {strip.cell_length for strip in lines} == {grid.width}
    assert "\x1b" not in "".join(strip.text for strip in lines)


def test_a_cell_says_the_likeliest_token_its_probability_and_whether_it_is_right():
    lens = seen(2, 4, 1)
    grid = place_grid((2, 4), (0, 0), 80, 12, 2, (0, 0))
    lines = picture(lens, TOKENS, (0, 0), "tokens", grid, Look())
    for row in range(2):
        text = lines[1 + (1 - row) * grid.lines + 1].text
        shares = text[LABELS:] if "%" in text else lines[1 + (1 - row) * grid.lines + 2].text[LABELS:]
        wanted = [percent(float(lens.lens.probabilities[row, place].max())) for place in range(4)]
        assert shares.split() == wanted


def test_brightness_is_the_probability_of_what_is_shown():
    lens = seen()
    assert amount(lens, 1, 2, "tokens") == lens.lens.probabilities[1, 2].max()
    assert amount(lens, 1, 2, "ranks") == lens.chances[1, 2] != amount(lens, 1, 3, "ranks")
    assert amount(lens, 1, 4, "ranks") == 0  # after the last token nothing is right


@pytest.mark.parametrize("share", [0, 1e-9, 0.0994, 0.0995, 0.0999, 0.1, 0.994, 0.9999, 1])
def test_a_probability_in_a_cell_takes_at_most_four_columns(share):
    assert len(percent(share)) <= 4
    assert abs(float(percent(share)[:-1]) - 100 * share) <= 0.51


@pytest.mark.parametrize("width", [38, 60, 76])
def test_the_likeliest_stand_in_their_order_with_bars_that_fit(width):
    lens = seen(3, 5, 2)
    shown = Shown(lens, TOKENS, (1, 2), "tokens", Settings(model="gpt"), 1)
    lines = ten_lines(shown, width, Look())
    assert all(strip.cell_length <= width for strip in lines)
    bars = [cell_len(strip.text.split("%")[1].strip()) for strip in lines if "%" in strip.text]
    assert len(bars) == len(TOKENS)
    assert bars == sorted(bars, reverse=True)


@given(st.integers(1, 9), st.integers(1, 70), st.sampled_from([(60, 13), (80, 18), (120, 30)]), st.data())
def test_the_page_fits_and_shows_the_cell_under_the_cursor(rows, places, size, data):
    cursor = data.draw(st.tuples(st.integers(0, rows - 1), st.integers(0, places - 1)))
    shown = Shown(seen(rows, places), TOKENS, cursor, "tokens", Settings(model="gpt", context=99), 1)
    page, grid, above = lens_page(shown, *size, Look(), (0, 0))
    assert len(page) <= size[1]
    assert all(strip.cell_length <= size[0] for strip in page)
    y = above + 1 + (grid.bottom + grid.rows - 1 - cursor[0]) * grid.lines
    assert [segment for segment in page[y] if segment.style and segment.style.bgcolor and segment.style.bold]
