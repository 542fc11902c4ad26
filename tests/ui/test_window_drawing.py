"""Drawings of the window models, and of tokens of several letters: inside their room, and true."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from tinylm_tui.engine import average, window_mlp
from tinylm_tui.engine.gpt_config import count
from tinylm_tui.engine.journey import Journey
from tinylm_tui.engine.window_journey import average_journey, mlp_journey
from tinylm_tui.lab.errors import SettingError
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.settings import MODELS, Settings
from tinylm_tui.ui.drawing.diagram import window_diagram
from tinylm_tui.ui.drawing.formulas import formula
from tinylm_tui.ui.drawing.heat import Labels
from tinylm_tui.ui.drawing.position import journey_lines, truth_lines
from tinylm_tui.ui.drawing.samples import folded, glyph
from tinylm_tui.ui.drawing.stages import LIT, LOOP, STAGES, stages
from tinylm_tui.ui.drawing.window import Examples, window_lines
from tinylm_tui.ui.keys import TABS
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph
from tinylm_tui.ui.words import explained, intro

from .stage import new_snapshot

LOOKS = [Look(), Look("few"), Look("none"), Look("none", ascii=True)]
LETTERS = ["", "a", "b", " the", "grandfather", "\n", "é"]


def drawing(model, window, width, height, look, position=2, letters=None):
    letters = letters or LETTERS
    rng, ids = np.random.default_rng(0), np.arange(6, dtype=np.int32) % len(letters)
    if model == "average":
        way = average_journey(average.start(len(letters), 9, rng), ids, position, window, bounded=True)
    else:
        way = mlp_journey(window_mlp.start(len(letters), window, 5, 4, rng), ids, position, window, bounded=True)
    windows = np.array([([0] * window + ids[: t + 1].tolist())[-window:] for t in range(6)], dtype=np.int32)
    return window_lines(way, Examples(windows, [*ids[1:].tolist(), None]), letters, width, height, look)


@given(
    st.sampled_from(["average", "mlp"]), st.integers(1, 40), st.integers(60, 160), st.integers(14, 60),
    st.sampled_from(LOOKS), st.integers(0, 5),
)  # fmt: skip
def test_the_walk_of_a_window_stays_inside_its_room(model, window, width, height, look, position):
    lines = drawing(model, window, width, height, look, position)
    assert len(lines) <= height
    assert all(strip.cell_length <= width for strip in lines)


@pytest.mark.parametrize("model", ["average", "mlp"])
def test_a_wide_screen_shows_every_lookup_and_a_low_one_the_last(model):
    wide = "\n".join(strip.text for strip in drawing(model, 4, 140, 40, Look()))
    assert all(f"lookup {n} " in wide for n in (1, 2, 3, 4))
    low = "\n".join(strip.text for strip in drawing(model, 30, 70, 15, Look()))
    assert "lookup 30" in low
    assert "lookup 1 " not in low


@given(st.integers(2, 2000), st.integers(1, 64), st.integers(1, 64), st.integers(1, 128), st.integers(1, 4))
def test_every_formula_counts_what_the_shapes_hold(size, width, context, hidden, layers):
    for model in MODELS:
        for tied in (True, False):
            settings = Settings(
                model, width=width, context=context, hidden=hidden, layers=layers, heads=1, tie_head=tied
            )
            letters, numbers = formula(settings, size)
            known = {"V": size, "E": width, "D": width, "W": context, "T": context, "H": hidden, "L": layers}
            weights = count(model_of(settings).shapes(settings, size))
            assert eval(numbers.replace("×", "*")) == weights
            assert eval(letters.replace("×", "*"), known) == weights


@given(st.floats(1e-30, 1.0, exclude_max=True))
def test_the_logarithm_of_the_probability_as_written_is_the_surprise_as_written(p):
    words = " ".join(strip.text for strip in truth_lines(a_way(np.array([p, 1 - p])), ["a", "b"], 300, Look()))
    written, nats = re.search(r"−ln\(([0-9.e+-]+)\) = (-?[0-9.]+) nats", words).groups()
    assert -math.log(float(written)) == pytest.approx(float(nats), abs=6e-5)


@pytest.mark.parametrize("size", [2, 27, 200, 5_000, 20_000])
@pytest.mark.parametrize("width", [100, 120, 140])
def test_the_sum_under_the_softmax_is_never_cut(size, width):
    way = a_way(np.full(size, 1 / size))
    (told,) = [s.text for s in journey_lines(way, ["a"] * size, width, 30, Look()) if "sum of" in s.text]
    assert told.rstrip().endswith(f"sum of {size} = {size:.4f}, prob. = e^/sum")


def a_way(p):
    """A journey without stages to the probabilities p (V,), where token 0 comes next."""
    logits = np.log(np.maximum(p, 1e-300))
    exps = np.exp(logits - logits.max())
    return Journey([0, 0], 0, [], logits, exps, float(exps.sum()), p, 0, p)


def test_heads_that_do_not_divide_the_width_have_no_shapes():
    with pytest.raises(SettingError):
        model_of(Settings("gpt", heads=3)).shapes(Settings("gpt", heads=3), 5)


@given(st.sampled_from(["average", "mlp"]), st.integers(2, 2000), st.integers(60, 160), st.integers(6, 40))
def test_the_diagram_stays_inside_its_room_and_ends_in_all_weights(model, size, width, height):
    settings = Settings(model, width=32, context=10)
    lines = window_diagram(settings, size, width, height, Look())
    assert len(lines) <= height
    assert all(strip.cell_length <= width for strip in lines)
    assert lines[-1].text.rstrip().endswith(f"{count(model_of(settings).shapes(settings, size)):,}")


def test_a_token_of_several_letters_shows_its_blanks_and_line_ends():
    assert token_glyph(" the") == "␣the"
    assert token_glyph("a b\n") == "a␣b↵"
    assert token_glyph("x\x1b[31m") == "x␛[31m"
    assert token_glyph("") == "·"
    assert token_glyph("\u0301a") == "◌\u0301a"
    assert glyph(" the\n") == " the↵"
    assert glyph("") == "·"


@given(st.lists(st.text("ab ␣日", min_size=1, max_size=40), max_size=20), st.integers(4, 60))
def test_folding_loses_nothing_and_no_line_is_too_long(tokens, width):
    lines = folded([(token, Style()) for token in tokens], width)
    assert all(sum(cell_len(text) for text, _ in row) <= width for row in lines)
    assert "".join(text for row in lines for text, _ in row) == "".join(tokens)


def test_only_the_axes_of_tokens_are_named_after_them():
    letters = ["", *map(chr, range(97, 97 + 26))]
    square = Labels.of((27, 27), letters, (0,))
    assert square.rows[1] == "a"
    assert square.columns[:6] == ["00", "", "", "", "", "05"]


@pytest.mark.parametrize("model", MODELS)
def test_every_model_has_its_assembly_line_lit_by_some_screen_at_every_stage(model):
    assert LOOP[model] in STAGES[model]
    lit = {stage for tab in TABS for stage in LIT[tab.id]}
    assert set(STAGES[model]) <= lit
    for tab in TABS:
        (strip,) = stages(tab.id, model, 80, Look())
        assert strip.cell_length <= 80


@pytest.mark.parametrize("tokenizer", ["characters", "alphabet", "bpe"])
@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_introduced_with_the_tokens_it_has(model, tokenizer):
    s = new_snapshot("names", model=model, width=8, context=7, heads=2, batch=1, learn_rate=0.1, tokenizer=tokenizer)
    text = intro(s)
    assert ("boundary" in text) == (tokenizer != "alphabet")
    assert ("character" in text) == (tokenizer == "characters")
    assert ("7 tokens" in text) == (model != "bigram")
    for tab in TABS:
        assert all(explained(tab.id, model, s.corpus.tokenizer))
