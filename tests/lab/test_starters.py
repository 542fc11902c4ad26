from importlib.resources import files

import pytest

from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.errors import TextError
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.starters import STARTERS, starter

NAMES = [one.name for one in STARTERS]


def corpus_of(name):
    one = starter(name)
    return make_corpus(one.name, one.text(), one.reading)


def trained(name, steps=1000, **choices):
    run = Run(corpus_of(name), Settings(**choices))
    for _ in range(steps):
        run.train_step()
    return run


def test_every_text_in_the_package_is_a_starter_and_the_other_way_round():
    there = {file.name for file in files("tinylm_tui.corpora").iterdir() if file.name.endswith(".txt")}
    assert there == {f"{name}.txt" for name in NAMES}
    assert len(NAMES) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_a_starter_can_be_learnt_from_and_says_what_it_is(name):
    corpus = corpus_of(name)
    assert corpus.words >= 300
    assert 0 < corpus.floor < corpus.uniform
    assert starter(name).about


@pytest.mark.parametrize("name", ["names", "animals", "places", "nonsense"])
def test_a_list_of_words_has_each_word_once_in_small_letters(name):
    words = starter(name).text().split()
    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)


def test_the_story_has_between_20_and_40_kilobytes():
    assert 20_000 <= len(starter("story").text().encode()) <= 40_000


def test_names_at_the_default_settings_come_within_a_hundredth_of_the_floor():
    run = trained("names")
    assert run.corpus.floor <= run.loss() < run.corpus.floor + 0.01


def test_a_learn_rate_too_small_for_that_is_noticed():
    run = trained("names", learn_rate=1)
    assert run.loss() > run.corpus.floor + 0.01


@pytest.mark.parametrize("name", NAMES)
def test_no_starter_diverges_at_the_default_settings(name):
    run = trained(name, steps=300)
    assert run.corpus.floor < run.loss() < run.corpus.floor + 0.2


def test_an_unknown_starter_is_refused_with_those_there_are():
    with pytest.raises(TextError, match="no starter text 'poems'; there are names, animals"):
        starter("poems")
