"""Attention while the model writes: the map grows row by row, and every figure is the engine's."""

import re

import numpy as np
import pytest

from tinylm_tui.engine.softmax import softmax
from tinylm_tui.ui.look import Look

from .attentive import (
    NARROW,
    SMALL,
    SMALLEST,
    WIDE,
    attention,
    long_enough,
    page,
    seed_that,
    trace_of,
    typed,
    words,
    written,
)
from .stage import open_lab


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    """Not over ssh, wherever the tests run."""
    monkeypatch.delenv("SSH_CONNECTION", raising=False)


def rows(lab):
    """The shares of the map in percent, row by row; for cells that have room for them."""
    place, lines = lab.pane.place, lab.drawn("#attention-map").split("\n")[lab.pane.above :]
    found = [re.findall(r"\d+", text[place.margin : place.width]) for text in lines[1 : place.height]]
    return [[int(n) for n in row] for row in found if row]


# ---- token by token


@pytest.mark.parametrize("size", [NARROW, WIDE, SMALLEST])
async def test_a_point_writes_one_token_and_the_map_has_one_row_more(size):
    async with attention(size) as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        ids = written(lab, "", lab.pane.dice)
        for shown in range(1, 6):
            await lab.press("full_stop")
            so_far = list(ids[: 1 + shown])
            trace = trace_of(lab, so_far)
            assert f"text {words(lab, so_far)}" in page(lab)
            assert len(lab.pane.at(1 + shown)) == 2
            assert lab.pane.place.rows == 1 + shown
            share = trace.blocks[0].attention.pattern[0, 0, shown, shown - 1]
            assert f"share of its look {share:.2%}" in page(lab)
            if lab.pane.place.cell.columns >= 4:
                pattern = trace.blocks[0].attention.pattern[0, 0]
                assert rows(lab) == [[round(100 * float(p)) for p in pattern[t, : t + 1]] for t in range(1 + shown)]


@pytest.mark.parametrize("size", [NARROW, WIDE, SMALLEST])
async def test_the_newest_token_stands_there_with_its_probability_and_its_surprise(size):
    async with attention(size) as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        ids = written(lab, "", lab.pane.dice)
        for shown in (1, 2, 3):
            await lab.press("full_stop")
            p = softmax(trace_of(lab, list(ids[:shown])).logits[0, -1].astype(float))[ids[shown]]
            found = re.search(r"newest (\S+) \((\d+)\) probability (\S+)% surprise (\S+) bits", page(lab))
            assert found.groups() == (words(lab, [ids[shown]]), str(1 + shown), f"{100 * p:.2f}", f"{-np.log2(p):.2f}")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_arrows_go_from_the_newest_token_to_what_it_looks_at(size):
    async with attention(size) as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        ids = written(lab, "", lab.pane.dice)
        for shown in (1, 2, 3, 4):
            await lab.press("full_stop")
            shares = trace_of(lab, list(ids[: 1 + shown])).blocks[0].attention.pattern[0, 0, shown]
            assert f"itself {shares[shown]:.1%}" in page(lab)
            assert page(lab).count("▲") == sum(shares[:shown] >= 0.02)


async def test_the_newest_token_is_marked_in_the_text():
    async with attention() as lab:
        await typed(lab, "be")
        await lab.press("full_stop")
        strip = lab.pane.query_one("#attention-map")._lines[1]
        marked = [segment.text for segment in strip if segment.style == Look().style("cursor")]
        assert marked == [words(lab, lab.pane.growing.ids[-1:])]


async def test_it_goes_on_from_the_text_that_was_typed_and_else_from_the_boundary():
    async with attention() as lab:
        await lab.press("full_stop")
        assert lab.pane.growing.ids[:-1] == (0,)
        await typed(lab, "ben")
        assert "text ·ben" in page(lab)
        await lab.press("full_stop")
        assert lab.pane.growing.ids == written(lab, "ben", length=1)


async def test_b_goes_back_and_a_point_over_the_same_tokens_again():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        await lab.press(*["full_stop"] * 4)
        ids, shown = lab.pane.growing.ids, page(lab)
        await lab.press("b", "backspace", "b")
        assert f"text {words(lab, ids[:2])} " in page(lab)
        await lab.press(*["full_stop"] * 3)
        assert (lab.pane.growing.ids, page(lab)) == (ids, shown)
        await lab.press(*["b"] * 9)
        assert "nothing written yet" in page(lab)


async def test_what_stands_beside_the_map_keeps_its_place_while_it_grows():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        places = set()
        for _ in range(5):
            await lab.press("full_stop")
            lines = lab.drawn("#attention-map").split("\n")
            places.add(next((y, text.index("share %")) for y, text in enumerate(lines) if "share %" in text))
        assert len(places) == 1


# ---- any head, and the other views


async def test_any_layer_and_head_of_the_growing_text():
    async with attention() as lab:
        await lab.press("full_stop", "full_stop", "n", "right_square_bracket")
        ids = lab.pane.growing.ids
        share = trace_of(lab, list(ids)).blocks[1].attention.pattern[0, 1, len(ids) - 1, len(ids) - 2]
        assert "layer 2 of 2 [ ] head 2 of 3" in page(lab)
        assert f"share of its look {share:.2%}" in page(lab)


async def test_g_shows_all_heads_while_it_writes():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        await lab.press("full_stop", "full_stop", "g")
        for _ in range(3):
            await lab.press("full_stop")
            pattern = trace_of(lab, list(lab.pane.growing.ids)).blocks[0].attention.pattern[0, 0]
            assert all(f"layer {layer} head {head}" in page(lab) for layer in (1, 2) for head in (1, 2, 3))
            assert f"itself {np.diag(pattern)[1:].mean():.1%}" in page(lab)


@pytest.mark.parametrize("view", ["v", "w"])
async def test_the_numbers_and_the_trick_are_of_the_growing_text_too(view):
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        await lab.press("full_stop", "full_stop", view, "full_stop")
        newest = words(lab, lab.pane.growing.ids[-1:])
        assert f"{newest} (4)" in page(lab)


# ---- models without attention, and terminals that can do less


@pytest.mark.parametrize("model", ["bigram", "average", "mlp"])
async def test_a_model_without_attention_has_nothing_to_play(model):
    async with open_lab("attention", model=model, batch=1, steps=5) as lab:
        for key in ("a", "full_stop", "D"):
            await lab.press(key)
            assert "M chooses a gpt" in lab.notices[-1]
        await lab.press("b", "z", "plus", "escape")
        assert (lab.pane.growing, lab.pane.playing) == (None, False)


@pytest.mark.parametrize("look", [Look("few"), Look("none"), Look("none", ascii=True), Look("many", ascii=True)])
@pytest.mark.parametrize("view", ["", "g", "v", "w"])
async def test_terminals_that_can_do_less_show_it_growing(look, view):
    async with open_lab("attention", look=look, steps=20, **SMALL) as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        await lab.press(*view, *["full_stop"] * 9)
        assert {strip.cell_length for strip in lab.strips} == {80}
        if look.ascii:
            assert "?" not in lab.drawn("#attention-map")
            assert all(strip.text.isascii() for strip in lab.strips)


@pytest.mark.parametrize("tokenizer", ["alphabet", "bpe"])
@pytest.mark.parametrize("size", [NARROW, WIDE, SMALLEST])
async def test_tokens_of_every_kind_grow(tokenizer, size):
    kind = {"tokenizer": tokenizer, **({"vocabulary": 60} if tokenizer == "bpe" else {})}
    async with attention(size, text="sentences", **kind) as lab:
        await lab.press(*["full_stop"] * 12)
        ids = lab.pane.growing.ids
        assert ids == written(lab)[: len(ids)]
        assert len(ids) == 13 or ids[-1] == 0
        assert {strip.cell_length for strip in lab.strips} == {size[0]}


async def test_hostile_letters_stay_letters_while_they_are_written():
    text = "你好\x1b\n世界[/b]\n" * 9
    async with open_lab("attention", trainer=None, text=text, steps=3, **SMALL) as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        for _ in range(10):
            await lab.press("full_stop")
            assert {strip.cell_length for strip in lab.strips} == {80}
            assert not any("\x1b" in strip.text for strip in lab.strips)
