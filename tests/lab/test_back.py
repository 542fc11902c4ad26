import numpy as np
import pytest

from tinylm_tui.lab import commands as c
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.trainer import new_trainer

TEXT = "anna\nben\nnina\nbea\neve\n"


@pytest.fixture
def trainer():
    trainer = new_trainer("words", TEXT, Settings(pace=0))
    trainer.handle(c.Steps(30))
    while trainer.running:
        trainer.work(1)
    return trainer


def weights(trainer):
    return trainer.run.params.flat.copy()


REPLACING = [
    c.Load("other", "zoe\nxu\n"), c.Restart(), c.Change("reading", "lines"), c.Change("seed", "7"),
    c.Configure((("model", "gpt"), ("context", "4"), ("width", "16"))),
]  # fmt: skip


@pytest.mark.parametrize("command", REPLACING, ids=lambda command: type(command).__name__)
def test_what_a_load_or_a_fresh_start_replaced_comes_back_whole(trainer, command):
    before, text, settings = weights(trainer), trainer.run.corpus.text, trainer.run.settings
    trainer.handle(command)
    assert trainer.run.step == 0
    assert "ctrl+z brings the one before back" in trainer.snapshot().notice.text
    trainer.handle(c.Back())
    assert np.array_equal(weights(trainer), before)
    assert (trainer.run.step, trainer.run.corpus.text, trainer.run.settings) == (30, text, settings)


def test_going_on_after_coming_back_is_as_if_nothing_had_been(trainer):
    trainer.handle(c.Restart())
    trainer.handle(c.Back())
    other = new_trainer("words", TEXT, Settings(pace=0)).run
    for _ in range(40):
        other.train_step()
    for _ in range(10):
        trainer.run.train_step()
    assert np.array_equal(trainer.run.params.flat, other.params.flat)


def test_a_second_time_brings_the_other_one_back(trainer):
    trainer.handle(c.Load("other", "zoe\nxu\n"))
    trainer.handle(c.Back())
    trainer.handle(c.Back())
    assert trainer.run.corpus.name == "other"


def test_with_nothing_replaced_there_is_nothing_to_bring_back(trainer):
    before = weights(trainer)
    trainer.handle(c.Back())
    assert trainer.snapshot().notice.kind == "error"
    assert np.array_equal(weights(trainer), before)
