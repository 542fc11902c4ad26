"""Attention while the model writes by itself, and what stops it, moves its window, or changes the model under it."""

import numpy as np
import pytest

from tinylm_tui.engine.softmax import softmax
from tinylm_tui.lab.commands import Change, Load

from .attentive import attention, long_enough, page, seed_that, trace_of, typed, written


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    """Not over ssh, wherever the tests run."""
    monkeypatch.delenv("SSH_CONNECTION", raising=False)


# ---- by itself


async def test_a_plays_until_the_boundary_and_writes_the_text_of_the_same_dice():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", lambda ids: 3 <= len(ids) <= 6 and ids[-1] == 0)
        await lab.press("z", "a")
        assert ("10 a second" in page(lab), "writing a" in page(lab)) == (True, True)
        await lab.until(lambda: not lab.pane.playing)
        await lab.pause()
        assert lab.pane.growing.ids == written(lab, "", lab.pane.dice)
        assert "the end: the boundary a: from the start, with the same dice" in page(lab)
        assert "waiting a" in page(lab)


async def test_a_waits_and_goes_on():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        await lab.press("a", "a")
        assert (lab.pane.playing, "waiting" in page(lab)) == (False, True)
        before = lab.pane.growing.shown
        await lab.press("z", "a")
        assert lab.pane.playing
        await lab.until(lambda: lab.pane.growing.shown > before)


async def test_after_the_end_a_writes_the_same_text_again_and_shift_d_another():
    async with attention() as lab:
        seed = lab.pane.dice = seed_that(lab, "", lambda ids: len(ids) == 2)  # the boundary at once
        await lab.press("a")
        assert "the end" in page(lab)
        await lab.press("a")
        assert lab.pane.growing.ids == written(lab, "", seed)
        await lab.press("D")
        assert (lab.pane.dice, lab.pane.growing.seed) == (seed + 1, seed + 1)
        assert f"dice {seed + 1} D" in page(lab)
        ids = lab.pane.growing.ids
        assert ids == written(lab, "", seed + 1)[: len(ids)]


@pytest.mark.parametrize(("presses", "speed"), [(0, 5), (1, 10), (2, 2), (3, 5)])
async def test_z_goes_through_the_speeds(presses, speed):
    async with attention() as lab:
        await lab.press("full_stop", "a", *["z"] * presses)
        assert (lab.pane.speed, lab.pane._timer._interval) == (speed, 1 / speed)
        assert f"{speed} a second z" in page(lab)


async def test_a_step_by_key_stops_what_plays():
    async with attention() as lab:
        for key in ("full_stop", "b"):
            lab.pane.dice = seed_that(lab, "", long_enough)
            await lab.press("a", key)
            assert not lab.pane.playing


async def test_it_stops_when_the_screen_is_left_and_the_text_is_still_there_afterwards():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        await lab.press("a")
        pane, ids = lab.pane, lab.pane.growing.ids
        await lab.press("2")
        assert not pane.playing
        await lab.press("7")
        assert (pane.playing, pane.growing.ids[: len(ids)]) == (False, ids)


async def test_behind_a_dialog_it_waits():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        await lab.press("a", "question_mark")
        pane, shown = lab.app.pane("attention"), lab.app.pane("attention").growing.shown
        pane.tick()
        assert pane.growing.shown == shown
        await lab.press("escape")
        pane.tick()
        assert pane.growing.shown > shown


async def test_over_ssh_it_waits_for_a_key_and_a_second_a_plays(monkeypatch):
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 50000 10.0.0.2 22")
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        await lab.press("a")
        assert (lab.pane.playing, lab.pane.growing.shown) == (False, 1)
        assert "over ssh" in lab.notices[-1]
        await lab.press("full_stop")
        assert (lab.pane.playing, lab.pane.growing.shown) == (False, 2)
        await lab.press("a")
        assert lab.pane.playing


async def test_esc_first_stops_then_shows_the_map_then_the_text_that_was_typed():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "ben", long_enough)
        await typed(lab, "ben")
        await lab.press("g", "a", "escape")
        assert (lab.pane.playing, lab.pane.mode, lab.pane.growing is None) == (False, "heads", False)
        await lab.press("escape")
        assert (lab.pane.mode, lab.pane.growing is None) == ("map", False)
        await lab.press("escape")
        assert lab.pane.growing is None
        assert "text ·ben t" in page(lab)


# ---- when the context is full


async def test_when_the_context_is_full_it_waits_says_so_and_then_slides():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        ids = written(lab, "", lab.pane.dice)
        await lab.press("z", "a")
        await lab.until(lambda: not lab.pane.playing)
        await lab.pause()
        assert len(lab.pane.growing.ids) == 8
        assert "all 8 places of the context are taken" in page(lab)
        await lab.press("full_stop")
        assert lab.pane.growing.ids == ids[:9]
        assert "9 tokens; the model sees the last 8" in page(lab)
        pattern = trace_of(lab, list(ids[1:9])).blocks[0].attention.pattern[0, 0]
        assert f"share of its look {pattern[7, 6]:.2%}" in page(lab)


async def test_after_sliding_the_probability_is_that_of_the_window_before():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        ids = written(lab, "", lab.pane.dice)
        await lab.press(*["full_stop"] * 9)
        before, within = (
            softmax(trace_of(lab, list(window)).logits[0, place].astype(float))[ids[9]]
            for window, place in ((ids[1:9], -1), (ids[2:10], -2))
        )
        assert f"probability {before:.2%}" in page(lab)
        assert before != pytest.approx(within, rel=1e-4)


# ---- as the person wants it, and as the model learns


async def test_the_temperature_is_that_of_the_next_tokens():
    async with attention() as lab:
        await lab.press("full_stop", *["minus"] * 10)
        first = lab.pane.growing.ids
        assert "0.00 + -" in page(lab)
        await lab.press("full_stop")
        assert lab.pane.growing.ids[:2] == first
        assert lab.pane.growing.ids[2] == int(np.argmax(trace_of(lab, list(first)).logits[0, -1]))
        await lab.press("plus")
        assert "0.10 + -" in page(lab)


async def test_while_it_trains_the_text_stays_and_the_map_is_that_of_the_new_weights():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        await lab.press(*["full_stop"] * 3)
        ids, shown = lab.pane.growing.ids, []
        await lab.press("space")
        for _ in range(2):
            await lab.train(10)
            trace = trace_of(lab, list(ids))
            assert lab.pane.growing.ids == ids
            assert f"share of its look {trace.blocks[0].attention.pattern[0, 0, 3, 2]:.2%}" in page(lab)
            p = softmax(trace.logits[0, 2].astype(float))[ids[3]]
            assert f"probability {p:.2%}" in page(lab)
            shown.append(page(lab))
        assert shown[0] != shown[1]


async def test_looking_on_never_changes_how_it_trains():
    async with attention() as lab:
        before = lab.weights
        await lab.press("a", "full_stop", "full_stop", "D", "plus", "b", "g", "z", "a", "escape")
        assert lab.weights == before
        assert lab.link.sent == []


async def test_other_tokens_or_another_model_end_the_text():
    async with attention() as lab:
        for command in (Load("other", "nan\nann\n" * 9), Change("model", "bigram")):
            await lab.press("full_stop", "a")
            lab.link.send(command)
            await lab.pause()
            assert (lab.pane.growing, lab.pane.playing) == (None, False)


async def test_a_smaller_context_shows_the_end_of_the_text():
    async with attention() as lab:
        lab.pane.dice = seed_that(lab, "", long_enough)
        await lab.press(*["full_stop"] * 6)
        lab.link.send(Change("context", "4"))
        await lab.pause()
        assert "7 tokens; the model sees the last 4" in page(lab)
        assert lab.pane.place.rows == 4
