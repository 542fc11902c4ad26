import pytest

from tinylm_tui.lab import commands as c
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.headless import fresh_run
from tinylm_tui.lab.learners.bigram import suitable_rate
from tinylm_tui.lab.run import Run, suited
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.starters import STARTERS
from tinylm_tui.lab.trainer import new_trainer

SWINGING = "banana cabana bandana panda ananas nab cab dab pad napa".replace(" ", "\n")


def distance(corpus, rate, steps=500):
    run = Run(corpus, Settings(learn_rate=rate))
    for _ in range(steps):
        run.train_step()
    return run.loss() - corpus.floor


@pytest.mark.parametrize("text", [SWINGING, "ab\nab\n", "aaaab\n", "abc\nacb\nbac\n"])
def test_at_the_rate_that_suits_a_text_the_loss_settles_near_its_floor(text):
    corpus = make_corpus("own", text)
    assert distance(corpus, suitable_rate(corpus.counts)) < 0.02


def test_at_twenty_such_a_text_swings():
    assert distance(make_corpus("own", SWINGING), 20.0) > 0.04


@pytest.mark.parametrize("one", STARTERS, ids=lambda one: one.name)
def test_every_starter_text_settles(one):
    corpus = make_corpus(one.name, one.text(), one.reading)
    assert distance(corpus, suited(Settings(), corpus).learn_rate, 1000) < 0.06


def test_a_rate_that_somebody_set_is_kept(tmp_path):
    (tmp_path / "own.txt").write_text(SWINGING)
    assert fresh_run(str(tmp_path / "own.txt"), []).settings.learn_rate < 20
    assert fresh_run(str(tmp_path / "own.txt"), ["learn_rate=20"]).settings.learn_rate == 20


def test_another_text_gets_the_rate_that_suits_it_unless_one_was_chosen():
    trainer = new_trainer("names", STARTERS[0].text(), Settings())
    trainer.handle(c.Load("own", SWINGING))
    assert trainer.run.settings.learn_rate == suitable_rate(trainer.run.corpus.counts) < 20
    trainer.handle(c.Change("learn_rate", "3"))
    trainer.handle(c.Load("names", STARTERS[0].text()))
    assert trainer.run.settings.learn_rate == 3
