import pytest

from tinylm_tui.lab.commands import Load, Teach
from tinylm_tui.lab.starters import STARTERS, starter
from tinylm_tui.ui.panes.corpus import CorpusPane

from .stage import TEXT, open_lab
from .test_heatmap_screen import offered

MARK = "edited, not yet loaded"


ZOE = "zoe\n" + TEXT


async def add_zoe(lab):
    """Type a word before the others; its letters z and o are new."""
    await lab.press("e", "ctrl+home", "z", "o", "e", "enter")
    lab.pane._count()  # what happens by itself a moment after the last key
    await lab.pause()


async def test_the_counts_are_those_of_the_text():
    async with open_lab() as lab:
        shown = {" ".join(line.split()) for line in lab.drawn(".side Canvas").split("\n")}
        corpus = lab.run.corpus
        assert {"characters used 6", "words 7", f"token pairs {corpus.pairs}", "weights 7 × 7 = 49"} <= shown
        assert {"read as w words", "knowing nothing 1.9459", f"exact floor, nats {corpus.floor:.4f}"} <= shown


async def test_an_edit_is_marked_and_its_counts_are_live_before_it_is_loaded():
    async with open_lab() as lab:
        assert MARK not in lab.text
        await add_zoe(lab)
        assert lab.drawn(".side Canvas").split("\n")[3] == "not yet loaded: characters"
        assert MARK in str(lab.editor.border_title)
        assert (lab.pane.counted.words, lab.pane.counted.size) == (8, 9)
        assert (lab.link.sent, lab.run.corpus.text) == ([], TEXT)


async def test_the_counts_follow_by_themselves_a_moment_after_the_last_key(monkeypatch):
    monkeypatch.setattr("tinylm_tui.ui.panes.corpus.RECOUNT_AFTER", 0.001)
    async with open_lab() as lab:
        await lab.press("e", "z")
        await lab.until(lambda: lab.pane.counted.text == "z" + TEXT)


async def test_ctrl_l_loads_the_edit_and_leaves_the_editor():
    async with open_lab(steps=3) as lab:
        await add_zoe(lab)
        await lab.press("ctrl+l")
        assert lab.link.sent == [Load("edited words", ZOE, "words")]
        assert (lab.snapshot.step, lab.snapshot.corpus.words) == (0, 8)
        assert MARK not in lab.text
        assert not lab.app.typing


async def test_a_starter_loaded_over_a_text_of_ones_own_is_no_text_of_ones_own():
    async with open_lab(text="names") as lab:
        await lab.press("n", "escape")
        lab.link.send(Load("story", starter("story").text(), "text"))
        await lab.pause()
        lab.editor.rewrite(ZOE)
        await lab.press("ctrl+l")
        assert lab.snapshot.corpus.name == "edited story"


async def test_a_text_edited_twice_is_not_called_edited_twice():
    async with open_lab() as lab:
        for _ in range(2):
            await add_zoe(lab)
            await lab.press("ctrl+l")
        assert lab.snapshot.corpus.name == "edited words"


async def test_enter_loads_the_starter_text_under_the_cursor():
    async with open_lab() as lab:
        await lab.press("down", "down", "enter")
        assert lab.snapshot.corpus.name == "places"
        assert lab.editor.exact == starter("places").text()
        assert "places is loaded" in lab.notices[-1]


async def test_every_starter_text_says_what_it_is():
    async with open_lab() as lab:
        for one in STARTERS:
            assert one.about in " ".join(lab.drawn(".side Canvas").split())
            await lab.press("down")


async def test_teaching_adds_words_and_keeps_the_weights():
    async with open_lab(steps=50) as lab:
        before = lab.run.params["W"].copy()
        await lab.press("t")
        await lab.answer("enna vena")
        assert lab.link.sent == [Teach("enna vena")]
        assert (lab.run.params["W"] == before).all()
        assert (lab.snapshot.step, lab.snapshot.corpus.words) == (50, 9)
        assert lab.editor.exact == TEXT + "enna vena\n"
        assert "2 more words" in lab.notices[-1]


async def test_teaching_is_refused_while_there_is_an_edit_that_it_would_lose():
    async with open_lab() as lab:
        await add_zoe(lab)
        await lab.press("escape", "t")
        assert not lab.in_dialog
        assert "load the edited text first" in lab.notices[-1]
        assert lab.editor.exact == ZOE


async def test_the_alphabet_tells_how_many_of_its_symbols_the_text_has():
    cat = "the cat sat on the mat"
    async with open_lab(text=cat, tokenizer="alphabet") as lab:
        assert f"symbols used {len(set(cat))} of 27" in " ".join(lab.drawn(".side Canvas").split())
        assert "characters 27" not in lab.prose


async def test_teaching_nothing_is_answered_with_a_sentence():
    async with open_lab() as lab:
        await lab.press("t")
        await lab.answer("  ")
        assert "nothing to teach" in lab.notices[-1]


@pytest.mark.parametrize(("text", "sentence"), [("", "there is no text"), (" \n\t ", "only white space")])
async def test_a_text_that_will_not_do_is_refused_and_nothing_is_lost(text, sentence):
    async with open_lab(steps=5) as lab:
        before = lab.weights
        lab.editor.text = text
        lab.pane._count()
        assert sentence in " ".join(lab.drawn(".side Canvas").split())
        await lab.press("ctrl+l")
        assert sentence in lab.notices[-1]
        assert (lab.weights, lab.run.corpus.text, lab.editor.exact) == (before, TEXT, text)


async def test_ctrl_z_brings_back_the_text_that_a_starter_replaced():
    async with open_lab() as lab:
        await add_zoe(lab)
        await lab.press("escape", "down", "enter")
        assert lab.editor.exact == starter("animals").text()
        await lab.press("e", "ctrl+z")
        assert lab.editor.exact == ZOE


async def test_an_edit_outlives_the_training_of_the_loaded_text():
    async with open_lab() as lab:
        await add_zoe(lab)
        await lab.press("escape", "space")
        await lab.train(20)
        assert (lab.editor.exact, lab.editor.edited) == (ZOE, True)


async def test_w_cuts_the_text_in_the_next_way():
    async with open_lab() as lab:
        readings = []
        for _ in range(3):
            await lab.press("w")
            readings.append(lab.snapshot.corpus.reading)
        assert readings == ["lines", "text", "words"]


async def test_w_does_not_touch_an_edit_that_is_not_loaded():
    async with open_lab() as lab:
        await add_zoe(lab)
        await lab.press("escape", "w")
        assert (lab.editor.exact, lab.editor.edited) == (ZOE, True)
        assert (lab.pane.counted.reading, lab.pane.counted.text) == ("lines", ZOE)


async def test_a_text_file_is_opened_by_its_path(tmp_path):
    (tmp_path / "birds.txt").write_bytes("wren\r\nr\u00f8d\u00f8rn\r\n".encode())
    async with open_lab() as lab:
        await lab.press("ctrl+o")
        await lab.answer(str(tmp_path / "birds.txt"))
        assert (lab.snapshot.corpus.name, lab.editor.exact) == ("birds.txt", "wren\nr\u00f8d\u00f8rn\n")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.write_bytes(b"caf\xe9"), "is not UTF-8 text"),
        (lambda path: path.write_bytes(b""), "there is no text"),
        (lambda path: path.write_bytes(b" \n"), "only white space"),
    ],
)
async def test_a_file_that_is_no_text_is_refused_with_a_sentence(make, sentence, tmp_path):
    make(tmp_path / "odd.txt")
    async with open_lab(steps=5) as lab:
        before = lab.weights
        await lab.press("ctrl+o")
        await lab.answer(str(tmp_path / "odd.txt"))
        assert sentence in lab.notices[-1]
        assert (lab.weights, lab.editor.exact) == (before, TEXT)


async def test_a_long_text_is_shown_by_its_beginning_and_kept_whole():
    long = "word\n" * 60_000
    async with open_lab(text=long) as lab:
        assert "the first 20,000 of 300,000 characters" in str(lab.editor.border_title)
        await lab.press("e", "z", "ctrl+l")
        assert lab.editor.exact == long
        assert lab.link.sent == []


async def test_n_makes_room_for_a_text_of_ones_own_and_ctrl_z_brings_the_model_back():
    async with open_lab(steps=9) as lab:
        await lab.press("n", *"zoe", "ctrl+l")
        assert (lab.snapshot.corpus.text, lab.snapshot.step) == ("zoe", 0)
        await lab.press("ctrl+z")
        assert (lab.snapshot.corpus.name, lab.snapshot.step) == ("words", 9)


async def test_with_nothing_edited_there_is_nothing_to_load_and_nothing_is_lost():
    async with open_lab(steps=9) as lab:
        await lab.press("l", "ctrl+l")
        assert lab.snapshot.step == 9


def test_the_corpus_screen_is_the_first_one():
    assert CorpusPane.main == "#starters"


async def test_the_cursor_of_the_list_stands_on_the_text_in_the_model():
    async with open_lab(text="story") as lab:
        names = [one.name for one in STARTERS]
        assert lab.starters().highlighted == names.index("story")
        lab.link.send(Load("names", starter("names").text(), "words"))
        await lab.pause()
        assert lab.starters().highlighted == names.index("names")


async def test_a_key_in_the_editor_makes_the_footer_anew_only_when_there_is_something_to_load(monkeypatch):
    async with open_lab(text="names") as lab:
        made = []
        monkeypatch.setattr(lab.pane, "refresh_bindings", lambda: made.append(1))
        await lab.press("n")
        await lab.type("hello")
        assert len(made) == 1
        assert "edited, not yet loaded" in lab.text


async def test_once_the_edit_is_loaded_there_is_nothing_more_to_load():
    async with open_lab() as lab:
        await add_zoe(lab)
        assert "load" in offered(lab)
        await lab.press("ctrl+l")
        assert "load" not in offered(lab)


async def test_a_guess_that_changes_how_the_text_is_read_is_told():
    async with open_lab(text="names") as lab:
        await lab.press("e", "ctrl+home", *"hello", "space", *"zack", "enter", "ctrl+l")
        assert lab.snapshot.corpus.reading != "words"
        assert "is loaded, now read as one running text (w changes that); the model" in lab.notices[-1]
    async with open_lab() as lab:
        await add_zoe(lab)
        await lab.press("ctrl+l")
        assert "now read as" not in lab.notices[-1]


async def test_a_long_text_is_said_to_be_loading_before_it_is_there():
    async with open_lab() as lab:
        lab.editor.rewrite("anna " * 3000)
        await lab.pause()
        lab.link.send = lambda command: None  # a trainer that is not done yet
        await lab.press("ctrl+l")
        assert lab.notices == ["loading edited words …"]
