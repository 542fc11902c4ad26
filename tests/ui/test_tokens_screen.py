import threading

import pytest

from tinylm_tui.engine.bpe import BPETokenizer
from tinylm_tui.lab.commands import Configure, Load
from tinylm_tui.lab.cutting import Cut
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes import trying

from .stage import open_lab

TEXT = "the other then\nthe mother then\nthis other\n" * 3
BPE = {"text": TEXT, "reading": "text", "tokenizer": "bpe", "vocabulary": 18}


async def tried(lab, *keys):
    """Press keys that begin a try, and wait until it is done."""
    await lab.press(*keys)
    await lab.until(lambda: not lab.pane.progress)
    await lab.pause()


def shown(lab):
    """The texts of the tokens in view order."""
    return [piece.text for piece in lab.pane.pieces()]


async def test_characters_are_one_token_each_with_its_id_under_it():
    async with open_lab("tokens", text="abba\n") as lab:
        assert shown(lab) == ["", "a", "b", "b", "a", ""]
        page = lab.drawn("#tokens-page").splitlines()
        assert page[0].split() == ["Characters", "the", "model's", "tokens"]
        assert (page[3].split()[:6], page[4].split()[:6]) == (list("·abba·"), list("012210"))
        assert "b makes byte pairs" in lab.prose


async def test_b_tries_byte_pairs_and_the_model_keeps_its_tokens():
    async with open_lab("tokens", text=TEXT, reading="text") as lab:
        before = lab.weights
        await tried(lab, "b")
        assert max(map(len, shown(lab))) > 2
        assert "Byte pairs inside words" in lab.text
        assert "tried: enter uses them" in lab.text
        assert (lab.weights, lab.link.sent, lab.snapshot.settings.tokenizer) == (before, [], "characters")


async def test_up_and_down_step_through_the_merges_and_cut_the_text_again():
    async with open_lab("tokens", **BPE) as lab:
        last = len(lab.pane.story.merges)
        assert f"merge {last} of {last}:" in lab.text
        await lab.press("home")
        assert set(map(len, shown(lab))) == {0, 1}
        assert "characters alone" in lab.text
        lengths = [len(shown(lab))]
        for number in range(1, last + 1):
            await lab.press("down")
            assert f"merge {number} of {last}:" in lab.text
            lengths.append(len(shown(lab)))
        assert lengths == sorted(lengths, reverse=True)
        assert lengths[-1] < lengths[0]
        await lab.press("up")
        assert len(shown(lab)) == lengths[-2]
        await lab.press("end", "down")
        assert len(shown(lab)) == lengths[-1]


async def test_page_keys_step_ten_merges_and_stop_at_the_ends():
    async with open_lab("tokens", **{**BPE, "vocabulary": 40}) as lab:
        last = len(lab.pane.story.merges)
        moments = []
        for key in ("pageup", "pageup", "pageup", "pageup", "pagedown", "k", "j", "pagedown", "pagedown", "pagedown"):
            await lab.press(key)
            moments.append(lab.pane.shown_moment)
        assert last > 11
        assert moments == [max(0, last - n) for n in (10, 20, 30, 40)] + [10, 9, 10] + [
            min(last, n) for n in (20, 30, 40)
        ]


async def test_characters_have_no_merges_to_step_through_and_say_so():
    async with open_lab("tokens") as lab:
        await lab.press("down")
        assert "no merges to step through" in lab.notices[-1]


async def test_the_cursor_goes_from_token_to_token_and_tells_of_each():
    async with open_lab("tokens", **BPE) as lab:
        await lab.press("right", "right")
        piece = lab.pane.pieces()[2]
        assert lab.pane.cursor() == 2
        assert f"id {piece.id}   {int(lab.pane.story.counts[piece.id]):,} in the text" in lab.text
        await lab.press("left", "left", "left", "left")
        assert (lab.pane.cursor(), "the boundary" in lab.text) == (0, True)


async def test_the_cursor_stays_at_its_place_in_the_text_while_merges_come_and_go():
    async with open_lab("tokens", size=(120, 50), **BPE) as lab:
        await lab.press("home", *["right"] * 7)
        place = lab.pane.place
        for _ in range(len(lab.pane.story.merges)):
            await lab.press("down")
            piece = lab.pane.pieces()[lab.pane.cursor()]
            assert (lab.pane.place, piece.start <= place < piece.end) == (place, True)


async def test_a_merge_made_out_of_view_brings_its_token_into_view():
    text = "once upon a time " * 40 + "zzz zzz zzz zzz"
    async with open_lab("tokens", text=text, reading="text", tokenizer="bpe", vocabulary=40) as lab:
        tokens = lab.pane.story.corpus.tokenizer.tokens
        number = next(merge.number for merge in lab.pane.story.merges if tokens[merge.token] == "zz")
        await lab.press("home", *["down"] * (number - 1))
        assert "z" not in lab.drawn("#tokens-page").splitlines()[3]
        await lab.press("down")
        piece = lab.pane.pieces()[lab.pane.cursor()]
        assert (piece.text, "zz" in lab.drawn("#tokens-page")) == ("zz", True)


async def test_v_asks_for_a_vocabulary_size_and_refuses_one_without_room_for_the_characters():
    async with open_lab("tokens", text=TEXT, reading="text") as lab:
        await lab.press("v")
        await lab.answer("5")
        least = len(set(TEXT)) + 1
        assert lab.error() == f"a vocabulary for this text takes a number from {least} to 2,000, not 5"
        await lab.answer("many")
        assert f"from {least} to 2,000, not 'many'" in lab.error()
        await lab.answer("")
        assert "nothing was typed" in lab.error()
        await lab.answer("16")
        await lab.until(lambda: lab.pane.tried)
        await lab.pause()
        assert lab.pane.tried == Cut("bpe", 16, split_words=True)
        assert "16 tokens = boundary" in lab.text


async def test_a_vocabulary_larger_than_the_text_gives_is_cut_to_what_it_gives_and_says_so():
    async with open_lab("tokens", text=TEXT, reading="text") as lab:
        await lab.press("v")
        await lab.answer("1500")
        await lab.until(lambda: lab.pane.tried)
        await lab.pause()
        size = lab.pane.story.corpus.size
        assert f"gives {size} tokens, not 1500" in lab.prose
        assert f"{size} tokens = boundary" in lab.text


async def test_byte_pairs_with_no_room_for_the_characters_say_how_many_would_do():
    letters = "".join(chr(0x4E00 + i) for i in range(400))
    async with open_lab("tokens", text=letters, reading="text") as lab:
        await tried(lab, "b")
        assert "401 or more would do" in lab.prose
        assert lab.pane.tried is None


async def test_w_tries_tokens_across_words():
    async with open_lab("tokens", text=TEXT, reading="text") as lab:
        await tried(lab, "w")
        assert "Byte pairs across words" in lab.text
        assert any(" " in token[1:] for token in shown(lab))
        await tried(lab, "w")
        assert "Byte pairs inside words" in lab.text
        assert not any(" " in token[1:] for token in shown(lab))


async def test_enter_gives_the_model_the_tried_tokens_and_it_starts_over():
    async with open_lab("tokens", text=TEXT, reading="text", steps=5) as lab:
        await tried(lab, "b")
        tokens = lab.pane.story.corpus.tokenizer
        await lab.press("enter")
        assert lab.link.sent == [Configure((("tokenizer", "bpe"), ("vocabulary", "200"), ("split_words", "true")))]
        assert lab.snapshot.corpus.tokenizer == tokens
        assert (lab.snapshot.step, lab.pane.tried) == (0, None)
        assert "the model's tokens" in lab.text


async def test_u_says_so_where_nothing_was_tried():
    async with open_lab("tokens") as lab:
        await lab.press("u")
        assert (lab.link.sent, "the model's tokens already" in lab.notices[-1]) == ([], True)


async def test_n_goes_back_to_characters_and_enter_gives_them_to_the_model():
    async with open_lab("tokens", **BPE) as lab:
        assert isinstance(lab.snapshot.corpus.tokenizer, BPETokenizer)
        await tried(lab, "n")
        assert max(map(len, shown(lab))) == 1
        await lab.press("enter")
        assert lab.link.sent == [Configure((("tokenizer", "characters"),))]
        assert lab.snapshot.settings.tokenizer == "characters"


async def test_escape_drops_a_try_and_so_does_n_where_the_model_has_characters():
    for key in ("escape", "n"):
        async with open_lab("tokens", text=TEXT, reading="text") as lab:
            await tried(lab, "b")
            await lab.press(key)
            assert (lab.pane.tried, "Characters  the model's tokens" in lab.text) == (None, True)
            assert lab.app.focused.id == "tokens-page"


@pytest.mark.parametrize("key", ["escape", "b"])
async def test_a_try_shows_its_progress_and_can_be_stopped_at_any_moment(key, monkeypatch):
    begun, heard = threading.Event(), []

    def slow(name, text, reading, cut, told):
        while told(3, 4):
            begun.set()
        heard.append("stopped")
        raise trying.LabError("stopped")

    monkeypatch.setattr(trying, "make_corpus", slow)
    async with open_lab("tokens", text=TEXT, reading="text") as lab:
        await lab.press("b")
        await lab.until(begun.is_set)
        lab.pane.redraw()
        await lab.pause()
        assert "75%" in lab.text
        assert "Characters" in lab.text  # what was there stays in view meanwhile
        await lab.press("enter")
        assert "still being cut" in lab.notices[-1]
        await lab.press(key)
        await lab.until(lambda: heard)
        await lab.pause()
        assert (lab.pane.progress, lab.pane.tried, "%" in lab.pane.query_one("#tokens-page")._lines[1].text) == (
            None, None, False,
        )  # fmt: skip


async def test_too_little_memory_is_said_in_words(monkeypatch):
    def short_of_memory(*_):
        raise MemoryError

    monkeypatch.setattr(trying, "make_corpus", short_of_memory)
    async with open_lab("tokens") as lab:
        await tried(lab, "b")
        assert "not enough memory" in lab.prose


async def test_a_new_text_ends_what_was_tried_on_the_old_one():
    async with open_lab("tokens", text=TEXT, reading="text") as lab:
        await tried(lab, "b")
        lab.app.send(Load("new", "xyxy", "text"))
        await lab.pause()
        assert (lab.pane.tried, shown(lab)) == (None, ["", "x", "y", "x", "y", ""])


async def test_a_text_of_ones_own_is_cut_and_nothing_brings_the_corpus_back():
    async with open_lab("tokens", **BPE) as lab:
        await lab.press("t")
        await lab.answer("the öther")
        assert "".join(shown(lab)) == "the öther"
        assert "?" in lab.drawn("#tokens-page").splitlines()[4]
        await lab.press("t")
        await lab.answer("")
        assert "".join(shown(lab)) == TEXT
        assert lab.link.sent == []


async def test_the_alphabet_shows_its_27_symbols():
    async with open_lab("tokens", text="Hello, you\n", reading="text", tokenizer="alphabet") as lab:
        assert "".join(shown(lab)) == "hello  you "
        assert "27 symbols," in lab.text
        assert "27 tokens" in lab.text


async def test_a_click_on_a_token_moves_the_cursor_and_one_on_a_merge_goes_to_its_moment():
    async with open_lab("tokens", **BPE) as lab:
        canvas = lab.pane.query_one("#tokens-page")
        lines = [strip.text for strip in canvas._lines]
        await lab.pilot.click("#tokens-page", offset=(lines[4].index(str(lab.pane.pieces()[1].id)), 4))
        await lab.pause()
        assert lab.pane.cursor() == 1
        y = next(y for y, text in enumerate(lines) if text[50:].split()[:1] == ["1"])
        await lab.pilot.click("#tokens-page", offset=(lab.pane.arranged.list_left + 1, y))
        await lab.pause()
        assert lab.pane.shown_moment == 1


async def test_the_reason_to_compare_bits_per_character_stands_on_the_screen_with_the_models_own():
    async with open_lab("tokens", size=(60, 20), **BPE) as lab:
        assert f"This model: {lab.snapshot.bits_per_character:.3f} bits per character." in lab.prose
        assert "compare bits per character, not nats per token" in lab.prose


async def test_under_the_alphabet_the_screen_says_that_its_bits_do_not_compare():
    async with open_lab("tokens", size=(60, 20), text="story", tokenizer="alphabet") as lab:
        assert f"This model: {lab.snapshot.bits_per_character:.3f} bits per character." in lab.prose
        assert "its bits cannot be compared" in lab.prose
        assert "compare bits per character" not in lab.prose
        await tried(lab, "b")  # the bits are still the model's own
        assert "its bits cannot be compared" in lab.prose


@pytest.mark.parametrize(
    "text", ["one", "日本語日本語\n日本", "e\u0301e\u0301 ❤\ufe0f 👩\u200d🔬 👩\u200d🔬", "\x07\x1b[31m\x07\x1b[31m"]
)
@pytest.mark.parametrize("look", [Look(), Look("none", ascii=True)])
async def test_any_text_keeps_its_columns(text, look):
    async with open_lab("tokens", text=text, reading="text", look=look) as lab:
        await lab.press("v")
        await lab.answer("40")
        await lab.until(lambda: lab.pane.tried)
        for key in ("home", "down", "end", "right"):
            await lab.press(key)
            assert {strip.cell_length for strip in lab.strips} == {80}


async def test_two_thousand_different_letters_are_shown():
    letters = "".join(chr(0x4E00 + i) for i in range(1990))
    async with open_lab("tokens", text=letters * 2, reading="text") as lab:
        assert "1,991 tokens = boundary + 1,990 characters" in lab.text
        await lab.press("v")
        await lab.answer("1995")
        await lab.until(lambda: lab.pane.tried)
        await lab.pause()
        assert "1,995 tokens" in lab.text


async def test_hello_by_characters_and_by_chunks():
    story = "hello help hell shell he yellow "
    async with open_lab("tokens", text=story * 3, reading="text") as lab:
        await lab.press("t")
        await lab.answer("hello")
        assert shown(lab) == ["", *"hello", ""]
        await tried(lab, "b")
        while lab.pane.shown_moment and len(shown(lab)) < 5:
            await lab.press("up")
        assert ("".join(shown(lab)), len(shown(lab))) == ("hello", 5)


async def test_train_shows_bits_a_character_and_bits_a_token_where_they_differ():
    async with open_lab("train", **BPE) as lab:
        s = lab.snapshot
        assert s.bits_per_character < s.bits
        assert all(f"{bits:.4f}" in lab.text for bits in (s.bits_per_character, s.bits))
    async with open_lab("train", text=TEXT) as lab:
        assert ("bits a character" in lab.text, "bits a token" in lab.text) == (True, False)


async def test_enter_uses_the_tokens_in_view_also_before_the_last_merge():
    async with open_lab("tokens", text=TEXT, reading="text") as lab:
        await tried(lab, "b")
        await lab.press("home", "down", "down")
        seen = shown(lab)
        size = lab.pane.story.first + 2
        assert f"enter uses these {size} tokens" in lab.text
        await lab.press("enter")
        assert lab.snapshot.corpus.size == size
        assert shown(lab) == seen
        await lab.press("up")  # now on the way of the model's own tokens
        assert f"on the way: enter uses these {size - 1} tokens" in lab.text
        await lab.press("enter")
        assert lab.snapshot.corpus.size == size - 1


async def test_the_least_vocabulary_is_taken_and_says_what_it_is():
    async with open_lab("tokens", text=TEXT, reading="text") as lab:
        await lab.press("v")
        await lab.answer(str(len(set(TEXT)) + 1))
        await lab.until(lambda: lab.pane.tried)
        await lab.pause()
        assert "are only the characters and the boundary: a larger vocabulary makes merges" in lab.prose
        assert "b makes byte pairs" not in lab.prose


async def test_counts_beside_a_text_of_ones_own_are_those_of_the_corpus_and_an_unknown_letter_is_named():
    async with open_lab("tokens", text=TEXT, reading="text") as lab:
        assert "in the text" in lab.text
        await lab.press("t")
        await lab.answer("thé")
        assert "in the corpus" in lab.text
        await lab.press("right", "right", "right")
        assert "no id: é is not in the vocabulary" in lab.text


async def test_the_models_bits_stand_beside_its_own_tokens_only():
    async with open_lab("tokens", text=TEXT, reading="text") as lab:
        assert "This model:" in lab.text
        await tried(lab, "b")
        assert "This model:" not in lab.text


async def test_a_step_beyond_the_last_merge_leaves_the_text_where_it_is():
    async with open_lab("tokens", text=TEXT * 40, reading="text", size=(60, 20)) as lab:
        await tried(lab, "b")
        before = lab.pane.place
        await lab.press("down", "end")
        assert lab.pane.place == before
