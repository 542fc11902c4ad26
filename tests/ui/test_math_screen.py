import math

import numpy as np
import pytest

from tinylm_tui.engine.walk import walk
from tinylm_tui.lab.commands import Load

from .stage import new_trainer, open_lab

WIDE, NARROW = (120, 36), (80, 24)


def truth(lab):
    return walk(lab.run.params, lab.run.corpus.counts, lab.pane.token)


def page(lab):
    return " ".join(lab.drawn("#walk").split())


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("steps", [0, 7, 300])
async def test_every_figure_of_the_softmax_table_is_that_of_the_engine(size, steps):
    async with open_lab("math", size=size, steps=steps) as lab:
        for token in range(3):
            lab.pane.trace(token)
            w, shown = truth(lab), page(lab)
            for i in np.argsort(-w.probabilities, kind="stable")[: 3 if size == NARROW else 7]:
                row = f"{w.scores[i]:+.4f} {w.exps[i]:.4f} {w.probabilities[i]:.2%} {w.shares[i]:.2%}"
                assert f"{row} {w.gradient[i]:+.1e}" in shown
            assert f"sum of all {w.total:.4f} prob. = e^score / sum" in shown


async def test_the_surprise_is_that_of_the_commonest_successor_in_nats_and_bits():
    async with open_lab("math", steps=30) as lab:
        w, shown = truth(lab), page(lab)
        assert f"the boundary follows most often: {w.commonest_share:.1%}" in shown
        assert f"The model gives it {w.commonest_probability:.1%}" in shown
        assert f"surprise {w.surprise:.4f} nats = {w.surprise / math.log(2):.4f} bits" in shown


async def test_the_top_guess_is_named():
    async with open_lab("math", steps=30) as lab:
        w = truth(lab)
        name = lab.pane.letters[w.top] or "the boundary"
        assert f"Top guess after a: {name}, {w.probabilities[w.top]:.1%}." in page(lab)


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("text", ["anna\nben\n", "names"])
async def test_the_page_says_that_the_bar_stops_at_the_true_frequency(text, size):
    async with open_lab("math", text=text, size=size, steps=30) as lab:
        assert f"settles at {truth(lab).commonest_share:.1%}, not at 100%" in page(lab)


async def test_the_gradient_is_share_of_row_times_p_minus_the_texts_share():
    async with open_lab("math", steps=3) as lab:
        w = truth(lab)
        assert w.gradient == pytest.approx(w.share_of_row * (w.probabilities - w.shares))
        assert "4 gradient" in lab.text


async def test_the_figures_are_live_while_it_trains():
    async with open_lab("math") as lab:
        pages = [page(lab)]
        await lab.press("space")
        for _ in range(2):
            await lab.train(10)
            assert f"surprise {truth(lab).surprise:.4f} nats" in page(lab)
            pages.append(page(lab))
        assert len(set(pages)) == 3


async def test_left_and_right_choose_the_letter_and_go_round():
    async with open_lab("math") as lab:
        traced = []
        for key in ("left", "left", "right", "l", "h"):
            await lab.press(key)
            traced.append(lab.pane.token)
        assert traced == [0, 6, 0, 1, 0]
        assert "tracing  the boundary" in lab.text


async def test_t_traces_the_letter_that_is_typed():
    async with open_lab("math") as lab:
        for answer, token in [("e", 3), ("nina", 1), ("", 0)]:
            await lab.press("t")
            await lab.answer(answer)
            assert (lab.in_dialog, lab.pane.token) == (False, token)


async def test_a_letter_the_text_does_not_have_is_refused_in_the_dialog():
    async with open_lab("math") as lab:
        await lab.press("t")
        await lab.answer("X")
        assert "the model has never seen X" in lab.error()
        await lab.press("escape")
        assert lab.pane.token == 1


async def test_a_smaller_alphabet_moves_the_trace_to_its_last_letter():
    async with open_lab("math", text="names") as lab:
        lab.pane.trace(26)
        lab.link.send(Load("small", "ab\n"))
        await lab.pause()
        assert lab.pane.token == 2


async def test_the_strips_of_a_large_alphabet_scroll():
    letters = "".join(chr(0x3B1 + n) for n in range(20)) + "".join(chr(0x430 + n) for n in range(32))
    async with open_lab("math", trainer=new_trainer("\n".join(letters))) as lab:
        first = lab.drawn("#walk").split("\n")[1]
        await lab.press("shift+right")
        assert lab.drawn("#walk").split("\n")[1] != first
        await lab.press("shift+left")
        assert lab.drawn("#walk").split("\n")[1] == first
        await lab.press("left", "left")
        assert letters[-1] in lab.drawn("#walk").split("\n")[1]


async def test_a_row_that_never_occurs_is_said_to_be_so():
    async with open_lab("math", text="ab", reading="words") as lab:
        lab.run.corpus.counts[2] = 0
        lab.pane.trace(2)
        assert "The text never has b before another token" in page(lab)
