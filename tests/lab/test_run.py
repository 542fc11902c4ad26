import math
from itertools import pairwise

import numpy as np
import pytest

from tinylm_tui.engine.softmax import softmax
from tinylm_tui.engine.tokenizer import BOUNDARY
from tinylm_tui.lab import headless
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.errors import Diverged, LabError, SettingError, TextError
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings

from .conftest import TEXT, new_run

RANDOM = {"start": "random", "seed": 4, "batch": 8, "learn_rate": 1.0}


def trained(steps=20, **choices):
    run = new_run(**choices)
    for _ in range(steps):
        run.train_step()
    return run


def bits(run):
    return run.params.flat.tobytes()


def test_a_run_begins_at_step_zero_with_the_loss_of_knowing_nothing(run):
    assert run.step == 0
    assert run.loss() == run.start_loss == pytest.approx(run.corpus.uniform, rel=1e-6)


def test_the_loss_falls_with_every_step_towards_the_floor(run):
    losses = [run.loss()]
    for _ in range(50):
        run.train_step()
        losses.append(run.loss())
    assert all(after < before for before, after in pairwise(losses))
    assert losses[-1] > run.corpus.floor


def test_the_curve_holds_the_loss_before_each_step(run):
    losses = []
    for _ in range(5):
        losses.append(run.loss())
        run.train_step()
    curve = run.history["loss"].curve()
    assert curve.steps.tolist() == [0, 1, 2, 3, 4]
    assert curve.low.tolist() == curve.high.tolist() == losses


def test_one_seed_gives_one_run():
    assert bits(trained(**RANDOM)) == bits(trained(**RANDOM))


@pytest.mark.parametrize("other", [{"seed": 5}, {"batch": 9}, {"learn_rate": 1.1}, {"start": "zero"}])
def test_another_choice_gives_another_run(other):
    assert bits(trained(**RANDOM)) != bits(trained(**{**RANDOM, **other}))


def test_starting_over_gives_the_same_first_weights_and_the_same_run_again():
    run = new_run(**RANDOM)
    first = bits(run)
    for _ in range(20):
        run.train_step()
    last = bits(run)
    run.restart()
    assert (run.step, bits(run), len(run.history["batch"].curve())) == (0, first, 0)
    for _ in range(20):
        run.train_step()
    assert bits(run) == last


def test_batches_learn_too_and_have_a_curve_of_their_own():
    run = trained(200, batch=16, learn_rate=1.0)
    assert run.loss() < run.start_loss - 0.2
    assert len(run.history["batch"].curve()) == len(run.history["loss"].curve()) == 200


def test_the_mean_of_many_batches_is_the_full_gradient():
    run = trained(5, batch=64)
    from tinylm_tui.engine.bigram import full_batch

    mean = np.mean([run.learner._batch()[1].flat for _ in range(2000)], axis=0)
    assert mean == pytest.approx(full_batch(run.params, run.learner.shares)[1].flat, abs=2e-3)


def test_a_learn_rate_of_zero_stays_where_it_is():
    run = trained(5, learn_rate=0.0)
    assert not run.params.flat.any()
    assert run.step == 5


def test_a_step_that_explodes_is_taken_back_exactly():
    run = trained(10)
    good, step = bits(run), run.step
    run.change("learn_rate", "1e6")
    run.train_step()
    assert bits(run) != good
    with pytest.raises(Diverged, match=r"step 11 made the loss jump to .* The learn rate is 1000000: try 20\."):
        run.train_step()
    assert (bits(run), run.step) == (good, step)


def test_after_an_explosion_a_smaller_rate_goes_on_learning():
    run = trained(1, learn_rate=1e6)
    with pytest.raises(Diverged):
        run.check()
    run.change("learn_rate", "20")
    for _ in range(50):
        run.train_step()
    assert run.loss() < run.start_loss
    assert np.isfinite(run.params.flat).all()


@pytest.mark.parametrize("rate", [1e3, 1e6])
def test_the_weights_are_finite_after_any_explosion(rate):
    run = new_run(learn_rate=rate)
    with pytest.raises(Diverged):
        list(headless.train(run, 100))
    assert math.isfinite(run.loss())


def test_a_run_that_learns_is_not_called_an_explosion():
    trained(300, start="random", learn_rate=5.0)


def test_changing_the_learn_rate_keeps_the_weights():
    run = trained(3)
    before = bits(run)
    assert run.change("learn_rate", "0.5") is False
    assert (bits(run), run.step, run.settings.learn_rate) == (before, 3, 0.5)


@pytest.mark.parametrize(("name", "value"), [("start", "random"), ("seed", "9"), ("reading", "text")])
def test_a_change_that_needs_other_weights_starts_over(name, value):
    run = trained(3)
    assert run.change(name, value) is True
    assert run.step == 0


def test_setting_what_is_set_already_does_not_start_over():
    run = trained(3)
    assert run.change("seed", "0") is False
    assert run.change("reading", "auto") is False
    assert run.step == 3


def test_another_reading_cuts_the_text_anew_and_the_weights_fit_it():
    run = trained(3)
    run.change("reading", "text")
    assert run.corpus.reading == "text"
    assert "\n" in run.corpus.tokenizer.letters
    assert run.params["W"].shape == run.corpus.counts.shape


def test_the_weights_fit_also_where_a_starter_text_brought_its_own_reading():
    run = Run(make_corpus("lines", "a b\nc d\n", "lines"), Settings())
    assert run.change("reading", "auto") is True  # the setting was "auto" before; the text was not
    assert run.corpus.reading == "text"
    assert run.params["W"].shape == run.corpus.counts.shape
    run.train_step()


def test_a_refused_change_changes_nothing():
    run = trained(3)
    before = (bits(run), run.step, run.settings)
    with pytest.raises(SettingError):
        run.change("learn_rate", "nan")
    assert (bits(run), run.step, run.settings) == before


def test_teaching_keeps_every_old_score_at_its_letters_place():
    run = trained(20)
    old, W = run.corpus.tokenizer, run.params["W"].copy()
    assert run.teach("adam\nömer") == "dmrö"
    new = run.corpus.tokenizer
    for a in ("", *old.letters):
        for b in ("", *old.letters):
            kept = run.params["W"][place(new, a), place(new, b)]
            assert kept == W[place(old, a), place(old, b)]


def place(tokenizer, letter):
    return int(tokenizer.encode(letter)[0]) if letter else BOUNDARY


def test_the_rows_and_columns_of_new_letters_start_at_zero():
    run = trained(20)
    run.teach("adam")
    d = place(run.corpus.tokenizer, "d")
    assert not run.params["W"][d].any()
    assert not run.params["W"][:, d].any()


def test_moving_scores_to_wrong_places_would_be_noticed():
    run, larger = trained(20), make_corpus("more", TEXT + "adam\n")
    moved = run.learner.grown(larger)["W"]
    assert not np.array_equal(moved[: run.corpus.size, : run.corpus.size], run.params["W"])


def test_teaching_appends_and_goes_on_training():
    run = trained(20)
    run.teach("  adam \n")
    assert run.corpus.text == TEXT + "adam\n"
    assert (run.step, run.corpus.words) == (20, 8)
    before = run.loss()
    run.train_step()
    assert run.loss() < before


def test_teaching_a_running_text_goes_on_after_a_blank():
    run = new_run("the dog\n")
    run.teach("and a cat")
    assert run.corpus.text == "the dog and a cat\n"


@pytest.mark.parametrize("words", ["", " \n"])
def test_teaching_nothing_is_refused(words):
    run = trained(3)
    with pytest.raises(TextError, match="nothing to teach"):
        run.teach(words)


def test_teaching_too_many_letters_changes_nothing():
    run = trained(3)
    before = (run.corpus, bits(run))
    with pytest.raises(TextError, match="different characters"):
        run.teach("".join(chr(0x4E00 + i) for i in range(2_001)))
    assert (run.corpus, bits(run)) == before


def test_a_nudge_moves_one_score_and_tells_the_probability_before_and_after():
    run = trained(3)
    W = run.params["W"].copy()
    before, after = run.nudge(1, 2, 0.5)
    W[1, 2] += 0.5
    assert np.array_equal(run.params["W"], W)
    assert before < after == softmax(W[1])[2]


@pytest.mark.parametrize(
    ("current", "following", "amount"),
    [(99, 0, 1.0), (0, -1, 1.0), (0, 0, math.nan), (0, 0, math.inf), (0, 0, 1e39)],
)
def test_an_impossible_nudge_changes_nothing(current, following, amount):
    run = trained(3)
    before = bits(run)
    with pytest.raises(LabError):
        run.nudge(current, following, amount)
    assert bits(run) == before


def test_a_nudge_that_makes_the_loss_jump_is_not_taken_for_an_explosion():
    run = trained(3)
    run.nudge(0, 1, -900.0)
    nudged = bits(run)
    run.check()
    assert bits(run) == nudged


def test_words_that_the_model_could_not_have_begun_with_are_refused_and_nothing_is_changed():
    corpus = make_corpus("words", "abcdefghijklmnopqrstuvwxyz" * 2 + "\nab\nc\n", "words")
    sizes = {"context": 30, "width": 4, "heads": 1, "layers": 1, "batch": 2}
    run = Run(corpus, Settings(model="gpt", held_out=0.4, seed=9, **sizes))
    before = run.learner, bits(run), run.start_loss
    with pytest.raises(TextError, match="a context of 30 needs 31 tokens"):
        run.teach("x")
    assert run.corpus is corpus
    assert (run.learner, bits(run), run.start_loss) == before
    run.train_step()


@pytest.mark.parametrize("model", ["average", "mlp", "gpt"])
def test_an_update_that_leaves_no_numbers_behind_is_found_at_once_although_no_batch_was_seen_since(model):
    run = new_run(TEXT * 4, model=model, batch=4, context=3, width=4, heads=1, threads="one")
    run.train_step()
    before = bits(run)
    run.check()
    run.train_step()
    run.params.flat[0] = np.inf
    with pytest.raises(Diverged, match="beyond all measure"):
        run.check()
    assert np.isfinite(run.params.flat).all()
    assert run.step == (1 if model == "gpt" else 0)  # small batches go back further than one step
    assert model != "gpt" or bits(run) == before  # the window models go back further where batches are small
