"""The drawings of Surprise and Saliency, without an app."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tinylm_tui.engine.saliency import Saliency
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import Cut
from tinylm_tui.lab.moving import Moved
from tinylm_tui.lab.readers import Counted
from tinylm_tui.lab.surprising import read
from tinylm_tui.ui.drawing.saliency import View, saliency_page, scale_of, signed
from tinylm_tui.ui.drawing.surprise import Told, figure_lines, surprise_page
from tinylm_tui.ui.drawing.surprise import View as Page
from tinylm_tui.ui.drawing.surprise_text import EDGES, breaks, cells_of, counterpart, level, text_layout, token_style
from tinylm_tui.ui.look import Look

STORY = "the cat sat on the mat.\nthe dog sat on the log."
LOOK = Look()


def counted(text=STORY, of=STORY, reading="text"):
    return read(Counted(make_corpus("story", of, reading)), text)


def told(surprise, name="counts"):
    return Told(name, f"{name} of story", surprise)


@given(bits=st.floats(0, 30))
def test_the_ground_of_a_token_is_the_last_edge_it_reaches(bits):
    assert EDGES[level(bits)] <= bits
    assert level(bits) == len(EDGES) - 1 or bits < EDGES[level(bits) + 1]


def test_what_is_infinite_or_no_number_has_the_last_ground():
    assert level(math.inf) == level(math.nan) == len(EDGES) - 1
    assert level(-1e-12) == 0


@pytest.mark.parametrize("depth", ["many", "few", "none"])
def test_what_is_above_the_threshold_is_underlined_in_every_terminal(depth):
    look = Look(depth)
    for ground in range(len(EDGES)):
        assert token_style(ground, look, above=True).underline
        assert not token_style(ground, look).underline


@given(text=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=80), width=st.integers(2, 30))
def test_every_character_stands_in_one_row_that_fits(text, width):
    surprise = counted(text)
    cells, begins = cells_of(surprise), breaks(surprise, width)
    assert list(begins) == sorted(set(begins))
    for begin, end in zip(begins, [*begins[1:], len(cells)], strict=True):
        assert sum(cell_len(cell.glyph) for cell in cells[begin:end]) <= width
    assert len(cells) == sum(max(1, len(piece.text)) for piece in surprise.pieces)


def test_rows_end_after_a_line_end_and_at_blanks():
    surprise = counted()
    rows = list(breaks(surprise, 12))
    assert "".join(cell.glyph for cell in cells_of(surprise)[: rows[1]]) == "·the␣cat␣"
    assert 1 + STORY.index("\n") + 1 in rows


def test_a_token_has_its_counterpart_under_it_also_where_there_are_no_boundaries():
    bounded = counted()
    alphabet = read(Counted(make_corpus("story", STORY, "text", Cut("alphabet"))), STORY)
    for piece in range(1, 20):
        below = counterpart(bounded, alphabet, piece)
        assert alphabet.pieces[below].text == bounded.pieces[piece].text.replace(".", " ").replace("\n", " ")
    assert counterpart(bounded, alphabet, 0) is None


@given(text=st.text(st.sampled_from("ab \n.é"), max_size=40), reading=st.sampled_from(["words", "lines", "text"]))
@pytest.mark.parametrize("cut", [Cut(), Cut("alphabet"), Cut("bpe", 12)], ids=lambda cut: cut.tokenizer)
def test_each_piece_knows_where_in_the_text_it_stands(text, reading, cut):
    surprise = read(Counted(make_corpus("story", "ab ba\nab.ab ab\n" * 3, reading, cut)), text)
    assert list(surprise.origins) == sorted(surprise.origins)
    for piece, origin in zip(surprise.pieces, surprise.origins, strict=True):
        there = text[origin : origin + len(piece.text)]
        if piece.text.strip() and cut.tokenizer != "alphabet":
            assert there == piece.text
        elif piece.text and cut.tokenizer == "alphabet":
            assert there == piece.text or (piece.text == " " and there not in ("a", "b"))
        elif piece.text == "" and 0 <= origin < len(text):
            assert text[origin].isspace()


def test_the_layout_scrolls_as_little_as_it_must():
    surprise = counted(STORY * 10)
    top = text_layout(surprise, 0, 30, 6, 1, 0, 0)
    assert (top.first, top.shown) == (0, 6)
    last = len(surprise.pieces) - 1
    end = text_layout(surprise, last, 30, 6, 1, 0, 0)
    assert end.first == len(end.begins) - 6
    assert text_layout(surprise, last, 30, 6, 1, 0, end.first).first == end.first


@pytest.mark.parametrize("width", [58, 78, 118])
@pytest.mark.parametrize("height", [14, 18, 30])
def test_a_page_has_its_size_and_every_figure_whole(width, height):
    surprise = counted()
    page = Page("text", (told(surprise), told(surprise, "other")), 3, 2.0)
    lines, _ = surprise_page(page, width, height, LOOK)
    assert len(lines) == height
    assert max(line.cell_length for line in lines) <= width
    f = surprise.figures()
    assert sum(f"{f.bits:,.3f}" in line.text for line in lines) == 2


def compared(first, second, width=78):
    return " ".join(" ".join(s.text for s in figure_lines((told(first), told(second, "other")), width, LOOK)).split())


def test_bits_per_character_compare_only_where_both_read_the_same_characters():
    whole, pairs = counted(), read(Counted(make_corpus("story", STORY, "text", Cut("bpe", 20))), STORY)
    assert "only bits per character compare" in compared(whole, pairs)
    unknown = counted(STORY, STORY.replace(".", "").replace("m", ""))
    for width in (58, 78):
        said = compared(whole, unknown, width)
        assert "another text: 3 characters are left out, so nothing compares" in said
        assert "only bits" not in said
        assert "left out, because the counts have never seen them: m ." in said
    alphabet = read(Counted(make_corpus("story", STORY, "text", Cut("alphabet"))), STORY)
    assert "so nothing compares" in compared(whole, alphabet)
    assert "compare" not in compared(whole, whole)


def test_a_boundary_keeps_its_glyph_where_its_name_has_no_room():
    surprise = counted()
    place = len(surprise.pieces) - 1
    for width in (78, 118):
        lines, _ = surprise_page(Page("text", (told(surprise), told(surprise)), place, 2.0), width, 20, LOOK)
        said = "\n".join(strip.text for strip in lines)
        assert ("counts  ·: rank" in said, "counts  the boundary: rank" in said) == (width == 78, width == 118)


def test_columns_stand_under_their_headings():
    lines = [strip.text for strip in figure_lines((told(counted()),), 78, LOOK)]
    assert {len(line) for line in lines} == {78}
    assert lines[0].endswith("perplexity")
    narrow = [strip.text for strip in figure_lines((told(counted()),), 58, LOOK)]
    assert {len(line) for line in narrow} == {58}
    assert all(figure in narrow[1] for figure in lines[1].split()[-3:])


# ---- saliency


def view(left_out, gradient, seen=None, **more):
    count = len(left_out)
    seen = np.ones(count, bool) if seen is None else np.array(seen)
    saliency = Saliency(np.array(gradient), np.array(left_out), seen)
    p = np.array([0.5, 0.3, 0.2])
    ids = np.arange(count, dtype=np.int32) % 3
    usual = {"came": 1, "model": "gpt", "step": 7, "note": ""} | more
    return View(ids, count - 1, Moved(ids, 1, p, saliency), ("", "a", "b"), **usual)


def rows_of(page):
    lines = [strip.text for strip in page]
    start = next(y for y, text in enumerate(lines) if "gradient × input" in text) + 1
    return lines[start:]


def test_a_bar_goes_right_for_what_spoke_for_it_and_left_for_what_spoke_against_it():
    page, most = saliency_page(view([2.0, -1.0, 0.0], [-0.5, 0.25, 0.5]), 78, 16, LOOK)
    first, second, third = rows_of(page)[:3]
    assert most == 0
    axes = [i for i, c in enumerate(first) if c == "│"]
    assert "+2.000" in first
    assert "-0.500" in first
    assert first[axes[0] - 1] == "█"
    assert first[axes[1] + 1] == "█"
    whole = first[axes[1] :].count("█")
    assert second[axes[1] - whole : axes[1]].count("█") == round(whole / 2)
    assert second[axes[1] - 1] == "█"
    assert "█" not in third[axes[1] - 5 :]


def test_each_measure_has_a_scale_of_its_own_and_noise_is_not_blown_up():
    assert scale_of(np.array([0.5, -2.0, np.nan])) == 2.0
    assert scale_of(np.array([1e-6])) == 0.1
    assert scale_of(np.array([np.nan])) == 0.1


def test_what_is_out_of_sight_and_what_cannot_be_left_out_is_said():
    page, _ = saliency_page(view([0.0, 1.0, 1.0], [0.0, 1.0, 1.0], [False, True, True]), 78, 16, LOOK)
    assert "out of its sight" in rows_of(page)[0]
    page, _ = saliency_page(view([math.nan], [1.0]), 78, 16, LOOK)
    assert "none" in rows_of(page)[0]


@pytest.mark.parametrize(
    ("x", "said"), [(0.0, "0"), (-0.0, "0"), (-4e-4, "0.000"), (4e-4, "0.000"), (-6e-4, "-0.001"), (2, "+2.000")]
)
def test_what_is_0_has_no_sign(x, said):
    assert signed(x) == said


def test_a_sure_model_is_warned_of():
    one = view([4.0, 1.0, 0.5], [0.001, 0.0, 0.0])
    sure = Moved(one.moved.ids, 1, np.array([0.01, 0.98, 0.01]), one.moved.saliency)
    text = " ".join(
        " ".join(strip.text for strip in saliency_page(View(**vars(one) | {"moved": sure}), 78, 20, LOOK)[0]).split()
    )
    assert "nearly sure here" in text
    assert "nearly sure" not in " ".join(strip.text for strip in saliency_page(one, 78, 20, LOOK)[0])


@given(count=st.integers(1, 40), height=st.integers(13, 30), back=st.integers(0, 60), width=st.sampled_from([58, 118]))
def test_a_page_of_any_text_has_its_size_and_a_row_or_a_sum_for_each_token(count, height, back, width):
    rng = np.random.default_rng(count)
    left_out = rng.standard_normal(count)
    page, most = saliency_page(view(left_out, rng.standard_normal(count)), width, height, LOOK, back)
    assert len(page) <= height
    assert max(strip.cell_length for strip in page) <= width
    shown = count - most
    if most:
        assert any(f"{count - shown} more tokens" in strip.text for strip in page)
    else:
        assert all(any(f"{x:+.3f}" in strip.text for strip in page) for x in left_out)
