"""The next lab goes on exactly where the last one was: on every screen, what was typed and chosen is there again.

Each test lets a lab end without a word, as a killed one does: its note and its run are what it had kept by then.
"""

import json
import threading
from contextlib import asynccontextmanager

import pytest

from tinylm_tui.lab import kept_trees, store
from tinylm_tui.lab import note as notes
from tinylm_tui.lab.commands import Load, Pause
from tinylm_tui.lab.errors import RunFileError
from tinylm_tui.lab.note import Note
from tinylm_tui.ui.dialogs.going_on import GoingOn
from tinylm_tui.ui.keys import screens
from tinylm_tui.ui.places import runs_folder, sessions_folder
from tinylm_tui.ui.widgets.canvas import Canvas
from tinylm_tui.ui.widgets.editor import Editor

from .stage import new_trainer, open_lab, settled
from .test_hostile import HOSTILE, acting

SMALL = {"layers": 2, "heads": 3, "width": 12, "context": 8, "batch": 4, "learn_rate": 0.02}
GPT = {"model": "gpt", **SMALL}
IDS = [screen.id for screen in screens()]


@asynccontextmanager
async def killed_lab(tab="corpus", steps=0, **choices):
    """A lab that keeps what it has, and ends without doing anything more; without a step it has no run to keep."""
    async with open_lab(tab, steps=steps, **choices) as lab:
        lab.app.keeping.begin(offer=False)
        if steps:
            lab.link.send(Pause())  # the run counts as changed
        yield lab
        lab.app.keeping.note()
        lab.link.trainer.keep()
        lab.app.keeping.end()
        lab.app.keeping.session = None


@asynccontextmanager
async def next_lab(**choices):
    """The next one, fresh, in which somebody goes on."""
    async with open_lab(**choices) as lab:
        lab.app.keeping.begin(offer=True)
        await settled(lab.app)
        assert isinstance(lab.app.screen, GoingOn)
        await lab.press("enter")
        yield lab
        lab.app.keeping.end()


def everything_kept(lab):
    """What every screen would keep now, by screen."""
    return json.loads(json.dumps({tab: lab.app.pane(tab).kept() for tab in IDS}))


async def ask(lab, key, text):
    """Answer the question behind a key."""
    await lab.press(key)
    await lab.answer(text)
    await settled(lab.app)


# ---- screen by screen


async def corpus(lab):
    await lab.press("n", *"eva", "enter", *"ada", "left", "escape")


async def train(lab):
    await lab.press("l")


async def generate(lab):
    await lab.press("p", *"an", "enter", "plus", "k", "n", "g", "G")


async def step_by_step(lab):
    await lab.press("enter", "d", "left", "down", "down", "enter")


async def heatmap(lab):
    await lab.press("m", "m", "down", "down", "right", "z")


async def math(lab):
    await ask(lab, "t", "nina")
    await lab.press("left")


async def feedback(lab):
    await lab.press("g", "u", "d", "down", "u")


async def attention(lab):
    await ask(lab, "t", "eve")
    await lab.press("right_square_bracket", "n", "up", "w", "right", "z", "plus")


async def model(lab):
    await lab.press("t")


async def tokens(lab):
    await ask(lab, "t", "anna bea")
    await lab.press("right", "right")


async def embeddings(lab):
    await lab.press("n", "n", "plus", "v", "right")


async def ladder(lab):
    await ask(lab, "n", "77")
    await ask(lab, "p", "be")
    await lab.press("v")


async def surprise(lab):
    await lab.press("t")
    lab.app.screen.query_one(Editor).put("nina\nxyz\nbea")
    await lab.press("ctrl+l", "plus", "right", "m")


async def saliency(lab):
    await ask(lab, "t", "abe na")
    await lab.press("left")


async def lens(lab):
    await ask(lab, "t", "vivi")
    await lab.press("down", "left", "v", "enter")


async def ablation(lab):
    await ask(lab, "t", "ben")
    await ask(lab, "p", "ni")
    await lab.press("right", "x", "down", "right", "right", "x", "n")


DONE = {
    "corpus": corpus, "train": train, "generate": generate, "steps": step_by_step, "heatmap": heatmap, "math": math,
    "feedback": feedback, "attention": attention, "model": model, "tokens": tokens, "embeddings": embeddings,
    "ladder": ladder, "surprise": surprise, "saliency": saliency, "lens": lens, "ablation": ablation,
}  # fmt: skip


def test_every_screen_is_tried():
    assert set(DONE) == {screen.id for screen in screens()}


@pytest.mark.parametrize("tab", DONE)
async def test_what_was_typed_and_chosen_on_a_screen_is_there_again(tab):
    async with killed_lab(tab, steps=5, **GPT) as one:
        untouched = everything_kept(one)[tab]
        await DONE[tab](one)
        kept_there, step, draft = everything_kept(one)[tab], one.run.step, one.editor.exact
        assert kept_there != untouched
    async with next_lab() as two:
        assert (two.app.tab, two.snapshot.settings.model, two.snapshot.step) == (tab, "gpt", step)
        assert everything_kept(two)[tab] == kept_there
        assert two.editor.exact == draft


async def test_all_screens_together_come_back_and_look_as_they_did():
    async with killed_lab(steps=5, **GPT) as one:
        pages = {}
        for tab in DONE:
            await one.app.action_tab(tab)
            await DONE[tab](one)
        for tab in DONE:
            await one.app.action_tab(tab)
            await at_rest(one)
            pages[tab] = drawn(one)
        kept_there = everything_kept(one)
    async with next_lab() as two:
        assert everything_kept(two) == kept_there
        for tab in DONE:
            await two.app.action_tab(tab)
            await at_rest(two)
            if tab != "embeddings":  # the signs of its axes follow the pictures before
                assert drawn(two) == pages[tab], tab
        assert everything_kept(two) == kept_there


def drawn(lab):
    """What the canvases of the screen in view draw at this moment."""
    return [[strip.text for strip in canvas._draw(*canvas.size)] for canvas in lab.pane.query(Canvas)]


async def at_rest(lab):
    """Until what is reckoned beside the screen, or a little later, is there."""
    await settled(lab.app)
    if lab.app.tab == "corpus":
        lab.pane._count()
    await lab.until(lambda: all(worker.is_finished for worker in lab.app.workers))
    await settled(lab.app)
    await lab.until(lambda: "working it out" not in str(drawn(lab)) and "measuring …" not in str(drawn(lab)))


# ---- the hands


@pytest.mark.parametrize(("tab", "into", "text"), [("generate", "p", lambda lab: lab.app.query_one("#prompt").value),
                                                   ("corpus", "n", lambda lab: lab.editor.exact)])  # fmt: skip
async def test_who_was_typing_types_on_in_the_same_field(tab, into, text):
    async with killed_lab(tab, steps=3) as one:
        await one.press(into, *"be")
        step = one.run.step
    async with next_lab() as two:
        await two.press("a", "s", "2")  # outside a field s is a step, and 2 another screen
        assert (two.app.tab, two.run.step, text(two)) == (tab, step, "beas2")


async def test_who_was_in_no_field_has_keys():
    async with killed_lab("generate", steps=3) as one:
        await one.press("p", *"be", "escape")
    async with next_lab() as two:
        await two.press("2")
        assert two.app.tab == "train"


async def test_keys_typed_while_the_run_is_being_opened_wait_for_it(monkeypatch):
    async with killed_lab("generate", steps=3) as one:
        await one.press("p", *"be", "escape")
    async with open_lab() as two:
        two.app.keeping.begin(offer=True)
        await settled(two.app)
        late = []
        monkeypatch.setattr(two.link, "send", lambda command, send=two.link.send: late.append(lambda: send(command)))
        await two.press("enter", "p", *"at")
        assert two.app.query_one("#prompt").value == ""
        monkeypatch.undo()
        for send in late:
            send()
        await settled(two.app)
        assert two.app.query_one("#prompt").value == "at"  # p selects what was there
        two.app.keeping.end()


async def test_no_key_waits_for_the_disk(monkeypatch):
    async with killed_lab(steps=3) as lab:
        disk, session = threading.Event(), lab.app.keeping.session
        monkeypatch.setattr(session, "write", lambda write=session.write: disk.wait(20) and write())
        lab.app.run_worker(lab.app.keeping._note_beside())
        await lab.press("2", "p")
        assert (lab.app.tab, disk.is_set()) == ("train", False)
        disk.set()
        await lab.until(lambda: '"train"' in session.run_file.with_suffix(".json").read_text())


async def test_keys_wait_for_nothing_that_never_comes():
    async with open_lab() as lab:
        lab.app.hold_keys(0.05)
        await lab.press("2")
        assert lab.app.tab == "corpus"
        await lab.until(lambda: lab.app.tab == "train")


# ---- texts


async def test_a_text_begun_in_an_empty_editor_is_still_ones_own_on_whichever_screen_one_was():
    async with killed_lab(steps=3, text="zoe\nxenia\n") as one:
        await one.press("n", *"eva", "escape", "4")
    async with next_lab() as two:
        assert two.app.tab == "heatmap"
        await two.press("1")
        assert two.editor.exact == "eva"
        await two.press("ctrl+l")
        assert two.snapshot.corpus.name == "my text"


async def test_without_a_run_a_typed_prompt_alone_is_offered():
    async with killed_lab("generate") as one:
        await one.press("p", *"an", "enter")
    async with open_lab() as two:
        two.app.keeping.begin(offer=True)
        await settled(two.app)
        assert "what you typed" in two.text
        await two.press("enter")
        assert two.app.pane("generate").prompt == "an"
        two.app.keeping.note()
        two.app.keeping.end()
    async with open_lab() as three:  # kept once, by the second lab
        three.app.keeping.begin(offer=True)
        await settled(three.app)
        assert three.text.count("what you typed,") == 1


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_text_that_comes_back_is_only_a_text(text):
    async with killed_lab(steps=2, **GPT) as one:
        one.app.pane("generate").prompt = text
        for tab in ("math", "attention", "tokens", "saliency", "lens", "ablation", "surprise"):
            one.app.pane(tab).text = text
        one.app.pane("ablation").prompt = one.app.pane("ladder").prompt = text
        kept_there = everything_kept(one)
    async with next_lab() as two:
        assert everything_kept(two) == kept_there
        for tab in DONE:
            await two.app.action_tab(tab)
            await settled(two.app)
            assert acting(two) == set()


# ---- what a run brings along


async def test_the_steps_written_belong_to_the_tokens_they_were_made_of():
    async with killed_lab("steps", steps=5) as one:
        await step_by_step(one)
        trees = one.pane.trees
    async with next_lab() as two:
        assert two.pane.trees == trees
        assert two.pane.tokens == two.snapshot.corpus.tokenizer.tokens
        kept_there, size = two.pane.kept(), len(two.pane.tokens)
        two.link.send(Load("another", "xyz\nuvw\nzyx\n"))
        await settled(two.app)
        assert len(two.pane.tokens) == size  # as many tokens, but others
        two.pane.restore(kept_there)
        assert two.pane.trees == {}


@pytest.mark.parametrize("smaller", [{"layers": 1}, {"heads": 1}])
async def test_parts_that_this_model_does_not_have_are_not_switched_off(smaller):
    async with killed_lab("ablation", steps=1, **GPT) as one:
        await one.press("right", "x", "down", "right", "right", "x")
        assert (one.pane.off.heads, one.pane.off.mlps) == ({(0, 1)}, {1})
        kept_there = one.pane.kept()
    async with open_lab("ablation", **{**GPT, **smaller}) as two:
        two.pane.restore(kept_there)
        assert not two.pane.off


async def test_a_try_of_other_tokens_is_made_again():
    async with killed_lab("tokens", steps=1) as one:
        await ask(one, "v", "9")
        await one.until(lambda: one.pane.tried is not None)
        tried = one.pane.tried
    async with next_lab() as two:
        await two.until(lambda: two.pane.tried is not None)
        assert two.pane.tried == tried


async def test_the_moment_of_a_try_is_there_again_when_the_try_is():
    async with killed_lab("tokens", steps=1, text="names") as one:
        await one.press("b")
        await one.until(lambda: one.pane.tried is not None)
        await one.press("home", "down", "down")
        kept_there = one.pane.kept()
        assert kept_there["moment"] == 2
    async with next_lab(text="sentences") as two:
        await two.until(lambda: two.pane.tried is not None)
        assert two.pane.kept() == kept_there


async def test_the_moment_of_a_try_that_is_stopped_is_that_of_no_other_try():
    async with killed_lab("tokens", steps=1, text="names") as one:
        await one.press("b")
        await one.until(lambda: one.pane.tried is not None)
        await one.press("home")
    async with next_lab(text="sentences") as two:
        await two.until(lambda: two.pane.tried is not None)
        kept_there = two.pane.kept()
        two.pane.back()
        two.pane.restore(kept_there)
        two.pane.stop_try()
        two.pane.action_byte_pairs()
        await two.until(lambda: two.pane.tried is not None)
        assert two.pane.moment is None


async def test_a_saved_run_beside_the_model_is_there_again_as_long_as_its_file_is():
    path = runs_folder() / "other.safetensors"
    store.save(new_trainer(steps=4).run, path)
    async with killed_lab("surprise", steps=1) as one:
        await ask(one, "o", "other")
        kept_there = one.pane.kept()
        assert one.pane.beside == path
    async with next_lab() as two:
        assert two.pane.beside == path
        path.unlink()
        two.pane.beside = "nobody"
        two.pane.restore(kept_there)
        assert two.pane.beside == "nobody"


async def test_what_ctrl_z_would_bring_back_is_brought_back_by_the_next_lab_too():
    async with killed_lab(steps=6) as one:
        one.link.send(Load("another", "xyz\nzy\n"))
        await settled(one.app)
    async with next_lab() as two:
        assert (two.snapshot.corpus.name, two.snapshot.step) == ("another", 0)
        await two.press("ctrl+z")
        assert (two.snapshot.corpus.name, two.snapshot.step) == ("words", 6)
        await two.press("ctrl+z")
        assert two.snapshot.corpus.name == "another"


async def test_where_nothing_was_replaced_there_is_nothing_to_bring_back():
    async with killed_lab(steps=6):
        pass
    async with next_lab(text="xyz\nzy\n") as two:
        await two.press("ctrl+z")
        assert two.snapshot.step == 6
        assert "nothing to bring back" in two.text


async def test_what_feedback_did_is_shown_again_and_can_be_undone():
    async with killed_lab("feedback", steps=5) as one:
        before = one.weights
        await one.press("u", "d", "a")
        report, weights = one.drawn("#report"), one.weights
        assert before != weights
    async with next_lab() as two:
        assert two.weights == weights
        assert two.drawn("#report") == report
        assert "z: undo" in report
        await two.press("z")
        assert two.weights == before


# ---- what may go wrong


async def test_where_the_run_cannot_be_opened_the_texts_come_back_and_it_stays_on_offer():
    async with killed_lab("generate", steps=3) as one:
        await one.press("p", *"an", "enter", "2")
    (run_file,) = sessions_folder().glob("*.safetensors")
    run_file.write_bytes(b"no run")
    async with next_lab() as two:
        assert "cannot be opened" in two.text
        assert two.app.pane("generate").prompt == "an"
        two.link.trainer.keep()
        two.app.keeping.note()
        assert run_file.stem in {left.note_file.stem for left in two.app.keeping.session.left()}


def offered(lab):
    """The ids of the sessions that a next lab would be offered."""
    return {left.note_file.stem for left in lab.app.keeping.session.left()}


@pytest.mark.parametrize("told", [True, False], ids=["told", "not told yet"])
async def test_as_long_as_the_replaced_run_is_not_kept_anew_what_was_gone_on_with_stays_on_offer(told, monkeypatch):
    async with killed_lab(steps=6) as one:
        one.link.send(Load("another", "xyz\nzy\n"))
        await settled(one.app)
        first = one.app.keeping.session.id
    save = store.save

    def one_fails(run, path):
        if ".replaced" in str(path):
            raise RunFileError("no space")
        save(run, path)

    async with next_lab() as two:
        monkeypatch.setattr(store, "save", one_fails)
        two.link.trainer.keep()
        if told:
            two.link.ask()
            await settled(two.app)
            assert "not kept: no space" in two.text
        two.app.keeping.note()
        assert two.app.keeping.session.run_file.exists()
        assert first in offered(two)
        monkeypatch.setattr(store, "save", save)
        two.link.trainer.keep()
        two.link.ask()
        await settled(two.app)
        two.app.keeping.note()
        assert first not in offered(two)


async def test_a_text_in_the_editor_that_is_too_long_to_be_kept_is_told_until_it_is_shorter(monkeypatch):
    async with killed_lab() as lab:
        lab.editor.load_text("a" * 50)
        monkeypatch.setattr(notes, "LONGEST_DRAFT", 49)
        lab.app.keeping.note()
        await lab.pause()
        assert "not kept: the text in the editor is longer than 49 characters" in lab.text
        lab.editor.load_text("a" * 49)
        lab.app.keeping.note()
        await lab.pause()
        assert "not kept" not in lab.text


async def test_steps_that_are_too_many_to_be_kept_are_told_until_they_are_fewer(monkeypatch):
    async with killed_lab("steps", steps=2) as lab:
        await lab.press("enter", "enter")
        monkeypatch.setattr(kept_trees, "MOST_STEPS", 1)
        lab.app.keeping.note()
        await lab.press("1")
        assert "not kept: some of the steps you chose one by one: they are more than 1" in lab.text
        lab.app.pane("steps").begin()
        lab.app.keeping.note()
        await lab.pause()
        assert "not kept" not in lab.text


async def test_before_the_run_has_come_nothing_is_noted_that_would_take_the_place_of_what_was_kept():
    async with killed_lab("generate", steps=3) as one:
        await one.press("p", *"an", "enter")
    async with open_lab() as two:
        two.app.keeping.begin(offer=True)
        await settled(two.app)
        two.link.ask = lambda: None  # the trainer takes its time
        noted = two.app.keeping.session.run_file.with_suffix(".json")
        before = noted.read_text()
        await two.press("enter")
        two.app.keeping.note()
        assert noted.read_text() == before
        del two.link.ask
        two.link.ask()
        await settled(two.app)
        assert two.app.pane("generate").prompt == "an"
        two.app.keeping.note()
        assert "an" in two.app.keeping.session.run_file.with_suffix(".json").read_text()
        two.app.keeping.end()


HOSTILE_VALUES = [
    None, True, -1, 0, 1.5, 10**30, 1e308, float("nan"), float("inf"), "", "x" * 300_000, "/etc/passwd", "../..", [],
    [[]], [-1, -1], [10**9, 10**9], ["a", "b"], [1, 2, 3], [[0, 0], [0]], {}, {"text": 1}, [[[0], [[9, -1, "you"]]]],
    ["bpe", 10**9, True], ["bpe", 3, True], [[0, 5]] * 99, [[[0, 99]], [0]], [[[99, 0]], []], [[], [99]],
]  # fmt: skip


@pytest.mark.parametrize("model", ["bigram", "mlp", "gpt"])
async def test_a_note_full_of_hostile_values_breaks_nothing(model):
    async with open_lab(steps=2, model=model, context=4, width=6, heads=2, layers=2, batch=4) as lab:
        names = {tab: {*lab.app.pane(tab).kept(), "tried"} for tab in IDS}
        for value in HOSTILE_VALUES:
            lab.app.keeping._put_back(Note(screens={tab: dict.fromkeys(names[tab], value) for tab in IDS}))
            await walk(lab)
        assert lab.app.is_running
        json.dumps(everything_kept(lab), allow_nan=False)


WRONG = [{"a": 1}, [[[]]], -1, float("nan"), 10**30, "x" * 300_000]


async def test_values_that_nothing_can_have_change_nothing():
    async with open_lab(steps=2, **GPT) as lab:
        for tab in DONE:
            await lab.app.action_tab(tab)
            await DONE[tab](lab)
        before = everything_kept(lab)
        for value in WRONG:
            lab.app.keeping._put_back(Note(screens={tab: dict.fromkeys(before[tab], value) for tab in IDS}))
            assert everything_kept(lab) == before


async def walk(lab):
    """Look at every screen, and move on it a little."""
    for tab in IDS:
        await lab.app.action_tab(tab)
        await lab.press("right")
