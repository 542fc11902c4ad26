import re

import numpy as np
import pytest

from tinylm_tui.engine.softmax import softmax
from tinylm_tui.lab.commands import Change, Nudge
from tinylm_tui.lab.views import matrix_names
from tinylm_tui.ui.drawing.readout import readout_line
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

from .stage import new_trainer, open_lab

UP, DOWN, LEFT, RIGHT = (-1, 0), (1, 0), (0, -1), (0, 1)
ARROWS = {"up": UP, "k": UP, "down": DOWN, "j": DOWN, "left": LEFT, "h": LEFT, "right": RIGHT, "l": RIGHT}
WIDE, NARROW = (120, 36), (80, 24)
MANY_LETTERS = "".join(chr(0x4E00 + n) for n in range(300))


def readout_of(lab):
    return " ".join(lab.drawn("HeatmapPane > .side").split())


def map_lines(lab):
    return lab.drawn("#map").split("\n")


async def test_arrows_and_hjkl_move_the_cursor():
    async with open_lab("heatmap") as lab:
        for key, (rows, columns) in ARROWS.items():
            lab.pane.cursor = (3, 3)
            await lab.press(key)
            assert lab.pane.cursor == (3 + rows, 3 + columns)


async def test_the_cursor_stays_on_the_map():
    async with open_lab("heatmap") as lab:
        await lab.press("up", "left")
        assert lab.pane.cursor == (0, 0)
        await lab.press(*["j"] * 9, *["l"] * 9)
        assert lab.pane.cursor == (6, 6)


async def test_a_smaller_alphabet_takes_the_cursor_along():
    async with open_lab("heatmap", text="names") as lab:
        lab.pane.cursor = (26, 26)
        await lab.press("1", "down", "enter", "4")
        size = lab.snapshot.corpus.size
        assert lab.pane.cursor == (size - 1, size - 1)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_every_figure_of_the_readout_is_that_of_numpy(size):
    async with open_lab("heatmap", size=size, steps=40) as lab:
        W, counts = lab.run.params["W"], lab.run.corpus.counts
        p = softmax(W.astype(np.float64))
        for a, b in [(0, 1), (1, 0), (5, 5), (6, 1)]:
            lab.pane.cursor = (a, b)
            lab.pane.redraw()
            shown, total = readout_of(lab), counts[a].sum()
            assert f"{counts[a, b]:,}" in shown
            assert f"of {total:,}" in shown
            assert f"{counts[a, b] / total:.2%}" in shown
            assert f"score {W[a, b]:+.4f}" in shown
            assert f"probability {p[a, b]:.2%}" in shown
            if size == WIDE:
                assert f"surprise, bits {-np.log2(p[a, b]):.3f}" in shown


@pytest.mark.parametrize("text", ["names", "story"])
async def test_no_figure_of_the_readout_is_cut_at_80_columns(text):
    async with open_lab("heatmap", text=text, steps=40) as lab:
        size = lab.snapshot.corpus.size
        for a, b in [(0, 0), (1, 1), (1, size - 1), (size - 1, 2)]:
            lab.pane.cursor = (a, b)
            lab.pane.redraw()
            await lab.pause()
            assert "probability" in lab.text
            assert lab.lines[20].rstrip().endswith("%")


async def test_enter_opens_the_row_in_math():
    async with open_lab("heatmap") as lab:
        await lab.press("down", "down", "enter")
        assert (lab.app.tab, lab.pane.token) == ("math", 2)
        assert "tracing  b" in lab.text


@pytest.mark.parametrize(("key", "amount"), [("plus", 0.5), ("minus", -0.5)])
async def test_a_nudge_changes_exactly_one_weight_and_says_what_it_did(key, amount):
    async with open_lab("heatmap", steps=10) as lab:
        before = lab.run.params["W"].copy()
        await lab.press("down", "right", "right", key)
        assert lab.link.sent == [Nudge(1, 2, amount)]
        moved = lab.run.params["W"] - before
        assert np.argwhere(moved).tolist() == [[1, 2]]
        assert moved[1, 2] == pytest.approx(amount, rel=1e-6)
        assert f"score {amount:+g}: probability" in lab.notices[-1]
        assert f"{lab.run.params['W'][1, 2]:+.4f}" in readout_of(lab)


async def test_p_shows_the_scores_and_back_with_their_own_legend():
    async with open_lab("heatmap", size=WIDE, steps=20) as lab:
        probabilities = lab.drawn("HeatmapPane > .side")
        assert "probability in %" in probabilities
        await lab.press("p")
        assert "counts compared with the rest of its row" in readout_of(lab)
        await lab.press("p")
        assert lab.drawn("HeatmapPane > .side") == probabilities
        assert lab.link.sent == []


GPT = {"model": "gpt", "layers": 1, "heads": 2, "width": 16, "context": 8, "batch": 4, "learn_rate": 0.01}


def offered(lab):
    return {key.does for key in lab.offered}


async def test_a_gpt_is_not_offered_a_nudge_nor_a_single_matrix_what_the_map_of_letters_has():
    async with open_lab("heatmap", **GPT) as lab:
        assert offered(lab) >= {"open in Math", "scores"}
        assert "nudge" not in offered(lab)
        await lab.press("plus", "m")
        assert not offered(lab) & {"open in Math", "scores", "nudge"}
        await lab.press("enter")
        assert (lab.app.tab, lab.link.sent) == ("heatmap", [])
        await lab.press("n")
        assert offered(lab) >= {"open in Math", "scores"}


async def test_another_model_brings_its_keys_along():
    async with open_lab("heatmap", **GPT) as lab:
        lab.link.send(Change("model", "bigram"))
        await lab.pause()
        assert offered(lab) >= {"open in Math", "scores", "nudge"}


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_gpt_says_what_it_was_shown_and_math_shows_the_same_figures(size):
    async with open_lab("heatmap", size=size, steps=20, **GPT) as lab:
        assert "each letter alone after the boundary" in readout_of(lab).lower()
        for token in (0, 2):
            lab.pane.cursor = (token, 1)
            lab.pane.redraw()
            score = re.search(r"score (\S+)", readout_of(lab)).group(1)
            await lab.press("enter")
            assert score in lab.drawn("#walk")
            await lab.press("4")


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_no_figure_of_a_matrix_is_cut(width):
    async with open_lab("heatmap", size=(width, 24), **GPT) as lab:
        for name in matrix_names(lab.snapshot.params):
            await lab.press("m")
            shown, matrix = " ".join(lab.text.split()), lab.snapshot.params[name]
            for figure in (f"{matrix[0, 0]:+.5f}", f"mean {matrix.mean():+.5f}", f"std {matrix.std():.5f}"):
                assert figure in shown


async def test_the_map_sharpens_while_it_trains():
    async with open_lab("heatmap", text="names") as lab:

        def colours():
            return {s.style for strip in lab.pane.query_one("#map")._lines[1:] for s in strip if s.style.bgcolor}

        fresh = colours()
        await lab.press("space")
        await lab.train(300)
        assert len(colours()) > len(fresh)


async def test_z_makes_the_cells_small_and_large():
    async with open_lab("heatmap", text="names") as lab:
        dense = len(map_lines(lab))
        await lab.press("z")
        assert len(map_lines(lab)) > dense
        assert not lab.pane.window.dense
        await lab.press("z")
        assert lab.pane.window.dense


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_300_letters_scroll_with_the_labels_of_the_cursor_in_view(size):
    async with open_lab("heatmap", size=size, trainer=new_trainer("\n".join(MANY_LETTERS))) as lab:
        assert lab.snapshot.corpus.size == 301
        for cursor in [(300, 300), (150, 7), (0, 299), (299, 0)]:
            lab.pane.cursor = cursor
            lab.pane.redraw()
            row, column = (lab.pane.letters[i] or "\u00b7" for i in cursor)
            assert column in map_lines(lab)[0]
            assert any(row in line for line in map_lines(lab)[1:])


async def test_a_click_puts_the_cursor_on_the_cell():
    async with open_lab("heatmap") as lab:
        await lab.pilot.click("#map", offset=(6 + 2 * 4, 1 + 3))
        assert lab.pane.cursor == (3, 4)


async def test_the_map_is_the_same_to_the_eye_for_a_kept_snapshot():
    trainer = new_trainer(steps=50)
    async with open_lab("heatmap", trainer=trainer) as lab:
        kept, picture = lab.snapshot, lab.drawn("#map")
        await lab.press("space")
        await lab.train(50)
        lab.app.snapshot = kept
        lab.pane.redraw()
        assert lab.drawn("#map") == picture


# ---- long tokens: their labels are cut, the read-out tells them whole

BPE = {"text": "story", "tokenizer": "bpe", "vocabulary": 300}
SMALL_GPT = {"model": "gpt", "context": 8, "width": 16, "layers": 1, "heads": 2, "batch": 2}
SMALL_MLP = {"model": "mlp", "context": 3, "width": 4, "hidden": 8, "batch": 2}


def longest_of(lab):
    """The numbers of the longest tokens, and their glyphs."""
    glyphs = [token_glyph(letter) for letter in lab.pane.letters]
    numbers = sorted(range(len(glyphs)), key=lambda i: -len(glyphs[i]))[:3]
    assert len(glyphs[numbers[0]]) > 10
    return [(i, glyphs[i]) for i in numbers]


async def put(lab, cursor):
    lab.pane.cursor = cursor
    lab.pane.redraw()
    await lab.pause()


@pytest.mark.parametrize("size", [(60, 20), NARROW, WIDE])
@pytest.mark.parametrize("model", [{}, SMALL_GPT, SMALL_MLP], ids=["bigram", "gpt", "mlp"])
async def test_the_pair_under_the_cursor_is_told_whole_with_its_score_and_probability(model, size):
    async with open_lab("heatmap", size=size, **BPE, **model) as lab:
        for i, row in longest_of(lab):
            for j, column in [*longest_of(lab), (1, token_glyph(lab.pane.letters[1]))]:
                await put(lab, (i, j))
                shown = readout_of(lab)
                assert f"{row} → {column}" in shown.replace("the line end", "↵")
                assert re.search(r"score [+-]\d+\.\d{4}\b", shown)
                assert re.search(r"probability \d+\.\d\d%", shown)


@pytest.mark.parametrize("size", [(60, 20), NARROW, WIDE])
async def test_a_matrix_names_the_whole_token_of_its_row_or_column_and_numbers_the_other(size):
    async with open_lab("heatmap", size=size, **BPE, **SMALL_GPT) as lab:
        lab.pane.name_in_view = "embedding.token"
        for i, glyph in longest_of(lab):
            await put(lab, (i, 5))
            assert re.search(rf"row {i} {re.escape(glyph)},? column 5(?! 0?5)", readout_of(lab))
    async with open_lab("heatmap", size=size, **BPE, **SMALL_MLP) as lab:
        lab.pane.name_in_view = "output.w"
        for i, glyph in longest_of(lab):
            await put(lab, (5, i))
            assert re.search(rf"row 5,? column {i} {re.escape(glyph)}", readout_of(lab))


@pytest.mark.parametrize("width", [58, 78])
@pytest.mark.parametrize("repeats", [2, 12, 21, 25])
def test_two_very_long_tokens_are_told_whole_in_three_lines(width, repeats):
    long = "ab" * repeats
    snapshot = new_trainer(f"{long} {long} {long}\n", tokenizer="bpe", vocabulary=5 + repeats).snapshot()
    tokens = snapshot.corpus.tokenizer.tokens
    last = max(range(len(tokens)), key=lambda i: len(tokens[i]))
    lines = readout_line(snapshot.params["W"], snapshot.corpus, (last, last), "probabilities", width, Look())
    assert len(lines) == 3
    assert all(strip.cell_length <= width for strip in lines)
    shown = " ".join(" ".join(strip.text for strip in lines).split())
    assert f"{token_glyph(tokens[last])} → {token_glyph(tokens[last])}" in shown
    assert "probability" in shown
