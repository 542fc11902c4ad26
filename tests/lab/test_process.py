import numpy as np
import pytest

from tinylm_tui.lab import commands as c
from tinylm_tui.lab import confining
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.process import SAME, packed, start, unpacked
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.lab.starters import starter

from .conftest import TEXT, new_run

SAFETY = 60  # seconds after which a test gives up; no test depends on how long something takes
CHOICES = Settings(start="random", seed=3, batch=8, learn_rate=1.0, pace=0)


def begin():
    return start(make_corpus("words", TEXT), CHOICES)


def end(process, pipe):
    pipe.close()
    process.join(SAFETY)
    if process.is_alive():
        process.kill()


@pytest.fixture(scope="module")
def shared():
    """One trainer for the tests that leave it as usable as they found it."""
    process, pipe = begin()
    yield pipe
    end(process, pipe)


@pytest.fixture
def own():
    process, pipe = begin()
    yield process, pipe
    end(process, pipe)


def ask(pipe, version=0, known=0) -> Snapshot:
    pipe.send(c.Ask(version, known))
    assert pipe.poll(SAFETY), "the trainer did not answer"
    return pipe.recv()


def wait_for(pipe, condition):
    """The first snapshot that meets the condition."""
    shot = ask(pipe)
    while not condition(shot):
        shot = ask(pipe, shot.version)
    return shot


def test_whoever_asks_gets_a_snapshot(shared):
    shot = ask(shared)
    assert isinstance(shot, Snapshot)
    assert shot.corpus.text == TEXT
    assert shot.corpus.ids is None


@pytest.mark.parametrize("guest", [False, True])
def test_the_trainer_of_a_guest_knows_that_it_is_one(tmp_path, monkeypatch, guest):
    monkeypatch.setattr(confining, "_kiosk", tmp_path if guest else None)
    process, pipe = begin()
    try:
        pipe.send(c.Save(str(tmp_path / "gone" / "mine.safetensors")))
        shot = wait_for(pipe, lambda shot: shot.notice)
    finally:
        end(process, pipe)
    assert "cannot save" in shot.notice.text
    assert ("Another folder" in shot.notice.text) is not guest


def test_a_snapshot_is_still_frozen_on_this_side(shared):
    with pytest.raises(ValueError, match="read-only"):
        ask(shared).params.flat[0] = 1


def test_there_is_no_answer_until_there_is_something_newer(shared):
    shot = ask(shared)
    shared.send(c.Ask(shot.version, shot.corpus_version))
    assert not shared.poll(0.2)
    shared.send(c.Nudge(0, 0, 0.0))
    assert shared.poll(SAFETY)
    assert shared.recv().version > shot.version


def test_a_text_that_is_known_does_not_travel_and_the_snapshot_is_made_whole_here(shared):
    first = ask(shared)
    short = ask(shared, known=first.corpus_version)
    assert short.corpus.text == SAME.text != TEXT
    whole = unpacked(short, first)
    assert whole.corpus is first.corpus
    assert np.array_equal(whole.params.flat, first.params.flat)


def test_a_text_that_is_new_travels_whole(shared):
    first = ask(shared)
    shared.send(c.Teach("adam"))
    shot = wait_for(shared, lambda shot: shot.corpus_version > first.corpus_version)
    assert unpacked(shot, first).corpus.text == TEXT + "adam\n"
    shared.send(c.Load("words", TEXT))
    wait_for(shared, lambda shot: shot.corpus.text == TEXT)


def test_packing_and_unpacking_are_each_others_inverse(trainer):
    shot = trainer.snapshot()
    assert packed(shot, known=0) is shot
    assert packed(shot, known=shot.corpus_version).corpus is SAME
    assert unpacked(packed(shot, known=shot.corpus_version), shot).corpus is shot.corpus


def test_a_mistake_comes_back_as_a_notice_and_the_trainer_lives_on(shared):
    shared.send(c.Change("learn_rate", "fast"))
    shot = wait_for(shared, lambda shot: shot.notice is not None and shot.notice.kind == "error")
    assert "learn_rate takes a number" in shot.notice.text
    assert ask(shared)


def test_a_seed_gives_the_same_run_here_and_there(own):
    _, pipe = own
    pipe.send(c.Train(until=200))
    there = wait_for(pipe, lambda shot: shot.step == 200 and not shot.running)
    here = new_run(**CHOICES.as_dict())
    for _ in range(200):
        here.train_step()
    assert there.params.flat.tobytes() == here.params.flat.tobytes()
    assert there.curves["batch"].low.tolist() == here.history["batch"].curve().low.tolist()


def test_quit_ends_the_process_in_the_middle_of_training(own):
    process, pipe = own
    pipe.send(c.Train())
    wait_for(pipe, lambda shot: shot.step > 0)
    pipe.send(c.Quit())
    process.join(SAFETY)
    assert process.exitcode == 0
    with pytest.raises(EOFError):  # and nothing was said any more, no Crash either
        pipe.recv()


@pytest.mark.parametrize("training", [False, True])
def test_a_closed_pipe_ends_the_process(own, training):
    process, pipe = own
    if training:
        pipe.send(c.Train())
        wait_for(pipe, lambda shot: shot.step > 0)
        pipe.send(c.Ask(0, 0))  # the answer finds nobody
    pipe.close()
    process.join(SAFETY)
    assert process.exitcode == 0


def test_long_work_is_answered_about_and_stops_at_a_word():
    text = starter("story").text() * 40  # a million characters, cut without a pre-split: a second or more of work
    process, pipe = start(make_corpus("long", text, "text"), Settings())
    try:
        ask(pipe)
        pipe.send(c.Configure((("tokenizer", "bpe"), ("vocabulary", "2000"), ("split_words", "no"))))
        shot = wait_for(pipe, lambda shot: shot.busy)
        assert 0 <= shot.busy.done < shot.busy.of
        assert shot.settings.tokenizer == "characters"
        pipe.send(c.Steps(3))  # what comes meanwhile is done afterwards
        pipe.send(c.Stop())
        shot = wait_for(pipe, lambda shot: shot.step == 3)
        assert shot.busy is None
        assert shot.settings.tokenizer == "characters"
    finally:
        end(process, pipe)


def test_quitting_does_not_wait_for_long_work():
    process, pipe = start(make_corpus("long", starter("story").text() * 40, "text"), Settings())
    try:
        ask(pipe)
        pipe.send(c.Configure((("tokenizer", "bpe"), ("vocabulary", "2000"), ("split_words", "no"))))
        wait_for(pipe, lambda shot: shot.busy)
        pipe.send(c.Quit())
        process.join(SAFETY)
        assert process.exitcode == 0
    finally:
        end(process, pipe)
