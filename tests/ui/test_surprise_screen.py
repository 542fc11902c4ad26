import math
from itertools import pairwise

import numpy as np
import pytest

from tinylm_tui.lab.commands import Load
from tinylm_tui.lab.readers import reader_of
from tinylm_tui.lab.store import save
from tinylm_tui.lab.surprising import read
from tinylm_tui.ui.dialogs.paper import Paper
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes import reckoning
from tinylm_tui.ui.widgets.editor import Editor
from tinylm_tui.ui.words_texts import TRAIN_TELLS

from .stage import TEXT, new_trainer, open_lab

GPT = {"model": "gpt", "context": 8, "width": 16, "layers": 1, "heads": 2, "batch": 4, "learn_rate": 0.05}
MODELS = {
    "bigram": {"model": "bigram"},
    "average": {"model": "average", "context": 3, "width": 4, "batch": 4, "learn_rate": 0.05},
    "mlp": {"model": "mlp", "context": 3, "width": 4, "hidden": 6, "batch": 4, "learn_rate": 0.05},
    "gpt": GPT,
}


def sheet(lab):
    """The editor of the dialog in view."""
    return lab.app.screen.query_one(Editor)


async def write(lab, text):
    """Put a text on the sheet and take it."""
    await lab.press("t")
    sheet(lab).put(text)
    await lab.press("ctrl+l")
    await lab.until(lambda: not lab.pane.busy)
    await lab.pause()


def figures(lab, n=0):
    return lab.pane.answer.readers[n].surprise.figures()


@pytest.mark.parametrize("model", MODELS)
async def test_the_beginning_of_the_corpus_is_read_by_every_model(model):
    async with open_lab("surprise", text=TEXT, steps=20, **MODELS[model]) as lab:
        s = lab.snapshot
        found = read(reader_of(s.corpus, s.params, s.settings), TEXT).figures()
        assert f"the beginning of {s.corpus.name}" in lab.text
        assert all(f"{x:,.3f}" in lab.text for x in (found.bits, found.bits_per_character, found.perplexity))
        assert f"{model}, step 20" in lab.text
        nothing = found.tokens * math.log2(s.corpus.size)
        assert f"{nothing:,.3f}" in lab.text


async def test_the_bits_per_character_of_a_bigram_on_its_whole_text_are_those_of_its_loss():
    async with open_lab("surprise", text=TEXT, steps=20) as lab:
        assert figures(lab).bits_per_character == pytest.approx(lab.snapshot.bits_per_character, rel=1e-6)
        assert figures(lab, 1).bits / figures(lab, 1).tokens * math.log(2) == pytest.approx(lab.snapshot.floor)


async def test_it_follows_the_model_while_it_trains():
    async with open_lab("surprise", text=TEXT) as lab:
        assert "not trained yet" in lab.text
        before = figures(lab).bits
        await lab.press("S")
        assert figures(lab).bits < before
        assert "bigram, step 10" in lab.text


async def test_a_text_of_several_lines_is_pasted_and_nothing_brings_the_corpus_back():
    async with open_lab("surprise", text=TEXT, steps=20) as lab:
        await write(lab, "anna\neve\nben")
        assert "your text, 12 characters" in lab.text
        assert "·anna·eve·ben·" in lab.text
        assert figures(lab).tokens == len("anna·eve·ben·")
        await write(lab, "")
        assert figures(lab).tokens == len(TEXT)
        assert lab.link.sent == []


async def test_escape_leaves_the_sheet_and_everything_as_it_was():
    async with open_lab("surprise", text=TEXT, steps=20) as lab:
        before = lab.lines
        await lab.press("t", "e", "v", "e")
        assert isinstance(lab.app.screen, Paper)
        assert sheet(lab).exact == "eve"
        await lab.press("escape")
        assert lab.lines == before


async def test_the_cursor_shows_what_was_expected_and_what_came():
    async with open_lab("surprise", size=(120, 40), text=TEXT, steps=20) as lab:
        await write(lab, "anna")
        p = np.exp(lab.snapshot.params["W"].astype(float))
        p /= p.sum(axis=1, keepdims=True)
        tokens = lab.snapshot.corpus.tokenizer.tokens
        ids = [0, *map(tokens.index, "anna"), 0]
        for before, after in pairwise(ids):
            row = p[before]
            rank = 1 + sum(q > row[after] or (q == row[after] and i < after) for i, q in enumerate(row))
            name = tokens[after] or "the boundary"
            assert f"{name}: rank {rank} of {len(tokens)}, {-math.log2(p[before, after]):.3f} bits" in lab.text
            assert f"{p[before].max():.2%}" in lab.text
            await lab.press("right")
        await lab.press(*["left"] * 9)
        assert "begins here: nothing to guess" in lab.text


def marked(lab):
    """The characters of the model's own rows that are underlined."""
    strips = lab.pane.query_one("#surprise-page")._lines
    rows = [strip for strip in strips[2:] if strip.text.startswith(("bigram ", "gpt ")) and "rank" not in strip.text]
    return "".join(s.text for strip in rows for s in list(strip)[1:] if s.style and s.style.underline)


@pytest.mark.parametrize("look", [Look(), Look("few"), Look("none", ascii=True)])
async def test_what_surprises_more_than_the_threshold_is_underlined(look):
    async with open_lab("surprise", text=TEXT, steps=20, look=look) as lab:
        await write(lab, "vvaanneeb")
        lab.pane.cursor = 0
        lab.pane.redraw()
        shown = lab.pane.shown
        for keys in ((), ("minus",) * 4, ("plus",) * 12):
            await lab.press(*keys)
            above = "".join(shown.pieces[i].text or "·" for i, bits in shown.by_piece.items() if bits > lab.pane.limit)
            assert marked(lab) == above
            assert f"underlined above {lab.pane.limit:.1f} bits" in lab.prose
        assert (lab.pane.limit * 2) % 1 == 0


async def test_n_and_p_go_to_what_is_underlined():
    async with open_lab("surprise", text=TEXT, steps=50) as lab:
        await write(lab, "vvaanneebvaib")
        bits, limit = lab.pane.shown.by_piece, lab.pane.limit
        above = [i for i in bits if bits[i] > limit]
        assert len(above) > 2
        lab.pane.cursor = 0
        seen = []
        for _ in above:
            await lab.press("n")
            seen.append(lab.pane.cursor)
        assert seen == above
        await lab.press("n")
        assert "no token after this one" in lab.notices[-1]
        await lab.press("p")
        assert lab.pane.cursor == above[-2]


async def test_m_takes_the_counts_away_and_brings_them_back():
    async with open_lab("surprise", text=TEXT, steps=20) as lab:
        assert "counts of words" in lab.text
        await lab.press("m")
        assert "counts" not in lab.text
        await lab.press("m")
        assert "counts of words" in lab.text


async def test_what_was_never_counted_is_infinite_and_said():
    async with open_lab("surprise", text=TEXT, steps=20) as lab:
        await write(lab, "vvb")
        assert "∞" in lab.text
        assert f"∞: {figures(lab, 1).impossible} of the pairs never stood in its text" in lab.text


async def test_a_saved_run_reads_the_same_text_below(tmp_path):
    other = new_trainer("annaben\nbea\nanna\n", steps=9, tokenizer="bpe", vocabulary=8)
    save(other.run, tmp_path / "other.safetensors")
    async with open_lab("surprise", text=TEXT, steps=20, **GPT) as lab:
        await lab.press("o")
        await lab.answer(str(tmp_path / "other.safetensors"))
        await lab.until(lambda: not lab.pane.busy)
        await lab.pause()
        s = other.run
        found = read(reader_of(s.corpus, s.params, s.settings), TEXT).figures()
        assert "other: bigram, step 9" in lab.text
        assert f"{found.bits_per_character:.3f}" in lab.text
        missing = sum(c in "iv" for c in TEXT)
        assert f"another text: {missing} characters are left out, so nothing compares" in lab.prose
        assert "left out, because other has never seen them: i v" in lab.prose


async def test_a_file_that_is_no_run_leaves_the_model_alone_and_says_why(tmp_path):
    bad = tmp_path / "bad.safetensors"
    bad.write_text("no run")
    async with open_lab("surprise", text=TEXT, steps=20) as lab:
        await lab.press("o")
        await lab.answer(str(bad))
        await lab.until(lambda: not lab.pane.busy)
        await lab.pause()
        assert "bad.safetensors" in lab.prose
        assert "bigram, step 20" in lab.text


async def test_a_long_text_is_read_beside_the_screen_and_can_be_stopped(monkeypatch):
    monkeypatch.setattr(reckoning, "SLOW", 0)
    async with open_lab("surprise", text=TEXT, steps=5, **GPT) as lab:
        await lab.until(lambda: not lab.pane.busy)
        kept = lab.pane.answer
        await lab.press("t")
        sheet(lab).put("anna ben " * 500)
        await lab.press("ctrl+l", "escape")
        await lab.pause()
        assert (lab.pane.busy, lab.pane.answer is kept, lab.pane.text) in ((False, True, None), (False, False, None))
        await write(lab, "anna ben " * 500)
        assert figures(lab).tokens == 4500


async def test_the_answer_of_a_stopped_question_is_not_shown(monkeypatch):
    async with open_lab("surprise", text=TEXT, steps=5) as lab:
        monkeypatch.setattr(reckoning, "SLOW", 0)
        kept = lab.pane.answer
        lab.pane.text = "anna " * 1000
        lab.pane.ask()
        assert lab.pane.busy
        lab.pane.leave()
        await lab.pause()
        assert (lab.pane.busy, lab.pane.answer is kept, lab.pane.text) == (False, True, None)


async def test_ten_thousand_characters_are_walked_through_row_by_row():
    async with open_lab("surprise", text=TEXT, steps=5, reading="text") as lab:
        await write(lab, "anna\nben\nnina\n" * 750)
        assert figures(lab).tokens == 10_500
        await lab.press("pagedown", "down", "down")
        assert lab.pane.layout_now.text.first > 0
        here = lab.pane.at(lab.pane.shown)
        assert 12 * 4 < here < 13 * 5
        await lab.press("up", "up", "pageup")
        assert lab.pane.at(lab.pane.shown) < 6


async def test_a_click_on_a_token_moves_the_cursor():
    async with open_lab("surprise", text=TEXT, steps=5) as lab:
        lines = [strip.text for strip in lab.pane.query_one("#surprise-page")._lines]
        y = next(y for y, text in enumerate(lines) if text.startswith("bigram") and "·anna" in text)
        await lab.pilot.click("#surprise-page", offset=(lines[y].index("·anna") + 2, y))
        await lab.pause()
        assert lab.pane.cursor == 2


TEXTS = ("", " ", "é", "a", "\x1b[31mred\x07", "日本語anna", "e\u0301an", "a\n\n\nb")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("look", [Look(), Look("none", ascii=True)])
async def test_any_text_keeps_its_columns(model, look):
    async with open_lab("surprise", size=(60, 20), text=TEXT, steps=2, look=look, **MODELS[model]) as lab:
        for text in TEXTS:
            await write(lab, text)
            assert {strip.cell_length for strip in lab.strips} == {60}
            assert ("has never seen é" in lab.prose) == (text == "é" and not look.ascii)
            await lab.press("right", "down", "m", "left", "up", "minus")
            assert {strip.cell_length for strip in lab.strips} == {60}


async def test_the_alphabet_of_a_window_model_needs_a_full_window():
    choices = {**MODELS["mlp"], "tokenizer": "alphabet"}
    async with open_lab("surprise", text=TEXT, steps=2, **choices) as lab:
        await write(lab, "ann")
        assert "it sees 3 tokens and needs one more" in lab.prose
        await write(lab, "anna")
        assert figures(lab).tokens == 1
        assert "1           1" in lab.text  # so many tokens also for the counts, which could be asked for more


async def test_another_text_of_the_lab_is_read_anew():
    async with open_lab("surprise", text=TEXT, steps=2) as lab:
        lab.app.send(Load("new", "xyxy", "text"))
        await lab.pause()
        assert ("the beginning of new" in lab.text, "xyxy" in lab.text) == (True, True)


@pytest.mark.parametrize("model", MODELS)
async def test_it_tells_of_what_train_s_loss_is_where_there_is_room_for_all_of_it(model):
    async with open_lab("surprise", text=TEXT, steps=20, **MODELS[model]) as lab:
        assert TRAIN_TELLS[model] in lab.drawn("#surprise-page").splitlines()[0]
    async with open_lab("surprise", text=TEXT, size=(60, 20), steps=20, **MODELS[model]) as lab:
        top = lab.drawn("#surprise-page").splitlines()[0]
        assert ("Train" in top) == (TRAIN_TELLS[model] in top)
