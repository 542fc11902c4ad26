"""The average and the mlp on a text: what they learn from, that going on is exact, and what they refuse."""

import math
import re

import numpy as np
import pytest

from tinylm_tui.engine.examples import Examples
from tinylm_tui.engine.softmax import cross_entropy
from tinylm_tui.engine.window_floors import unordered_floor
from tinylm_tui.lab import store
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import Cut
from tinylm_tui.lab.errors import Diverged, SettingError, TextError
from tinylm_tui.lab.learners.epochs import Epochs
from tinylm_tui.lab.learners.recent import JUDGED, Recent
from tinylm_tui.lab.learners.window_models import MLP, Average
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import parse_pairs
from tinylm_tui.lab.starters import starter

BOTH = pytest.mark.parametrize("model", ["average", "mlp"])


def small_run(model, *pairs, text=None, name="names", cut="characters"):
    settings = parse_pairs([f"model={model}", *pairs])
    reading = "text" if text else starter(name).reading
    return Run(make_corpus(name, text or starter(name).text(), reading, Cut(cut)), settings)


def train(run, steps):
    for _ in range(steps):
        run.train_step()
    return run


def trained(model, steps, *pairs, **more):
    return train(small_run(model, *pairs, **more), steps)


@BOTH
def test_it_starts_near_knowing_nothing_and_learns(model):
    run = small_run(model)
    assert run.start_loss == pytest.approx(math.log(27), abs=0.02)
    train(run, 2000)
    assert run.learner.evaluate(run.learner.train) < 2.8
    assert run.learner.held_out_loss(whole=True) < 2.9
    assert run.learner.evaluate(run.learner.train) > run.floor


def test_the_average_has_1728_weights_in_the_alphabet_and_no_way_below_its_floor():
    run = small_run("average", "held_out=0", text="the cat sat on the mat", cut="alphabet")
    assert run.params.count == 1728
    assert run.learner.examples.count == 17
    assert run.floor == pytest.approx(2 * math.log(2) / 17)
    train(run, 17 * 400)
    assert run.floor < run.learner.evaluate(run.learner.train) < run.floor + 0.05


def test_the_mlp_learns_what_the_average_cannot():
    run = small_run("mlp", "held_out=0", "context=5", text="the cat sat on the mat", cut="alphabet")
    train(run, 400)
    assert run.floor == 0
    assert run.learner.evaluate(run.learner.train) < 2 * math.log(2) / 17 / 2


@BOTH
def test_one_seed_gives_one_run_and_another_seed_another(model):
    first, again, other = trained(model, 10), trained(model, 10), trained(model, 10, "seed=1")
    assert np.array_equal(first.params.flat, again.params.flat)
    assert not np.array_equal(first.params.flat, other.params.flat)


@BOTH
@pytest.mark.parametrize("batch", [1, 64, 1500])
def test_going_on_from_a_file_is_exact(tmp_path, model, batch):
    whole, cut = trained(model, 30, f"batch={batch}"), trained(model, 17, f"batch={batch}")
    store.save(cut, tmp_path / "cut.safetensors")
    resumed = train(store.load(tmp_path / "cut.safetensors"), 13)
    assert np.array_equal(resumed.params.flat, whole.params.flat)
    assert resumed.loss() == whole.loss()
    assert resumed.learner.epoch == whole.learner.epoch
    assert resumed.learner.held_out_loss() == whole.learner.held_out_loss()


def test_forgetting_the_place_in_the_epoch_would_be_noticed(tmp_path):
    whole, cut = trained("average", 30), trained("average", 17)
    store.save(cut, tmp_path / "cut.safetensors")
    resumed = store.load(tmp_path / "cut.safetensors")
    resumed.learner.epochs.go_to(0, 0)
    assert not np.array_equal(train(resumed, 13).params.flat, whole.params.flat)


@pytest.mark.parametrize("forgotten", ["mean", "square", "steps"])
def test_forgetting_one_part_of_the_optimizer_would_be_noticed(tmp_path, forgotten):
    whole, cut = trained("mlp", 30), trained("mlp", 17)
    store.save(cut, tmp_path / "cut.safetensors")
    resumed = store.load(tmp_path / "cut.safetensors")
    moments = resumed.learner.moments
    setattr(moments, forgotten, 0 if forgotten == "steps" else np.zeros_like(moments.mean))
    assert not np.array_equal(train(resumed, 13).params.flat, whole.params.flat)


@BOTH
@pytest.mark.parametrize("name", ["names", "story"])
@pytest.mark.parametrize("cut", ["characters", "alphabet"])
def test_a_run_that_was_taught_goes_on_from_its_file_exactly(tmp_path, model, name, cut):
    runs = [small_run(model, name=name, cut=cut) for _ in range(2)]
    for run in runs:
        train(run, 5)
        run.teach("ünü zyx")
        train(run, 3)
    store.save(runs[0], tmp_path / "taught.safetensors")
    resumed = train(store.load(tmp_path / "taught.safetensors"), 40)
    assert np.array_equal(resumed.params.flat, train(runs[1], 40).params.flat)


@BOTH
def test_teaching_keeps_the_weights_of_the_old_letters_at_their_new_places(model):
    run = trained(model, 5)
    old, before = run.corpus.tokenizer, run.params.copy()
    assert run.teach("äné") == "äé"
    places = old.places_in(run.corpus.tokenizer)
    assert np.array_equal(run.params["embedding"][places], before["embedding"])
    name = "output" if model == "average" else "output.w"
    assert np.array_equal(run.params[name][:, places], before[name])
    run.train_step()


def test_teaching_keeps_what_adamw_remembers_of_old_letters():
    run = trained("mlp", 5)
    before = run.learner.moments
    run.teach("zyx")
    assert np.array_equal(run.learner.moments.mean, before.mean)
    assert run.learner.moments.steps == 5


@BOTH
def test_what_was_held_out_stays_held_out_and_what_is_taught_is_learnt_from(model):
    run = trained(model, 5)
    decode = lambda stream: run.corpus.tokenizer.decode_units(stream)  # noqa: E731
    held = decode(run.learner.held)
    run.teach("ünü zyx")
    assert decode(run.learner.held) == held
    assert {"ünü", "zyx"} <= set(decode(run.learner.train))
    assert run.learner.epoch == int(run.learner.epoch) > 0


@BOTH
def test_a_learner_counts_every_example_when_it_evaluates(model):
    learner = trained(model, 200).learner
    examples = Examples.of(learner.train, learner.settings.context, bounded=True)
    inputs, targets = examples.take(np.arange(examples.count))
    at_once = cross_entropy(learner.model.logits(learner.params, inputs), targets)[0]
    assert learner.evaluate(learner.train) == pytest.approx(at_once, rel=1e-5)
    assert learner.evaluate(learner.train) != pytest.approx(learner.evaluate(learner.train[:100]), rel=1e-3)
    assert math.isnan(learner.evaluate(learner.train[:1]))


@BOTH
def test_without_a_held_out_part_there_is_no_loss_of_it(model):
    run = trained(model, 60, "held_out=0")
    assert run.learner.held_out_loss() is run.learner.held_out_loss(whole=True) is None
    assert len(run.history["held_out"].curve()) == 0


@BOTH
def test_no_more_examples_are_looked_at_than_were_learnt_from(model):
    one_by_one, together = trained(model, 200, "batch=1"), trained(model, 200, "batch=64")
    assert len(one_by_one.history["held_out"].curve()) == 1
    assert len(together.history["held_out"].curve()) == 4


def numbers(count, batch, steps, seed=0, start=(0, 0), ahead=7):
    """The numbers of the examples that `steps` batches see, and how often all have been seen."""
    epochs = Epochs(count, seed, lambda numbers: (numbers[:, None], numbers), ahead)
    epochs.go_to(*start)
    seen = [epochs.next(batch) for _ in range(steps)]
    assert all(np.array_equal(inputs[:, 0], targets) and len(targets) == batch for inputs, targets in seen)
    return np.concatenate([targets for _, targets in seen]).tolist(), epochs.gone_through


@pytest.mark.parametrize(("count", "batch"), [(10, 1), (10, 3), (10, 10), (3, 10), (1, 4), (100, 8)])
def test_each_epoch_sees_every_example_once_in_an_order_of_its_own(count, batch):
    seen, gone_through = numbers(count, batch, 40)
    assert gone_through == pytest.approx(40 * batch / count)
    whole = [seen[i : i + count] for i in range(0, len(seen) - count + 1, count)]
    assert all(sorted(epoch) == list(range(count)) for epoch in whole)
    if count == 10:
        assert whole[0] != whole[1]


def test_how_many_are_made_ahead_and_where_one_begins_changes_nothing():
    seen, _ = numbers(10, 3, 20)
    assert numbers(10, 3, 20, ahead=1000)[0] == seen
    assert numbers(10, 3, 13, start=(2, 1))[0] == seen[21:]
    assert numbers(10, 3, 20, seed=1)[0] != seen


@pytest.mark.parametrize("start", [(0, 10), (0, -1), (-1, 0)])
def test_a_place_that_no_epoch_has_is_refused(start):
    with pytest.raises(ValueError, match="an epoch of 10 examples"):
        numbers(10, 1, 1, start=start)


def test_single_examples_are_judged_by_a_running_mean_and_batches_by_their_own():
    one, many = Recent(1, 3.0), Recent(JUDGED, 3.0)
    assert one.judged(35.0) == pytest.approx(4.0)
    assert many.judged(35.0) == 35.0
    for _ in range(500):
        one.add(2.0)
    assert one.running == pytest.approx(2.0, abs=1e-3)
    assert one.mean == 2.0


def test_one_surprise_is_no_explosion_but_a_learn_rate_far_too_large_is():
    run = trained("average", 3000, "learn_rate=0.5")
    run.change("learn_rate", "300")
    with pytest.raises(Diverged, match="The learn rate is 300"):
        train(run, 1000)
    assert np.isfinite(run.params.flat).all()
    run.change("learn_rate", "0.05")
    train(run, 100)


def test_the_mlp_goes_back_too():
    run = trained("mlp", 5)
    run.change("learn_rate", "1000")
    with pytest.raises(Diverged, match="The learn rate is 1000"):
        train(run, 50)
    assert np.isfinite(run.params.flat).all()


@BOTH
def test_another_batch_goes_on_without_starting_over(model):
    run = trained(model, 5, "batch=4")
    assert not run.change("batch", "9")
    train(run, 2)
    assert run.step == 7
    assert run.learner.epoch == pytest.approx((5 * 4 + 2 * 9) / run.learner.examples.count)


@BOTH
def test_sizes_that_do_not_fit_change_nothing(model):
    run = trained(model, 5)
    before = run.params.flat.copy()
    with pytest.raises(SettingError, match="batch takes a number from 1 up"):
        run.change("batch", "0")
    with pytest.raises(SettingError, match="GB to train"):
        run.configure([("width", "1024"), ("context", "1024"), ("hidden", "4096"), ("batch", "65536")])
    assert run.step == 5
    assert np.array_equal(run.params.flat, before)


@BOTH
def test_in_the_alphabet_a_text_shorter_than_the_window_is_refused_with_what_would_do(model):
    with pytest.raises(TextError, match="a context of 9 needs 10 tokens to learn from, and the text has 7"):
        small_run(model, "context=9", "held_out=0", text="the cat", cut="alphabet")


@BOTH
def test_with_boundaries_any_text_will_do(model):
    run = trained(model, 30, "held_out=0", text="a")
    assert run.loss() < run.start_loss


@BOTH
def test_writing_sees_the_last_tokens_and_starts_afresh_after_a_boundary(model):
    learner = trained(model, 50, "context=4").learner
    next_logits = learner.next_logits()
    assert next_logits([[0, 1, 2]]) == pytest.approx(learner.model.logits(learner.params, np.array([[0, 0, 1, 2]])))
    assert next_logits([[9, 9, 1, 2, 3, 4]]) == pytest.approx(next_logits([[8, 1, 2, 3, 4]]))
    assert next_logits([[5, 0, 3]]) == pytest.approx(next_logits([[3]]))
    assert next_logits([[5, 0, 3]]) != pytest.approx(next_logits([[5, 3]]))
    assert next_logits([[1], [2, 3]]).shape == (2, 27)


def test_the_floor_is_that_of_what_is_learnt_from_and_is_not_looked_for_in_too_long_a_text(monkeypatch):
    run = small_run("average")
    assert run.floor == unordered_floor(Examples.of(run.learner.train, 5, bounded=True), 27)
    monkeypatch.setattr("tinylm_tui.lab.learners.window_models.MOST_READ", 100)
    assert small_run("average").floor is None


def test_the_sizes_of_a_model_are_known_before_it_is_made():
    average = Average(parse_pairs(["model=average"]), 27)
    mlp = MLP(parse_pairs(["model=mlp"]), 203)
    assert (average.weights, mlp.weights) == (1728, 20_003)
    assert average.memory < mlp.memory < 10**7


def figures(run):
    """What the screens show of a run, and where it is in its text."""
    learner, curves = run.learner, {name: history.curve() for name, history in run.history.items()}
    shown = {name: (c.steps.tolist(), c.low.tolist(), c.high.tolist()) for name, c in curves.items()}
    return run.step, run.loss(), learner.epoch, learner.held_out_loss(), run.turned, shown, learner.batches_shown


@BOTH
@pytest.mark.parametrize("before", [10, 64, 130, 300])
def test_steps_of_small_batches_that_are_taken_back_are_taken_back_whole(model, before):
    run = trained(model, before, "batch=1", "learn_rate=0.002", "held_out=0.2", "warmup=0")
    run.change("learn_rate", "1e6")
    with pytest.raises(Diverged) as raised:
        train(run, 300)
    again = trained(model, run.step, "batch=1", "learn_rate=0.002", "held_out=0.2", "warmup=0")
    assert run.params.flat.tobytes() == again.params.flat.tobytes()
    assert figures(run) == figures(again)
    first, last = map(int, re.search(r"steps ([\d,]+) to ([\d,]+) were taken back", str(raised.value)).groups())
    assert first == run.step + 1
    assert run.step <= before < last
    assert before - run.step < 128
    assert run.step % 64 == 0  # a control: these are no weights of just before


def test_going_on_after_that_is_going_on_from_there():
    def learnt(run):
        run.change("learn_rate", "0.02")
        train(run, 80)
        return run.params.flat.tobytes(), figures(run)

    run, again = (trained("average", 200, "learn_rate=0.05", "held_out=0.2") for _ in range(2))
    run.change("learn_rate", "1e6")
    with pytest.raises(Diverged):
        train(run, 300)
    undisturbed = trained("average", run.step, "learn_rate=0.05", "held_out=0.2")
    assert learnt(run) == learnt(undisturbed)
    assert learnt(again) != learnt(run)


def test_a_large_batch_is_still_taken_back_by_one_step():
    run = trained("average", 40, "batch=64", "learn_rate=0.5")
    run.change("learn_rate", "1e6")
    with pytest.raises(Diverged, match=r"step 41 made the loss jump to .*, so it was taken back"):
        train(run, 10)
    assert run.step == 40
