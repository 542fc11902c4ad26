"""The model chooser: every size by the keyboard, its cost in view, and nothing sent that will not do."""

import pytest

from tinylm_tui.lab.commands import Configure
from tinylm_tui.lab.planning import plan
from tinylm_tui.lab.settings import MODELS, Settings, parse_pairs
from tinylm_tui.ui.dialogs.sizes import FIELDS, PRESETS, divisors, turned
from tinylm_tui.ui.drawing.formulas import formula
from tinylm_tui.ui.drawing.sizes import amount
from tinylm_tui.ui.keys import TABS
from tinylm_tui.ui.look import Look

from .stage import open_lab

GPT = {"model": "gpt", "layers": 2, "heads": 2, "width": 16, "context": 8, "batch": 4, "learn_rate": 3e-3}

NAMES = {"text": "names", "model": "gpt", "batch": 32, "learn_rate": 5e-3}


def dialog(lab):
    return lab.app.screen


def said(lab):
    """What stands in the dialog, line breaks as blanks."""
    return " ".join(" ".join(strip.text for strip in dialog(lab).query_one("#sizes")._lines).split())


async def go_to(lab, field):
    names = list(dialog(lab).fields)
    steps = names.index(field) - names.index(dialog(lab).field)
    await lab.press(*["down" if steps > 0 else "up"] * abs(steps))


async def put(lab, field, value):
    await go_to(lab, field)
    await lab.press(*value)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (120, 36)])
@pytest.mark.parametrize("choices", [{}, GPT])
async def test_it_opens_everywhere_with_what_is_and_fits(choices, size):
    async with open_lab(size=size, **choices) as lab:
        for tab in TABS:
            await lab.press(tab.number, "M")
            for name in FIELDS[lab.snapshot.settings.model]:
                assert any(f" {name} " in line for line in lab.lines)
            assert f"{lab.snapshot.params.count:,}" in lab.text
            assert "Nothing is changed so far." in said(lab)
            assert dialog(lab).region.contains_region(dialog(lab).query_one(".box").region)
            await lab.press("escape")
        assert lab.link.sent == []


async def test_from_a_bigram_to_a_gpt_and_back_the_text_stays():
    async with open_lab(text="names", steps=3) as lab:
        corpus = lab.snapshot.corpus
        await lab.press("M", "right", "right", "right", "t")
        assert "the model starts over; the text stays" in said(lab)
        await lab.press("enter")
        s = lab.snapshot.settings
        assert (s.model, s.layers, s.heads, s.width, s.context) == ("gpt", 2, 2, 32, 16)
        assert (s.learn_rate, s.batch) == (MODELS["gpt"]["learn_rate"], MODELS["gpt"]["batch"])
        assert len(lab.link.sent) == 1
        assert isinstance(lab.link.sent[0], Configure)
        assert lab.snapshot.step == 0
        await lab.press("M", "left", "left", "left", "enter")
        assert (lab.snapshot.settings.model, lab.snapshot.corpus.text) == ("bigram", corpus.text)


@pytest.mark.parametrize("key", PRESETS["gpt"])
async def test_one_key_chooses_a_preset(key):
    async with open_lab(text="names") as lab:
        await lab.press("M", "left", key[0], "enter")
        s = lab.snapshot.settings
        assert {name: str(getattr(s, name)) for name in PRESETS["gpt"][key]} == PRESETS["gpt"][key]


@pytest.mark.parametrize("model", ["average", "mlp"])
@pytest.mark.parametrize("key", ["tiny", "default", "big"])
async def test_the_same_keys_are_sizes_of_the_model_chosen_and_leave_it_what_it_is(model, key):
    async with open_lab(text="names", **vars(parse_pairs([f"model={model}"]))) as lab:
        await lab.press("M", key[0])
        assert dialog(lab).model == model
        assert {name: dialog(lab).fields[name] for name in PRESETS[model][key]} == PRESETS[model][key]
        dialog(lab).plan()  # raises where these sizes would not do


async def test_the_usual_sizes_are_those_that_a_model_begins_with():
    for model in ("average", "mlp", "gpt"):
        assert {name: str(getattr(Settings().changed("model", model), name)) for name in PRESETS[model]["default"]} == (
            PRESETS[model]["default"]
        )


async def test_a_bigram_has_no_sizes_to_offer():
    async with open_lab(text="names") as lab:
        await lab.press("M")
        assert "tiny" not in lab.text
        await lab.press("t", "d", "b")
        assert (dialog(lab).model, dialog(lab).plan().pairs) == ("bigram", ())
        await lab.press("left")
        assert "t tiny" in lab.text


async def test_the_weights_and_the_memory_are_live_as_sizes_change():
    async with open_lab(**NAMES) as lab:
        await lab.press("M")
        for field, value in [("layers", "3"), ("width", "128"), ("context", "7"), ("heads", "8"), ("batch", "16")]:
            await put(lab, field, value)
            now = plan(lab.snapshot.settings, lab.snapshot.corpus, dialog(lab).fields)
            assert f"{now.weights:,}" in lab.text
            assert f"about {amount(now.memory)} to train" in said(lab)
            assert f"= {formula(now.settings, now.vocabulary)[1]}" in said(lab)
        await lab.press("enter")
        assert lab.run.params.count == now.weights


@pytest.mark.parametrize(("vocabulary", "tie"), [(27, "yes"), (27, "no")])
async def test_the_formula_gives_the_count(vocabulary, tie):
    async with open_lab(text="names") as lab:
        fields = {"model": "gpt", "layers": "3", "heads": "3", "width": "48", "context": "9", "tie_head": tie}
        planned = plan(lab.snapshot.settings, lab.snapshot.corpus, fields)
        letters, numbers = (part.replace("×", "*") for part in formula(planned.settings, planned.vocabulary))
        assert eval(numbers) == planned.weights
        assert eval(letters, {"V": vocabulary, "T": 9, "L": 3, "D": 48}) == planned.weights


async def test_left_and_right_turn_every_field():
    async with open_lab(**NAMES) as lab:
        await lab.press("M")
        for field in FIELDS["gpt"][1:]:
            await go_to(lab, field)
            before = dialog(lab).fields[field]
            await lab.press("right")
            assert dialog(lab).fields[field] != before
            await lab.press("left")
            assert dialog(lab).fields[field] == before
        assert lab.link.sent == []


async def test_up_and_down_go_round():
    async with open_lab(**NAMES) as lab:
        await lab.press("M", "up")
        assert dialog(lab).field == "learn_rate"
        await lab.press("down", "tab", "tab", "shift+tab")
        assert dialog(lab).field == "layers"


async def test_a_value_is_typed_and_rubbed_out():
    async with open_lab(**NAMES) as lab:
        await lab.press("M")
        await put(lab, "learn_rate", "1e-33")
        await lab.press("backspace")
        assert dialog(lab).fields["learn_rate"] == "1e-3"
        await lab.press("enter")
        assert (lab.snapshot.settings.learn_rate, lab.link.sent) == (0.001, [Configure((("learn_rate", "1e-3"),))])


async def test_a_learn_rate_alone_keeps_what_the_model_has_learnt_and_says_so():
    async with open_lab(steps=4, **GPT) as lab:
        before = lab.weights
        await lab.press("M")
        await put(lab, "learn_rate", "0.01")
        assert "the model keeps what it has learnt" in said(lab)
        await lab.press("enter")
        assert (lab.snapshot.step, lab.weights, lab.snapshot.settings.learn_rate) == (4, before, 0.01)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("heads", "3", "heads must divide width"),
        ("width", "63", "heads must divide width"),
        ("width", "9999", "width takes a number from 1 to 1,024"),
        ("context", "999", "a smaller context or more text would do"),
        ("layers", "0", "layers takes a number from 1 to 24"),
        ("batch", "0", "batch takes a number from 1 up"),
        ("learn_rate", "-", "learn_rate takes a number"),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_what_will_not_do_is_refused_in_view_and_nothing_is_sent(field, value, reason, size):
    async with open_lab(steps=4, size=size, **{**GPT, "heads": 4, "width": 64}) as lab:
        before = lab.weights
        await lab.press("M")
        await put(lab, field, value)
        assert reason in said(lab)
        await lab.press("enter")
        assert lab.in_dialog
        await lab.press("escape")
        assert (lab.link.sent, lab.weights, lab.snapshot.step) == ([], before, 4)


async def test_too_much_memory_is_refused_before_anything_is_allocated():
    async with open_lab(**NAMES) as lab:
        await lab.press("M")
        await put(lab, "width", "1024")
        await put(lab, "layers", "24")
        assert "GB to train" in said(lab)
        await lab.press("enter")
        assert (lab.in_dialog, lab.link.sent) == (True, [])


async def test_escape_leaves_everything_as_it_was():
    async with open_lab(steps=4, **GPT) as lab:
        before, settings = lab.weights, lab.snapshot.settings
        await lab.press("M", "b", "left", "right", "down", "down", "9", "escape")
        assert (lab.weights, lab.snapshot.settings, lab.link.sent) == (before, settings, [])


async def test_enter_without_a_change_sends_nothing():
    async with open_lab(steps=4, **GPT) as lab:
        await lab.press("M", "enter")
        assert (lab.in_dialog, lab.link.sent, lab.snapshot.step) == (False, [], 4)


async def test_what_was_chosen_for_a_model_is_there_after_a_look_at_another():
    async with open_lab(**GPT) as lab:
        await lab.press("M")
        await put(lab, "layers", "7")
        await put(lab, "model", ["right", "left"])
        assert dialog(lab).fields["layers"] == "7"


async def test_keys_of_the_screens_do_nothing_while_it_is_open():
    async with open_lab(**GPT) as lab:
        await lab.press("M", "down", "2", "8", "s", "r", "q", "f", "g")
        assert (lab.in_dialog, lab.app.tab, lab.link.sent) == (True, "corpus", [])
        assert dialog(lab).fields["layers"] == "28"


async def test_a_field_is_chosen_with_the_mouse():
    async with open_lab(**GPT) as lab:
        await lab.press("M")
        await lab.pilot.click("#sizes", offset=(5, 3))
        assert dialog(lab).field == "width"


@pytest.mark.parametrize("look", [Look("few", ascii=True), Look("none", ascii=True)])
async def test_in_ascii_no_sign_of_it_is_lost(look):
    async with open_lab(look=look, **GPT) as lab:
        await lab.press("M", "b")
        assert "?" not in lab.text.replace("? help", "")
        assert all(line.isascii() for line in lab.lines)


@pytest.mark.parametrize(
    ("name", "value", "direction", "then"),
    [
        ("layers", "24", 1, "24"), ("layers", "1", -1, "1"), ("layers", "", 1, "1"), ("width", "60", 1, "64"),
        ("width", "60", -1, "48"), ("heads", "3", 1, "4"), ("heads", "32", 1, "32"), ("tie_head", "yes", -1, "no"),
        ("learn_rate", "0.003", 1, "0.005"), ("batch", "9e9", -1, "512"),
    ],
)  # fmt: skip
def test_a_turn_goes_to_the_next_value_and_no_further(name, value, direction, then):
    fields = {"width": "64", "heads": "4"} | {name: value}
    assert turned(name, fields, direction) == then


@pytest.mark.parametrize(("width", "heads"), [(64, (1, 2, 4, 8, 16, 32)), (1, (1,)), (0, (1,)), (37, (1,))])
def test_heads_turn_through_what_divides_the_width(width, heads):
    assert divisors(width) == heads or width == 0


@pytest.mark.parametrize("model", MODELS)
async def test_each_key_of_the_bottom_line_has_a_verb_and_all_stand_on_80_columns(model):
    async with open_lab(size=(80, 24), text="names", **parse_pairs([f"model={model}"]).as_dict()) as lab:
        await lab.press("M")
        said = dialog(lab)._keys()
        assert all(len(pair.split(" ")) == 2 for pair in said.split("  "))
        assert said in lab.text
