"""The Attention screen: which letter looks at which, all heads at a glance, one look in numbers, and the trick."""

import re

import numpy as np
import pytest

from tinylm_tui.engine import gpt, trick
from tinylm_tui.lab.commands import Change, Load
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.ui.keys import keys_of
from tinylm_tui.ui.look import Look

from .stage import open_lab

WIDE, NARROW, SMALLEST = (120, 36), (80, 24), (60, 20)
SMALL = {"model": "gpt", "layers": 2, "heads": 3, "width": 12, "context": 8, "batch": 4, "learn_rate": 0.02}


def attention(size=NARROW, steps=40, **choices):
    return open_lab("attention", size=size, steps=steps, **{**SMALL, **choices})


def blocks(lab, text):
    """What the engine computes for a text in the weights that the trainer really has."""
    run = lab.run
    ids = [0, *run.corpus.tokenizer.encode(text)][-run.settings.context :]
    trace = gpt.forward(run.params, config_of(run.settings, run.corpus.size), np.array([ids], dtype=np.int32))[1]
    return [block.attention for block in trace.blocks]


def page(lab):
    return " ".join(lab.drawn("#attention-map").split())


def top(lab):
    return lab.drawn("#attention-map").split("\n")[0]


async def typed(lab, text):
    await lab.press("t")
    await lab.answer(text)


# ---- the map


@pytest.mark.parametrize("size", [NARROW, WIDE, SMALLEST])
async def test_the_cell_under_the_cursor_is_read_out(size):
    async with attention(size) as lab:
        for _ in range(3):
            query, key = lab.pane.at(5)
            a = blocks(lab, "anna")[0]
            assert f"share of its look {a.pattern[0, 0, query, key]:.2%}" in page(lab)
            assert f"score q·k/√d_head {a.scores[0, 0, query, key]:+.4f}" in page(lab)
            await lab.press("up", "left")


async def test_it_begins_with_the_first_word_of_the_text_and_the_last_letter_looking_at_the_one_before():
    async with attention() as lab:
        assert "text ·anna" in top(lab)
        assert "a (5) looks at n (4)" in page(lab)


async def test_the_cells_of_the_map_are_the_shares_in_percent_and_none_is_above_the_diagonal():
    async with attention(WIDE) as lab:
        pattern = blocks(lab, "anna")[0].pattern[0, 0]
        place, lines = lab.pane.place, lab.drawn("#attention-map").split("\n")
        rows = [re.findall(r"\d+", text[6 : place.width]) for text in lines[2 : 2 + place.cell.lines(5)]]
        shares = [[int(n) for n in row] for row in rows if row]
        assert shares == [[round(100 * float(p)) for p in pattern[t, : t + 1]] for t in range(5)]


@pytest.mark.parametrize(
    ("keys", "at"),
    [(["up"], (3, 3)), (["k", "k"], (2, 3)), (["left"], (4, 2)), (["h", "l"], (4, 3)), (["down", "j"], (4, 3)),
     (["right", "right", "right"], (4, 4)), (["left"] * 9, (4, 0)), (["up"] * 9, (0, 3))],
)  # fmt: skip
async def test_arrows_and_hjkl_move_the_cursor_and_stop_at_the_edge(keys, at):
    async with attention() as lab:
        await lab.press(*keys)
        assert lab.pane.at(5) == at


async def test_the_cursor_above_the_diagonal_is_told_why_nothing_stands_there():
    async with attention() as lab:
        await lab.press("up", "up")
        assert "n (3) may not look at n (4): it comes later" in page(lab)
        assert "share of its look none" in page(lab)


async def test_a_letter_that_looks_at_itself():
    async with attention() as lab:
        await lab.press("right")
        assert "a (5) looks at itself" in page(lab)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_arrows_go_from_the_chosen_letter_to_what_it_looks_at(size):
    async with attention(size) as lab:
        pattern = blocks(lab, "anna")[0].pattern[0, 0]
        for query in (4, 3, 2):
            shares = pattern[query]
            assert f"itself {shares[query]:.1%}" in page(lab)
            for key in range(query):
                assert (f"{'·anna'[key]} ({key + 1}) {shares[key]:.1%}" in page(lab)) == (shares[key] >= 0.02)
            assert page(lab).count("▲") == sum(shares[:query] >= 0.02)
            await lab.press("up")


async def test_the_legend_stands_beside_the_map():
    async with attention() as lab:
        assert "share % 2 8 18 33 51 73 100" in page(lab)


@pytest.mark.parametrize("keys", [("left_square_bracket", "right_square_bracket"), ("shift+up", "shift+down")])
async def test_layer_and_head_are_chosen_by_keys_and_go_round(keys):
    async with attention() as lab:
        seen = []
        for key in (keys[1], "n", "n", "n", "p", keys[0], keys[0]):
            await lab.press(key)
            seen.append(lab.pane.head)
            layer, head = lab.pane.head
            assert f"layer {layer + 1} of 2 [ ] head {head + 1} of 3" in page(lab)
            assert f"share of its look {blocks(lab, 'anna')[layer].pattern[0, head, 4, 3]:.2%}" in page(lab)
        assert seen == [(1, 0), (1, 1), (1, 2), (1, 0), (1, 2), (0, 2), (1, 2)]


async def test_it_is_live_while_it_trains():
    async with attention(steps=0) as lab:
        shown = [page(lab)]
        await lab.press("space")
        for _ in range(2):
            await lab.train(10)
            assert f"share of its look {blocks(lab, 'anna')[0].pattern[0, 0, 4, 3]:.2%}" in page(lab)
            shown.append(page(lab))
        assert len(set(shown)) == 3


async def test_a_fresh_model_is_said_to_be_one():
    async with attention(steps=0) as lab:
        assert "not trained yet" in page(lab)
        await lab.press("S")
        assert "not trained yet" not in page(lab)


async def test_a_click_moves_the_cursor_to_the_cell():
    async with attention() as lab:
        place = lab.pane.place
        x, y = 1 + 6 + place.cell.columns * 1, 5 + 1 + place.cell.lines(2)
        await lab.pilot.click("#attention-map", offset=(x - 1, y - 4))
        await lab.pause()
        assert lab.pane.at(5) == (2, 1)


# ---- the text


@pytest.mark.parametrize("text", ["ben", "e", "abebea"])
async def test_t_takes_another_text(text):
    async with attention() as lab:
        await typed(lab, text)
        assert f"text ·{text}" in top(lab)
        query = len(text)
        assert f"share of its look {blocks(lab, text)[0].pattern[0, 0, query, query - 1]:.2%}" in page(lab)


@pytest.mark.parametrize("keys", [[], ["g"], ["v"], ["w"], ["w", "right", "right", "right"]])
async def test_an_empty_text_is_the_boundary_alone(keys):
    async with attention() as lab:
        await typed(lab, "")
        await lab.press(*keys)
        assert top(lab).rstrip(" t").endswith("text ·")
        assert "100" in page(lab)


async def test_a_text_longer_than_the_context_is_used_from_its_end_and_it_is_said():
    async with attention() as lab:
        await typed(lab, "annabenninabea")
        assert "text nninabea" in top(lab)
        assert "the text has 15 tokens; the last 8 are used" in page(lab)
        assert f"share of its look {blocks(lab, 'annabenninabea')[0].pattern[0, 0, 7, 6]:.2%}" in page(lab)
        await typed(lab, "anna")
        assert "are used" not in page(lab)


async def test_unknown_letters_are_refused_in_one_sentence_and_nothing_is_lost():
    async with attention() as lab:
        await typed(lab, "anXY")
        assert "the model has never seen X, Y" in lab.error()
        await lab.press("escape")
        assert (lab.in_dialog, "text ·anna" in top(lab)) == (False, True)


async def test_a_typed_text_outlives_another_corpus_and_says_which_letters_are_gone():
    async with attention() as lab:
        await typed(lab, "ben")
        lab.link.send(Load("other", "nan\nann\n" * 9))
        await lab.pause()
        assert "left out, because this model has never seen it: b e" in page(lab)
        assert "text ·n" in top(lab)


async def test_fewer_heads_and_layers_leave_no_cursor_outside():
    async with attention() as lab:
        await lab.press("n", "n", "right_square_bracket")
        for name, value in (("heads", "1"), ("layers", "1")):
            lab.link.send(Change(name, value))
        await lab.pause()
        assert "layer 1 of 1 [ ] head 1 of 1" in page(lab)


# ---- all heads at a glance


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_g_shows_every_head_and_enter_opens_the_chosen_one(size):
    async with attention(size) as lab:
        await lab.press("g")
        for layer in (1, 2):
            assert all(f"layer {layer} head {head}" in page(lab) for head in (1, 2, 3))
        await lab.press("down", "right", "right")
        assert lab.pane.head == (1, 2)
        pattern = blocks(lab, "anna")[1].pattern[0, 2]
        assert f"layer 2 head 3 itself {np.diag(pattern)[1:].mean():.1%}" in page(lab)
        assert f"the one before {np.diag(pattern, -1).mean():.1%}" in page(lab)
        await lab.press("enter")
        assert lab.pane.mode == "map"
        assert "layer 2 of 2 [ ] head 3 of 3" in page(lab)


# ---- one look in numbers


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_v_works_the_look_out_with_every_figure_real(size):
    async with attention(size) as lab:
        await lab.press("v", "left", "up")  # the third n looks, at the second letter: left is who, up is at whom
        assert lab.pane.at(5) == (3, 2)
        a = blocks(lab, "anna")[0]
        q, k, v, scores, pattern = (x[0, 0].astype(float) for x in (a.q, a.k, a.v, a.scores, a.pattern))
        exps = np.exp(scores[3] - scores[3, :4].max())
        for key in range(4):
            figures = f"{q[3] @ k[key]:+.4f} {scores[3, key]:+.4f} 0 {exps[key]:.4f} {pattern[3, key]:.2%}"
            assert figures in page(lab)
        assert f"{q[3] @ k[4]:+.4f} {scores[3, 4]:+.4f} −∞ 0.0000 0.00%" in page(lab)
        assert f"{exps[:4].sum():.4f} 100.00%" in page(lab)
        for name, vector in (("q", q[3]), ("Σ share·v", pattern[3] @ v), ("k n (3)", k[2]), ("v n (3)", v[2])):
            assert f"{name} {' '.join(f'{x:+.2f}' for x in vector)}" in page(lab)
        assert f"= {pattern[3, 2]:.2%}" in page(lab)


async def test_the_wide_screen_shows_map_arrows_and_numbers_at_once():
    async with attention(WIDE) as lab:
        assert all(part in page(lab) for part in ("share of its look", "itself", "softmax(q·k / √4) · V", "e^(s−max)"))


# ---- the trick


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_w_steps_from_a_plain_average_to_learned_attention(size):
    async with attention(size) as lab:
        await lab.press("w")
        a = blocks(lab, "anna")[0]
        steps = trick.steps(a.q[0, 0], a.k[0, 0], a.v[0, 0])
        for n, word in enumerate(("a loop adds them up", "row n of the triangle", "Softmax makes shares", "learned")):
            assert (lab.pane.step, word in page(lab)) == (n, True)
            assert "shares " + " ".join(f"{w:.3f}" for w in steps[n].weights[4]) in page(lab)
            assert "out " + " ".join(f"{x:+.3f}" for x in steps[n].result[4]) in page(lab)
            assert f"1, 2, 3 agree: largest difference {trick.largest_difference(steps[:3]):.1e}" in page(lab)
            await lab.press("right")
        assert f"4 differs by up to {trick.largest_difference((steps[0], steps[3])):.3f}" in page(lab)
        assert lab.pane.step == 3
        await lab.press("left", "enter", "enter")
        assert lab.pane.step == 0


async def test_the_proof_is_a_difference_of_rounding_only():
    async with attention() as lab:
        await lab.press("w")
        assert float(re.search(r"largest difference (\S+)", page(lab)).group(1)) < 1e-12


async def test_in_the_trick_up_and_down_choose_the_row():
    async with attention() as lab:
        await lab.press("w", "up", "up")
        assert "n (3) scores none shares 0.333 0.333 0.333 0.000 0.000" in page(lab)


async def test_the_scores_of_the_third_step_are_zero_and_masked():
    async with attention() as lab:
        await lab.press("w", "right", "right", "up")
        assert "n (4) scores +0.000 +0.000 +0.000 +0.000 −∞" in page(lab)


# ---- from view to view


@pytest.mark.parametrize(("key", "mode"), [("g", "heads"), ("v", "numbers"), ("w", "trick")])
async def test_the_same_key_and_esc_go_back_to_the_map(key, mode):
    async with attention() as lab:
        for back in (key, "escape"):
            await lab.press(key)
            assert lab.pane.mode == mode
            await lab.press(back)
            assert lab.pane.mode == "map"


async def test_another_screen_and_back_keeps_the_view():
    async with attention() as lab:
        await lab.press("w", "right", "5", "7")
        assert (lab.pane.mode, lab.pane.step) == ("trick", 1)


async def test_enter_on_the_map_opens_the_numbers():
    async with attention() as lab:
        await lab.press("enter")
        assert lab.pane.mode == "numbers"


@pytest.mark.parametrize("model", ["bigram", "gpt"])
async def test_every_key_does_no_harm_to_any_view_of_any_model(model):
    choices = SMALL if model == "gpt" else {}
    async with open_lab("attention", steps=5, **choices) as lab:
        for view in ("", "g", "v", "w"):
            await lab.press(*view)
            for key in keys_of("attention"):
                await lab.press(key.keys.split(",")[0])
                if lab.in_dialog:
                    await lab.press("escape")
        assert lab.app.is_running


# ---- a bigram, and terminals that can do less


async def test_a_bigram_says_that_it_has_no_attention_what_it_has_and_which_key_chooses_a_gpt():
    async with open_lab("attention") as lab:
        assert "A bigram has no attention" in page(lab)
        assert "one matrix" in page(lab)
        assert "Press M" in page(lab)
        await lab.press("t", "g", "v", "w", "n", "up")
        assert not lab.in_dialog
        assert "M chooses a gpt" in lab.notices[0]


async def test_changing_the_model_brings_the_map_and_takes_it_away():
    async with open_lab("attention", text="names") as lab:
        lab.link.send(Change("model", "gpt"))
        await lab.pause()
        assert "layer 1 of 2" in page(lab)
        lab.link.send(Change("model", "bigram"))
        await lab.pause()
        assert "A bigram has no attention" in page(lab)


@pytest.mark.parametrize("look", [Look("few"), Look("none"), Look("none", ascii=True), Look("many", ascii=True)])
@pytest.mark.parametrize("view", ["", "g", "v", "w"])
async def test_terminals_that_can_do_less_show_every_view(look, view):
    async with open_lab("attention", look=look, steps=20, **SMALL) as lab:
        await lab.press(*view)
        assert {strip.cell_length for strip in lab.strips} == {80}
        if look.ascii:
            assert "?" not in lab.drawn("#attention-map")
            assert all(strip.text.isascii() for strip in lab.strips)


async def test_without_colours_the_map_is_told_by_glyphs_and_figures():
    async with open_lab("attention", look=Look("none"), steps=40, **SMALL) as lab:
        share = round(100 * float(blocks(lab, "anna")[0].pattern[0, 0, 4, 3]))
        assert re.search(rf"\D{share}\D", lab.drawn("#attention-map"))
        assert "100@" in page(lab)


async def test_wide_and_hostile_letters_stay_in_their_cells():
    text = "你好\x1b\n世界[/b]\n" * 9
    async with open_lab("attention", trainer=None, text=text, steps=3, **SMALL) as lab:
        for view in ("", "g", "v", "w"):
            await lab.press(*view)
            assert {strip.cell_length for strip in lab.strips} == {80}
            assert not any("\x1b" in strip.text for strip in lab.strips)
