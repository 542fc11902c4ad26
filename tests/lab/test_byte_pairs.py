"""Byte-pair tokens in a run: learnt with progress, stopped at will, kept when more is taught."""

import numpy as np
import pytest

from tinylm_tui.engine import progress
from tinylm_tui.lab import commands as c
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import CHARACTERS, Cut
from tinylm_tui.lab.errors import Stopped
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.starters import starter
from tinylm_tui.lab.trainer import Trainer

from .conftest import Clock, new_run

BPE = (("tokenizer", "bpe"), ("vocabulary", "100"))


def story_trainer(times=1):
    return Trainer(Run(make_corpus("story", starter("story").text() * times, "text"), Settings()), Clock())


def test_byte_pairs_are_learnt_with_progress_and_the_model_starts_over_on_them():
    trainer, heard = story_trainer(times=4), []
    trainer.breathe = lambda: heard.append(trainer.snapshot().busy) or True
    trainer.clock = iter(range(10**9)).__next__
    trainer.handle(c.Configure((*BPE, ("split_words", "no"))))
    assert trainer.run.corpus.size == 100
    assert trainer.run.params["W"].shape == (100, 100)
    assert trainer.snapshot().busy is None
    assert heard
    assert {(busy.what, busy.of) for busy in heard} == {("making tokens of the text", 1000)}
    assert [busy.done for busy in heard] == sorted(busy.done for busy in heard)


def test_stopping_long_work_leaves_everything_as_it_was():
    trainer = story_trainer(times=4)
    run, trainer.breathe = trainer.run, lambda: False
    trainer.clock = iter(range(10**9)).__next__  # every look at the clock is a breath
    trainer.handle(c.Configure((*BPE, ("split_words", "no"))))
    assert trainer.run is run
    assert run.settings.tokenizer == "characters"
    assert "was stopped; everything is as it was" in trainer.snapshot().notice.text
    assert trainer.snapshot().busy is None


def test_a_vocabulary_smaller_than_the_alphabet_is_refused_with_what_would_do():
    trainer = story_trainer()
    trainer.handle(c.Configure((("tokenizer", "bpe"), ("vocabulary", "5"))))
    size = len(trainer.run.corpus.tokenizer.letters) + 1
    assert f"vocabulary is 5, and this text needs {size} tokens" in trainer.snapshot().notice.text
    assert trainer.run.settings.tokenizer == "characters"


def test_a_vocabulary_larger_than_the_text_allows_is_used_as_far_as_it_goes_and_said():
    trainer = Trainer(new_run(), Clock())
    trainer.handle(c.Configure((("tokenizer", "bpe"), ("vocabulary", "1000"))))
    size = trainer.run.corpus.size
    assert size < 1000
    assert f"The text gives {size} tokens, not 1000" in trainer.snapshot().notice.text


def test_teaching_keeps_the_merges_and_moves_their_rows():
    run = Run(make_corpus("story", starter("story").text(), "text", Cut("bpe", 100)), Settings(tokenizer="bpe"))
    for _ in range(5):
        run.train_step()
    old, weights = run.corpus.tokenizer, run.params["W"].copy()
    run.teach("ÄÖ zebra")
    places = old.places_in(run.corpus.tokenizer)
    assert [run.corpus.tokenizer.token(i) for i in places] == list(old.tokens)
    assert np.array_equal(run.params["W"][np.ix_(places, places)], weights)


@pytest.mark.parametrize("cut", [CHARACTERS, Cut("bpe", 100), Cut("bpe", 100, split_words=False)])
def test_a_text_that_is_cut_can_be_stopped_at_every_report_and_progress_never_goes_back(cut, monkeypatch):
    monkeypatch.setattr(progress, "_SILENT", 0)
    monkeypatch.setattr(progress, "BLOCK", 1000)
    text, heard = starter("story").text(), []
    make_corpus("story", text, "text", cut, lambda done, of: not heard.append((done, of)))
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert {of for _, of in heard} == {1000}
    assert heard[-1][0] == 1000
    for last in (*range(1, len(heard), 7), len(heard)):
        left = iter(range(last))
        with pytest.raises(Stopped, match="was stopped; everything is as it was"):
            make_corpus("story", text, "text", cut, lambda done, of, left=left: next(left) < last - 1)  # noqa: B023
