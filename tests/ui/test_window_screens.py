"""The screens with the two models that see a window, and with tokens that are no single characters."""

import math
import re

import numpy as np
import pytest

from tinylm_tui.engine.tokenizer import BOUNDARY
from tinylm_tui.lab.starters import starter
from tinylm_tui.lab.views import single_token_logits, window_journey
from tinylm_tui.ui.keys import TABS

from .stage import new_trainer, open_lab

AVERAGE = {"model": "average", "width": 32, "context": 5, "batch": 1, "learn_rate": 0.1, "held_out": 0.1}
MLP = {"model": "mlp", "width": 8, "context": 10, "hidden": 16, "batch": 16, "learn_rate": 0.005, "held_out": 0.1}
MODELS = pytest.mark.parametrize("choices", [AVERAGE, MLP], ids=["average", "mlp"])
BPE = {"tokenizer": "bpe", "vocabulary": 120}
ALPHABET = {"tokenizer": "alphabet"}
WIDE, NARROW = (120, 36), (80, 24)
SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x36"])


def page(lab, selector):
    return " ".join(lab.drawn(selector).split())


def journey(lab):
    run, pane = lab.run, lab.pane
    return window_journey(run.params, run.corpus.tokenizer, run.settings, pane.ids(), pane.position)


@SIZES
@MODELS
@pytest.mark.parametrize("tokenizer", [{}, BPE, ALPHABET], ids=["characters", "bpe", "alphabet"])
async def test_every_screen_opens_and_keeps_inside_its_room(choices, tokenizer, size):
    async with open_lab(text="story", steps=3, size=size, **choices, **tokenizer) as lab:
        for tab in TABS:
            await lab.app.action_tab(tab.id)
            await lab.pause()
            assert len(lab.lines) == size[1]
            assert all(strip.cell_length <= size[0] for strip in lab.strips)


@SIZES
@MODELS
async def test_math_shows_the_stages_and_the_figures_of_the_engine(choices, size):
    async with open_lab("math", text="names", size=size, steps=40, **choices) as lab:
        await lab.press("right")
        way, shown = journey(lab).way, page(lab, "#walk")
        for stage in way.stages[choices["context"] :]:
            assert f"{stage.name} " in shown
            assert f"{stage.length:.3f}" in shown
        i = int(np.argmax(way.logits))
        assert f"{way.logits[i]:+.4f} {way.exps[i]:.4f} {way.probabilities[i]:.2%}" in shown
        p = way.probabilities[way.target]
        left = " ".join(" ".join(line[: size[0] - 46] for line in lab.drawn("#walk").split("\n")).split())
        told = re.search(r"−ln\(([0-9.e-]+)\) = ([0-9.]+) nats = ([0-9.]+) bits", left if size == WIDE else shown)
        assert float(told[1]) == pytest.approx(p, rel=1e-5)
        assert told.groups()[1:] == (f"{-math.log(float(told[1])):.4f}", f"{-math.log2(float(told[1])):.4f}")
        assert f"sum of 27 = {way.total:.4f}, prob. = e^/sum" in shown


@MODELS
async def test_math_shows_windows_and_the_token_after_each_around_the_position(choices):
    async with open_lab("math", text="names", size=WIDE, **choices) as lab:
        await lab.press("t")
        await lab.answer("hello")
        await lab.press("left", "left")
        fill = "· " * (choices["context"] - 4)
        shown = page(lab, "#walk")
        assert f"▸ window 4 {fill}· h e l → l" in shown
        assert f"window 5 {fill}h e l l → o" in shown
        assert "Position 4 of 6" in shown
        await lab.press("right", "right")
        assert "The text ends here" in page(lab, "#walk")
        await lab.press("right")
        assert lab.pane.position == 0


@MODELS
async def test_windows_that_only_blanks_fill_up_are_marked_as_no_examples(choices):
    cat = "the cat sat on the mat"
    async with open_lab("math", text=cat, size=(160, 50), **{**choices, "held_out": 0}, **ALPHABET) as lab:
        examples = lab.run.learner.examples
        assert examples.count == len(cat) - choices["context"]
        await lab.press("t")
        await lab.answer(cat)
        marked = {}
        for _ in range(len(cat) + 1):
            for row in lab.drawn("#walk").split("\n"):
                if found := re.search(r"window (\d+) ", row):
                    marked[int(found[1])] = "no example" in row
            await lab.press("right")
        assert len(marked) == len(cat) + 1
        learnt = sorted(number for number, no_example in marked.items() if not no_example)
        assert learnt == [*range(choices["context"] + 1, len(cat) + 2)]
        assert len(learnt) == examples.count + 1  # the last one has no token after it


@MODELS
async def test_with_a_boundary_every_window_is_an_example(choices):
    async with open_lab("math", text="names", size=WIDE, **choices) as lab:
        assert "no example" not in lab.text


@MODELS
async def test_math_is_live_while_it_trains(choices):
    async with open_lab("math", text="names", **choices) as lab:
        before = page(lab, "#walk")
        await lab.press("S")
        assert page(lab, "#walk") != before
        assert f"= {journey(lab).way.surprise:.4f} nats" in page(lab, "#walk")


@MODELS
async def test_the_model_screen_counts_its_weights_live_and_says_how(choices):
    async with open_lab("model", text="names", size=WIDE, **choices) as lab:
        V, E, W, H = 27, choices["width"], choices["context"], choices.get("hidden", 0)
        formula = {
            "average": f"V×E + E×V = {V}×{E} + {E}×{V}",
            "mlp": f"V×E + (W×E + 1)×H + (H + 1)×V = {V}×{E} + {W * E + 1}×{H} + {H + 1}×{V}",
        }[choices["model"]]
        assert f"{formula} = {lab.run.params.count:,} weights" in lab.prose
        numbers = formula.split(" = ")[1].replace("×", "*")
        assert eval(numbers) == lab.run.params.count
        assert f"softmax: 27 probabilities all of it {lab.run.params.count:,}" in lab.prose


async def test_the_sizes_of_the_first_seed_are_1728_weights():
    async with open_lab("model", text="story", **AVERAGE, **ALPHABET) as lab:
        assert "27×32 + 32×27 = 1,728 weights" in lab.prose


@MODELS
async def test_the_heat_map_is_what_follows_each_token_alone(choices):
    async with open_lab("heatmap", text="names", size=WIDE, steps=30, **choices) as lab:
        run = lab.run
        assert lab.pane.matrix == pytest.approx(single_token_logits(run.params, 27, run.settings))
        await lab.press("down", "right")
        assert f"score {lab.pane.matrix[1, 1]:+.4f}" in page(lab, ".side")
        assert "Each letter alone after the boundary." in page(lab, ".side")
        await lab.press("m")
        assert lab.pane.name_in_view == "embedding"
        assert "row 1 a" in page(lab, ".side")


@MODELS
async def test_samples_are_written_on_train_and_on_generate(choices):
    async with open_lab("train", text="names", size=WIDE, steps=200, **choices) as lab:
        assert "it writes, same dice" in lab.text
        await lab.press("3")
        assert lab.drawn("#samples").count(" bits") > 10
        await lab.press("p", "a", "n", "n")
        wanted = ", in their order" if choices is MLP else ", without their order"
        assert f"your 3 letters; the last {choices['context']} tokens count{wanted}." in page(lab, ".side")


@MODELS
async def test_feedback_is_refused_with_true_words(choices):
    async with open_lab("feedback", text="names", steps=5, **choices) as lab:
        assert "only a bigram's weights are" in page(lab, "#report")
        await lab.press("u", "a")
        assert lab.link.sent == []
        assert "only a bigram's weights are such pairs" in lab.notices[-1]


@MODELS
async def test_attention_says_what_there_is_instead_and_which_key_chooses_it(choices):
    async with open_lab("attention", text="names", **choices) as lab:
        shown = page(lab, "#attention-map")
        assert f"An {choices['model']} has no attention: it looks at the last {choices['context']} tokens" in shown
        assert "Press M to choose one" in shown
        await lab.press("t")
        assert not lab.in_dialog
        assert f"an {choices['model']} has no attention to look at; M chooses a gpt" in lab.notices


@MODELS
async def test_train_tells_the_epoch_the_floor_and_the_held_out_loss(choices):
    async with open_lab("train", text="names", steps=60, **choices) as lab:
        s, shown = lab.snapshot, page(lab, ".side")
        assert f"epoch {s.epoch:,.2f}" in shown
        assert f"exact floor {s.floor:.4f}" in shown
        assert f"held out {s.held_out:.4f}" in shown
        assert f"above the floor {s.loss - s.floor:+.4f}" in shown
        assert ("batch 1 example " if choices is AVERAGE else "batch 16 examples") in shown
        assert ("at this step" in shown) == (choices is MLP)


async def test_train_marks_the_step_where_the_held_out_loss_turned():
    words = "\n".join(starter("names").text().split()[:80])
    trainer = new_trainer(words, steps=900, **MLP | {"learn_rate": 0.02, "held_out": 0.3, "hidden": 64})
    async with open_lab("train", size=WIDE, trainer=trainer) as lab:
        turned = lab.snapshot.turned
        assert turned is not None
        assert f"held out was lowest at step {turned:,}" in lab.text
        assert f"lowest at step {turned:,}" in page(lab, ".side")
        assert lab.snapshot.held_out > lab.snapshot.corpus.uniform
        assert f"{lab.snapshot.held_out:.2f}├" in lab.drawn("#curve")  # the frame is as high as what must be seen


async def test_before_it_has_turned_nothing_is_marked():
    async with open_lab("train", text="names", steps=10, size=WIDE, **MLP) as lab:
        assert lab.snapshot.turned is None
        assert "lowest" not in lab.text


# ---- byte pairs, and an alphabet without a boundary


async def test_a_row_label_of_byte_pairs_is_cut_and_the_read_out_shows_it_whole():
    async with open_lab("heatmap", text="story", vocabulary=300, tokenizer="bpe", **AVERAGE) as lab:
        longest = max(range(300), key=lambda i: len(lab.pane.letters[i]))
        token = lab.pane.letters[longest]
        assert len(token) > 5
        await lab.press("z", *["down"] * longest)
        shown = lab.drawn("#map").split("\n")
        glyph = token.replace(" ", "␣")
        assert any(line.startswith(glyph[:4] + "…") for line in shown)
        assert glyph in page(lab, ".side")


async def test_a_prompt_is_read_in_byte_pairs_and_an_unknown_letter_is_named():
    async with open_lab("generate", text="story", size=WIDE, steps=20, **MLP, **BPE) as lab:
        prompt = lab.pane.query_one("#prompt")
        prompt.value = "the ferry"
        await lab.pause()
        tokens = len(lab.run.corpus.tokenizer.encode("the ferry"))
        assert tokens < len("the ferry")
        assert f"your {tokens} tokens" in page(lab, ".side")
        assert lab.drawn("#samples").startswith("the ferry")
        prompt.value = "ñ"
        await lab.pause()
        assert "the model has never seen ñ" in page(lab, "#samples")


async def test_the_corpus_says_which_tokens_there_are():
    async with open_lab(text="story", size=WIDE, **AVERAGE, **BPE) as lab:
        c, shown = lab.run.corpus, page(lab, ".side Canvas")
        assert "in the model: byte pairs" in shown
        assert f"tokens merged {len(c.tokenizer.letters) + 1} → 120" in shown
        assert f"characters a token {c.characters_per_token:.3f}" in shown
        assert f"token pairs {c.pairs:,}" in shown
        await lab.press("e", "q")
        lab.pane._count()
        assert lab.pane.counted.tokenizer.size == 120
        assert "not yet loaded: byte pairs" in page(lab, ".side Canvas")


async def test_without_a_boundary_each_text_gets_its_full_length():
    async with open_lab("generate", text="names", steps=20, **AVERAGE, **ALPHABET) as lab:
        assert "each text begins after a blank and gets 200 tokens" in page(lab, ".side")
        (samples,) = {len(line) > 0 for line in lab.drawn("#samples").split("\n")[:4]}
        assert samples
        assert not lab.run.corpus.tokenizer.bounded


async def test_a_bigram_of_the_alphabet_follows_the_blank_in_math():
    async with open_lab("math", text="names", steps=20, **ALPHABET) as lab:
        lab.pane.trace(BOUNDARY)
        assert "tracing the blank" in page(lab, "#walk")


# ---- greedy, and what stands in the text


async def test_greedy_is_one_key_and_the_same_key_goes_back():
    async with open_lab("generate", text="names", steps=100, **MLP) as lab:
        await lab.press("plus", "G")
        assert lab.pane.temperature == 0
        assert "Temperature 0 is greedy" in page(lab, ".side")
        assert lab.drawn("#samples").count(" bits") == 1
        await lab.press("G")
        assert lab.pane.temperature == 1.1


@SIZES
async def test_what_stands_in_the_text_is_marked_and_counted(size):
    async with open_lab("generate", size=size, steps=300) as lab:
        words = set(lab.run.corpus.text.split())
        shown = [line for line in lab.drawn("#samples").split("\n") if " bits" in line]
        known = [line for line in shown if line.split()[0] in words and "…" not in line]
        assert [line for line in shown if " = " in line] == known != []
        assert f"= {len(known)} of {len(shown)} stand in the text" in page(lab, ".side")
        if size == WIDE:
            assert all("= in text" in line for line in known)
