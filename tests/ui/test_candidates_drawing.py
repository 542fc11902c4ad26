"""The candidates' table and their standing bars, the text, the steps and the tree, without an app."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tinylm_tui.engine.strategies import Strategy
from tinylm_tui.engine.tokenizer import BOUNDARY, CharTokenizer
from tinylm_tui.lab.candidates import Moment, candidates
from tinylm_tui.lab.stepping import Tree, chosen, moved
from tinylm_tui.ui.drawing.branches import Branches, branch_lines, text_lines
from tinylm_tui.ui.drawing.candidates import Table, cut_words, share, standing_bars, table_lines, thrown_words
from tinylm_tui.ui.drawing.sampling import stacked
from tinylm_tui.ui.drawing.steps_page import View, steps_page
from tinylm_tui.ui.filters import PlainAscii
from tinylm_tui.ui.ink import line
from tinylm_tui.ui.look import Look

P = [0.05, 0.4, 0.2, 0.25, 0.1]  # boundary a b c d
LOGITS = np.log(P)
TOKENIZER = CharTokenizer("abcd")
LETTERS = ["", "a", "b", "c", "d"]
LOOK = Look()
LOOKS = [Look(), Look("few"), Look("none"), Look("many", ascii=True), Look("none", ascii=True)]
EMPTY = Tree((BOUNDARY,))
NOW, LATER = Moment(400, 1), Moment(500, 2)


def table_of(strategy=Strategy(), cursor=0, logits=LOGITS, letters=LETTERS, **marks):  # noqa: B008
    return Table(candidates(logits, strategy), strategy, letters, cursor, **marks)


def rows_of(table, width=80, height=12, first=0):
    return [strip.text.rstrip() for strip in table_lines(table, first, width, height, LOOK)[0]]


def told(tree, *tokens, strategy=Strategy(), by="you", moment=NOW):  # noqa: B008
    for token in tokens:
        tree = chosen(tree, candidates(LOGITS, strategy), token, by, moment)
    return tree


def page_of(tree, width=80, height=18, branches=None, moment=NOW, **choice):
    table = None if tree.ended(TOKENIZER) else table_of(**choice)
    view = View(tree, TOKENIZER, table, "temp 1.00 · dice 0", moment, [], branches)
    return [strip.text.rstrip() for strip in steps_page(view, width, height, LOOK)[0]]


# ---- the table


def test_each_candidate_has_a_row_with_its_figures_likeliest_first():
    heading, first, second, *_ = rows_of(table_of())
    assert heading.split() == ["token", "model", "sum", "drawn", "bits"]
    assert first.split()[:5] == ["a", "40.00%", "40.00%", "40.00%", "1.32"]
    assert second.split()[:5] == ["c", "25.00%", "65.00%", "25.00%", "2.00"]


def test_at_another_temperature_both_probabilities_stand_there():
    heading, first, *_ = rows_of(table_of(Strategy(0.5)))
    assert heading.split() == ["token", "model", "at", "0.50", "sum", "drawn", "bits"]
    assert first.split()[1] == "40.00%"
    assert first.split()[2] == share(0.16 / (0.16 + 0.0625 + 0.04 + 0.01 + 0.0025))
    assert first.split()[5] == "1.32"  # the surprise is that of the model


def test_the_cut_is_a_line_between_what_stays_and_what_is_thrown_away():
    rows = rows_of(table_of(Strategy(1, top_k=2)))
    assert rows[3].startswith("── cut: 3 below it, 35.00% thrown away ──")
    assert [row.split()[3] for row in rows[1:3]] == ["61.54%", "38.46%"]
    assert [row.split()[3] for row in rows[4:]] == ["out"] * 3
    assert "█" in rows[2]
    assert "█" not in rows[4]
    assert "░" in rows[4]


def test_without_a_cut_there_is_no_line():
    assert not any("cut" in row for row in rows_of(table_of()))
    assert len(rows_of(table_of())) == 6


def test_the_longest_bar_is_that_of_the_likeliest_and_the_others_keep_their_proportion():
    bars = [row.count("█") for row in rows_of(table_of(), width=90)[1:]]
    assert bars == [round(bars[0] * p / 0.4) for p in (0.4, 0.25, 0.2, 0.1, 0.05)]
    assert bars[0] > 30


def test_what_was_chosen_here_and_on_other_branches_is_marked():
    rows = rows_of(table_of(taken=3, others={4}))
    assert [row[0] if row[0] in "▸•" else "" for row in rows[1:]] == ["", "▸", "", "•", ""]


def test_the_table_scrolls_with_the_cursor_over_the_line_of_the_cut():
    table = table_of(Strategy(1, top_k=2), cursor=4)
    lines, first = table_lines(table, 0, 80, 4, LOOK)
    assert first == 3
    assert "d" in lines[-2].text
    assert [table.place_at(n) for n in range(-1, 7)] == [None, 0, 1, None, 2, 3, 4, None]
    assert [table.line_of(place) for place in range(5)] == [0, 1, 3, 4, 5]


def test_the_words_on_the_cut_say_how_many_stay_and_what_is_thrown_away():
    assert thrown_words(candidates(LOGITS, Strategy())) == "keeps all 5, nothing thrown away"
    assert thrown_words(candidates(LOGITS, Strategy(1, 1))) == "keeps 1 of 5, 60.00% thrown away"
    assert cut_words(Strategy(0.7, 40, 0.9)) == "temp 0.70 › top-k 40 › top-p 0.90"
    assert cut_words(Strategy()) == "temp 1.00 › top-k off › top-p off"
    assert cut_words(Strategy(0, 3)).startswith("greedy")


@pytest.mark.parametrize(("p", "words"), [(1.0, "100%"), (0.12345, "12.35%"), (1e-9, "<0.01%"), (0.0, "0.00%")])
def test_a_share_is_never_shown_as_nothing_or_all_when_it_is_not(p, words):
    assert share(p) == words


# ---- standing bars


def test_the_standing_bars_have_the_cut_as_a_line_and_the_tokens_below():
    bars, names = (strip.text for strip in standing_bars(candidates(LOGITS, Strategy(1, 2)), LETTERS, 1, 28, LOOK))
    assert names.split() == ["a", "c", "│b", "d", "·"]
    assert bars.split()[0] == "█"
    assert bars.index("│") == names.index("│")


def test_the_standing_bars_without_a_cut_have_no_line():
    lines = standing_bars(candidates(LOGITS, Strategy()), LETTERS, 3, 28, LOOK)
    assert len(lines) == 4
    assert not any("│" in strip.text for strip in lines)


# ---- text, steps and tree


def test_the_text_so_far_has_the_place_of_the_next_token_at_its_end():
    (strip,) = text_lines(told(EMPTY, 1, 2), TOKENIZER, 40, 2, LOOK)
    assert strip.text == "·ab▁"
    assert strip._segments[-1].style == LOOK.style("cursor")


def test_at_an_earlier_step_the_token_chosen_there_is_under_the_cursor():
    (strip,) = text_lines(moved(told(EMPTY, 1, 2, 3), -2), TOKENIZER, 40, 2, LOOK)
    assert strip.text == "·abc"
    assert [one.text for one in strip._segments if one.style == LOOK.style("cursor")] == ["b"]


def test_an_ended_text_has_no_next_place():
    assert text_lines(told(EMPTY, 1, BOUNDARY), TOKENIZER, 40, 2, LOOK)[0].text == "·a·"


def test_a_long_text_shows_the_lines_around_the_next_place_and_they_stay_where_they_are():
    tree = told(EMPTY, *[1 + n % 4 for n in range(500)])
    before = [strip.text for strip in text_lines(tree, TOKENIZER, 40, 3, LOOK)]
    assert before[-1].endswith("▁")
    assert len(before) == 3
    after = [strip.text for strip in text_lines(told(tree, 1), TOKENIZER, 40, 3, LOOK)]
    assert after[:2] == before[:2]
    assert after[2].startswith(before[2][:-1])


def test_the_tree_is_drawn_with_its_branches_below_what_they_branch_off():
    tree = told(moved(told(EMPTY, 1, 2, 3), -2), 4, BOUNDARY)
    branches = Branches.of(tree, 0)
    lines, _ = branch_lines(branches, TOKENIZER, 0, 60, 10, LOOK)
    assert [strip.text[:10].rstrip() for strip in lines[1:]] == ["  a", "  ├─ bc", "▸ └─ d·"]
    assert lines[2].text.split()[-2:] == ["5.64", "1.88"]  # −log2(0.4 · 0.2 · 0.25) over three letters
    assert branches.here == 2
    assert [Branches.of(tree, n).chosen for n in (0, 1, 2, 9)] == [0, 2, 4, 4]


def test_without_a_choice_the_tree_says_so():
    lines, _ = branch_lines(Branches.of(EMPTY, 0), TOKENIZER, 0, 70, 10, LOOK)
    assert "nothing is chosen yet" in lines[0].text


def test_the_page_has_the_figures_of_the_text():
    assert "2 steps · 3.64 bits · 1.82 bits a character" in page_of(told(EMPTY, 1, 2))[0]
    assert "branches" not in page_of(told(EMPTY, 1, 2))[0]
    assert page_of(told(moved(told(EMPTY, 1), -1), 2))[0].endswith("2 branches")


def test_the_page_tells_the_last_choice_and_the_one_made_here():
    words = " ".join(page_of(moved(told(told(EMPTY, 1), 2, by="dice"), -1)))
    assert "Last choice: a by you, 40.00%, 1.32 bits." in words
    assert "Here ▸ b by the dice, 20.00%, 2.32 bits." in words
    assert "moved" not in words


def test_where_the_model_has_moved_since_it_says_so_with_both_figures():
    other = np.log([0.05, 0.2, 0.4, 0.25, 0.1])
    words = " ".join(page_of(moved(told(EMPTY, 2), -1), logits=other, moment=LATER))
    assert "20.00%, 2.32 bits at training step 400; now 40.00%: the model has moved since" in words


def test_a_wide_page_lists_the_steps_and_marks_those_of_an_earlier_model():
    tree = told(told(EMPTY, 1), 2, by="greedy", moment=LATER)
    page = page_of(tree, width=120, moment=LATER)
    assert any(row.endswith("1  a        you         1.32 *") for row in page)
    assert any(row.endswith("2  b        greedy      2.32") for row in page)
    assert any("* the model has moved since" in row for row in page)
    assert not any("moved" in row for row in page_of(tree.__class__((BOUNDARY,)), width=120))


def test_an_ended_text_says_so_in_place_of_the_candidates():
    assert any("The text has ended" in row for row in page_of(told(EMPTY, 1, BOUNDARY)))


def test_an_empty_page_names_the_keys():
    assert "enter takes" in " ".join(page_of(EMPTY))
    assert "enter takes" not in " ".join(page_of(told(EMPTY, 1)))


@pytest.mark.parametrize("look", LOOKS, ids=str)
@given(st.integers(56, 160), st.integers(10, 40), st.booleans())
def test_the_page_fits_any_screen(look, width, height, tree_shown):
    tree = told(moved(told(EMPTY, 1, 2, 3), -2), 4, 3, 2)
    table = table_of(Strategy(0.9, 3, 0.8), cursor=2)
    branches = Branches.of(tree, 1) if tree_shown else None
    view = View(tree, TOKENIZER, table, cut_words(table.strategy), LATER, ["a note " * 6], branches)
    page, _ = steps_page(view, width, height, look)
    assert len(page) <= height
    assert all(strip.cell_length <= width for strip in page)
    assert all(segment.style is not None for strip in page for segment in strip if segment.text)
    if look.ascii:
        assert all(s.text.isascii() for strip in page for s in PlainAscii().apply(list(strip), None))


@given(st.text(min_size=1, max_size=12), st.integers(56, 120))
def test_whatever_the_letters_are_the_columns_stay(letters, width):
    tokens = ["", *dict.fromkeys(letters)]
    table = table_of(logits=np.zeros(len(tokens)), letters=tokens)
    _, *rows = table_lines(table, 0, width, 20, LOOK)[0]
    assert len(rows) == len(tokens)
    assert all(strip.cell_length <= width for strip in rows)
    figures = f"{share(1 / len(tokens)):>9}"
    assert len({cell_len(strip.text[: strip.text.index(figures)]) for strip in rows}) == 1


def test_without_colour_the_cut_shows_by_its_line_and_by_its_bars():
    rows = [strip.text for strip in table_lines(table_of(Strategy(1, 2)), 0, 80, 12, Look("none", ascii=True))[0]]
    shown = [PlainAscii().apply(list(line((row, LOOK.style("text")))), None)[0].text for row in rows]
    assert "#" in shown[1]
    assert "-- cut" in shown[3]
    assert "#" not in shown[4]


# ---- the column beside the samples


def test_what_matters_least_is_left_out_where_a_column_is_low():
    blocks = [(order, [line((name, LOOK.style("text")))]) for order, name in [(0, "a"), (2, "b"), (1, "c")]]
    texts = {height: [strip.text for strip in stacked(blocks, height)] for height in (5, 4, 3, 2, 1)}
    assert texts == {5: ["a", "", "b", "", "c"], 4: ["a", "b", "c"], 3: ["a", "b", "c"], 2: ["a", "c"], 1: ["a"]}


def test_a_blank_alone_on_a_branch_is_seen():
    tokenizer = CharTokenizer(" abc")
    tree = told(moved(told(EMPTY, 2, 1), -1), 3, 1, 4)
    lines, _ = branch_lines(Branches.of(tree, 0), tokenizer, 0, 60, 10, LOOK)
    assert [strip.text[:12].rstrip() for strip in lines[1:]] == ["  a", "  ├─ ␣", "▸ └─ b c"]


@pytest.mark.parametrize("wide", ["🙂", "北"])
@pytest.mark.parametrize("width", [8, 13, 28])
def test_names_of_two_columns_stand_under_their_bars_and_apart(wide, width):
    for strategy in (Strategy(), Strategy(1, 2)):
        c = candidates(LOGITS, strategy)
        bars, names = (s.text for s in standing_bars(c, ["", wide, "b", wide, "d"], 1, width, LOOK))
        assert cell_len(bars) == cell_len(names) <= width
        starts = [cell_len(names[:i]) for i, glyph in enumerate(names) if glyph not in " │"]
        cut = bars.index("│") if "│" in bars else len(bars)
        assert starts == [3 * n + (3 * n >= cut) for n in range(len(starts))]
        assert wide + " " in names
