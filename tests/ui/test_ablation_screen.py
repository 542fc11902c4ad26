"""The Ablation screen: parts switched off on the screen alone, and what is lost at once."""

import re

import numpy as np
import pytest

from tinylm_tui.engine import gpt
from tinylm_tui.lab.ablation import Off, measured_of
from tinylm_tui.lab.commands import Configure, Load
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes import measuring

from .stage import open_lab

WIDE, NARROW, SMALLEST = (120, 36), (80, 24), (60, 20)
SMALL = {"model": "gpt", "layers": 2, "heads": 3, "width": 12, "context": 8, "batch": 4, "learn_rate": 0.02,
         "warmup": 1, "held_out": 0.2}  # fmt: skip
TEXT = "anna\nben\nnina\nbea\neve\nabe\nna\n" * 12
LOOKS = [Look(), Look("few"), Look("none"), Look("none", ascii=True)]


def ablation(size=NARROW, steps=60, **choices):
    return open_lab("ablation", size=size, steps=steps, **{**SMALL, "text": TEXT, **choices})


def page(lab):
    return " ".join(lab.drawn("#ablation-grid").split())


def grid(lab):
    """What stands in the cells: by layer, the heads and the MLP, without the cursor's place."""
    lines = lab.drawn("#ablation-grid").split("\n")
    rows = [line for line in lines if re.match(r"layer \d+ ", line)]
    return [re.findall(r"[■×#x] ?[+-]?[\w.]+", line[9:]) for line in rows if re.search(r"[■×#x] ?[+-o]", line[9:])]


async def measured(lab):
    """Wait for the answer to what is off now."""
    await lab.until(lambda: lab.pane.effect is not None and lab.pane.effect.off == lab.pane.off)
    await lab.until(lambda: lab.pane.effect.snapshot is lab.snapshot and lab.pane._measuring is None)
    await lab.pause()


def loss_without(lab, heads=(), mlps=()):
    """The plain loss on the held-out text, with these slices of the output matrices at zero by hand."""
    run, s = lab.run, lab.snapshot
    params, config, on = run.params.copy(), config_of(run.settings, run.corpus.size), measured_of(s)
    for layer, head in heads:
        params[f"block{layer}.attention.w_out"][4 * head : 4 * head + 4] = 0
    for layer in mlps:
        params[f"block{layer}.mlp.w_out"][...] = 0
        params[f"block{layer}.mlp.b_out"][...] = 0
    return gpt.loss_and_grads(params, config, on.inputs, on.targets)[0]


@pytest.mark.parametrize("size", [NARROW, WIDE, SMALLEST])
async def test_x_switches_the_part_under_the_cursor_off_and_shows_at_once_what_is_lost(size):
    async with ablation(size) as lab:
        await measured(lab)
        whole = loss_without(lab)
        assert f"step 60: loss {whole:.4f} nats" in page(lab)
        for keys, parts in (((), {"heads": [(0, 0)]}), (("right", "down"), {"heads": [(0, 0), (1, 1)]})):
            await lab.press(*keys, "x")
            await measured(lab)
            without = loss_without(lab, **parts)
            assert without != pytest.approx(whole, abs=2e-4)
            shown = re.search(r"loss ([\d.]+) → ([\d.]+) nats ([+-][\d.]+) \(([+-][\d.]+)%\)", page(lab))
            figures = [float(one) for one in shown.groups()]
            assert figures == pytest.approx([whole, without, without - whole, 100 * (without / whole - 1)], abs=0.06)
            assert figures[:3] == pytest.approx([whole, without, without - whole], abs=1.01e-4)


async def test_an_mlp_is_switched_off_like_a_head():
    async with ablation() as lab:
        await lab.press("right", "right", "right", "enter")
        await measured(lab)
        assert "off: MLP 1 here only: the run itself is never changed" in page(lab)
        assert f"→ {loss_without(lab, mlps=[0]):.4f} nats" in page(lab)


async def test_x_again_or_a_switches_on_again():
    async with ablation() as lab:
        await lab.press("x", "right", "x", "down", "x")
        assert lab.pane.off == Off(frozenset({(0, 0), (0, 1), (1, 1)}))
        await lab.press("x")
        assert lab.pane.off == Off(frozenset({(0, 0), (0, 1)}))
        await lab.press("a")
        assert lab.pane.off == Off()
        assert "all parts are on" in page(lab)


async def test_the_run_is_never_changed_and_never_told():
    async with ablation() as lab:
        before = lab.weights
        await lab.press("x", "right", "x", "g")
        await measured(lab)
        await lab.until(lambda: lab.pane.table is not None)
        assert (lab.weights, lab.link.sent) == (before, [])
        assert lab.snapshot.params.flat.tobytes() == before


async def test_which_parts_are_off_is_a_sign_in_every_look():
    for look in LOOKS:
        async with ablation(look=look) as lab:
            await lab.press("right", "x", "down")
            assert [[cell[0] for cell in row] for row in grid(lab)] == [["■", "×", "■", "■"], ["■"] * 4]


@pytest.mark.parametrize("size", [NARROW, WIDE, SMALLEST])
async def test_g_measures_every_part_alone(size):
    async with ablation(size) as lab:
        await lab.press("x", "g")
        await lab.until(lambda: lab.pane.table is not None)
        await lab.pause()
        whole = loss_without(lab)
        wanted = [[*[loss_without(lab, [(layer, head)]) - whole for head in range(3)],
                   loss_without(lab, mlps=[layer]) - whole] for layer in range(2)]  # fmt: skip
        shown = [[float(re.sub(r"[■×] ?", "", cell)) for cell in row] for row in grid(lab)]
        assert np.array(shown) == pytest.approx(np.array(wanted), abs=1.1e-3 if size == SMALLEST else 1.1e-4)
        assert "costs at step 60: each part off alone" in page(lab)


@pytest.mark.parametrize("key", ["escape", "g"])
async def test_a_table_under_way_shows_how_far_it_is_and_can_be_stopped(key, monkeypatch):
    async with ablation() as lab:
        told = []

        def slow(snapshot, going_on):
            while going_on(3, 9):
                told.append(3)
            told.append("stopped")

        monkeypatch.setattr(measuring, "table_of", slow)
        await lab.press("g")
        await lab.until(lambda: told)
        lab.pane.redraw()
        assert "3 of 9 esc stops it" in page(lab)
        await lab.press("right")
        assert "layer 1, head 2" in page(lab)
        await lab.press(key)
        await lab.until(lambda: "stopped" in told)
        assert lab.pane.progress is None
        assert "3 of 9" not in page(lab)


async def test_training_goes_on_and_the_figures_say_of_which_step_they_are():
    async with ablation(steps=20) as lab:
        await lab.press("x", "g", "space")
        await lab.until(lambda: lab.pane.table is not None)
        await lab.train(10)
        await measured(lab)
        assert f"step 30: loss {loss_without(lab):.4f} → {loss_without(lab, [(0, 0)]):.4f}" in page(lab)
        assert "costs at step 20 (now 30): each part off alone" in page(lab)


async def test_until_a_new_measurement_is_there_the_last_one_stays_and_says_so(monkeypatch):
    async with ablation() as lab:
        await lab.press("x")
        await measured(lab)
        before = re.search(r"loss [\d.]+ → [\d.]+", page(lab))[0]
        monkeypatch.setattr(lab.pane, "ask", lambda: None)
        await lab.press("right", "x")
        assert f"measuring …; before: {before}" in page(lab)


async def test_another_text_or_model_begins_with_every_part_on():
    for command in (Load("other", "nan\nann\n" * 20), Configure((("layers", "1"),)), Configure((("model", "bigram"),))):
        async with ablation() as lab:
            await lab.press("x", "g")
            await measured(lab)
            await lab.until(lambda lab=lab: lab.pane.table is not None)
            lab.link.send(command)
            await lab.pause()
            assert (lab.pane.off, lab.pane.table) == (Off(), None)


async def test_the_same_model_started_over_keeps_what_is_off_and_forgets_the_figures():
    async with ablation() as lab:
        await lab.press("x", "g")
        await lab.until(lambda: lab.pane.table is not None)
        await lab.press("r")
        assert (lab.pane.off.heads, lab.pane.table) == ({(0, 0)}, None)
        await measured(lab)
        assert "step 0: loss" in page(lab)


async def test_both_write_from_the_same_prompt_and_dice_and_what_differs_is_marked():
    async with ablation() as lab:
        await lab.press("p")
        await lab.answer("an")
        await lab.press("right", "right", "right", "x", "down", "x")
        await measured(lab)
        effect, tokenizer = lab.pane.effect, lab.run.corpus.tokenizer
        assert effect.asked.request.prompt == "an"
        texts = [[tokenizer.decode(one.drawn) for one in seen.samples] for seen in (effect.whole, effect.without)]
        assert texts[0] != texts[1]
        assert "after an p" in page(lab)
        a, b = (one[0] for one in texts)
        row = next(one for one in lab.pane.query_one("#ablation-grid")._lines if one.text.startswith("without"))
        assert row.text.startswith("without 1–")
        cells = [(c, bool(segment.style.underline)) for segment in row for c in segment.text]
        assert cells[15 : 15 + len(b)] == [(c, a[i : i + 1] != c) for i, c in enumerate(b)]
        assert any(underlined for _, underlined in cells)
        throw = lab.pane.throw
        await lab.press("n")
        assert lab.pane.throw == throw + 1


async def test_of_a_running_text_each_pair_of_samples_has_its_number():
    async with ablation(reading="text", size=(120, 40)) as lab:
        await measured(lab)
        assert {"as it is 1", "as it is 2"} <= set(re.findall(r"(?:as it is|without) \d", lab.text))
        await lab.press("x")
        await measured(lab)
        assert re.findall(r"(?:as it is|without) \d", lab.text)[:2] == ["as it is 1", "without 1"]


async def test_without_anything_off_nothing_is_marked():
    async with ablation() as lab:
        await measured(lab)
        assert not [segment for strip in lab.pane.query_one("#ablation-grid")._lines for segment in strip
                    if segment.style and segment.style.underline]  # fmt: skip
        assert "nothing is off: every head looks where it looks" in page(lab)


async def test_attention_says_how_far_the_other_heads_move():
    async with ablation() as lab:
        await lab.press("x")
        await measured(lab)
        moved = lab.pane.effect.moved
        on = np.delete(moved.reshape(-1), 0)
        assert f"the heads left on move {on.mean():.1%} of it" in page(lab)
        best = int(moved[1].argmax())
        assert f"head 2.{best + 1} most: {moved.max():.1%}" in page(lab)
        await lab.press("right", "x", "right", "x", "down", "x", "left", "x", "left", "x")
        await measured(lab)
        assert "all heads are off: no token sees another" in page(lab)


async def test_a_wide_terminal_shows_the_head_as_it_is_and_without():
    async with ablation(WIDE) as lab:
        await lab.press("x")
        await measured(lab)
        assert "head 1.1 on ·anna t" in page(lab)
        assert lab.drawn("#ablation-grid").count("as it is") > lab.drawn("#ablation-grid").count("\nas it is")
        assert "It is off: what it looks at is handed on to nobody" in page(lab)
        await lab.press("down", "t")
        await lab.answer("ben")
        await measured(lab)
        assert "head 2.1 on ·ben" in page(lab)
        assert f"Moved: {lab.pane.effect.moved[1, 0]:.1%} of its attention" in page(lab)
        await lab.press("right", "right", "right")
        assert "An MLP has no attention to show" in page(lab)


async def test_unknown_letters_are_refused_by_name():
    async with ablation() as lab:
        for key in ("t", "p"):
            await lab.press(key)
            await lab.answer("anX")
            assert "the model has never seen X" in lab.error()
            await lab.press("escape")


async def test_where_nothing_is_held_out_the_beginning_of_the_text_is_measured_and_it_says_so():
    async with ablation(held_out=0.0) as lab:
        await measured(lab)
        assert "over the first 344 tokens; none held out" in page(lab)
    async with ablation() as lab:
        await measured(lab)
        assert "held-out tokens" in page(lab)


@pytest.mark.parametrize("text", ["", "b", "annabenninabea"])
@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_short_and_long_texts_are_no_harm(text, size):
    async with ablation(size) as lab:
        await lab.press("t")
        await lab.answer(text)
        await lab.press("x")
        await measured(lab)
        assert "attention" in page(lab)


@pytest.mark.parametrize("model", ["bigram", "average", "mlp"])
async def test_other_models_say_what_they_have_instead_and_which_key_chooses_a_gpt(model):
    choices = {} if model == "bigram" else {"context": 3, "batch": 1}
    async with open_lab("ablation", model=model, **choices) as lab:
        assert "no parts to switch off" in page(lab) or "no heads" in page(lab)
        assert "Press M" in page(lab)
        await lab.press("left", "down", "x", "a", "g", "n", "t")
        assert not lab.in_dialog
        assert "M chooses a gpt" in lab.notices[-1]
        assert lab.pane.effect is None


async def test_weights_that_are_no_numbers_are_said_to_be_none():
    async with ablation() as lab:
        await measured(lab)
        lab.app.snapshot.params.flat.flags.writeable = True
        lab.app.snapshot.params.flat[0] = np.nan
        lab.pane.redraw()
        await lab.press("x", "g")
        assert "not finite" in page(lab)
        assert lab.pane.progress is None


@pytest.mark.parametrize(
    "choices",
    [{"tokenizer": "bpe", "vocabulary": 14, "text": "banana bandana\n" * 20}, {"tokenizer": "alphabet"},
     {"text": "\x1b[2J日本語\n" * 20, "reading": "words"}, {"layers": 6, "heads": 12, "width": 24}],
)  # fmt: skip
@pytest.mark.parametrize("size", [NARROW, SMALLEST, WIDE])
async def test_every_tokenizer_and_many_heads_stand_in_their_columns(choices, size):
    async with ablation(size, steps=3, **choices) as lab:
        await lab.press("x", "down", "down", "right")
        await measured(lab)
        drawn = lab.pane.query_one("#ablation-grid")._lines
        assert all(strip.cell_length <= size[0] for strip in drawn)
        assert "loss" in page(lab)
        assert "\x1b" not in lab.text


async def test_a_click_puts_the_cursor_on_a_part():
    async with ablation() as lab:
        place, above = lab.pane.place, lab.pane.above
        await lab.pilot.click("#ablation-grid", offset=(9 + (place.columns + 1) * 2 + 2, above + 1 + place.lines))
        await lab.pause()
        assert lab.pane.cursor == (1, 2)


async def test_while_another_screen_is_in_view_nothing_is_measured():
    async with ablation(steps=20) as lab:
        await measured(lab)
        await lab.press("2", "space")
        await lab.train(10)
        await lab.press("space")
        effect = lab.app.pane("ablation").effect
        assert (effect.snapshot.step, lab.snapshot.step) == (20, 30)
        await lab.press("A")
        await measured(lab)
        assert lab.pane.effect.snapshot.step == 30
