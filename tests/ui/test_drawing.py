"""Drawings without an app: arrays and snapshots in, lines out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.feedback import Rating
from tinylm_tui.engine.sampling import Sample
from tinylm_tui.engine.tokenizer import BOUNDARY, CharTokenizer
from tinylm_tui.engine.walk import walk
from tinylm_tui.lab.commands import Feedback
from tinylm_tui.lab.history import Curve
from tinylm_tui.lab.writing import Request, write
from tinylm_tui.ui.drawing.curve import SCALES, loss_curve, reduced
from tinylm_tui.ui.drawing.figures import corpus_figures, training_figures
from tinylm_tui.ui.drawing.heat import Labels, Window, amounts_of, heat, legend, score_scale, scrolled, visible_cells
from tinylm_tui.ui.drawing.help import comparison_lines, help_lines
from tinylm_tui.ui.drawing.rating import rating_lines, report_lines
from tinylm_tui.ui.drawing.readout import readout, readout_line
from tinylm_tui.ui.drawing.samples import sample_lines
from tinylm_tui.ui.drawing.stages import LIT, LOOP, STAGES, stages
from tinylm_tui.ui.drawing.state import state
from tinylm_tui.ui.drawing.walk import walk_lines
from tinylm_tui.ui.ink import beside, fitted, line, pad, wrapped
from tinylm_tui.ui.keys import TABS
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.words import comparison

from .stage import new_trainer

LOOKS = [Look(), Look("few"), Look("none"), Look("many", ascii=True), Look("none", ascii=True)]
WIDTHS = st.integers(20, 200)
INSIDE = st.integers(58, 198)  # what a screen of 60 to 200 columns leaves between its margins


def trained():
    trainer = new_trainer("names", steps=60)
    trainer.handle(Feedback((Rating((0, 1, 2, 0), 1), Rating((0, 5, 5, 0), -1))))
    return trainer.snapshot()


NOW = trained()
TOKENIZER, LETTERS = NOW.corpus.tokenizer, ["", *NOW.corpus.tokenizer.letters]
SAMPLES = write(NOW.params, TOKENIZER, Request(10, 60))
WALK = walk(NOW.params, NOW.corpus.counts, 1)
AMOUNTS = amounts_of(NOW.params["W"], "scores")

FROM_20_COLUMNS = {
    "state": lambda width, look: state(NOW, width, look),
    "training figures": lambda width, look: training_figures(NOW, width, look),
    "corpus figures": lambda width, look: corpus_figures(NOW.corpus, "bigram", width, look, edited=True),
    "samples": lambda width, look: sample_lines(SAMPLES, TOKENIZER, width, look),
    "comparison": lambda width, look: comparison_lines(comparison(NOW), width, look),
    "ratings": lambda width, look: rating_lines(SAMPLES, TOKENIZER, {0: 1, 1: -1}, 2, width, look),
    "map": lambda width, look: heat(
        AMOUNTS, Labels.of(AMOUNTS.shape, LETTERS), (1, 2), Window(0, 0, dense=False), width, 20, look
    ),
    "dense map": lambda width, look: heat(
        AMOUNTS, Labels.of(AMOUNTS.shape, LETTERS), (1, 2), Window(0, 0, dense=True), width, 20, look
    ),
    "curve": lambda width, look: loss_curve(NOW, SCALES[0], width, 16, look),
    "curve by log steps": lambda width, look: loss_curve(NOW, SCALES[1], width, 16, look),
    "curve above the floor": lambda width, look: loss_curve(NOW, SCALES[2], width, 16, look),
}
FROM_58_COLUMNS = {
    "walk": lambda width, look: walk_lines(WALK, LETTERS, 0, width, 20, look),
    "help": lambda width, look: help_lines("train", "bigram", CharTokenizer("a"), width, look),
    "report": lambda width, look: report_lines(NOW.feedback, TOKENIZER, width, look),
    "no report": lambda width, look: report_lines(None, TOKENIZER, width, look),
    "readout": lambda width, look: readout(NOW.params["W"], NOW.corpus, (1, 2), "scores", width, look),
    "readout in three lines": lambda width, look: readout_line(
        NOW.params["W"], NOW.corpus, (1, 2), "scores", width, look
    ),
}
FROM_78_COLUMNS = {
    "stages": lambda width, look: stages("math", "bigram", width, look),
    "legend": lambda width, look: legend("scores", 4.0, look),
}
ALL = FROM_20_COLUMNS | FROM_58_COLUMNS | FROM_78_COLUMNS


@pytest.mark.parametrize("name", FROM_20_COLUMNS)
@given(WIDTHS, st.sampled_from(LOOKS))
def test_a_drawing_is_not_wider_than_asked(name, width, look):
    assert all(strip.cell_length <= width for strip in FROM_20_COLUMNS[name](width, look))


@pytest.mark.parametrize("name", FROM_58_COLUMNS)
@given(INSIDE, st.sampled_from(LOOKS))
def test_a_page_is_not_wider_than_the_screen_from_60_columns_on(name, width, look):
    assert all(strip.cell_length <= width for strip in FROM_58_COLUMNS[name](width, look))


@pytest.mark.parametrize("name", FROM_78_COLUMNS)
@given(st.integers(78, 198), st.sampled_from(LOOKS))
def test_a_line_is_not_wider_than_the_screen_from_80_columns_on(name, width, look):
    assert all(strip.cell_length <= width for strip in FROM_78_COLUMNS[name](width, look))


@pytest.mark.parametrize("name", ALL)
def test_every_piece_of_a_drawing_has_a_style_to_take_colours_from(name):
    for look in LOOKS:
        for width in (58, 80, 120):
            assert all(
                segment.style is not None for strip in ALL[name](width, look) for segment in strip if segment.text
            )


@pytest.mark.parametrize("name", ALL)
def test_the_same_snapshot_gives_the_same_drawing(name):
    assert ALL[name](100, Look()) == ALL[name](100, Look())


# ---- the assembly line and the line of state


@pytest.mark.parametrize("model", STAGES)
@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.id)
def test_the_stages_of_the_screen_are_lit_and_no_others(tab, model):
    shown = stages(tab.id, model, 120, Look())[0]
    lit = [segment.text for segment in shown if segment.style == Look().style("lit")]
    assert lit == [stage for stage in STAGES[model] if stage in LIT[tab.id]]


def test_no_screen_lights_a_stage_that_no_model_has():
    assert {stage for lit in LIT.values() for stage in lit} <= {stage for line in STAGES.values() for stage in line}


@pytest.mark.parametrize("model", STAGES)
@pytest.mark.parametrize("width", [80, 120])
def test_the_loop_is_marked_up_to_the_gradient(model, width):
    text = stages("train", model, width, Look())[0].text
    inside = text[text.index("[") + 1 : text.index("]↻")]
    assert (inside.startswith(LOOP[model]), inside.endswith("Gradient")) == (True, True)
    assert [stage for stage in STAGES[model] if stage in inside] == list(STAGES[model])[
        STAGES[model].index(LOOP[model]) : STAGES[model].index("Gradient") + 1
    ]


@pytest.mark.parametrize("name", ["names", "edited sentences", "a name that is far too long"])
def test_step_loss_and_whether_it_trains_are_in_view_from_60_columns_on(name):
    snapshot = replace(NOW, corpus=replace(NOW.corpus, name=name), step=1234567)
    for width in range(60, 121):
        text = state(snapshot, width, Look())[0].text
        assert all(part in text for part in ("1,234,567", f"{NOW.loss:.4f} nats", "paused"))


@given(
    width=st.integers(1, 200),
    name=st.text(max_size=60),
    step=st.integers(0, 10**12),
    loss=st.floats(0) | st.just(float("nan")),
    speed=st.floats(0, 1e9),
    running=st.booleans(),
)
def test_the_line_of_state_fits_any_width_whatever_is_in_it(width, name, step, loss, speed, running):
    snapshot = replace(NOW, corpus=replace(NOW.corpus, name=name), step=step, loss=loss, speed=speed, running=running)
    (shown,) = state(snapshot, width, Look())
    assert shown.cell_length <= width


def test_the_figures_of_the_state_keep_their_places_while_they_change():
    places = set()
    for step, loss, speed in [(0, 3.2958, 0.0), (12345, 2.5, 98765.0), (9_999_999, 1e-3, 3.0)]:
        text = state(replace(NOW, step=step, loss=loss, speed=speed), 120, Look())[0].text
        places.add((text.index("step"), text.index("loss"), text.index("nats"), text.index("/s")))
    assert len(places) == 1


# ---- the map


@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 60), st.integers(1, 401))
def test_scrolling_keeps_the_cursor_in_view_and_moves_no_more_than_needed(first, cursor, visible, total):
    cursor = min(cursor, total - 1)
    new = scrolled(first, cursor, visible, total)
    assert new <= cursor < new + visible
    assert 0 <= new <= max(0, total - visible)
    if first <= cursor < first + visible and first <= max(0, total - visible):
        assert new == first


@given(st.integers(0, 26), st.integers(0, 26), WIDTHS, st.integers(3, 40), st.booleans())
def test_the_labels_of_the_cursor_are_on_the_map(row, column, width, height, dense):
    rows, columns = visible_cells(width, height, dense)
    window = Window(scrolled(0, row, rows, 27), scrolled(0, column, columns, 27), dense)
    head, *lines = heat(AMOUNTS, Labels.of(AMOUNTS.shape, LETTERS), (row, column), window, width, height, Look())
    lit = Look().style("cursor")
    assert [s.text.strip() for s in head if s.style == lit] == [LETTERS[column] or "·"]
    assert [s.text.strip() for strip in lines for s in strip if s.style == lit] == [LETTERS[row] or "·"]
    assert len(lines) < height


def test_a_cell_is_as_bright_as_its_probability():
    look = Look()
    shades = [look.colour(amount) for amount in np.linspace(0, 1, 50)]
    assert len(dict.fromkeys(shades)) == 8
    assert shades == sorted(shades, key=shades.index)
    assert amounts_of(NOW.params["W"], "probabilities") ** 2 == pytest.approx(
        np.exp(NOW.params["W"]) / np.exp(NOW.params["W"]).sum(1, keepdims=True), rel=1e-4
    )


def test_away_and_towards_differ_in_glyph_where_there_is_no_colour():
    look = Look("none")
    assert look.cell(-0.7)[0] != look.cell(0.7)[0]
    assert look.cell(-0.7)[0].startswith("-")
    assert len({look.cell(amount)[0] for amount in np.linspace(0, 1, 50)}) == 9


@given(st.floats(2**-20, 2**20, width=32))
def test_the_scale_of_the_scores_is_a_power_of_two_above_the_largest(largest):
    scale = score_scale(np.array([largest, -largest / 2]))
    assert scale >= largest or scale == pytest.approx(largest)
    assert np.log2(scale) == int(np.log2(scale))


def test_a_matrix_of_zeros_has_a_scale_too():
    assert score_scale(np.zeros((3, 3))) == 1.0


# ---- the curve


@st.composite
def curves(draw):
    count = draw(st.integers(1, 300))
    steps = np.cumsum(draw(st.lists(st.integers(1, 50), min_size=count, max_size=count)))
    values = np.array(draw(st.lists(st.floats(0, 100), min_size=count, max_size=count)))
    return Curve(steps, values - draw(st.floats(0, 5)), values)


@given(curves(), st.integers(2, 200))
def test_a_reduced_curve_keeps_its_extremes_in_two_points_a_column(curve, columns):
    x, y = reduced(curve, columns)
    assert len(x) == len(y) <= 2 * columns
    assert (y.min(), y.max()) == (curve.low.min(), curve.high.max())
    assert (np.diff(x) >= 0).all()
    assert set(x) <= set(curve.steps)


def test_a_curve_without_points_stays_without():
    assert [len(axis) for axis in reduced(Curve.empty(), 10)] == [0, 0]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("steps", [0, 1, 9, 10, 11, 12345])
def test_a_curve_can_be_drawn_at_every_step(scale, steps):
    snapshot = replace(new_trainer().snapshot(), step=steps)
    assert len(loss_curve(snapshot, scale, 60, 16, Look())) == 16


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), 1e30, 0.0])
def test_a_curve_can_be_drawn_whatever_the_loss(loss):
    for scale in SCALES:
        assert loss_curve(replace(NOW, loss=loss), scale, 60, 16, Look())


def test_the_two_levels_are_named_on_the_curve():
    text = "\n".join(strip.text for strip in loss_curve(NOW, SCALES[0], 60, 16, Look()))
    assert f"knowing nothing: ln 27 = {NOW.corpus.uniform:.4f}" in text
    assert f"exact floor {NOW.corpus.floor:.4f}" in text


# ---- the small pieces


@given(st.text(st.characters(exclude_categories=["C", "M", "Zl", "Zp"])), st.integers(1, 40), st.booleans())
def test_padding_gives_exactly_the_width(text, width, right):
    assert line((pad(text, width, right=right), Look().style("text"))).cell_length == width


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=9), max_size=30).map(" ".join), st.integers(9, 60))
def test_wrapping_loses_no_word_and_keeps_to_the_width(text, width):
    lines = [strip.text for strip in wrapped(text, width, Look().style("text"))]
    assert " ".join(lines) == text
    assert all(len(one) <= width for one in lines)


def test_two_drawings_stand_side_by_side_whatever_their_heights():
    left, right = ([line((word, Look().style("text"))) for word in words] for words in (["a"], ["b", "c"]))
    assert [strip.text for strip in beside(left, right, 4)] == ["a     b", "      c"]


@given(st.text("ab你 "), st.integers(0, 30))
def test_a_fitted_line_has_the_width(text, width):
    assert fitted(line((text, Look().style("text"))), width).cell_length == width


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("exponent", range(-6, 8))
def test_the_figures_of_the_legend_of_scores_stand_apart_and_fit_beside_the_map(look, exponent):
    scale = 2.0**exponent
    cells, labels = legend("scores", scale, look)
    figures = [float(label) for label in labels.text.split()]
    assert figures == pytest.approx([-x for x in reversed(figures)], rel=1e-2)
    assert (figures[-1], len(figures) % 2) == (pytest.approx(scale, rel=1e-2), 1)
    assert max(cells.cell_length, labels.cell_length) <= 28


def test_a_rated_word_shows_line_ends_as_everywhere_and_that_it_goes_on():
    tokenizer = CharTokenizer.of("a b\n")
    ids = [BOUNDARY, *map(int, tokenizer.encode("a b\na"))]
    samples = [Sample(tuple(ids), 1, (0.5,) * 5, ended=False), Sample((*ids, BOUNDARY), 1, (0.5,) * 6, ended=True)]
    shown = [strip.text.rstrip() for strip in rating_lines(samples, tokenizer, {}, 2, 34, Look())]
    assert [text.strip() for text in shown] == ["a b\u21b5a …", "a b\u21b5a"]
