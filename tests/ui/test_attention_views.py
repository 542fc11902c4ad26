"""The other views of the Attention screen: all heads at a glance, one look in numbers, the trick; from view to view."""

import re

import numpy as np
import pytest

from tinylm_tui.engine import trick
from tinylm_tui.ui.keys import keys_of

from .attentive import NARROW, SMALL, WIDE, attention, blocks, page
from .stage import open_lab

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
