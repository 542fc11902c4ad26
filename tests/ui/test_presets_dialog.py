"""The presets: each one line that is taken, changed, checked, saved and shared; and where a taken one leads."""

import pytest
from textual.widgets import Input

from tinylm_tui.lab.commands import Begin, StartLadder, Train
from tinylm_tui.lab.presets import READY, kept_presets, parse_preset
from tinylm_tui.ui.drawing.presets import first_row, line_lines
from tinylm_tui.ui.keys import TABS
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.places import presets_file

from .stage import open_lab

NAMES = [preset.name for preset in READY]
CAT = "text='the cat sat on the mat' model=average tokenizer=alphabet held_out=0"


def dialog(lab):
    return lab.app.screen


def said(lab):
    """What stands under the list, line breaks as blanks."""
    return " ".join(" ".join(strip.text for strip in dialog(lab).query_one("#preset-about")._lines).split())


async def go_to(lab, name):
    names = [preset.name for preset in dialog(lab).presets]
    steps = names.index(name) - dialog(lab).cursor
    await lab.press(*["down" if steps > 0 else "up"] * abs(steps))


async def retype(lab, line):
    """Put this in the place of the line under the cursor, and press enter."""
    await lab.press("e")
    await lab.answer(line)


def begin_of(line):
    recipe = parse_preset(line)
    return Begin(recipe.name, recipe.text, recipe.reading, recipe.pairs)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (120, 36)])
async def test_every_preset_is_listed_with_its_whole_line_and_what_there_is_to_see(size):
    async with open_lab(size=size) as lab:
        await lab.press("P")
        for number, preset in enumerate(READY, start=1):
            assert f"Presets: {number} of {len(READY)}" in lab.text
            assert any(f"▸ {preset.name} " in line for line in lab.lines)
            assert "".join(preset.line.split()) in "".join(said(lab).split())
            assert all(about in said(lab) for about in preset.about)
            assert dialog(lab).region.contains_region(dialog(lab).query_one(".box").region)
            await lab.press("down")
        assert lab.link.sent == []


async def test_p_opens_them_on_every_screen_and_esc_leaves_everything_as_it_was():
    async with open_lab(steps=3) as lab:
        before = lab.weights
        for tab in TABS:
            await lab.press(tab.number, "P")
            assert lab.in_dialog
            await lab.press("down", "escape")
            assert (lab.in_dialog, lab.app.tab) == (False, tab.id)
        assert (lab.link.sent, lab.weights) == ([], before)


async def test_nothing_moves_while_the_cursor_goes_through_the_list():
    async with open_lab() as lab:
        await lab.press("P")
        boxes = set()
        for _ in READY:
            boxes.add(dialog(lab).query_one(".box").region)
            await lab.press("down")
        assert len(boxes) == 1


@pytest.mark.parametrize("name", NAMES)
async def test_enter_takes_a_preset_and_goes_to_its_screen(name):
    preset = READY[NAMES.index(name)]
    recipe = parse_preset(preset.line)
    async with open_lab() as lab:
        handle = lab.link.trainer.handle  # whether each can be trained is tested where they are made
        lab.link.trainer.handle = lambda command: handle(command) if isinstance(command, Begin) else None
        await lab.press("P")
        await go_to(lab, name)
        await lab.press("enter")
        assert lab.app.tab == recipe.screen
        assert lab.link.sent[0] == begin_of(preset.line)
        if recipe.screen == "ladder":
            assert lab.link.sent[1:] == [StartLadder(recipe.steps, recipe.prompt, recipe.overrides)]
        else:
            assert lab.link.sent[1:] == [Train(recipe.steps)]


async def test_the_scene_of_the_average_is_there_with_one_key():
    async with open_lab() as lab:
        await lab.press("P", "enter")
        assert (lab.app.tab, lab.snapshot.corpus.text) == ("ladder", "the cat sat on the mat")
        assert lab.snapshot.ladder.running
        assert lab.snapshot.ladder.prompt == "t on "


async def test_what_a_preset_asked_of_the_ladder_holds_for_its_text_and_no_longer():
    async with open_lab() as lab:
        await lab.press("P", "enter", "x")
        asked = lab.link.sent[1]
        assert asked.overrides
        await lab.press("g")
        assert lab.link.sent[-1] == asked
        await lab.press("x", "P")
        await retype(lab, "text='anna nina' screen=corpus")
        await lab.press("L", "n")
        await lab.answer("10")
        await lab.press("p")
        await lab.answer("")
        await lab.press("g")
        assert lab.link.sent[-1] == StartLadder(10, "", ())


async def test_a_typed_line_is_taken_when_it_can_be():
    async with open_lab() as lab:
        await lab.press("P")
        line = f"{CAT} context=4 screen=train steps=3"
        await retype(lab, line)
        assert not lab.in_dialog
        assert lab.link.sent == [begin_of(line), Train(3)]
        assert (lab.snapshot.settings.context, lab.snapshot.step, lab.app.tab) == (4, 3, "train")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "a preset tells of one text"),
        ("corpus=nowhere", "nowhere"),
        (f"{CAT} context=0", "context takes a number from 1"),
        (f"{CAT} colour=red", "there is no setting 'colour'"),
        (f"{CAT} screen=[/foo]", "there is no screen '[/foo]'"),
        ("text='the cat", "a quote is opened"),
        (f"{CAT} \x1b[31m", "a setting is written NAME=VALUE"),
    ],
)
async def test_a_line_that_will_not_do_is_refused_in_the_dialog_and_can_be_mended(line, why):
    async with open_lab() as lab:
        await lab.press("P")
        await retype(lab, line)
        assert lab.in_dialog
        assert why in said(lab)
        assert "\x1b" not in lab.text
        await lab.answer("text='anna nina' screen=corpus")
        assert [type(command) for command in lab.link.sent] == [Begin]


@pytest.mark.parametrize("screen", ["train", "ladder"])
async def test_a_preset_whose_text_is_refused_touches_nothing_else(screen):
    async with open_lab(steps=2) as lab:
        before = lab.weights
        await lab.press("P")
        await retype(lab, f"text='ab' model=mlp tokenizer=alphabet context=10 screen={screen} steps=50")
        assert [type(command) for command in lab.link.sent] == [Begin]
        assert (lab.snapshot.step, lab.weights, lab.app.tab) == (2, before, "corpus")
        assert lab.app._notifications
        await lab.press("P")
        await retype(lab, "text='anna nina' steps=5")  # and the next one goes its way
        assert (lab.snapshot.corpus.text, lab.snapshot.step) == ("anna nina", 5)


async def test_esc_leaves_the_field_first_and_then_the_dialog():
    async with open_lab() as lab:
        await lab.press("P", "down", "e")
        assert dialog(lab).query_one(Input).value == READY[1].line
        await lab.press("x", "escape")
        assert lab.in_dialog
        assert READY[1].line.split()[-1] in said(lab)
        await lab.press("escape")
        assert (lab.in_dialog, lab.link.sent) == (False, [])


async def test_letters_typed_into_the_field_are_no_keys():
    async with open_lab() as lab:
        await lab.press("P", "e")
        dialog(lab).query_one(Input).value = ""
        await lab.type("says key")
        await lab.press("down", "pagedown")  # nor do keys that a field has no use for
        assert dialog(lab).query_one(Input).value == "says key"
        assert (dialog(lab).cursor, dialog(lab).asks) == (0, "line")


async def test_s_saves_the_lab_as_it_is_and_the_line_brings_it_back():
    async with open_lab(
        text="names", model="mlp", batch=64, width=8, context=10, hidden=20, learn_rate=0.01, seed=5
    ) as lab:
        await lab.press("2", "P", "s")
        assert "corpus=names model=mlp" in said(lab)  # what gets the name is in view
        await lab.answer("mine")
        assert "Saved to" in said(lab)
        (kept,) = kept_presets(presets_file())
        assert (kept.name, parse_preset(kept.line).screen) == ("mine", "train")
        await lab.press("escape", "P", "pageup", "enter")
        assert lab.snapshot.corpus.text == "the cat sat on the mat"
        await lab.press("x", "P")
        await go_to(lab, "mine")
        await lab.press("enter")
        wanted = {"model": "mlp", "hidden": 20, "seed": 5, "learn_rate": 0.01}
        assert {name: getattr(lab.snapshot.settings, name) for name in wanted} == wanted
        assert (lab.snapshot.corpus.name, lab.app.tab) == ("names", "train")


async def test_on_the_ladder_its_steps_its_prompt_and_its_overrides_are_saved_too():
    async with open_lab() as lab:
        await lab.press("P", "enter", "x", "P", "s")
        await lab.answer("again")
        (kept,) = kept_presets(presets_file())
        again, first = parse_preset(kept.line), parse_preset(READY[0].line)
        assert (again.text, again.steps, again.prompt) == (first.text, first.steps, first.prompt)
        assert set(first.overrides) - set(again.overrides) <= {"average.learn_rate=5", "average.batch=17"}
        assert {override for override in again.overrides if not override.startswith("average.")} == {
            override for override in first.overrides if not override.startswith("average.")
        }


@pytest.mark.parametrize("name", ["", "two words", "../up", "same-letters", "é" * 3, "x" * 41])
async def test_a_name_that_will_not_do_is_refused_and_nothing_is_saved(name):
    async with open_lab() as lab:
        await lab.press("P", "s")
        await lab.answer(name)
        assert (lab.in_dialog, dialog(lab).asks) == (True, "name")
        assert "preset" in said(lab)
        assert not presets_file().exists()


async def test_a_text_too_long_for_a_line_is_said_so_before_a_name_is_asked_for():
    async with open_lab(text="anna nina " * 50) as lab:
        await lab.press("P", "s")
        assert "save it as a file" in said(lab)
        assert dialog(lab).asks == ""


async def test_what_is_saved_after_a_preset_was_taken_has_its_steps_and_its_prompt_too():
    line = f"{CAT} steps=3 prompt='on ' screen=generate"
    async with open_lab() as lab:
        await lab.press("P")
        await retype(lab, line)
        await lab.press("P", "s", *"mine", "enter")
        (kept,) = kept_presets(presets_file())
        assert parse_preset(kept.line) == parse_preset(line)


async def test_the_list_opens_where_a_preset_was_taken_last():
    async with open_lab() as lab:
        await lab.press("P", "down", "down", "enter", "P")
        assert dialog(lab).preset.name == NAMES[2]


async def test_home_and_end_and_one_step_beyond_an_end():
    async with open_lab() as lab:
        await lab.press("P", "end")
        assert dialog(lab).preset.name == NAMES[-1]
        await lab.press("down")
        assert dialog(lab).preset.name == NAMES[0]
        await lab.press("up")
        assert dialog(lab).preset.name == NAMES[-1]
        await lab.press("home", "pageup")
        assert dialog(lab).preset.name == NAMES[0]


async def test_y_gives_the_line_to_the_clipboard():
    async with open_lab() as lab:
        await lab.press("P", "down", "y")
        assert lab.app.clipboard == READY[1].line
        assert "clipboard" in said(lab)
        await lab.press("down")
        assert "clipboard" not in said(lab)


async def test_a_file_of_presets_that_cannot_be_read_takes_nothing_else_away():
    presets_file().mkdir(parents=True)
    async with open_lab() as lab:
        await lab.press("P")
        assert f"1 of {len(READY)}" in lab.text
        assert str(presets_file())[:20] in said(lab).replace(" ", "") or "folder" in said(lab)
        await lab.press("down", "enter")
        assert lab.link.sent[0] == begin_of(READY[1].line)


async def test_a_kept_line_that_is_wrong_is_listed_and_refused_in_words():
    presets_file().parent.mkdir(parents=True, exist_ok=True)
    presets_file().write_text("broken corpus=names context=none\n", encoding="utf-8")
    async with open_lab() as lab:
        await lab.press("P")
        await go_to(lab, "broken")
        assert any("▸ broken" in line and "will not do: context" in line for line in lab.lines)
        await lab.press("enter")
        assert (lab.in_dialog, lab.link.sent) == (True, [])
        assert "context takes" in said(lab)


async def test_a_click_chooses_a_preset():
    async with open_lab() as lab:
        await lab.press("P")
        await lab.pilot.click("#preset-list", offset=(5, 3))
        await lab.pause()
        assert dialog(lab).cursor == 3


async def test_in_ascii_and_without_colours_the_cursor_is_seen():
    async with open_lab(look=Look("none", ascii=True)) as lab:
        await lab.press("P", "down")
        assert any(f"> {READY[1].name}" in line for line in lab.lines)
        assert lab.text.isascii()


def test_the_list_keeps_the_chosen_one_in_view():
    for count in range(1, 30):
        for rows in range(1, 12):
            for chosen in range(count):
                first = first_row(count, chosen, rows)
                assert first <= chosen < first + rows
                assert 0 <= first <= max(0, count - rows)


def test_a_line_without_blanks_is_folded_and_loses_nothing():
    line = "text='" + "w" * 300 + "' model=mlp"
    rows = [strip.text for strip in line_lines(line, 50, Look().style("text"))]
    assert all(len(row) <= 50 for row in rows)
    assert "".join(rows).replace(" ", "") == line.replace(" ", "")
