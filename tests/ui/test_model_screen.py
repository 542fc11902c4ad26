"""The Model screen: the diagram of the model that runs, the stream's norms, the table to GPT-2, the gradient check."""

import threading

import pytest

from tinylm_tui.engine.gpt_config import GPT2_SMALL
from tinylm_tui.lab.anatomy import beginning, stream_norms
from tinylm_tui.lab.checking import Check, check
from tinylm_tui.lab.commands import Configure, Load
from tinylm_tui.lab.errors import SettingError
from tinylm_tui.lab.views import gpt_trace
from tinylm_tui.ui.drawing.badge import Progress, badge_lines
from tinylm_tui.ui.drawing.diagram import short
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes import model as model_module

from .stage import open_lab

NARROW, WIDE = (80, 24), (120, 36)
GPT = {"model": "gpt", "layers": 2, "heads": 2, "width": 16, "context": 8, "batch": 4, "learn_rate": 3e-3}


def page(lab):
    return lab.drawn("#diagram")


def drawn(strips):
    return "\n".join(strip.text for strip in strips)


# ---- the screen


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_diagram_is_that_of_the_model_that_runs(size):
    async with open_lab("model", size=size, **GPT) as lab:
        assert "attention: 2 heads of 8" in page(lab)
        assert f"{lab.run.params.count:,}" in page(lab)
        lab.link.send(Configure((("heads", "4"), ("tie_head", "no"))))
        await lab.pause()
        assert "attention: 4 heads of 4" in page(lab)
        assert "head, a matrix of its own" in page(lab)
        lab.link.send(Configure((("model", "bigram"),)))
        await lab.pause()
        assert "× W: it picks one row" in page(lab)
        assert "7×7" in page(lab)


async def test_the_norms_are_those_of_the_trace_and_live_while_it_trains():
    async with open_lab("model", **GPT) as lab:
        pages = []
        await lab.press("space")
        for _ in range(2):
            await lab.train(5)
            s = lab.snapshot
            norms = stream_norms(gpt_trace(s.params, s.corpus.size, s.settings, beginning(s.corpus, 8)))
            assert [f"at first {short(norms[0])}" in page(lab), f"after 2  {short(norms[2])}" in page(lab)] == [
                True
            ] * 2
            pages.append(page(lab))
        assert pages[0] != pages[1]
        assert "√Σx² of the stream, mean over the text's first 8 tokens" in page(lab)


@pytest.mark.parametrize("choices", [{}, GPT])
async def test_the_table_leads_from_this_build_to_gpt2(choices):
    async with open_lab("model", **choices) as lab:
        assert "124,439,808" not in page(lab)
        await lab.press("t")
        text = " ".join(page(lab).split())
        assert f"{GPT2_SMALL.weights:,}" == "124,439,808"
        mine = lab.snapshot
        assert f"weights {mine.params.count:,} 124,439,808" in text
        assert f"{GPT2_SMALL.weights / mine.params.count:,.0f} times as many" in text
        for theirs in ("layers", "12", "768", "1,024", "50,257"):
            assert theirs in text
        for more in ("byte-level BPE", "tied head", "scaled initialisation", "warm-up", "decay", "weight decay"):
            assert more in text
        await lab.press("t")
        assert "124,439,808" not in page(lab)


async def test_the_table_tells_what_of_gpt2_this_build_has():
    async with open_lab("model", **GPT, tie_head=True, warmup=7, weight_decay=0.0, decay_steps=0) as lab:
        await lab.press("t")
        text = " ".join(page(lab).split())
        assert "tied head yes" in text
        assert "warm-up 7 steps" in text
        assert "weight decay no" in text


async def test_on_a_wide_terminal_the_table_stands_beside_the_diagram():
    async with open_lab("model", size=WIDE, **GPT) as lab:
        assert "124,439,808" in page(lab)
        assert "final LayerNorm" in page(lab)
        await lab.press("t")
        assert "124,439,808" not in page(lab)


# ---- the gradient check


async def finished(lab):
    await lab.until(lambda: not isinstance(lab.pane.badge, Progress))
    await lab.pause()


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("choices", [{}, GPT])
async def test_the_badge_has_the_real_figure_of_the_model_on_screen(choices, size):
    async with open_lab("model", size=size, steps=5, **choices) as lab:
        await lab.press("g")
        await finished(lab)
        real = check(lab.snapshot)
        assert f"gradient check: largest relative error {real.error:.1e} over {real.weights} weights" in page(lab)
        assert " right " in page(lab)
        assert f"at step {real.step}" in page(lab)
        assert real.passed


class SlowCheck:
    """In place of `check`: says how far it is, then waits until it is stopped or told to go on."""

    def __init__(self, answer=None):
        self.answer, self.go_on, self.stopped = answer, threading.Event(), threading.Event()

    def __call__(self, snapshot, told):
        while told(42, 200):
            if self.go_on.wait(0.005):
                if isinstance(self.answer, Exception):
                    raise self.answer
                return self.answer
        self.stopped.set()
        return None


@pytest.fixture
def slow(monkeypatch):
    stand_in = SlowCheck()
    monkeypatch.setattr(model_module, "check", stand_in)
    yield stand_in
    stand_in.go_on.set()


async def test_the_screen_is_live_and_tells_how_far_the_check_is(slow):
    async with open_lab("model", **GPT) as lab:
        await lab.press("g")
        await lab.until(lambda: "42 of 200 weights" in page(lab))
        await lab.press("space")
        await lab.train(3)
        await lab.press("space", "2", "8")
        assert lab.snapshot.step == 3
        assert "42 of 200 weights" in page(lab)


@pytest.mark.parametrize("key", ["g", "escape"])
async def test_the_same_key_and_esc_stop_it(key, slow):
    async with open_lab("model", **GPT) as lab:
        await lab.press("g")
        await lab.until(lambda: "42 of 200" in page(lab))
        await lab.press(key)
        await lab.until(slow.stopped.is_set)
        await lab.pause()
        assert lab.pane.badge is None
        assert "checks the gradient of this very model" in page(lab)


async def test_another_model_stops_it_and_takes_the_badge_away(slow):
    async with open_lab("model", **GPT) as lab:
        await lab.press("g")
        await lab.until(lambda: "42 of 200" in page(lab))
        lab.link.send(Configure((("layers", "1"),)))
        await lab.until(slow.stopped.is_set)
        await lab.pause()
        assert lab.pane.badge is None


@pytest.mark.parametrize("change", ["r", "text"])
async def test_a_badge_of_a_model_that_is_gone_goes_too(change):
    async with open_lab("model", steps=4, **GPT) as lab:
        await lab.press("g")
        await finished(lab)
        await lab.press("s")
        assert isinstance(lab.pane.badge, Check)  # later moments of the same model keep it; it tells its step
        if change == "text":
            lab.link.send(Load("other", "anna\nben\nnina\nbea\neve\nabe\nnan\n" * 2))
            await lab.pause()
        else:
            await lab.press("r")
        assert lab.pane.badge is None


@pytest.mark.parametrize("error", [SettingError("these are [/too] many weights"), MemoryError()])
async def test_what_cannot_be_checked_says_why(error, slow):
    slow.answer = error
    async with open_lab("model", **GPT) as lab:
        await lab.press("g")
        slow.go_on.set()
        await finished(lab)
        assert (str(error) or "not enough memory") in page(lab)


async def test_a_lab_that_is_left_during_a_check_ends_at_once(slow):
    async with open_lab("model", **GPT) as lab:
        await lab.press("g")
        await lab.until(lambda: "42 of 200" in page(lab))
        await lab.press("q")
    assert slow.stopped.wait(5)
    assert (lab.app.return_code, lab.app.last_words) == (0, "")


@pytest.mark.parametrize("width", [58, 78, 118])
def test_the_verdict_is_a_word_and_not_only_a_colour(width):
    right = drawn(badge_lines(Check(3.1e-8, 200, 105_600, 32, 7), width, Look("none")))
    wrong = drawn(badge_lines(Check(2.5e-3, 200, 105_600, 32, 7), width, Look("none")))
    assert " right " in right
    assert "largest relative error 3.1e-08 over 200 weights" in right
    assert " WRONG " in wrong
    assert "allowed: 1e-06; 200 of 105,600 weights, float64" in wrong
    assert "WRONG" in drawn(badge_lines(Check(float("nan"), 200, 1, 1, 0), width, Look()))


@pytest.mark.parametrize("width", [58, 78])
@pytest.mark.parametrize("badge", [None, Progress(), Progress(200, 200), "too large " * 20, Check(1e-9, 9, 9, 9, 9)])
def test_every_badge_has_two_lines_that_fit(badge, width):
    strips = badge_lines(badge, width, Look())
    assert len(strips) == 2
    assert all(strip.cell_length <= width for strip in strips)


@pytest.mark.parametrize("look", [Look("few", ascii=True), Look("none", ascii=True)])
async def test_in_ascii_no_sign_of_the_diagram_is_lost(look):
    async with open_lab("model", look=look, **GPT) as lab:
        for key in ("8", "t"):
            await lab.press(key)
            assert "?" not in "".join(lab.lines[4:-1])
