"""The Ladder screen in the running lab: a ladder is begun, looked at, stopped and opened, and nothing else moves."""

import pytest

from tinylm_tui.lab.commands import Configure, StartLadder, StopLadder
from tinylm_tui.ui.keys import keys_of
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes.ladder import STEPS, pairs_of

from .rungs import DONE, halfway, new_report
from .stage import TICK, new_trainer, open_lab, settled

STARTED = StartLadder(STEPS, "", ())
NAMES = [rung.name for rung in DONE]


async def climb(lab, pieces=10**6):
    """Let the trainer work on the ladder under way, to its end or for so many pieces."""
    trainer = lab.link.trainer
    while trainer.beside.running and pieces:
        trainer.work(TICK)
        pieces -= 1
    trainer.version += 1
    lab.link.ask()
    await settled(lab.app)


async def show(lab, report):
    """As if the trainer had come so far."""
    trainer = lab.link.trainer
    trainer.beside.__class__ = type("Shown", (type(trainer.beside),), {"report": report})
    trainer.version += 1
    lab.link.ask()
    await settled(lab.app)


async def few_steps(lab, steps=3):
    await lab.press("n")
    await lab.answer(str(steps))


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (60, 20)])
async def test_before_the_first_ladder_the_screen_says_what_g_does(size):
    async with open_lab(size=size) as lab:
        await lab.press("L")
        assert "Here five models will stand side by side on words" in lab.prose
        assert "g starts it" in lab.prose
        assert lab.link.sent == []


async def test_g_starts_a_ladder_on_the_text_in_view_and_asks_nothing():
    async with open_lab("ladder") as lab:
        await lab.press("g")
        assert (lab.link.sent, lab.in_dialog) == ([STARTED], False)
        assert "The ladder on words" in lab.text


async def test_a_whole_ladder_runs_beside_the_lab_and_leaves_its_model_alone():
    async with open_lab("ladder", steps=5) as lab:
        before = lab.weights
        await few_steps(lab)
        await lab.press("g")
        await climb(lab)
        assert [rung.state for rung in lab.snapshot.ladder.rungs] == ["done"] * 5
        for rung in lab.snapshot.ladder.rungs:
            assert any(f"{rung.train_bits:.3f}" in line and rung.name in line for line in lab.lines)
        assert (lab.snapshot.step, lab.weights) == (5, before)


async def test_while_it_runs_one_can_look_elsewhere_and_come_back():
    async with open_lab("ladder") as lab:
        await few_steps(lab)
        await lab.press("g", "2")
        await climb(lab)
        assert lab.app.tab == "train"
        await lab.press("L")
        assert "of 3 steps" not in lab.text
        assert "3 steps each" in lab.text


async def test_a_second_g_while_it_runs_starts_nothing():
    async with open_lab("ladder") as lab:
        await lab.press("g", "g", "enter")
        assert lab.link.sent == [STARTED]
        assert "under way already" in lab.notices[-1]


@pytest.mark.parametrize("key", ["x", "escape"])
async def test_it_is_stopped_and_what_it_found_stays(key):
    async with open_lab("ladder") as lab:
        await lab.press("g")
        await climb(lab, pieces=3)
        assert "x stops" in lab.text
        await lab.press(key)
        assert lab.link.sent == [STARTED, StopLadder()]
        assert [rung.state for rung in lab.snapshot.ladder.rungs][::4] == ["done", "stopped"]
        assert "x stops" not in lab.text
        await lab.press(key)  # nothing is under way any more
        assert len(lab.link.sent) == 2


async def test_steps_and_prompt_are_asked_for_checked_and_kept_for_the_next_ladder():
    async with open_lab("ladder") as lab:
        await lab.press("n")
        for answer in ("0", "-5", "1.5", "many", "1e99", "[/foo]"):
            await lab.answer(answer)
            assert lab.error() == "steps: a number from 1 to 10,000,000"
        await lab.answer("20")
        await lab.press("p")
        await lab.answer("xyz")
        assert "never seen x, y, z" in lab.error()
        await lab.answer("na")
        await lab.press("g")
        assert lab.link.sent == [StartLadder(20, "na", ())]


async def test_a_prompt_of_another_text_is_refused_in_words_and_nothing_is_lost():
    async with open_lab("ladder", steps=4) as lab:
        lab.pane.prompt = "zzz"
        before = lab.weights
        await lab.press("g")
        assert "never seen z" in lab.notices[-1]
        assert (lab.snapshot.ladder, lab.weights) == (None, before)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_cursor_chooses_a_rung_and_stays_on_the_ladder(size):
    async with open_lab("ladder", size=size) as lab:
        await show(lab, new_report())
        chosen = []
        for key in ("up", "down", "j", "down", "down", "down", "k"):
            await lab.press(key)
            chosen.append(next(line for line in lab.lines if line.startswith(" ▸")).split()[1])
        assert chosen == ["counts", "bigram", "average", "mlp", "gpt", "gpt", "mlp"]
        assert "mlp sees the last" in lab.prose


async def test_a_click_chooses_a_rung():
    async with open_lab("ladder") as lab:
        await show(lab, new_report())
        y = next(i for i, line in enumerate(lab.lines) if line.startswith("   average"))
        await lab.pilot.click("#ladder-page", offset=(5, y - lab.pane.region.y))
        await settled(lab.app)
        assert lab.pane.cursor == 2


async def test_v_turns_from_the_table_to_the_curves_and_back():
    async with open_lab("ladder") as lab:
        await show(lab, new_report())
        table = lab.lines
        await lab.press("v")
        assert "bits a character, held-out part" in lab.text
        assert "steps/s" not in lab.text
        await lab.press("v")
        assert lab.lines == table
        assert lab.link.sent == []


async def test_t_turns_from_the_held_out_part_to_the_training_part_and_its_floors():
    async with open_lab("ladder", size=(120, 36)) as lab:
        await show(lab, new_report())
        assert "floor of" not in lab.text
        await lab.press("t")
        assert "bits a character, training part" in lab.text
        assert "floor of average 1.367" in lab.text
        await lab.press("t")
        assert "floor of" not in lab.text


async def test_where_nothing_is_held_out_there_is_the_training_part_only():
    async with open_lab("ladder", size=(120, 36)) as lab:
        await show(lab, new_report(held_out=0.0))
        for keys in ((), ("t",), ("t",)):
            await lab.press(*keys)
            assert "bits a character, training part" in lab.text
        assert "nothing is held out" in lab.notices[-1]


@pytest.mark.parametrize("chosen", range(5))
async def test_o_makes_the_chosen_rung_the_model_of_the_lab(chosen):
    async with open_lab("ladder", text="names") as lab:
        await show(lab, new_report())
        await lab.press(*["down"] * chosen, "o")
        rung = DONE[max(1, chosen)]  # counts has nothing to train: the bigram
        assert lab.link.sent == [Configure(pairs_of(rung.settings))]
        assert lab.snapshot.settings.model == rung.name
        assert lab.snapshot.settings.learn_rate == rung.settings.learn_rate


async def test_what_o_opens_has_the_weights_and_the_tokens_of_its_rung_and_the_ladder_stays():
    async with open_lab("ladder") as lab:
        await few_steps(lab)
        await lab.press("g")
        await climb(lab)
        report = lab.snapshot.ladder
        await lab.press(*["down"] * 4, "o")
        assert lab.snapshot.params.count == report.rungs[4].weights
        assert lab.snapshot.ladder == report


@pytest.mark.parametrize("look", [Look("none"), Look("few"), Look("none", ascii=True)])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_it_can_be_read_without_colours_and_in_ascii(size, look):
    async with open_lab("ladder", size=size, look=look) as lab:
        await show(lab, halfway())
        for key in ("down", "v", "t", "v"):
            await lab.press(key)
            assert {strip.cell_length for strip in lab.strips} == {size[0]}
            assert all(name in lab.text for name in NAMES[:4])
            if look.ascii:
                assert lab.text.isascii()
        assert "<" in lab.text if look.ascii else "◀" in lab.text


async def test_the_footer_names_the_keys_that_begin_and_end_a_ladder_and_those_that_look():
    assert [key.keys[0] for key in keys_of("ladder") if key.footer] == ["g", "x", "n", "v", "o"]


async def test_while_a_model_of_its_own_is_in_the_lab_the_ladder_uses_its_tokens_and_seed():
    async with open_lab("ladder", trainer=new_trainer(seed=7)) as lab:
        await few_steps(lab)
        await lab.press("g")
        await climb(lab)
        assert lab.snapshot.ladder.seed == 7
        assert "seed 7" in lab.text
