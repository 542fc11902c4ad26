from itertools import pairwise

import numpy as np
import pytest

from tinylm_tui.engine.tokenizer import BOUNDARY, CharTokenizer
from tinylm_tui.lab.errors import LabError, SettingError
from tinylm_tui.lab.writing import Request, clamped, prompt_ids, write

from .conftest import new_run


@pytest.fixture(scope="module")
def trained():
    run = new_run()
    for _ in range(300):
        run.train_step()
    return run


def written(run, **request):
    return write(run.params, run.corpus.tokenizer, Request(**request))


def test_the_same_request_gives_the_same_texts_and_another_seed_others(trained):
    assert written(trained, seed=1) == written(trained, seed=1) != written(trained, seed=2)


def test_a_text_does_not_depend_on_how_many_are_asked_for(trained):
    assert written(trained, count=3) == written(trained, count=8)[:3]


def test_the_texts_of_one_request_have_dice_of_their_own(trained):
    assert len({sample.ids for sample in written(trained, count=10)}) > 1


def test_writing_changes_neither_the_weights_nor_how_training_goes_on(trained):
    weights, dice = trained.params.flat.copy(), trained.learner.batches.bit_generator.state
    written(trained)
    assert np.array_equal(trained.params.flat, weights)
    assert trained.learner.batches.bit_generator.state == dice


def test_texts_begin_at_the_boundary_or_with_the_prompt(trained):
    plain, prompted = written(trained)[0], written(trained, prompt="be")[0]
    assert (plain.ids[0], plain.given) == (BOUNDARY, 1)
    assert trained.corpus.tokenizer.decode(prompted.ids[:3]) == "be"
    assert prompted.given == 3


def test_greedy_texts_are_all_alike(trained):
    assert len({sample.ids for sample in written(trained, temperature=0, count=5)}) == 1


def test_a_trained_model_writes_only_pairs_it_has_seen_when_it_is_cool(trained):
    for sample in written(trained, count=30, temperature=0.3):
        assert all(trained.corpus.counts[a, b] for a, b in pairwise(sample.ids))


def test_a_prompt_with_unknown_letters_is_refused_by_their_names(trained):
    with pytest.raises(LabError, match=r"never seen x, U\+001B;"):
        written(trained, prompt="anxa\x1b")


def test_letters_that_nobody_sees_are_named_in_words():
    tokenizer = CharTokenizer.of("a")
    for prompt, named in [(" ", "the blank"), ("\n", "the line end"), ("\u00a0", r"U\+00A0"), ("\u202e", r"U\+202E")]:
        with pytest.raises(LabError, match=f"^the model has never seen {named}; use characters of its text$"):
            prompt_ids(tokenizer, prompt)


@pytest.mark.parametrize("temperature", [-1, 101, float("nan"), float("inf")])
def test_an_impossible_temperature_is_refused(trained, temperature):
    with pytest.raises(SettingError, match="temperature takes a number from 0 to 100"):
        written(trained, temperature=temperature)


def test_an_empty_prompt_is_no_letters(trained):
    assert prompt_ids(trained.corpus.tokenizer, "") == []


def test_only_what_the_strategy_keeps_is_written(trained):
    for sample in written(trained, count=20, top_k=2):
        for n in range(sample.given, len(sample.ids)):
            row = trained.params["W"][sample.ids[n - 1]]
            assert row[sample.ids[n]] >= np.sort(row)[-2]
    assert written(trained, count=20, top_k=2) != written(trained, count=20)


def test_one_token_kept_is_greedy_however_it_is_said(trained):
    greedy = [sample.ids for sample in written(trained, temperature=0, count=3)]
    assert [sample.ids for sample in written(trained, top_k=1, count=3)] == greedy
    assert [sample.ids for sample in written(trained, top_p=0.0, count=3)] == greedy


@pytest.mark.parametrize("choice", [{"top_k": -1}, {"top_p": 1.5}, {"top_p": float("nan")}])
def test_a_strategy_that_means_nothing_is_refused(trained, choice):
    with pytest.raises(SettingError, match="top-"):
        written(trained, **choice)


def test_a_request_is_brought_into_range_with_a_sentence_for_each_change():
    wanted = Request(3, 7, -1, "an", 5, 99, 2)
    request, said = clamped(wanted, 7)
    assert request == Request(3, 7, 0, "an", 5, 7, 1)
    assert len(said) == 3
    assert clamped(request, 7) == (request, [])
