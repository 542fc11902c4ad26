import math

import pytest

from tinylm_tui.lab.commands import Change, Pause, Steps, Teach, Train
from tinylm_tui.ui.drawing.curve import SCALES

from .stage import open_lab


async def test_space_runs_and_pauses():
    async with open_lab("train") as lab:
        await lab.press("space")
        assert "training" in lab.state
        await lab.train(20)
        assert (lab.snapshot.step, lab.snapshot.running) == (20, True)
        await lab.press("space")
        assert "paused" in lab.state
        assert lab.link.sent == [Train(), Pause()]


async def test_one_step_and_ten_are_shown_with_their_loss():
    async with open_lab("train") as lab:
        await lab.press("s", "S")
        assert lab.link.sent == [Steps(1), Steps(10)]
        assert "step        11" in lab.state
        assert f"loss {lab.run.loss():7.4f} nats" in lab.state


async def test_it_trains_up_to_a_step_that_is_named():
    async with open_lab("train", steps=5) as lab:
        await lab.press("t")
        assert "The model is at step 5" in lab.text
        await lab.answer("40")
        assert lab.link.sent == [Train(40)]
        assert (lab.snapshot.step, lab.snapshot.running) == (40, False)


async def test_a_step_that_will_not_do_is_refused_in_the_dialog():
    async with open_lab("train", steps=5) as lab:
        await lab.press("t")
        for answer in ("", "5", "-1", "1.5", "many", "nan", "1e99", "[/foo]", "\x1b[31m"):
            await lab.answer(answer)
            assert lab.in_dialog
            assert lab.error().startswith("the step takes a")
        await lab.press("escape")
        assert (lab.in_dialog, lab.link.sent, lab.snapshot.step) == (False, [], 5)


async def test_the_next_thousand_is_proposed():
    async with open_lab("train", text="names", steps=1000) as lab:
        await lab.press("t", "enter")
        assert lab.link.sent == [Train(2000)]


async def test_the_learn_rate_goes_up_and_down_while_it_trains():
    async with open_lab("train") as lab:
        await lab.press("space", "plus")
        await lab.train(3)
        await lab.press("minus", "minus", "equals_sign")
        assert [c.value for c in lab.link.sent if isinstance(c, Change)] == ["50", "20", "10", "20"]
        assert (lab.snapshot.running, lab.snapshot.step) == (True, 3)
        assert "learn rate  + -           20" in lab.text


async def test_l_goes_round_the_scales_and_sends_nothing():
    async with open_lab("train", steps=200) as lab:
        pictures = []
        for scale in (*SCALES, SCALES[0]):
            assert f"scale: {scale}" in lab.text
            pictures.append(lab.drawn("#curve"))
            await lab.press("l")
        assert pictures[0] == pictures[3]
        assert len(set(pictures)) == 3
        assert lab.link.sent == []


async def test_b_switches_between_every_pair_and_a_few():
    async with open_lab("train") as lab:
        await lab.press("b", "S")
        assert lab.snapshot.settings.batch == 64
        assert len(lab.snapshot.curves["batch"]) == 10
        await lab.press("b")
        assert lab.snapshot.settings.batch == 0
        assert "every pair" in lab.text


async def test_the_two_lines_to_compare_with_are_named_with_their_figures():
    async with open_lab("train", steps=100) as lab:
        assert f"knowing nothing: ln 7 = {math.log(7):.4f}" in lab.text
        assert f"exact floor {lab.run.corpus.floor:.4f}" in lab.text


async def test_a_random_start_is_shown_above_knowing_nothing():
    async with open_lab("train", start="random", seed=3) as lab:
        assert lab.snapshot.start_loss > math.log(7)
        assert f"start                {lab.snapshot.start_loss:7.4f}" in lab.text


async def test_what_it_writes_changes_as_it_learns_with_the_same_dice():
    async with open_lab("train", size=(100, 40), text="names") as lab:

        def written():
            return lab.drawn(".side").partition("same dice")[2]

        before = written()
        await lab.press("space")
        await lab.train(300)
        learnt = written()
        assert before != learnt
        await lab.press("space", "r")
        assert written() == before


MEANS = {
    "an average": ({"model": "average", "batch": 1, "learn_rate": 0.05}, 500),
    "an mlp": ({"model": "mlp", "batch": 64, "learn_rate": 0.003}, 50),
    "an mlp in batches of two": ({"model": "mlp", "batch": 2, "learn_rate": 0.003}, 250),
    "a gpt": ({"model": "gpt", "width": 8, "heads": 1, "layers": 1, "batch": 2, "context": 4, "learn_rate": 0.003}, 50),
}


@pytest.mark.parametrize(("choices", "most"), MEANS.values(), ids=MEANS)
async def test_the_loss_says_of_how_many_batches_it_is_the_mean(choices, most):
    async with open_lab("train", text="names", **choices) as lab:
        assert "loss, nats" in lab.text
        await lab.press("s")
        assert "loss, 1 batch " in lab.text
        await lab.press("S")
        assert "loss, 11 batches " in lab.text
        for _ in range(most):
            lab.run.train_step()
        await lab.press("s")
        assert f"loss, {most} batches " in lab.text


async def test_the_loss_of_a_bigram_is_no_mean_of_batches():
    async with open_lab("train", steps=20, batch=64) as lab:
        assert "loss, nats" in lab.text


async def test_a_run_that_diverges_pauses_itself_and_says_what_to_try():
    async with open_lab("train", learn_rate=1e6) as lab:
        await lab.press("space")
        await lab.train(50)
        assert not lab.snapshot.running
        assert math.isfinite(lab.snapshot.loss)
        assert "The learn rate is 1000000: try 20" in lab.notices[-1]


async def test_an_untrained_model_is_not_shown_as_if_it_had_learnt():
    async with open_lab("train") as lab:
        assert "loss, nats            1.9459" in lab.text
        assert "knowing nothing       1.9459" in lab.text


async def test_a_learn_rate_that_has_decayed_is_named_so_and_the_keys_say_that_it_stays():
    choices = {"model": "mlp", "batch": 8, "learn_rate": 0.01, "decay_steps": 6, "decay_to": 0.002, "warmup": 1}
    async with open_lab("train", text="names", steps=5, **choices) as lab:
        assert "at this step" in lab.text
        await lab.press("s", "2")
        assert "decayed to" in lab.text
        await lab.press("+")
        assert "has decayed to 0.002 and stays there" in lab.notices[-1]
        assert lab.snapshot.settings.learn_rate > 0.01


async def test_what_was_taught_on_the_way_is_marked_and_named_beside_the_curve():
    async with open_lab("train", steps=30) as lab:
        assert "taught more" not in lab.text
        lab.link.send(Teach("evita"))
        await lab.press("space")
        await lab.train(30)
        assert "taught more" in lab.drawn("#curve")
        assert " ".join(lab.drawn(".side").split()).count("taught more at step 30") == 1


async def test_with_room_the_mark_names_its_step():
    async with open_lab("train", steps=30, size=(120, 36)) as lab:
        lab.link.send(Teach("evita"))
        await lab.press("space")
        await lab.train(30)
        assert "taught more at step 30" in lab.drawn("#curve")
