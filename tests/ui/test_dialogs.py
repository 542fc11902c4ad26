import re

import pytest
from textual.widgets import Input, OptionList, Static

from tinylm_tui.lab.commands import Change
from tinylm_tui.lab.settings import SETTINGS, setting
from tinylm_tui.ui.bindings import LabCommands, title_of
from tinylm_tui.ui.keys import KEYS, TABS
from tinylm_tui.ui.words import comparison, explained

from .stage import key_event, open_lab

NAMES = [row.name for row in SETTINGS if "bigram" in row.models]


async def pick(lab, name):
    """Open the list of settings, go to one of them and press enter."""
    await lab.press("comma", *["down"] * NAMES.index(name), "enter")


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_the_settings_are_listed_with_their_values_and_explained(size):
    async with open_lab(size=size, learn_rate=7.5) as lab:
        await lab.press("comma")
        explanation = lab.app.screen.query_one(".box > Static", Static)
        box = lab.app.screen.query_one(".box").content_region
        for name in NAMES:
            assert f"│{name} " in lab.text
            assert setting(name).help in str(explanation.content)
            assert box.contains_region(explanation.region)
            await lab.press("down")
        assert "7.5" in lab.text


async def test_a_setting_is_changed_by_enter_a_value_and_enter():
    async with open_lab() as lab:
        await pick(lab, "learn_rate")
        assert lab.app.screen.query_one(Input).value == "20"
        await lab.answer("3.5")
        assert lab.link.sent == [Change("learn_rate", "3.5")]
        assert (lab.snapshot.settings.learn_rate, lab.in_dialog) == (3.5, False)


async def test_a_setting_that_is_on_or_off_says_yes_or_no_as_the_model_chooser_does():
    async with open_lab(model="gpt", width=16, context=8, batch=4, tie_head=False) as lab:
        await lab.press("comma")
        assert re.search(r"tie_head +no\b", lab.text)


async def test_a_setting_that_starts_the_model_over_says_so():
    async with open_lab(steps=9) as lab:
        await lab.press("comma", *["down"] * NAMES.index("start"))
        assert "starts the model over" in lab.text
        await lab.press("enter")
        await lab.answer("random")
        assert (lab.snapshot.step, lab.snapshot.settings.start) == (0, "random")
        assert "starts over at step 0" in lab.notices[-1]


async def test_a_value_that_will_not_do_is_refused_in_the_dialog_and_the_next_one_taken():
    async with open_lab(steps=9) as lab:
        await pick(lab, "learn_rate")
        for bad in ("", "-1", "nan", "1e7", "fast", "2,5", "[/foo]", "\x1b[2J", "\u0000"):
            await lab.answer(bad)
            assert "learn_rate takes a number from 0 to 1,000,000" in lab.error()
        assert lab.link.sent == []
        await lab.answer("\uff11")
        assert (lab.snapshot.settings.learn_rate, lab.snapshot.step) == (1.0, 9)


async def test_escape_leaves_every_dialog_without_doing_anything():
    async with open_lab() as lab:
        for key in ("comma", "ctrl+s", "ctrl+o", "question_mark", "c", "t"):
            await lab.press(key)
            assert lab.in_dialog
            await lab.press("escape")
            assert not lab.in_dialog
        assert lab.link.sent == []


async def test_a_run_is_saved_by_name_and_opened_again(home):
    async with open_lab(steps=40, learn_rate=5.0) as lab:
        await lab.press("ctrl+s")
        await lab.answer("first try")
        file = home / "data" / "tinylm" / "runs" / "first try.safetensors"
        assert file.is_file()
        assert lab.notices[-1] == f"saved step 40 to {file}"
        await lab.press("ctrl+s")
        await lab.answer("first try")
        assert lab.notices[-1] == f"saved step 40 to {file}; the file before is kept as {file.name}.previous"
        saved = lab.weights
        await lab.press("S", "r", "ctrl+o")
        await lab.answer("first try")
        assert (lab.snapshot.step, lab.weights, lab.snapshot.settings.learn_rate) == (40, saved, 5.0)
        assert len(lab.snapshot.curves["loss"]) == 40


async def test_a_run_is_saved_to_a_path_and_opened_by_it(home):
    async with open_lab(steps=4) as lab:
        await lab.press("ctrl+s")
        await lab.answer(str(home / "here"))
        assert (home / "here.safetensors").is_file()
        await lab.press("r", "ctrl+o")
        await lab.answer("~/here.safetensors")
        assert lab.snapshot.step == 4


@pytest.mark.parametrize("key", ["ctrl+s", "ctrl+o"])
async def test_a_place_that_will_not_do_is_refused_in_the_dialog(key, home):
    async with open_lab(steps=4) as lab:
        await lab.press(key)
        for bad in ("", "  ", "/nowhere/at/all.txt", "a\0b", "/nowhere/[/foo]", str(home) + "/\x1b]0;x\x07/x"):
            await lab.answer(bad)
            assert lab.in_dialog
            assert lab.error()
        assert lab.link.sent == []


async def test_a_file_that_is_no_run_is_refused_and_the_run_goes_on(home):
    (home / "bad.safetensors").write_bytes(b"not a run")
    async with open_lab(steps=4) as lab:
        before = lab.weights
        await lab.press("ctrl+o")
        await lab.answer(str(home / "bad.safetensors"))
        assert "it does not begin as a run does" in lab.notices[-1]
        assert (lab.weights, lab.snapshot.step) == (before, 4)


async def test_a_run_of_another_text_brings_its_text_to_every_screen(home):
    async with open_lab(text="names", steps=4) as lab:
        await lab.press("ctrl+s")
        await lab.answer("names")
    async with open_lab("math", steps=2) as lab:
        await lab.press("ctrl+o")
        await lab.answer("names")
        assert lab.snapshot.corpus.size == 27
        await lab.press("1")
        assert lab.editor.exact == lab.snapshot.corpus.text
        for tab in TABS:
            await lab.press(tab.number)


async def test_help_explains_the_screen_one_is_on():
    async with open_lab() as lab:
        for tab in TABS:
            await lab.press(tab.number, "question_mark")
            assert f"{tab.title} in plain words" in lab.text
            assert explained(tab.id, "bigram", lab.snapshot.corpus.tokenizer)[0][:40] in lab.prose
            await lab.press("question_mark")
            assert not lab.in_dialog


async def test_a_long_help_page_scrolls_to_its_end():
    async with open_lab("train") as lab:
        await lab.press("f1")
        assert "leave the lab" not in lab.text
        await lab.press("end")
        await lab.pilot.wait_for_scheduled_animations()
        assert "leave the lab" in lab.text


async def test_the_comparison_shows_the_figures_of_this_model():
    async with open_lab() as lab:
        await lab.press("c")
        for row in comparison(lab.snapshot):
            assert row[1][:18] in lab.text
        assert "124,439,808" in lab.text


async def test_a_command_of_the_palette_runs_on_its_own_screen():
    async with open_lab() as lab:
        for action, tab in [("temperature(1)", "generate"), ("change_values", "heatmap"), ("choose(1)", "math")]:
            await lab.app.run_key(next(key for key in KEYS if key.action == action))
            await lab.pause()
            assert lab.app.tab == tab
        panes = lab.app.pane("generate"), lab.app.pane("heatmap"), lab.app.pane("math")
        assert (panes[0].temperature, panes[1].values, panes[2].token) == (1.1, "scores", 2)


async def test_a_command_is_found_in_the_palette_and_run_by_enter():
    async with open_lab() as lab:
        await lab.press("ctrl+p")
        await lab.pilot.pause()
        await lab.type("raise the temperature: bolder")
        found = lab.app.screen.query_one(OptionList)
        await lab.until(lambda: found.option_count == 1)
        await lab.press("enter")
        await lab.until(lambda: lab.app.tab == "generate" and lab.app.pane("generate").temperature == 1.1)


async def test_the_palette_offers_the_keys_of_the_screen_first():
    async with open_lab("math") as lab:
        offered = [str(hit.display) async for hit in LabCommands(lab.app.screen).discover()]
        assert offered[0] == title_of(next(key for key in KEYS if key.where == "math"))


async def test_a_notice_is_told_once():
    async with open_lab() as lab:
        await lab.press("r")
        assert len(lab.notices) == 1
        await lab.press("s", "s")  # any key takes it away, and newer moments do not bring it back
        assert len(lab.notices) == 0


@pytest.mark.parametrize(
    ("tab", "key", "answer"),
    [("train", "t", "12"), ("tokens", "v", "60"), ("train", "ctrl+s", "run"), ("math", "t", "a")],
)
async def test_enter_pressed_twice_at_once_answers_once(tab, key, answer, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    async with open_lab(tab) as lab:
        await lab.press(key)
        lab.app.screen.query_one(Input).value = answer
        for _ in range(3):  # as a terminal sends keys that queued up: without waiting for what the first one does
            lab.app._driver.send_message(key_event("enter"))
        await lab.pause()
        assert not lab.in_dialog
        assert lab.app.is_running


async def test_what_was_wrong_with_an_answer_is_gone_when_another_is_typed(home):
    async with open_lab() as lab:
        await lab.press("ctrl+o")
        await lab.answer("phello")
        assert "phello" in lab.error()
        await lab.press("x")
        assert lab.error() == ""


async def test_no_limit_of_steps_a_second_is_called_full_speed_among_the_settings():
    async with open_lab(pace=0, size=(80, 40)) as lab:
        await lab.press("comma")
        assert "pace full speed" in " ".join(lab.text.split())
