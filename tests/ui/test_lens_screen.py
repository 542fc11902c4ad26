"""The Lens screen: what each layer would say at each place of a text."""

import re

import numpy as np
import pytest

from tinylm_tui.engine import gpt
from tinylm_tui.lab.commands import Load
from tinylm_tui.lab.inspection import inspect
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.ui.look import Look

from .stage import open_lab

WIDE, NARROW, SMALLEST = (120, 36), (80, 24), (60, 20)
SMALL = {"model": "gpt", "layers": 2, "heads": 3, "width": 12, "context": 8, "batch": 4, "learn_rate": 0.02,
         "warmup": 1}  # fmt: skip
LOOKS = [Look(), Look("few"), Look("none"), Look("none", ascii=True)]


def lens(size=NARROW, steps=60, **choices):
    return open_lab("lens", size=size, steps=steps, **{**SMALL, **choices})


def page(lab):
    return " ".join(lab.drawn("#lens-grid").split())


def rows(lab):
    """The lines of the grid by their label."""
    lines = lab.drawn("#lens-grid").split("\n")
    return {line[:11].strip(): line[11:].split() for line in lines if line[:11].strip()}


def outputs(lab, text):
    """The model's own probabilities, by a plain forward pass of the weights that the trainer really has."""
    run = lab.run
    ids = np.array([[0, *run.corpus.tokenizer.encode(text)][-run.settings.context :]], np.int32)
    logits, _ = gpt.forward(run.params, config_of(run.settings, run.corpus.size), ids)
    return np.exp(logits[0]) / np.exp(logits[0]).sum(axis=-1, keepdims=True)


async def typed(lab, text):
    await lab.press("t")
    await lab.answer(text)


@pytest.mark.parametrize("size", [NARROW, WIDE, SMALLEST])
async def test_the_text_stands_under_the_layers_and_what_comes_next_over_them(size):
    async with lens(size) as lab:
        shown = rows(lab)
        assert shown["text"][:5] == list("·anna")
        assert shown["comes next"][:5] == [*"anna", "?"]
        assert list(shown)[1:6] == ["comes next", "output", "block 1", "embedding", "text"]


async def test_the_cell_under_the_cursor_is_read_out_and_is_the_models_own_output():
    async with lens() as lab:
        p, tokens = outputs(lab, "anna"), lab.run.corpus.tokenizer.tokens
        for place in (3, 2, 1):
            target = tokens.index("anna"[place])
            best = int(p[place].argmax())
            name = tokens[best] or "the boundary"
            assert f"would say {name} {p[place, best]:.2%}" in page(lab)
            rank = 1 + int((p[place] > p[place, target]).sum())
            assert f"the right one, {'anna'[place]} rank {rank} of 7 {p[place, target]:.2%}" in page(lab)
            await lab.press("left")


async def test_every_layer_says_what_the_command_line_says():
    async with lens() as lab:
        layers = inspect(lab.run, "lens", "anna")["layers"]
        for row, name in ((2, "the output"), (1, "after block 1"), (0, "after the embedding")):
            cell = layers[row][3]
            assert f"{name}, at n (4)" in page(lab)
            assert f"would say {cell['token'].replace('boundary', 'the boundary')} {cell['probability']:.2%}" in page(
                lab
            )
            assert f"rank {cell['right_rank']} of 7 {cell['right_probability']:.2%}" in page(lab)
            await lab.press("down")


@pytest.mark.parametrize("look", LOOKS)
async def test_what_is_right_already_is_marked_in_every_look(look):
    async with lens(look=look) as lab:
        layers = inspect(lab.run, "lens", "anna")["layers"]
        right = sum(cell["right_rank"] == 1 for layer in layers for cell in layer)
        lines = lab.drawn("#lens-grid").split("\n")
        grid = "\n".join(line for line in lines[1:-5] if "share" not in line and "text" not in line)
        assert right > 0
        assert len(re.findall(r"\S=", grid)) == right


async def test_v_shows_the_ranks_of_the_right_one_instead():
    async with lens() as lab:
        await lab.press("v")
        layers = inspect(lab.run, "lens", "anna")["layers"]
        ranks = [f"#{cell['right_rank']}{'=' * (cell['right_rank'] == 1)}" for cell in layers[2][:4]]
        assert rows(lab)["output"][:4] == ranks
        await lab.press("v")
        assert "#" not in " ".join(rows(lab)["output"])


@pytest.mark.parametrize("size", [NARROW, SMALLEST])
async def test_enter_opens_a_cell_with_its_likeliest_tokens_and_esc_closes_it(size):
    async with lens(size) as lab:
        await lab.press("enter")
        p = outputs(lab, "anna")[3]
        assert "the 7 likeliest" in page(lab)
        shares = [float(one) for one in re.findall(r"([\d.]+)%", page(lab).split("likeliest")[1])][:7]
        assert shares == pytest.approx(sorted(100 * p, reverse=True), abs=0.006)
        await lab.press("left")
        assert "at n (3)" in page(lab)
        await lab.press("escape")
        assert "comes next" in page(lab)


async def test_the_right_one_is_listed_where_it_is_none_of_the_ten():
    async with lens(text="names", steps=0) as lab:
        await typed(lab, "zq")
        await lab.press("left", "enter")
        cell = inspect(lab.run, "lens", "zq")["layers"][2][lab.pane.at(lab.pane.seen())[1]]
        found = re.findall(r"(\d+) (\S) (?:=)? *([\d.]+)%", page(lab).split("likeliest")[1])
        named = [(int(rank), token) for rank, token, _ in found]
        assert (cell["right_rank"], cell["right"]) in named
        assert len(named) == 10 + (cell["right_rank"] > 10)


async def test_in_a_wide_terminal_the_ten_stand_beside_the_grid():
    async with lens(WIDE) as lab:
        assert "the 7 likeliest" in page(lab)
        assert "comes next" in page(lab)


async def test_a_text_wider_than_the_screen_scrolls_and_says_how_much_is_hidden():
    async with lens(SMALLEST, context=40, text="anna\nben\nnina\nbea\neve\nabe\nna\n" * 9) as lab:
        text = "annabenninabeaeveabena" + "annabennina"
        await typed(lab, text)
        assert "".join(rows(lab)["text"]) == text[-2 - lab.pane.grid.places : -1][1:]
        await lab.press("right")
        assert rows(lab)["comes next"][-1] == "?"
        for _ in text:
            await lab.press("left")
        assert rows(lab)["text"][:5] == list("·anna")
        assert lab.pane.at(lab.pane.seen())[1] == 0
        await lab.resize(120, 30)
        assert "more →" in page(lab)


async def test_it_is_live_while_it_trains():
    async with lens(steps=0) as lab:
        shown = []
        await lab.press("space")
        for _ in range(2):
            await lab.train(10)
            p = outputs(lab, "anna")[3]
            assert (
                f"would say {lab.run.corpus.tokenizer.tokens[int(p.argmax())] or 'the boundary'} {p.max():.2%}"
                in page(lab)
            )
            shown.append(page(lab))
        assert len(set(shown)) == 2


async def test_a_fresh_model_is_said_to_be_one():
    async with lens(steps=0) as lab:
        assert "not trained yet" in page(lab)
        await lab.press("S")
        assert "not trained yet" not in page(lab)


@pytest.mark.parametrize("keys", [[], ["v"], ["enter"], ["up", "right", "down", "left"]])
@pytest.mark.parametrize("text", ["", "b"])
async def test_an_empty_and_a_one_letter_text_are_no_harm(text, keys):
    async with lens() as lab:
        await typed(lab, text)
        await lab.press(*keys)
        assert "%" in page(lab)
        await lab.press("right", "right")
        assert ("the text ends here" in page(lab)) == (keys != ["enter"])


async def test_a_longer_text_is_read_from_its_end_and_it_is_said():
    async with lens() as lab:
        await typed(lab, "annabenninabea")
        assert "the text has 15 tokens; the last 8 are used" in page(lab)
        assert rows(lab)["text"] == list("nninabea")


async def test_unknown_letters_are_left_out_and_named():
    async with lens() as lab:
        await typed(lab, "anXY")
        assert "left out, because this model has never seen them: X Y" in page(lab)
        assert rows(lab)["text"] == list("·an")


async def test_a_typed_text_outlives_another_corpus_and_says_which_letters_are_gone():
    async with lens() as lab:
        await typed(lab, "ben")
        lab.link.send(Load("other", "nan\nann\n" * 9))
        await lab.pause()
        assert "left out, because this model has never seen them: b e" in page(lab)


@pytest.mark.parametrize("model", ["bigram", "average", "mlp"])
async def test_other_models_say_what_they_have_instead_and_which_key_chooses_a_gpt(model):
    choices = {} if model == "bigram" else {"context": 3, "batch": 1}
    async with open_lab("lens", model=model, **choices) as lab:
        assert "no layers to look between" in page(lab) or "one hidden layer" in page(lab)
        assert "Press M" in page(lab)
        await lab.press("left", "up", "enter", "v")
        await lab.press("t")
        assert not lab.in_dialog
        assert "M chooses a gpt" in lab.notices[-1]


@pytest.mark.parametrize(
    "choices",
    [{"tokenizer": "bpe", "vocabulary": 14, "text": "banana bandana\n" * 20}, {"tokenizer": "alphabet"},
     {"text": "\x1b[2J日本語\n" * 9, "reading": "words"}],
)  # fmt: skip
@pytest.mark.parametrize("size", [NARROW, SMALLEST, WIDE])
async def test_tokens_of_several_letters_of_the_alphabet_and_wide_ones_stand_in_their_columns(choices, size):
    async with lens(size, steps=3, **choices) as lab:
        drawn = lab.pane.query_one("#lens-grid")._lines
        assert all(strip.cell_length <= size[0] for strip in drawn)
        assert "comes next" in page(lab)
        assert "\x1b" not in lab.text


async def test_a_click_puts_the_cursor_on_the_cell():
    async with lens() as lab:
        grid, above = lab.pane.grid, lab.pane.above
        x, y = 11 + (grid.columns + 1) * 2 + 1, above + 1 + grid.lines
        await lab.pilot.click("#lens-grid", offset=(x, y))
        await lab.pause()
        assert lab.pane.at(lab.pane.seen()) == (1, 2)


async def test_weights_that_are_no_numbers_are_said_to_be_none():
    async with lens() as lab:
        lab.app.snapshot.params.flat.flags.writeable = True
        lab.app.snapshot.params.flat[0] = np.nan
        lab.pane.redraw()
        assert "not finite" in page(lab)
