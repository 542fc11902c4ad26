import numpy as np
import pytest

from tinylm_tui.engine.feedback import Rating
from tinylm_tui.lab import commands as c
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.errors import TextError
from tinylm_tui.lab.pace import CATCH_UP
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.trainer import Trainer, new_trainer

from .conftest import TEXT, Clock, new_run

NINA = Rating((0, 5, 4, 5, 1, 0), 1)  # letters a b e i n v have the ids 1 to 6


def bits(trainer):
    return trainer.run.params.flat.tobytes()


def work_until_paused(trainer):
    while trainer.running:
        trainer.work(0.01)


def test_a_trainer_starts_paused_and_then_does_nothing(trainer):
    trainer.work(1)
    assert (trainer.run.step, trainer.running, trainer.wait()) == (0, False, None)


def test_it_trains_until_it_is_paused(trainer):
    trainer.handle(c.Train())
    trainer.work(0.01)
    made = trainer.run.step
    assert made > 1
    trainer.handle(c.Pause())
    trainer.work(0.01)
    assert (trainer.run.step, trainer.running) == (made, False)


def test_a_slice_of_work_ends_when_its_time_is_over(trainer, clock):
    trainer.handle(c.Train())
    begun = clock.now
    trainer.work(0.05)
    assert 0.05 <= clock.now - begun < 0.06
    assert trainer.running


def test_one_step_is_one_step(trainer):
    trainer.handle(c.Steps(1))
    work_until_paused(trainer)
    assert trainer.run.step == 1


def test_it_trains_to_the_step_asked_for_and_pauses_there(trainer):
    trainer.handle(c.Steps(3))
    work_until_paused(trainer)
    trainer.handle(c.Train(until=40))
    assert trainer.snapshot().target == 40
    work_until_paused(trainer)
    assert (trainer.run.step, trainer.snapshot().target) == (40, None)


@pytest.mark.parametrize("tick", [0.001, 0.01, 0.07, 0.3])
def test_the_pace_is_respected_however_seldom_there_is_time(tick):
    clock = Clock()
    trainer = Trainer(new_run(pace=10), clock)
    trainer.handle(c.Train())
    while clock.now < 10:
        trainer.work(0.005)
        clock.now += tick
    slack = 1 + 10 * CATCH_UP  # the first step is due at once, and a delay is made up for
    assert 10 / max(tick, 0.1) - slack <= trainer.run.step <= 10 * 10 + slack


def test_without_a_pace_there_are_more_steps():
    clock = Clock(tick=0.001)
    trainer = Trainer(new_run(pace=0), clock)
    trainer.handle(c.Train())
    trainer.work(1)
    assert trainer.run.step > 300


def test_a_long_sleep_is_not_made_up_for_with_a_burst():
    clock = Clock()
    trainer = Trainer(new_run(pace=100), clock)
    trainer.handle(c.Train())
    clock.now += 3600
    trainer.work(1)
    assert trainer.run.step <= 1 + 100 * CATCH_UP


def test_it_says_how_long_until_the_next_step_is_due():
    clock = Clock()
    trainer = Trainer(new_run(pace=10), clock)
    trainer.handle(c.Train())
    assert trainer.wait() == 0
    trainer.work(0.005)
    assert trainer.wait() == pytest.approx(0.1)


def test_the_speed_is_steps_a_second_of_the_clock():
    clock = Clock()
    trainer = Trainer(new_run(pace=50), clock)
    trainer.handle(c.Train())
    for _ in range(200):
        trainer.work(0.005)
        clock.now += 0.01
    assert trainer.snapshot().speed == pytest.approx(50, rel=0.05)


def test_another_pace_takes_effect_while_it_runs():
    clock = Clock()
    trainer = Trainer(new_run(pace=1), clock)
    trainer.handle(c.Train())
    trainer.work(0.005)
    trainer.handle(c.Change("pace", "100"))
    assert trainer.wait() <= 0.01


def test_the_learn_rate_changes_between_steps():
    trainer = Trainer(new_run(), Clock())
    by_hand = new_run()
    for rate in ("20", "0.5", "3"):
        trainer.handle(c.Change("learn_rate", rate))
        trainer.handle(c.Steps(1))
        trainer.work(1)
        by_hand.change("learn_rate", rate)
        by_hand.train_step()
    assert trainer.run.step == 3
    assert bits(trainer) == by_hand.params.flat.tobytes()


MISTAKES = [
    c.Load("nothing", " \n"),
    c.Load("too much", "".join(chr(0x4E00 + i) for i in range(2_001))),
    c.Teach("  "),
    c.Change("learn_rate", "fast"),
    c.Change("no_such_setting", "1"),
    c.Nudge(99, 0, 1.0),
    c.Nudge(0, 0, float("nan")),
    c.Feedback(()),
    c.Feedback((Rating((0, 99, 0), 1),)),
    c.UndoFeedback(),
    c.Train(until=2),
    c.Steps(0),
    c.Open("/nowhere/run.safetensors"),
    c.Open("a\0b"),
    c.Save("/nowhere/at all/run.safetensors"),
    c.Save("a\0b"),
    c.Save("~nobody-of-that-name/x"),
]


@pytest.mark.parametrize("command", MISTAKES, ids=repr)
def test_a_mistake_becomes_one_sentence_and_loses_nothing(trainer, command):
    trainer.handle(c.Steps(2))
    work_until_paused(trainer)
    trainer.handle(c.Train())
    before = (bits(trainer), trainer.run.step, trainer.run.settings, trainer.run.corpus, trainer.running)
    trainer.handle(command)
    notice = trainer.snapshot().notice
    assert notice.kind == "error"
    assert "\n" not in notice.text
    assert (bits(trainer), trainer.run.step, trainer.run.settings, trainer.run.corpus, trainer.running) == before


def test_each_notice_has_a_number_of_its_own(trainer):
    trainer.handle(c.Teach(" "))
    first = trainer.snapshot().notice
    trainer.handle(c.Teach(" "))
    assert trainer.snapshot().notice.number == first.number + 1


def test_a_run_that_explodes_pauses_at_its_last_good_weights_and_says_what_to_try(trainer):
    trainer.handle(c.Steps(5))
    work_until_paused(trainer)
    good = bits(trainer)
    trainer.handle(c.Change("learn_rate", "1e6"))
    trainer.handle(c.Train())
    work_until_paused(trainer)
    shot = trainer.snapshot()
    assert (bits(trainer), shot.step, shot.running) == (good, 5, False)
    assert shot.notice.kind == "error"
    assert "learn rate" in shot.notice.text
    assert "try" in shot.notice.text


def test_after_an_explosion_training_can_go_on(trainer):
    trainer.handle(c.Change("learn_rate", "1e6"))
    trainer.handle(c.Train())
    work_until_paused(trainer)
    trainer.handle(c.Change("learn_rate", "20"))
    trainer.handle(c.Train(until=50))
    work_until_paused(trainer)
    assert trainer.snapshot().loss < trainer.run.start_loss
    assert (np.diff(trainer.snapshot().curves["loss"].steps) >= 0).all()


def test_an_explosion_in_the_last_step_asked_for_is_noticed_too(trainer):
    trainer.handle(c.Change("learn_rate", "1e6"))
    trainer.handle(c.Steps(1))
    work_until_paused(trainer)
    assert (trainer.run.step, bits(trainer)) == (0, bytes(len(bits(trainer))))
    assert trainer.snapshot().notice.kind == "error"


def out_of_memory(*_):
    raise MemoryError


def test_a_step_without_memory_pauses_and_keeps_the_weights(trainer, monkeypatch):
    monkeypatch.setattr(trainer.run, "train_step", out_of_memory)
    trainer.handle(c.Train())
    trainer.work(1)
    shot = trainer.snapshot()
    assert not shot.running
    assert "memory" in shot.notice.text


def test_a_command_without_memory_becomes_a_notice(trainer, monkeypatch):
    monkeypatch.setattr(trainer.run, "teach", out_of_memory)
    trainer.handle(c.Teach("adam"))
    assert "not enough memory" in trainer.snapshot().notice.text


def test_the_version_only_grows_and_grows_with_every_change(trainer, tmp_path):
    path = str(tmp_path / "run.safetensors")
    everything = [
        c.Train(), c.Pause(), c.Steps(2), c.Change("learn_rate", "3"), c.Nudge(0, 1, 0.5), c.Feedback((NINA,)),
        c.UndoFeedback(), c.Teach("adam"), c.Save(path), c.Load("other", "xyz"), c.Open(path), c.Restart(), *MISTAKES,
    ]  # fmt: skip
    version = trainer.version
    for command in everything:
        trainer.handle(command)
        assert trainer.version > version
        version = trainer.version
        trainer.work(0.003)
        assert trainer.version >= version
        version = trainer.version


def test_every_step_grows_the_version_or_nobody_would_be_told(trainer):
    trainer.handle(c.Train())
    version = trainer.version
    trainer.work(0.01)
    assert trainer.version == version + trainer.run.step > version


def test_looking_does_not_change_the_version(trainer):
    trainer.snapshot()
    version = trainer.version
    assert trainer.snapshot().version == trainer.snapshot().version == version


def test_the_text_gets_a_new_number_only_when_it_changes(trainer):
    first = trainer.snapshot().corpus_version
    trainer.handle(c.Steps(2))
    work_until_paused(trainer)
    trainer.handle(c.Restart())
    assert trainer.snapshot().corpus_version == first
    trainer.handle(c.Teach("adam"))
    assert trainer.snapshot().corpus_version == first + 1
    trainer.handle(c.Load("other", "xyz"))
    assert trainer.snapshot().corpus_version == first + 2


def test_starting_over_gives_the_same_weights_and_the_same_following_run():
    trainer = Trainer(new_run(start="random", batch=8, learn_rate=1.0, pace=0), Clock(tick=0.001))
    first = bits(trainer)
    trainer.handle(c.Steps(30))
    work_until_paused(trainer)
    last = bits(trainer)
    trainer.handle(c.Restart())
    assert (bits(trainer), trainer.run.step, trainer.running) == (first, 0, False)
    assert "seed 0" in trainer.snapshot().notice.text
    trainer.handle(c.Steps(30))
    work_until_paused(trainer)
    assert bits(trainer) == last


def test_looking_does_not_change_how_training_goes_on():
    watched, alone = (
        Trainer(new_run(start="random", batch=8, learn_rate=1.0, pace=0), Clock(tick=0.001)) for _ in range(2)
    )
    for trainer in (watched, alone):
        for _ in range(10):
            trainer.handle(c.Steps(1))
            work_until_paused(trainer)
            if trainer is watched:
                trainer.snapshot()
    assert bits(watched) == bits(alone)


def test_a_snapshot_is_frozen_and_does_not_change_afterwards(trainer):
    trainer.handle(c.Steps(3))
    work_until_paused(trainer)
    shot = trainer.snapshot()
    weights, curve = shot.params.flat.copy(), shot.curves["loss"].low.copy()
    trainer.handle(c.Steps(3))
    work_until_paused(trainer)
    trainer.handle(c.Teach("adam"))
    assert np.array_equal(shot.params.flat, weights)
    assert np.array_equal(shot.curves["loss"].low, curve)
    assert (shot.step, shot.corpus.text) == (3, TEXT)
    with pytest.raises(ValueError, match="read-only"):
        shot.params["W"][0, 0] = 1
    with pytest.raises(AttributeError):
        shot.step = 0


def test_a_snapshot_tells_the_loss_of_exactly_its_weights(trainer):
    trainer.handle(c.Steps(7))
    work_until_paused(trainer)
    shot = trainer.snapshot()
    assert shot.loss == trainer.run.loss()
    assert shot.bits == pytest.approx(shot.loss / np.log(2))
    assert shot.perplexity == pytest.approx(np.exp(shot.loss))


def test_loading_another_text_starts_over_paused(trainer):
    trainer.handle(c.Train())
    trainer.work(0.01)
    trainer.handle(c.Load("other", "xyz xyz", "lines"))
    shot = trainer.snapshot()
    assert (shot.step, shot.running, shot.corpus.name, shot.corpus.reading) == (0, False, "other", "lines")
    assert shot.settings == Settings(pace=0)


def test_teaching_while_it_trains_goes_on_training(trainer):
    trainer.handle(c.Train())
    trainer.work(0.01)
    trainer.handle(c.Teach("adam dora"))
    assert "2 more words, with the new letters d, m, o, r" in trainer.snapshot().notice.text
    step = trainer.run.step
    trainer.work(0.01)
    assert trainer.run.step > step


def test_a_nudge_tells_what_it_did_to_the_loss(trainer):
    trainer.handle(c.Nudge(0, 1, 1.0))
    assert "score +1: probability 14.29% → 31.18%, loss 1.945910 →" in trainer.snapshot().notice.text


def test_feedback_can_be_taken_back_exactly(trainer):
    before = bits(trainer)
    trainer.handle(c.Feedback((NINA,)))
    assert trainer.snapshot().can_undo
    assert trainer.snapshot().feedback.rated[0].text == "nina"
    trainer.handle(c.UndoFeedback())
    assert (bits(trainer), trainer.snapshot().can_undo, trainer.snapshot().feedback) == (before, False, None)


def test_a_saved_run_is_opened_where_it_was(trainer, tmp_path):
    path = str(tmp_path / "run.safetensors")
    trainer.handle(c.Steps(5))
    work_until_paused(trainer)
    saved = bits(trainer)
    trainer.handle(c.Save(path))
    trainer.handle(c.Load("other", "xyz"))
    trainer.handle(c.Open(path))
    assert (bits(trainer), trainer.run.step, trainer.run.corpus.text) == (saved, 5, TEXT)


def test_a_new_trainer_reads_its_text_as_its_settings_say():
    assert new_trainer("x", "the dog\n", Settings(reading="lines")).run.corpus.reading == "lines"
    with pytest.raises(TextError):
        new_trainer("x", "", Settings())


def test_a_text_with_three_hundred_letters_trains():
    text = "\n".join(chr(0x4E00 + i) + chr(0x4E00 + i // 2) for i in range(300))
    trainer = Trainer(Run(make_corpus("many", text), Settings(pace=0)), Clock(tick=0.001))
    trainer.handle(c.Steps(5))
    work_until_paused(trainer)
    assert trainer.snapshot().loss < trainer.run.start_loss


def test_new_letters_that_nobody_would_see_are_told_in_words():
    trainer = Trainer(new_run("the cat sat on the mat."))
    trainer.handle(c.Teach("x\ny\tz"))
    assert "with the new letters the tabulator, the line end, x, y, z;" in trainer.snapshot().notice.text


def test_it_says_that_the_step_asked_for_is_reached_but_not_after_every_single_step(trainer):
    trainer.handle(c.Train(1700))
    work_until_paused(trainer)
    assert trainer.snapshot().notice.text == "step 1,700 reached"
    number = trainer.snapshot().notice.number
    trainer.handle(c.Steps(10))
    work_until_paused(trainer)
    assert (trainer.snapshot().step, trainer.snapshot().notice.number) == (1710, number)


def test_a_paused_trainer_has_no_speed():
    trainer = Trainer(new_run(pace=0), Clock(tick=0.01))
    trainer.handle(c.Train())
    trainer.work(1)
    assert trainer.snapshot().speed > 0
    trainer.handle(c.Pause())
    assert trainer.snapshot().speed == 0
