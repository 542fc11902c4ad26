"""The Ladder screen without an app: records in, lines out."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.ui.drawing import ladder_table
from tinylm_tui.ui.drawing.ladder import Shape, View, empty_page, ladder_page
from tinylm_tui.ui.drawing.ladder_detail import detail, examples_words, no_floor
from tinylm_tui.ui.drawing.ladder_table import BEST, best_of, table
from tinylm_tui.ui.drawing.samples import UNDERLINE
from tinylm_tui.ui.look import Look

from .rungs import DONE, STEPS, halfway, new_report, new_rung, waiting

LOOKS = [Look(), Look("few"), Look("none"), Look("many", ascii=True), Look("none", ascii=True)]
SIZES = [(78, 19), (118, 30), (58, 15), (78, 44), (118, 20), (198, 56)]
NAMES = [rung.name for rung in DONE]


def texts(strips):
    return [strip.text for strip in strips]


def page(view, width=118, height=30, look=Look()):  # noqa: B008
    return "\n".join(texts(ladder_page(view, width, height, look)))


def row_of(name, strips):
    return next(text for text in texts(strips) if text[2:].startswith(name))


# ---- the page


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES)
def test_every_page_stays_inside_its_screen(size, look):
    for report in (new_report(), halfway(), new_report(text="Ω" * 90, prompt="w" * 90)):
        for chosen in range(5):
            for held, alone in ((False, False), (True, False), (False, True), (True, True)):
                strips = ladder_page(View(report, chosen, held, alone), *size, look)
                assert len(strips) <= size[1]
                assert all(strip.cell_length <= size[0] for strip in strips), [
                    s.text for s in strips if s.cell_length > size[0]
                ]


def test_a_narrow_screen_shows_the_table_or_the_curves_and_a_wide_one_both():
    narrow, alone = page(View(new_report()), 78, 19), page(View(new_report(), curves=True), 78, 19)
    assert ("steps/s" in narrow, "held-out part" in narrow) == (True, False)
    assert ("steps/s" in alone, "held-out part" in alone) == (False, True)
    both = page(View(new_report()), 118, 30)
    assert "steps/s" in both
    assert "held-out part" in both
    assert both == page(View(new_report(), curves=True), 118, 30)


@given(st.integers(58, 200), st.integers(12, 60), st.integers(0, 60))
def test_a_click_finds_the_rung_whose_line_it_is(width, height, y):
    shape = Shape(width, height, 5)
    lines = texts(ladder_page(View(new_report()), width, height, Look()))
    rung = shape.rung_at(y, table_shown=True)
    if rung is not None and y < len(lines):
        assert NAMES[rung] in lines[y] + lines[y - shape.per_rung + 1]
    assert shape.rung_at(y, table_shown=False) is None


def test_while_it_runs_the_page_says_who_is_at_work_and_who_waits():
    text = page(View(halfway()), 78, 19)
    assert "mlp     ██████████··············   400 of 1,000 steps  then 1 more  x stops" in text
    assert "waits" in text
    assert "x stops" not in page(View(new_report()), 78, 19)


def test_the_page_says_that_equal_steps_are_not_equal_examples():
    assert "Equal steps, not equal examples" in page(View(new_report()), 58, 15)


def test_with_byte_pairs_the_title_says_how_long_a_token_is():
    assert "2.05 characters a token" in page(View(new_report(tokenizer="bpe", characters_per_token=2.05)))
    assert "characters a token" not in page(View(new_report()))


def test_before_the_first_ladder_the_page_says_what_will_be_here_and_which_key_begins():
    text = " ".join(" ".join(texts(empty_page(1000, "", "story", 78, Look()))).split())
    assert "All but counts make 1,000 steps" in text
    assert "reaches on the training part" in text
    assert "a gpt has none" in text
    assert "All have the same tokens" in text
    assert "longer in one model than in another" not in text
    assert "bits a character" in text
    assert "g starts it" in text


def test_names_that_could_act_on_the_terminal_are_shown_as_glyphs():
    hostile = "\x1b[31m[/foo]\u202e"
    rungs = [replace(rung, sample=hostile, note=hostile, sees=hostile) for rung in DONE]
    text = page(View(new_report(rungs, text=hostile, prompt=hostile)))
    assert "[/foo]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


# ---- the table


def test_every_figure_stands_in_its_column_with_the_same_decimals():
    rows = [row_of(name, table(new_report(), 0, 118, 1, Look())) for name in NAMES]
    for rung, row in zip(DONE, rows, strict=True):
        for bits in (rung.train_bits, rung.held_bits, rung.floor_bits):
            assert bits is None or f"{bits:.3f}" in row
    points = [[i for i, c in enumerate(row[:80]) if c == "."] for row in rows]
    assert {tuple(p) for p in points[:4]} == {tuple(points[0])}
    assert points[4] == points[0][:2]


def test_the_unit_stands_once_above_its_columns():
    heading = "\n".join(texts(table(new_report(), 0, 118, 1, Look())))
    assert heading.count("bits a character") == 1


def test_the_best_held_out_figure_has_a_mark_and_no_other():
    strips = table(new_report(), 0, 118, 1, Look("none"))[2:]
    assert [BEST in text for text in texts(strips)] == [False, False, False, False, True]
    better = replace(DONE[2], held_bits=2.0)
    strips = table(new_report([*DONE[:2], better, *DONE[3:]]), 0, 118, 1, Look("none"))[2:]
    assert [BEST in text for text in texts(strips)] == [False, False, True, False, False]


@pytest.mark.parametrize("width", [58, 78, 118])
def test_the_heading_says_what_the_mark_means_where_something_is_held_out(width):
    assert f"{BEST} best held out" in table(new_report(), 0, width, 1, Look())[0].text
    rungs = [replace(rung, held_bits=None) for rung in DONE]
    assert BEST not in "".join(texts(table(new_report(rungs, held_out=0.0), 0, width, 1, Look())))


def test_what_is_infinite_is_said_and_is_never_the_best():
    counts = replace(DONE[0], held_bits=math.inf)
    report = new_report([counts, *[waiting(name) for name in NAMES[1:]]])
    assert best_of(report) == ""
    assert "∞" in row_of("counts", table(report, 0, 118, 1, Look()))
    assert " inf" in row_of("counts", table(report, 0, 118, 1, Look(ascii=True)))


def test_what_is_to_come_and_what_there_is_not_look_different():
    rows = table(new_report([*DONE[:4], waiting("gpt")]), 0, 118, 1, Look())
    assert "·" in row_of("gpt", rows)
    assert "·" not in row_of("counts", rows)
    assert "–" in row_of("counts", rows)  # it has no steps a second


def test_where_nothing_is_held_out_every_rung_has_the_same_glyph_there():
    learning = new_rung("gpt", 1.921, state="running")
    rungs = (*[replace(rung, held_bits=None, curve_held=()) for rung in DONE[:3]], learning, waiting("mlp"))
    for held, glyphs in ((0.0, {"–"}), (0.1, {"–", "·"})):
        lines = table(new_report(rungs, held_out=held), 0, 118, 1, Look())[2:]
        end = table(new_report(rungs, held_out=held), 0, 118, 1, Look())[1].text.index("held out") + len("held out")
        assert {strip.text[end - 2 : end + 1].strip() for strip in lines} == glyphs


def test_a_refused_rung_says_why_in_its_line():
    refused = new_rung("mlp", state="refused", note="the text is too short", sample="", weights=None, speed=None)
    strips = table(new_report([*DONE[:3], refused, DONE[4]]), 0, 118, 1, Look())
    assert "not possible here: the text is too short" in row_of("mlp", strips)


@pytest.mark.parametrize(("width", "per_rung"), [(118, 1), (78, 2)])
def test_each_sample_is_shown_with_its_prompt_underlined(width, per_rung):
    strips = table(new_report(), 0, width, per_rung, Look())
    underlined = ["".join(s.text for s in strip if s.style and s.style.underline) for strip in strips]
    assert [text for text in underlined if text] == ["the "] * 5
    assert all(f"the {name}" in "\n".join(texts(strips)) for name in NAMES)
    assert UNDERLINE.underline


def test_the_chosen_rung_is_seen_without_colours():
    strips = table(new_report(), 3, 78, 1, Look("none", ascii=True))[2:]
    assert [text[0] for text in texts(strips)] == [" ", " ", " ", "▸", " "]


# ---- the rung in words


def test_the_words_count_what_is_predicted_in_the_same_way_for_every_rung():
    told = [examples_words(rung, STEPS) for rung in DONE]
    assert told[0] == "It is counted once, and takes no steps."
    assert told[1] == "A step predicts all pairs of the training part, 25,527 tokens: 25,527,000 in 1,000 steps."
    assert told[3] == "A step predicts 64 tokens: 64,000 in 1,000 steps."
    assert told[4] == "A step predicts 32 windows of 32, 1,024 tokens: 1,024,000 in 1,000 steps."
    assert examples_words(replace(DONE[2], predicted=1), STEPS).startswith("A step predicts 1 token: 1,000 in")
    assert examples_words(waiting("gpt"), STEPS) == ""


def test_what_is_not_asked_for_is_said_on_every_rung():
    report = new_report(left_out="Measured on the last 17 of the 22 tokens.")
    for rung in DONE:
        assert "the last 17 of the 22 tokens" in " ".join(texts(detail(report, rung, 78, 9, Look())))
        assert "Measured" not in " ".join(texts(detail(new_report(), rung, 78, 9, Look())))


def test_the_words_name_the_settings_that_matter_and_only_those():
    text = " ".join(texts(detail(new_report(), DONE[4], 78, 9, Look())))
    assert "context 32  layers 2  heads 4  width 64" in text
    assert "hidden" not in text
    assert "hidden 64" in " ".join(texts(detail(new_report(), DONE[3], 78, 9, Look())))


def test_words_that_do_not_fit_end_with_dots():
    rung = replace(DONE[4], note="so it is " * 80)
    assert texts(detail(new_report(), rung, 40, 4, Look()))[-1].endswith("…")
    assert not texts(detail(new_report(), DONE[4], 40, 40, Look()))[-1].endswith("…")


def test_a_long_sample_is_shown_whole_where_the_table_cuts_it():
    rung = replace(DONE[4], sample="the " + "long tale " * 12)
    report = new_report([*DONE[:4], rung])
    assert "…" in row_of("gpt", table(report, 4, 118, 1, Look()))
    whole = "".join(texts(detail(report, rung, 40, 40, Look(), shown=36)))
    assert rung.sample in whole
    assert rung.sample not in "".join(texts(detail(report, DONE[4], 40, 40, Look(), shown=36)))


def test_a_gpt_has_a_dash_for_its_floor_from_the_beginning_and_the_words_say_why():
    for rung in (new_rung("gpt", 1.9, 2.5), waiting("gpt")):
        assert "No floor is known for it" in no_floor(rung)
        assert bits_dash(rung) == "–"
    assert no_floor(new_rung("mlp", 1.9, 2.5, 0.1)) == ""


def bits_dash(rung):
    """What stands under floor."""
    return ladder_table._floor(rung, Look())
