from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import CHARACTERS, Cut
from tinylm_tui.lab.starters import starter
from tinylm_tui.lab.tokens import Piece, Story, pieces_of
from tinylm_tui.ui.drawing.merges import column, merge_lines, token_sentence
from tinylm_tui.ui.drawing.tokens import glyphs, row_lines, rows_of
from tinylm_tui.ui.drawing.tokens_page import WIDE, Progress, View, tokens_page
from tinylm_tui.ui.filters import ASCII
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import visible

LOOKS = [Look(), Look("few"), Look("none"), Look("none", ascii=True)]
STRANGE = "a😀你한é\u0301\u200d\ufe0f\x00\x07\x1b\n\t \u202e\u2028·│🏽"
PIECES = st.lists(
    st.tuples(st.integers(-1, 2000), st.text(STRANGE, max_size=6) | st.text(max_size=3)), min_size=1, max_size=40
).map(lambda rows: [Piece(i, text, 10 * n) for n, (i, text) in enumerate(rows)])
WIDTHS, HEIGHTS = st.integers(20, 120), st.integers(2, 40)


def a_view(cut=CHARACTERS, name="story", moment=None, **more):
    one = starter(name)
    corpus = make_corpus(one.name, one.text(), one.reading, cut)
    story = Story(corpus.without_ids())
    moment = len(story.merges) if moment is None else moment
    pieces = pieces_of(story.at(moment), corpus.text, corpus.reading)
    given = {"tried": False, "cursor": 0, "bits": 2.5, **more}
    return View(story=story, choice=cut, moment=moment, pieces=pieces, **given)


BPE = a_view(Cut("bpe", 150))


def text_of(strips):
    return "\n".join(strip.text for strip in strips)


@given(PIECES, WIDTHS, HEIGHTS, st.sampled_from(LOOKS), st.data())
def test_every_id_stands_under_its_token(pieces, width, height, look, data):
    cursor = data.draw(st.integers(0, len(pieces) - 1))
    rows = rows_of(pieces, cursor, width, height)
    lines = row_lines(rows, cursor, None, height, look)
    assert len(lines) <= height
    for texts, ids in zip(lines[:: rows.pitch], lines[1 :: rows.pitch], strict=True):
        assert [segment.cell_length for segment in texts] == [segment.cell_length for segment in ids]
        assert texts.cell_length <= width


@given(PIECES, WIDTHS, HEIGHTS)
def test_the_rows_hold_every_token_once_in_order(pieces, width, height):
    rows = rows_of(pieces, 0, width, height)
    assert [i for row in rows.rows for i in row] == list(range(len(pieces)))


@given(PIECES, WIDTHS, HEIGHTS, st.data())
def test_the_cursor_is_in_view_and_a_click_on_any_column_of_a_token_finds_it(pieces, width, height, data):
    cursor = data.draw(st.integers(0, len(pieces) - 1))
    before = data.draw(st.integers(0, 50))
    rows = rows_of(pieces, cursor, width, height, before)
    lines = row_lines(rows, cursor, None, height, Look())
    shown = [i for row in rows.rows[rows.first : rows.first + rows.shown] for i in row]
    assert cursor in shown
    for number, row in enumerate(rows.rows[rows.first : rows.first + rows.shown]):
        x, texts = 0, list(lines[number * rows.pitch])
        for index, cell in zip(row, texts[::2], strict=True):
            assert {rows.at(x + i, number * rows.pitch + y) for i in range(cell.cell_length) for y in (0, 1)} == {index}
            x += cell.cell_length + 1
        assert rows.at(x, number * rows.pitch) is None


@given(PIECES, WIDTHS)
def test_nothing_that_acts_on_a_terminal_is_drawn(pieces, width):
    drawn = [strip.text for strip in row_lines(rows_of(pieces, 0, width, 40), 0, None, 40, Look())]
    assert drawn == list(map(visible, drawn))


@given(st.text(STRANGE, max_size=8))
def test_a_token_has_a_sign_for_each_of_its_characters_and_begins_in_a_column_of_its_own(token):
    shown = glyphs(token)
    assert cell_len(shown[0]) > 0
    assert len(shown) in (max(1, len(token)), len(token) + 1)
    assert not set(shown) & set(" \ufe0f")


def test_a_token_wider_than_the_row_is_cut_with_an_ellipsis():
    (text, ids) = row_lines(rows_of([Piece(7, "ab" * 50, 0)], 0, 20, 2), 0, None, 2, Look())
    assert (text.text[:19], text.cell_length, ids.text.strip()) == ("ab" * 9 + "…", 20, "7")


def neighbours(look):
    """The cells of neighbouring tokens in the text of a row, and what stands between them."""
    rows = rows_of(BPE.pieces, len(BPE.pieces) - 1, 60, 12)
    for row in row_lines(rows, len(BPE.pieces) - 1, None, 12, look)[:: rows.pitch][:-1]:
        segments = list(row)
        yield from zip(segments[::2], segments[1::2], segments[2::2], strict=False)


def test_with_colours_neighbours_lie_on_different_grounds_with_a_gap():
    assert all(a.style.bgcolor != b.style.bgcolor and gap.text == " " for a, gap, b in neighbours(Look()))


@pytest.mark.parametrize("look", LOOKS[1:])
def test_without_colours_a_line_stands_between_tokens_and_every_other_is_underlined(look):
    assert all(a.style.underline != b.style.underline and gap.text == "│" for a, gap, b in neighbours(look))
    assert "│".translate(ASCII) == "|"


@pytest.mark.parametrize("look", LOOKS)
def test_the_token_that_a_merge_made_the_cursor_and_the_rest_look_different(look):
    fresh = BPE.pieces[5].id
    rows = rows_of(BPE.pieces, 2, 60, 12)
    cells = [segment.style for strip in row_lines(rows, 2, fresh, 12, look)[::2] for segment in list(strip)[::2]]
    shown = dict(zip([i for row in rows.rows for i in row], cells, strict=False))
    assert len({str(shown[i]) for i in (2, 3, 4, 5)}) == 4
    assert all(shown[i] == shown[5] for i in shown if BPE.pieces[i].id == fresh and i != 2)


# ---- the merges


def test_the_list_has_the_merge_under_the_cursor_and_those_to_come_are_faint():
    look = Look()
    for moment in (0, 1, 12, len(BPE.story.merges)):
        lines = column(BPE.story, moment, 30, 14, look)[1:]
        marked = [line for line in lines if next(iter(line)).style == look.style("cursor")]
        assert [int(line.text.split()[0]) for line in marked] == [moment]
        for line in lines:
            late = int(line.text.split()[0]) > moment
            assert (next(iter(line)).style == look.style("faint")) == late
        assert {line.cell_length for line in lines} == {30}


def test_a_merge_is_told_with_its_number_its_parts_and_its_own_count():
    merge, tokens = BPE.story.merges[11], BPE.story.corpus.tokenizer.tokens
    left, right, made = (glyphs(tokens[i]) for i in (merge.left, merge.right, merge.token))
    sentence = merge_lines(BPE.story, 12, 100, Look())[0].text
    assert sentence == f"merge 12 of {len(BPE.story.merges)}: '{left}' + '{right}' → '{made}', {merge.times:,} times"


def test_before_the_first_merge_there_are_characters_alone():
    assert "characters alone" in merge_lines(BPE.story, 0, 100, Look())[0].text
    assert column(BPE.story, 0, 30, 14, Look())[1].text.split() == ["0", "characters", "alone"]


@pytest.mark.parametrize(("cut", "words"), [(CHARACTERS, "no merges. b makes"), (Cut("alphabet"), "27 symbols")])
def test_without_merges_one_sentence_says_so_and_names_the_key_that_makes_them(cut, words):
    view = a_view(cut)
    for width in (60, 78):
        prose = " ".join(text_of(tokens_page(view, width, 19, Look())[0]).split())
        beside_text = " ".join(text_of(column(view.story, 0, 28, 13, Look())).split())
        assert words in (prose if width < WIDE else beside_text)
        assert "b makes byte pairs" in (prose if width < WIDE else beside_text)


def test_a_token_is_told_with_its_id_its_count_and_what_made_it():
    story, token = BPE.story, BPE.story.merges[11].token
    text = story.corpus.tokenizer.tokens[token]
    said = token_sentence(story, Piece(token, text, 0), len(story.merges), 100, Look()).text
    assert all(part in said for part in (glyphs(text), f"id {token} ", f"{story.counts[token]:,} in", "by merge 12:"))
    assert (
        "one character" in token_sentence(story, Piece(20, story.corpus.tokenizer.tokens[20], 0), 0, 100, Look()).text
    )
    assert "boundary" in token_sentence(story, Piece(0, "", 0), 0, 100, Look()).text
    assert "not in the vocabulary" in token_sentence(story, Piece(-1, "é", 0), 0, 100, Look()).text


def test_the_commonest_tokens_are_those_of_the_moment():
    for moment in (0, 20, len(BPE.story.merges)):
        lines = column(BPE.story, moment, 40, 30, Look())[-8:]
        shown = [int(line.text.split()[-1].replace(",", "")) for line in lines]
        assert shown == sorted(BPE.story.counts_at(moment).tolist(), reverse=True)[:8]


# ---- the page


@given(st.integers(58, 160), st.integers(15, 50), st.integers(0, 93), st.sampled_from(LOOKS))
def test_the_page_fills_its_place_and_no_more(width, height, moment, look):
    view = replace(BPE, moment=moment, pieces=pieces_of(BPE.story.at(moment), "the ferry " * 80, "text"))
    page, layout = tokens_page(view, width, height, look)
    assert len(page) == height
    assert all(line.cell_length <= width for line in page)
    assert "bits per character" in " ".join(text_of(page).split())
    if width >= WIDE:
        y = next(y for y, line in enumerate(page) if y > layout.head and line.crop(layout.list_left).text.startswith(
            f"{moment:>{len(str(len(view.story.merges)))}}  "))  # fmt: skip
        assert layout.moment_at(layout.list_left, y) == moment
    assert layout.moment_at(0, layout.head + 2) is None


def test_the_figures_are_those_of_the_moment():
    for moment in (0, 1, 50):
        view = replace(BPE, moment=moment)
        size = BPE.story.first + moment
        title = tokens_page(view, 78, 19, Look())[0][1].text
        assert title.startswith(f"{size} tokens = boundary + {size - 1 - moment} characters + {moment} merge")
        assert f"{BPE.story.characters_per_token(moment):.3f} characters a token" in title


def test_a_long_note_takes_a_line_more_and_is_not_cut():
    note = "vocabulary is 20, and this text needs 57 tokens for its 56 characters and the boundary alone: 58 would do"
    page, layout = tokens_page(replace(BPE, note=note), 60, 19, Look())
    assert (len(page), layout.head) == (19, 4)
    assert note in " ".join(text_of(page).split())


def test_progress_stands_where_the_figures_stood():
    page, _ = tokens_page(replace(BPE, progress=Progress(30, 60)), 60, 19, Look())
    assert all(part in page[1].text for part in ("50%", "esc stops it"))
