"""The Attention screen: which token looks at which in one head, on a text of one's own, in every terminal."""

import re

import pytest

from tinylm_tui.lab.commands import Change, Load
from tinylm_tui.ui.look import Look

from .attentive import NARROW, SMALL, SMALLEST, WIDE, attention, blocks, page, top, typed
from .stage import open_lab

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
        assert "left out, because this model has never seen them: b e" in page(lab)
        assert "text ·n" in top(lab)


async def test_fewer_heads_and_layers_leave_no_cursor_outside():
    async with attention() as lab:
        await lab.press("n", "n", "right_square_bracket")
        for name, value in (("heads", "1"), ("layers", "1")):
            lab.link.send(Change(name, value))
        await lab.pause()
        assert "layer 1 of 1 [ ] head 1 of 1" in page(lab)


# ---- a bigram, and terminals that can do less


async def test_a_bigram_says_that_it_has_no_attention_what_it_has_and_which_key_chooses_a_gpt():
    async with open_lab("attention") as lab:
        assert "A bigram has no attention" in page(lab)
        assert "one matrix" in page(lab)
        assert "Press M" in page(lab)
        await lab.press("g", "v", "w", "n", "up", "t")
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


@pytest.mark.parametrize("key", ["p", "g", "n", "w", "v", "[", "]", "enter", "z", "+"])
async def test_a_key_that_needs_attention_says_so_where_there_is_none(key):
    async with open_lab("attention") as lab:
        await lab.press(key)
        assert lab.notices[-1] == "a bigram has no attention to look at; M chooses a gpt"
