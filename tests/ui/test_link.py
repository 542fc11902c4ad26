"""The stand-in has the interface of the real link; and once, the real link with the real process."""

import inspect
import multiprocessing

import pytest

from tinylm_tui.lab import process
from tinylm_tui.lab.commands import Load, Restart, Steps
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.starters import starter
from tinylm_tui.lab.trainer import Trainer
from tinylm_tui.ui.app import LabApp
from tinylm_tui.ui.link import FRAME, Link
from tinylm_tui.ui.look import Look

from .stage import TEXT, InlineLink, Lab, new_trainer


def public(kind):
    return {name: method for name, method in vars(kind).items() if not name.startswith("_") and callable(method)}


def test_the_stand_in_has_every_method_of_the_link():
    for name, method in public(Link).items():
        for taken in inspect.signature(method).parameters:
            assert taken in inspect.signature(getattr(InlineLink, name)).parameters


class Pipe:
    """The trainer's end as a list of what was sent, for a link that nobody answers."""

    def __init__(self):
        self.sent, self.closed = [], False

    def send(self, command):
        if self.closed:
            raise BrokenPipeError
        self.sent.append(command)


@pytest.fixture
def pipe():
    return Pipe()


@pytest.fixture
def link(pipe):
    return Link(None, pipe, new_trainer().snapshot())


def test_only_one_question_is_open_at_a_time(link, pipe):
    for _ in range(3):
        link.ask()
    assert len(pipe.sent) == 1


def test_a_command_goes_out_at_once_while_a_question_is_open(link, pipe):
    link.ask()
    link.send(Restart())
    link.send(Steps(1))
    assert pipe.sent[1:] == [Restart(), Steps(1)]


def test_sending_to_a_trainer_that_is_gone_raises_nothing(link, pipe):
    pipe.closed = True
    link.send(Restart())


def test_frames_are_spaced(link, monkeypatch):
    monkeypatch.setattr("tinylm_tui.ui.link.time.monotonic", lambda: 50.0)
    waits = [link.next_frame_in() for _ in range(3)]
    assert waits == pytest.approx([0, FRAME, 2 * FRAME])


@pytest.fixture
def real():
    """The real trainer's process behind the real link."""
    corpus, settings = make_corpus("words", TEXT), Settings(pace=0)
    child, pipe = process.start(corpus, settings)
    first = Trainer(Run(corpus, settings)).snapshot()
    link = Link(child, pipe, first)
    yield LabApp(link, first, Look()), link, child
    link.close()


async def test_the_real_lab_trains_pauses_quits_and_leaves_no_process(real):
    app, link, child = real
    async with app.run_test() as pilot:
        lab = Lab(app, pilot, link)
        await pilot.press("s")
        await lab.until(lambda: app.snapshot.step == 1)
        await pilot.press("2", "space")
        await lab.until(lambda: app.snapshot.running and app.snapshot.step > 100)
        await pilot.press("space")
        await lab.until(lambda: not app.snapshot.running)
        paused_at = app.snapshot.step
        await pilot.press("S")
        await lab.until(lambda: app.snapshot.step == paused_at + 10)
        await pilot.press("space")
        await lab.until(lambda: app.snapshot.running)
        await pilot.press("q")
    link.close()
    assert (app.return_code, app.last_words) == (0, "")
    assert not child.is_alive()
    assert child not in multiprocessing.active_children()


async def test_a_text_loaded_before_anything_else_arrives_whole(real):
    app, link, _ = real
    async with app.run_test() as pilot:
        lab = Lab(app, pilot, link)
        app.send(Load("animals", starter("animals").text()))
        await lab.until(lambda: app.snapshot.corpus.name == "animals")
        assert lab.editor.exact == app.snapshot.corpus.text
        await pilot.press("s")
        await lab.until(lambda: app.snapshot.step == 1)
        assert app.snapshot.corpus.name == "animals"


async def test_when_the_process_dies_the_lab_ends_and_says_so(real):
    app, link, child = real
    async with app.run_test() as pilot:
        child.kill()
        await Lab(app, pilot, link).until(lambda: app.return_code == 1)
    assert "trainer" in app.last_words
