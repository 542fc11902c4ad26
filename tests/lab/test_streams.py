"""What is learnt from and what is kept to check on, for every model."""

import numpy as np
import pytest

from tinylm_tui.engine.counts import conditional_entropy, pair_counts
from tinylm_tui.lab import headless, store
from tinylm_tui.lab.ablation import measured_of
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.errors import TextError
from tinylm_tui.lab.headless import fresh_run
from tinylm_tui.lab.history import CAPACITY, History, Lowest
from tinylm_tui.lab.ladder import Ladder
from tinylm_tui.lab.learners import streams as streams_module
from tinylm_tui.lab.learners.streams import LEAST_HELD, Streams
from tinylm_tui.lab.planning import tokens_to_learn_from
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings, parse_pairs
from tinylm_tui.lab.starters import starter
from tinylm_tui.lab.trainer import Trainer

SMALL = ["context=4", "width=8", "held_out=0.2", "threads=one"]


def run_of(model, *pairs):
    return fresh_run("names", [f"model={model}", *([] if model == "bigram" else SMALL), "held_out=0.2", *pairs])


@pytest.mark.parametrize("model", ["bigram", "gpt"])
def test_every_model_keeps_the_same_words_apart_for_the_same_seed(model):
    words = run_of(model, "seed=5").learner
    other = run_of("bigram", "seed=6").learner
    reference = Streams(words.corpus, Settings(seed=5, held_out=0.2))
    assert np.array_equal(words.held, reference.held)
    assert not np.array_equal(words.held, other.held)


def test_a_bigram_learns_only_from_what_is_not_kept_apart():
    run = run_of("bigram")
    assert np.array_equal(run.learner.counts, pair_counts(run.learner.train, run.corpus.size))
    assert run.learner.counts.sum() < run.corpus.pairs
    assert run.floor == conditional_entropy(run.learner.counts)
    assert run.floor != run.corpus.floor


def test_a_bigrams_held_out_loss_is_measured_on_the_part_kept_apart():
    run = run_of("bigram")
    list(headless.train(run, 120))
    assert run.learner.held_out_loss() == pytest.approx(run.learner.evaluate(run.learner.held))
    assert run.learner.held_out_loss() > run.loss()
    assert len(run.history["held_out"].curve().steps) == 3


@pytest.mark.parametrize("model", ["bigram", "gpt"])
def test_taught_words_never_enter_the_part_kept_apart_and_a_file_keeps_that(model, tmp_path):
    run = run_of(model)
    before = run.corpus.tokenizer.decode_units(run.learner.held)
    run.teach("zyxzy ünü")
    assert run.corpus.tokenizer.decode_units(run.learner.held) == before
    assert {"zyxzy", "ünü"} <= set(run.corpus.tokenizer.decode_units(run.learner.train))
    store.save(run, tmp_path / "run.safetensors")
    again = store.load(tmp_path / "run.safetensors")
    assert np.array_equal(again.learner.held, run.learner.held)
    for one in (run, again):
        list(headless.train(one, 3))
    assert np.array_equal(again.params.flat, run.params.flat)


def test_of_a_text_in_the_alphabet_the_end_is_kept_apart_and_no_blank_is_added():
    corpus = make_corpus("s", "the cat sat on the mat", "text", parsed("tokenizer=alphabet"))
    streams = Streams(corpus, parse_pairs(["held_out=0.5"]))
    assert corpus.tokenizer.decode(streams.joined()) + corpus.tokenizer.decode(streams.held) == corpus.text


def parsed(*pairs):
    from tinylm_tui.lab.cutting import cut_of

    return cut_of(parse_pairs(list(pairs)))


def test_a_text_of_which_nothing_is_left_to_learn_from_is_refused():
    corpus = make_corpus("s", "ab", "text", parsed("tokenizer=alphabet"))
    assert len(Run(corpus, parse_pairs(["held_out=0.5"])).learner.train) == 2
    with pytest.raises(TextError, match="a smaller context"):
        Run(corpus, parse_pairs(["model=mlp", "context=4"]))


def test_the_step_where_the_held_out_loss_turned_is_known_once_it_has_risen():
    run = run_of("bigram")
    assert run.turned is None
    for step, loss in ((0, 3.0), (50, 2.0), (100, 1.5)):
        run.lowest.add(step, loss)
        assert run.turned is None
    for step, loss in ((150, 1.7), (200, 1.6), (250, 1.8)):
        assert run.turned is None
        run.lowest.add(step, loss)
    assert run.turned == 100


def test_the_lowest_held_out_loss_stays_at_its_step_when_the_curve_merges_its_points():
    history, lowest = History(), Lowest()
    for step in range(20 * CAPACITY):
        loss = 1.0 if step == 777 else 2.0
        history.add(step, loss)
        lowest.add(step, loss)
    curve = history.curve()
    assert int(curve.steps[curve.low.argmin()]) != 777  # the control: the curve alone does not know it any more
    assert lowest.turned == 777


def test_the_lowest_held_out_loss_is_saved_and_comes_back(tmp_path):
    run = run_of("bigram")
    run.step, run.lowest = 900, Lowest(777, 1.5, 3)
    store.save(run, tmp_path / "run.safetensors")
    assert store.load(tmp_path / "run.safetensors").lowest == Lowest(777, 1.5, 3)


def test_bits_per_character_spread_the_loss_over_the_characters():
    corpus = make_corpus("names", starter("names").text())
    assert corpus.characters_per_token == 1
    assert corpus.bits_per_character(np.log(2)) == pytest.approx(1)


THREE_LINES = "the cat sat\non the mat\nand ate a rat"  # 37 characters: a tenth of it is too little to measure
TINY = ("reading=text", "held_out=0.1", "threads=one", "context=4", "width=8")


def tiny_run(model):
    settings = parse_pairs([f"model={model}", *TINY[:2], *([] if model == "bigram" else TINY[3:])])
    return Run(make_corpus("mine", THREE_LINES, "text"), settings)


@pytest.mark.parametrize("model", ["bigram", "average", "mlp", "gpt"])
def test_a_part_too_small_to_be_measured_is_learnt_from_and_every_place_says_so(model):
    run = tiny_run(model)
    assert run.learner.held_out_loss() is run.learner.held_out_loss(whole=True) is None
    assert run.corpus.tokenizer.decode(run.learner.train).count("rat") == 1
    assert np.array_equal(run.learner.train, run.corpus.ids)
    snapshot = Trainer(run).snapshot()
    assert (snapshot.held_out, len(snapshot.held_ids)) == (None, 0)
    assert tokens_to_learn_from(run.corpus, 0.1, run.settings.seed) == len(run.learner.train)
    ladder = Ladder(run.corpus, run.settings, 5, "")
    assert ladder.report().held_out == 0
    if model == "gpt":
        assert not measured_of(snapshot).held_out


def test_the_ladder_holds_out_what_a_run_holds_out():
    text = make_corpus("mine", THREE_LINES * 14, "text")  # a tenth of it is just enough
    run = Run(text, Settings(held_out=0.1))
    assert LEAST_HELD <= len(run.learner.held) < LEAST_HELD + 10  # the widest window of a ladder
    assert Ladder(text, run.settings, 5, "").report().held_out == 0.1


def test_a_gpt_measures_a_part_shorter_than_its_context():
    corpus = make_corpus("mine", THREE_LINES * 14, "text")
    run = Run(corpus, parse_pairs(["model=gpt", "context=64", "width=8", "threads=one", "held_out=0.1"]))
    assert 1 < len(run.learner.held) <= 64
    assert run.learner.held_out_loss() == pytest.approx(run.start_loss, rel=0.3)


@pytest.mark.parametrize("model", ["bigram", "average", "mlp", "gpt"])
@pytest.mark.parametrize("early", [False, True])
def test_a_run_with_a_part_too_small_goes_on_exactly_with_the_split_it_was_trained_with(
    model, early, tmp_path, monkeypatch
):
    with monkeypatch.context() as before:
        if early:  # the lab before there was a least part
            before.setattr(streams_module, "LEAST_HELD", 1)
        run = tiny_run(model)
        list(headless.train(run, 7))
        store.save(run, tmp_path / "run.safetensors")
    again = store.load(tmp_path / "run.safetensors")
    assert len(again.learner.held) == (4 if early else 0)
    assert np.array_equal(again.learner.train, run.learner.train)
    store.save(again, tmp_path / "run.safetensors")
    third = store.load(tmp_path / "run.safetensors")
    for one in (run, again, third):
        list(headless.train(one, 9))
        assert np.array_equal(one.params.flat, run.params.flat)
