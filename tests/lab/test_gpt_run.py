import math

import numpy as np
import pytest

from tinylm_tui.engine.tokenizer import BOUNDARY
from tinylm_tui.lab import store
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.errors import Diverged, LabError, SettingError, TextError
from tinylm_tui.lab.learners.adam import schedule_of
from tinylm_tui.lab.learners.units import joined, split
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import parse_pairs
from tinylm_tui.lab.starters import starter
from tinylm_tui.lab.writing import Request, write

SMALL = ["model=gpt", "layers=1", "heads=2", "width=16", "context=8", "batch=4", "threads=one"]


def small_run(*pairs, name="names"):
    settings = parse_pairs([*SMALL, *pairs])
    return Run(make_corpus(name, starter(name).text(), starter(name).reading), settings)


def trained(steps, *pairs):
    return train(small_run(*pairs), steps)


def train(run, steps):
    for _ in range(steps):
        run.train_step()
    return run


def test_it_starts_near_knowing_nothing():
    run = small_run()
    assert run.start_loss == pytest.approx(math.log(27), abs=0.05)


def test_it_learns_what_a_bigram_cannot():
    run = trained(1500, "learn_rate=0.01", "width=32", "batch=16")
    assert run.learner.held_out_loss() < run.corpus.floor + 0.15
    assert run.floor is None


def test_one_seed_gives_one_run_and_another_seed_another():
    first, again, other = trained(10), trained(10), trained(10, "seed=1")
    assert np.array_equal(first.params.flat, again.params.flat)
    assert not np.array_equal(first.params.flat, other.params.flat)


def test_going_on_from_a_file_is_exact(tmp_path):
    whole, cut = trained(30), trained(17)
    store.save(cut, tmp_path / "cut.safetensors")
    resumed = store.load(tmp_path / "cut.safetensors")
    train(resumed, 13)
    assert np.array_equal(resumed.params.flat, whole.params.flat)
    assert resumed.loss() == whole.loss()


@pytest.mark.parametrize("forgotten", ["mean", "square", "steps"])
def test_forgetting_one_part_of_the_optimizer_would_be_noticed(tmp_path, forgotten):
    whole, cut = trained(30), trained(17)
    store.save(cut, tmp_path / "cut.safetensors")
    resumed = store.load(tmp_path / "cut.safetensors")
    moments = resumed.learner.moments
    setattr(moments, forgotten, 0 if forgotten == "steps" else np.zeros_like(moments.mean))
    train(resumed, 13)
    assert not np.array_equal(resumed.params.flat, whole.params.flat)


def test_one_core_and_two_give_the_same_to_rounding():
    one, two = trained(10), trained(10, "threads=two")
    assert two.learner.cores.halved
    assert two.params.flat == pytest.approx(one.params.flat, abs=1e-5)


def test_measuring_the_cores_changes_nothing_that_is_learnt():
    measured, told = trained(3, "threads=auto"), trained(3, "threads=one")
    assert measured.learner.cores.halved is not None
    assert measured.params.flat == pytest.approx(told.params.flat, abs=1e-5)


def test_a_run_that_explodes_goes_back_to_its_last_good_weights():
    run = trained(5)
    run.change("learn_rate", "1000")
    with pytest.raises(Diverged, match=r"The learn rate is 1000: try 0\.005"):
        train(run, 50)
    assert np.isfinite(run.params.flat).all()
    assert run.loss() < 2 * run.corpus.uniform


def test_teaching_keeps_the_weights_of_the_old_letters():
    run = trained(5)
    before = run.params["embedding.token"].copy()
    assert run.teach("ünü") == "ü"
    assert np.array_equal(run.params["embedding.token"][: len(before)], before)
    run.train_step()


def test_what_was_held_out_stays_held_out_when_the_model_is_taught():
    run = trained(5)
    held = run.corpus.tokenizer.decode_units(run.learner.held)
    run.teach("ünü zyx")
    assert run.corpus.tokenizer.decode_units(run.learner.held) == held
    assert {"ünü", "zyx"} <= set(run.corpus.tokenizer.decode_units(run.learner.train))
    assert len(run.learner.train) + len(run.learner.held) == len(run.corpus.ids) + 1


def test_teaching_leaves_the_optimizers_memory_of_old_letters():
    run = trained(5)
    before = run.learner.moments
    run.teach("zyx")
    assert np.array_equal(run.learner.moments.mean, before.mean)
    assert run.learner.moments.steps == 5


@pytest.mark.parametrize("name", ["names", "story"])
def test_a_run_that_was_taught_goes_on_from_its_file_exactly(tmp_path, name):
    runs = [small_run(name=name), small_run(name=name)]
    for run in runs:
        train(run, 5)
        run.teach("ünü zyx")
        train(run, 3)
    store.save(runs[0], tmp_path / "taught.safetensors")
    resumed = store.load(tmp_path / "taught.safetensors")
    train(resumed, 40)
    train(runs[1], 40)
    assert np.array_equal(resumed.params.flat, runs[1].params.flat)


def test_each_pass_over_the_words_has_another_order():
    run = small_run("batch=64", "context=16")
    first = run.learner.train.copy()
    train(run, 20)
    assert sorted(first) == sorted(run.learner.train)
    assert not np.array_equal(first, run.learner.train)


def test_sizes_that_do_not_fit_change_nothing():
    run = trained(5)
    before = run.params.flat.copy()
    with pytest.raises(SettingError, match="heads must divide width"):
        run.change("heads", "3")
    with pytest.raises(SettingError, match="would take about"):
        run.configure([("width", "1024"), ("layers", "24"), ("context", "1024"), ("batch", "4096")])
    with pytest.raises(SettingError, match="batch takes a number from 1 up"):
        run.change("batch", "0")
    assert (run.step, run.settings.heads, run.settings.batch) == (5, 2, 4)
    assert np.array_equal(run.params.flat, before)


def test_a_text_shorter_than_the_context_is_refused_with_what_would_do():
    with pytest.raises(TextError, match="a smaller context or more text would do"):
        Run(make_corpus("short", "ab"), parse_pairs(SMALL))


def test_another_batch_goes_on_without_starting_over():
    run = trained(5)
    assert not run.change("batch", "9")
    run.train_step()
    assert run.step == 6


def test_feedback_and_nudges_are_refused_in_words():
    run = trained(1)
    with pytest.raises(LabError, match="the model now is a gpt"):
        run.nudge(0, 0, 0.5)


def test_the_held_out_part_is_whole_words_and_both_parts_together_are_the_text():
    corpus = make_corpus("names", starter("names").text())
    units, held = split(corpus.ids, 0.1, np.random.default_rng(0), running=False)
    learnt, decode = joined(units), corpus.tokenizer.decode_units
    assert sorted(decode(learnt) + decode(held)) == sorted(decode(corpus.ids))
    assert len(decode(held)) == pytest.approx(0.1 * corpus.words, abs=1)
    assert learnt[0] == learnt[-1] == held[0] == held[-1] == BOUNDARY


def test_of_one_running_text_the_end_is_held_out():
    corpus = make_corpus("story", starter("story").text(), "text")
    (learnt,), held = split(corpus.ids, 0.1, np.random.default_rng(0), running=True)
    assert np.array_equal(np.concatenate((learnt, held)), corpus.ids)


def test_the_learn_rate_warms_up_and_decays_to_where_it_is_told():
    schedule = schedule_of(parse_pairs(["model=gpt", "warmup=10", "learn_rate=1", "decay_to=0.1", "decay_steps=100"]))
    rates = [schedule.learn_rate(step) for step in range(120)]
    assert rates[:10] == sorted(rates[:10])
    assert max(rates) == pytest.approx(1)
    assert rates[100:] == pytest.approx([0.1] * 20)


def test_it_writes_with_the_letters_it_knows_and_the_same_again_from_the_same_dice():
    run = trained(20)
    request = Request(count=5, length=12, prompt="an")
    samples = write(run.params, run.corpus.tokenizer, request, run.settings)
    again = write(run.params, run.corpus.tokenizer, request, run.settings)
    assert samples == again
    assert all(sample.ids[:3] == samples[0].ids[:3] for sample in samples)
