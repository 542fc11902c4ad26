"""The run is saved without being asked: in training, at a pause, at the end, and never at the cost of the run."""

from pathlib import Path

import numpy as np
import pytest

from tinylm_tui.lab import commands as c
from tinylm_tui.lab import store
from tinylm_tui.lab.autosave import EVERY, SETTLE, replaced_of
from tinylm_tui.lab.errors import RunFileError
from tinylm_tui.lab.trainer import Trainer

from .conftest import new_run


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def trainer(hands, tmp_path):
    one = Trainer(new_run(), hands)
    one.handle(c.Keep(str(tmp_path / "kept.safetensors")))
    return one


def step(trainer, hands, seconds):
    """One step, and so much time."""
    hands.now += seconds
    trainer.run.train_step()
    trainer._after_step()
    trainer.keep() if trainer._save_in == 0 else None


def kept(trainer):
    return store.load(trainer.keeper.path)


def test_nothing_is_saved_while_nothing_has_changed(trainer, hands, tmp_path):
    hands.now += 10 * EVERY
    trainer.work(0.1)
    trainer.keep()
    assert trainer.wait() is None
    assert not list(tmp_path.iterdir())


def test_a_training_run_is_saved_every_half_minute(trainer, hands):
    trainer.handle(c.Train())
    steps = []
    for _ in range(7):
        step(trainer, hands, EVERY / 3)
        steps.append(kept(trainer).step if trainer.keeper.trouble is None and saved(trainer) else None)
    assert steps == [None, None, 3, 3, 3, 6, 6]


def saved(trainer):
    try:
        return kept(trainer)
    except RunFileError:
        return None


def test_soon_after_a_pause_it_is_saved_as_it_stands(trainer, hands):
    trainer.handle(c.Steps(1))
    trainer.run.train_step()
    trainer._after_step()
    assert not trainer.running
    assert trainer.wait() == pytest.approx(SETTLE)
    hands.now += SETTLE
    assert trainer.wait() == 0
    trainer.work(0.1)
    assert np.array_equal(kept(trainer).params.flat, trainer.run.params.flat)
    assert trainer.wait() is None


def test_a_change_without_a_step_is_saved_too(trainer, hands):
    trainer.handle(c.Teach("zebra"))
    hands.now += SETTLE
    trainer.work(0.1)
    assert "zebra" in kept(trainer).corpus.text


def test_the_run_that_ctrl_z_would_bring_back_is_saved_once_for_each_that_is_replaced(trainer, hands, monkeypatch):
    saved = []
    save = store.save
    monkeypatch.setattr(store, "save", lambda run, path: (saved.append(Path(path).name), save(run, path)))
    trainer.handle(c.Load("first", "xyz\nzy\n"))
    trainer.keep()
    trainer.handle(c.Teach("zebra"))
    trainer.keep()
    assert saved == ["kept.replaced.safetensors", "kept.safetensors", "kept.safetensors"]
    trainer.handle(c.Back())
    trainer.keep()
    assert store.load(replaced_of(trainer.keeper.path)).corpus.text == "xyz\nzy\nzebra\n"
    assert kept(trainer).corpus.text == new_run().corpus.text


def test_a_run_that_was_brought_back_trained_and_replaced_again_is_saved_as_it_was_left(trainer, hands):
    trainer.handle(c.Load("other", "xyz\nzy\n"))
    trainer.keep()
    trainer.handle(c.Back())
    for _ in range(5):
        trainer.run.train_step()
    trainer.handle(c.Back())  # with no save in between
    trainer.keep()
    assert trainer.previous.step == store.load(replaced_of(trainer.keeper.path)).step == 5
    assert kept(trainer).corpus.text == "xyz\nzy\n"


def test_where_the_replaced_run_cannot_be_saved_the_run_is_and_the_reason_is_told(trainer, hands, monkeypatch):
    save = store.save

    def one_fails(run, path):
        if ".replaced" in Path(path).name:
            raise RunFileError("cannot save to x: No space left on device. Another folder may do.")
        save(run, path)

    monkeypatch.setattr(store, "save", one_fails)
    trainer.handle(c.Load("first", "xyz\nzy\n"))
    trainer.keep()
    assert "No space left" in trainer.snapshot().unsaved
    assert kept(trainer).corpus.text == "xyz\nzy\n"
    monkeypatch.setattr(store, "save", save)
    hands.now += EVERY
    trainer.work(0.1)
    assert trainer.snapshot().unsaved is None
    assert store.load(replaced_of(trainer.keeper.path)).corpus.text == new_run().corpus.text


def test_opened_with_a_replaced_run_that_is_damaged_the_run_is_open_and_the_reason_is_told(trainer, tmp_path):
    path, broken = tmp_path / "run.safetensors", tmp_path / "run.replaced.safetensors"
    store.save(new_run("xyz\nzy\n"), path)
    broken.write_bytes(b"no run")
    trainer.handle(c.Open(str(path), "it", first=True, replaced=str(broken)))
    assert trainer.run.corpus.text == "xyz\nzy\n"
    assert trainer.previous is None
    assert "opened it at step 0. The one before it cannot be brought back" in trainer.snapshot().notice.text


def test_where_saving_is_not_possible_training_goes_on_and_the_reason_is_told(trainer, hands, monkeypatch):
    def full(run, path):
        raise RunFileError("cannot save to x: No space left on device. Another folder may do.")

    trainer.handle(c.Train())
    version = trainer.version
    monkeypatch.setattr(store, "save", full)
    step(trainer, hands, EVERY)
    assert trainer.version > version
    assert "No space left" in trainer.snapshot().unsaved
    assert trainer._save_in == pytest.approx(EVERY)
    step(trainer, hands, 1)
    assert trainer.run.step == 2


def test_when_saving_is_possible_again_the_trouble_is_over(trainer, hands, monkeypatch):
    with monkeypatch.context() as context:
        context.setattr(store, "save", lambda run, path: (_ for _ in ()).throw(RunFileError("no")))
        trainer.handle(c.Train())
        step(trainer, hands, EVERY)
    assert trainer.snapshot().unsaved == "no"
    step(trainer, hands, EVERY)
    assert trainer.snapshot().unsaved is None
    assert kept(trainer).step == 2
