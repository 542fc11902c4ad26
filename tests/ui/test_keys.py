import inspect
from collections import Counter

import pytest
from textual.actions import parse

from tinylm_tui import cli
from tinylm_tui.engine.tokenizer import CharTokenizer
from tinylm_tui.ui.app import LabApp
from tinylm_tui.ui.bindings import LabCommands, title_of
from tinylm_tui.ui.drawing.help import help_lines
from tinylm_tui.ui.keys import EVERYWHERE, KEYS, TABS, keys_of, screens
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes import pane_class

from .stage import open_lab

SCREENS = [screen.id for screen in screens()]
PLACES = [EVERYWHERE, *SCREENS]
SHADOWS: set[str] = set()  # keys of a screen that are meant to hide a key of everywhere: none


def name_of(key):
    return f"{key.where}-{key.shown}"


def owner(where):
    return LabApp if where == EVERYWHERE else pane_class(where)


def pressed(where):
    return [one for key in keys_of(where) for one in key.keys.split(",")]


@pytest.mark.parametrize("key", KEYS, ids=name_of)
def test_every_key_is_bound_where_it_belongs(key):
    bound = owner(key.where)._merge_bindings().key_to_bindings
    assert all(key.action in [binding.action for binding in bound[one]] for one in key.keys.split(","))


@pytest.mark.parametrize("key", KEYS, ids=name_of)
def test_every_key_runs_a_method_that_takes_its_arguments(key):
    _, name, arguments = parse(key.action)
    inspect.signature(getattr(owner(key.where), f"action_{name}")).bind(None, *arguments)


@pytest.mark.parametrize("key", KEYS, ids=name_of)
def test_every_key_has_a_line_on_the_help_page_of_its_screen(key):
    for tab in [tab.id for tab in TABS] if key.where == EVERYWHERE else [key.where]:
        page = help_lines(tab, "bigram", CharTokenizer("a"), 200, Look())
        lines = [" ".join(strip.text.split()) for strip in page]
        assert any(line.startswith(f"{key.shown} ") and key.help.split()[0] in line for line in lines)


async def test_every_key_is_a_command_of_the_palette():
    async with open_lab() as lab:
        provider = LabCommands(lab.app.screen)
        offered = {str(hit.display) async for hit in provider.discover()}
        assert offered == {title_of(key) for key in KEYS if key.action != "command_palette"}


async def test_the_palette_finds_a_command_by_a_word_of_it():
    async with open_lab() as lab:
        found = [str(hit.text) async for hit in LabCommands(lab.app.screen).search("temperature")]
        assert any("raise the temperature" in text for text in found)


def test_every_command_of_the_palette_has_a_name_of_its_own():
    assert [title for title, n in Counter(map(title_of, KEYS)).items() if n > 1] == []


@pytest.mark.parametrize("where", PLACES)
def test_no_two_keys_of_one_place_collide(where):
    assert [one for one, n in Counter(pressed(where)).items() if n > 1] == []


@pytest.mark.parametrize("where", SCREENS)
def test_no_key_of_a_screen_hides_a_key_of_everywhere(where):
    assert set(pressed(where)) & set(pressed(EVERYWHERE)) <= SHADOWS


@pytest.mark.parametrize("where", SCREENS)
def test_the_footer_has_room_for_six_keys_and_shows_no_more(where):
    never_together = {"heatmap": 1, "ladder": 2}.get(where, 0)
    assert sum(key.footer for key in (*keys_of(where), *keys_of(EVERYWHERE))) <= 6 + never_together


async def test_the_footer_shows_its_keys_whole_on_every_screen_of_80_columns():
    async with open_lab() as lab:
        for tab in TABS:
            await lab.press(tab.number)
            assert 3 <= len(lab.offered) <= 6
            assert all(f" {key.shown} {key.does}" in lab.lines[-1] for key in lab.offered)


def footer(lab):
    """The keys that the footer shows, as a person reads them."""
    return [key.shown for key in lab.offered]


async def test_the_footer_of_the_ladder_shows_what_helps_before_it_while_it_runs_and_after():
    async with open_lab("ladder") as lab:
        lab.pane.steps = 3
        assert set(footer(lab)) == {"space", "?", "q", "g", "n"}
        await lab.press("g")
        assert set(footer(lab)) == {"space", "?", "q", "x", "v", "o"}
        await lab.press("x")
        assert set(footer(lab)) == {"space", "?", "q", "g", "v", "o"}


async def test_the_footer_offers_nothing_where_a_model_has_nothing_to_look_at():
    async with open_lab(text="names") as lab:
        for screen in ("7", "0"):
            await lab.press(screen)
            assert set(footer(lab)) == {"space", "?", "q"}
    async with open_lab(text="names", model="gpt", batch=8, learn_rate=0.01, width=16, heads=2, context=8) as lab:
        for screen in ("7", "0"):
            await lab.press(screen)
            assert len(footer(lab)) == 6  # the control


async def test_the_footer_of_the_heatmap_follows_the_matrix_in_view():
    async with open_lab("heatmap", text="names") as lab:
        assert set(footer(lab)) == {"space", "?", "q", "enter", "p", "+"}
    async with open_lab("heatmap", text="names", model="mlp", batch=8, learn_rate=0.01) as lab:
        assert set(footer(lab)) == {"space", "?", "q", "enter", "p", "m"}
        await lab.press("m")
        assert set(footer(lab)) == {"space", "?", "q", "m"}


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_tinylm_keys_prints_every_key(form, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(["keys", *form])
    lines = capsys.readouterr().out.splitlines()
    assert (left.value.code or 0, len(lines)) == (0, len(KEYS))
    assert all(key.help in line and key.where in line for key, line in zip(KEYS, lines, strict=True))


async def test_digits_go_from_screen_to_screen():
    async with open_lab() as lab:
        for tab in (*TABS, *reversed(TABS)):
            await lab.press(tab.number)
            assert lab.app.tab == tab.id
            assert lab.pane.display
            assert lab.pane in lab.app.focused.ancestors


async def test_letters_typed_into_the_editor_are_text():
    everything = "".join(sorted({one for key in KEYS for one in key.keys.split(",") if len(one) == 1}))
    async with open_lab() as lab:
        await lab.press("e")
        await lab.type(everything + " +-,?=")
        assert lab.editor.exact.startswith(everything + " +-,?=")
        assert (lab.link.sent, lab.app.tab, lab.in_dialog) == ([], "corpus", False)


async def test_letters_typed_into_the_prompt_are_text():
    everything = "".join(sorted({one for key in KEYS for one in key.keys.split(",") if len(one) == 1}))
    async with open_lab("generate") as lab:
        await lab.press("p")
        await lab.type(everything + " +-,?=")
        assert lab.pane.prompt == everything + " +-,?="
        assert (lab.link.sent, lab.app.tab, lab.pane.temperature) == ([], "generate", 1.0)


@pytest.mark.parametrize(("tab", "into"), [("corpus", "e"), ("generate", "p")])
async def test_escape_leaves_the_field_and_then_letters_are_keys_again(tab, into):
    async with open_lab(tab) as lab:
        await lab.press(into, "6")
        assert lab.app.tab == tab
        await lab.press("escape", "6")
        assert lab.app.tab == "feedback"


async def test_while_somebody_types_the_footer_names_no_letter_as_a_key():
    async with open_lab() as lab:
        await lab.press("e")
        assert all(len(key.key) > 1 for key in lab.offered)


@pytest.mark.parametrize("field", ["corpus", "generate"])
async def test_ctrl_s_and_ctrl_o_work_in_a_field_too(field):
    async with open_lab(field) as lab:
        await lab.press("e" if field == "corpus" else "p")
        for key in ("ctrl+s", "ctrl+o"):
            await lab.press(key)
            assert lab.in_dialog
            await lab.press("escape")
            assert not lab.in_dialog


async def test_q_leaves_the_lab_with_status_0():
    async with open_lab() as lab:
        await lab.press("q")
        assert (lab.app.return_code, lab.app.last_words) == (0, "")


async def test_s_and_shift_s_make_one_step_and_ten():
    async with open_lab() as lab:
        await lab.press("s")
        assert lab.snapshot.step == 1
        await lab.press("S")
        assert (lab.snapshot.step, lab.snapshot.running) == (11, False)


async def test_space_trains_and_pauses_on_every_screen():
    async with open_lab() as lab:
        for tab in TABS:
            before = lab.run.step
            await lab.press(tab.number, "space")
            assert lab.snapshot.running
            await lab.train(7)
            await lab.press("space")
            assert (lab.snapshot.step, lab.snapshot.running) == (before + 7, False)


async def test_r_starts_over_from_the_same_first_weights_and_says_so():
    async with open_lab(start="random", seed=5) as lab:
        first = lab.weights
        await lab.press("S", "r")
        assert (lab.snapshot.step, lab.weights) == (0, first)
        assert "same first weights (seed 5)" in lab.notices[-1]


async def test_f_goes_through_the_paces():
    async with open_lab(pace=100) as lab:
        paces = []
        for _ in range(4):
            await lab.press("f")
            paces.append(lab.snapshot.settings.pace)
        assert paces == [1000, 0, 10, 100]
