import pytest

from tinylm_tui.lab.commands import Load
from tinylm_tui.lab.moving import moved
from tinylm_tui.lab.views import read_text
from tinylm_tui.ui.drawing.saliency import signed
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes import reckoning

from .stage import TEXT, open_lab
from .test_surprise_screen import MODELS

SEEING = {model: MODELS[model] for model in ("average", "mlp", "gpt")}


def figures_of(s, text, position, target=None, rank=None):
    tokenizer = s.corpus.tokenizer
    ids = read_text(tokenizer, text, 100).ids
    target = int(ids[position + 1]) if position + 1 < len(ids) else target
    return moved(s.params, tokenizer, s.settings, ids[: position + 1], target, rank)


@pytest.mark.parametrize("model", SEEING)
async def test_both_measures_stand_beside_each_other_with_signs(model):
    async with open_lab("saliency", text=TEXT, steps=20, **SEEING[model]) as lab:
        found = figures_of(lab.snapshot, "anna", 3)
        saliency = found.saliency
        for a, b, seen in zip(saliency.gradient_x_input, saliency.leave_one_out, saliency.seen, strict=True):
            assert not seen or (signed(a) in lab.text and signed(b) in lab.text)
        assert ("out of its sight" in lab.text) == (not saliency.seen.all())
        assert f"{found.probability:.2%}" in lab.text
        assert "the next token here" in lab.prose
        assert f"{model}, step 20" in lab.text
        assert f"{saliency.agreement:+.2f}" in lab.text


@pytest.mark.parametrize("model", SEEING)
async def test_beside_a_boundary_that_fills_the_window_it_says_why_leaving_it_out_changes_nothing(model):
    async with open_lab("saliency", text=TEXT, steps=20, **SEEING[model]) as lab:
        await lab.press("left", "left")  # the boundary and one letter
        assert ("The boundary fills every empty place" in lab.prose) == (model != "gpt")
        assert (lab.pane.answer.saliency.leave_one_out[0] == 0) == (model != "gpt")
        await lab.press("right", "right")
        assert "The boundary fills" not in lab.prose or model == "gpt" or lab.pane.answer.saliency.seen[0]


async def test_a_bigram_says_what_it_has_instead():
    async with open_lab("saliency", text=TEXT) as lab:
        assert "A bigram looks at the last token alone" in lab.prose
        assert "Press M" in lab.prose
        for key in ("t", "left", "up", "x", "pageup"):
            await lab.press(key)
        await lab.press("t")
        assert "M chooses" in lab.notices[-1]


async def test_left_and_right_choose_the_guess_and_at_the_end_it_is_the_top_one():
    async with open_lab("saliency", text=TEXT, steps=20, **SEEING["gpt"]) as lab:
        assert "·ann → a" in lab.text
        await lab.press("right")
        top = figures_of(lab.snapshot, "anna", 4)
        assert "the model's top guess" in lab.prose
        assert f"{top.probability:.2%}" in lab.text
        await lab.press("right", *["left"] * 9)
        assert lab.pane.position == 0
        assert "none" in lab.text  # the only token cannot be left out
        assert "No rank correlation" in lab.prose


async def test_up_and_down_ask_about_another_token_and_x_goes_back():
    async with open_lab("saliency", text=TEXT, steps=20, **SEEING["mlp"]) as lab:
        came = lab.pane.answer
        await lab.press(*["up"] * 9)
        top = figures_of(lab.snapshot, "anna", 3, rank=0)
        assert (lab.pane.answer.target, lab.pane.answer.rank) == (top.target, 0)
        await lab.press("down")
        assert lab.pane.answer.rank == 1
        await lab.press("x")
        assert lab.pane.answer.target == came.target


async def test_it_follows_the_model_while_it_trains_and_its_text():
    async with open_lab("saliency", text=TEXT, **SEEING["average"]) as lab:
        assert "not trained yet" in lab.text
        await lab.press("S")
        assert "average, step 10" in lab.text
        lab.app.send(Load("new", "xyxyxy xyx", "text"))
        await lab.pause()
        assert "xyxy" in lab.text


async def test_a_text_beyond_the_context_says_what_is_used_and_unknown_letters_are_named():
    async with open_lab("saliency", text=TEXT, steps=2, **SEEING["gpt"]) as lab:
        await lab.press("t")
        await lab.answer("annabenninaé")
        assert "the last 8 tokens are used, the context of this model" in lab.prose
        assert "never seen it: é" in lab.prose


async def test_rows_that_do_not_fit_are_scrolled_and_summed():
    async with open_lab("saliency", text=TEXT * 4, steps=2, **{**SEEING["gpt"], "context": 30}) as lab:
        await lab.press("t")
        await lab.answer("abeinv" * 4)
        assert "more tokens (pgup, pgdn)" in lab.text
        first = lab.drawn("#saliency-page")
        await lab.press("pageup")
        assert lab.drawn("#saliency-page") != first
        await lab.press(*["pagedown"] * 3)
        assert lab.drawn("#saliency-page") == first


async def test_what_takes_long_is_worked_out_beside_the_screen(monkeypatch):
    async with open_lab("saliency", text=TEXT, steps=2, **SEEING["gpt"]) as lab:
        monkeypatch.setattr(reckoning, "SLOW", 0)
        await lab.press("left")
        await lab.until(lambda: not lab.pane.busy)
        assert len(lab.pane.answer.ids) == 3
        await lab.press("left", "escape")
        assert not lab.pane.busy


TEXTS = ("", "é", "a", "\x1b[31m", "日本anna", "e\u0301a", "anna" * 30)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("more", [{}, {"tokenizer": "alphabet"}, {"tokenizer": "bpe", "vocabulary": 12}])
@pytest.mark.parametrize("look", [Look(), Look("none", ascii=True)])
async def test_any_text_keeps_its_columns(model, more, look):
    async with open_lab("saliency", size=(60, 20), text=TEXT, steps=2, look=look, **MODELS[model], **more) as lab:
        for text in TEXTS:
            lab.pane._typed(text)
            await lab.until(lambda: not lab.pane.busy)
            await lab.press("right", "down", "left", "up", "pageup")
            assert {strip.cell_length for strip in lab.strips} == {60}
