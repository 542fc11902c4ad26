import contextlib
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine import gpt
from tinylm_tui.engine.counts import pair_counts
from tinylm_tui.engine.examples import Examples
from tinylm_tui.engine.sampling import generate
from tinylm_tui.engine.softmax import cross_entropy
from tinylm_tui.lab import commands as c
from tinylm_tui.lab import process, scoring
from tinylm_tui.lab.climbing import Training, counted_logits
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.errors import LabError, SettingError, TextError
from tinylm_tui.lab.ladder import Ladder
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.scoring import Part, counted_surprise, floor, surprise
from tinylm_tui.lab.settings import MODELS, Settings
from tinylm_tui.lab.starters import starter
from tinylm_tui.lab.trainer import Trainer

from .conftest import Clock, new_run

SMALL_GPT = ("gpt.width=16", "gpt.heads=2", "gpt.layers=1", "gpt.batch=8")
NAMES = starter("names").text()
SENTENCE = "the cat sat on the mat"


def corpus_of(text=NAMES, **choices):
    settings = Settings(**choices)
    return make_corpus("a text", text, settings.reading, cut_of(settings))


def climbed(corpus, steps=30, prompt="", overrides=SMALL_GPT, **choices):
    ladder = Ladder(corpus, Settings(**choices), steps, prompt, overrides, Clock(tick=0.001))
    while ladder.running:
        ladder.work(0.05)
    return ladder.report()


def by_name(report):
    return {rung.name: rung for rung in report.rungs}


@pytest.fixture(scope="module")
def names():
    """A ladder on the names, at its end."""
    return climbed(corpus_of(), 120, "an", held_out=0.1)


def test_the_rungs_lead_from_counting_to_attention(names):
    assert [rung.name for rung in names.rungs] == ["counts", "bigram", "average", "mlp", "gpt"]
    assert all(rung.state == "done" for rung in names.rungs)
    assert not names.running
    assert names.seconds > 0


def test_every_model_makes_as_many_steps_and_its_speed_is_measured(names):
    counts, *models = names.rungs
    assert (counts.steps, counts.speed) == (0, None)
    assert [rung.steps for rung in models] == [120] * 4
    assert all(rung.speed > 0 for rung in models)


def test_all_that_is_shared_is_told(names):
    assert (names.text, names.prompt, names.steps, names.seed) == ("a text", "an", 120, 0)
    assert (names.held_out, names.tokenizer, names.characters_per_token) == (0.1, "characters", 1.0)


def test_counting_is_exactly_at_its_floor(names):
    counts = by_name(names)["counts"]
    assert counts.train_bits == pytest.approx(counts.floor_bits, rel=1e-12)


def test_the_bigram_comes_near_what_is_counted(names):
    rungs = by_name(names)
    assert 0 < rungs["bigram"].train_bits - rungs["counts"].train_bits < 0.1
    assert rungs["bigram"].floor_bits == rungs["counts"].floor_bits


def test_the_curves_are_in_bits_a_character_and_have_about_sixty_points(names):
    for rung in names.rungs[1:]:
        assert 30 <= len(rung.curve_steps) <= 62
        assert len(rung.curve_train) == len(rung.curve_held) == len(rung.curve_steps)
        assert (rung.curve_steps[0], rung.curve_steps[-1]) == (0, 120)
        assert rung.curve_train[0] == pytest.approx(math.log2(27), rel=0.1)


def test_a_pair_that_was_never_counted_is_infinitely_surprising_and_the_note_says_so():
    counts = by_name(climbed(corpus_of("abcd\n" * 90 + "dcba\n" * 90, held_out=0.1), 1))["counts"]
    assert counts.held_bits < math.inf  # both words are in the training part
    report = climbed(corpus_of("\n".join(f"{a}{b}x" for a in "abcdefghijkl" for b in "mnopqrstuvwx")), 1)
    counts = by_name(report)["counts"]
    assert counts.held_bits == math.inf
    assert "held-out pairs never stand in the training part; with one added to every count" in counts.note


def test_one_added_to_every_count_is_laplaces_rule():
    counts = np.array([[0, 3], [1, 0]])
    part = Part.of(np.array([0, 1, 1, 0], np.int32), [], corpus_of("a\n").tokenizer)
    plain, added, never = counted_surprise(counts, part)
    assert (plain, never) == (math.inf, 1)
    assert added == pytest.approx(-math.log(4 / 5) - math.log(1 / 3) - math.log(2 / 3))


def every_run(corpus, settings):
    for model in MODELS:
        own = Settings().changed("model", model)
        yield Run(corpus, replace(own, seed=settings.seed, held_out=settings.held_out, context=4))


@pytest.mark.parametrize("seed", [0, 7])
def test_a_seed_gives_every_model_the_same_split(seed):
    corpus = corpus_of()
    ladder = Ladder(corpus, Settings(seed=seed, held_out=0.2), 1, "")
    for run in every_run(corpus, Settings(seed=seed, held_out=0.2)):
        assert run.learner.held.tolist() == ladder._task.held.stream.tolist()
        assert sorted(run.learner.train.tolist()) == sorted(ladder._task.train.tolist())


def test_another_seed_gives_another_split():
    held = [Ladder(corpus_of(), Settings(seed=seed), 1, "")._task.held.stream.tolist() for seed in (0, 1)]
    assert held[0] != held[1]


TEXTS = {
    "names": ({}, NAMES),
    "a sentence in the alphabet": ({"tokenizer": "alphabet"}, SENTENCE),
    "running": ({"reading": "text"}, SENTENCE * 8),
    "lines": ({"reading": "lines"}, starter("sentences").text()[:600]),
    "byte pairs": ({"tokenizer": "bpe", "vocabulary": 60}, starter("story").text()[:3000]),
    "one letter": ({}, "aaaa\naa\naaaaaaa\n" * 20),
}


@pytest.mark.parametrize(("choices", "text"), TEXTS.values(), ids=TEXTS)
def test_no_model_gets_below_its_floor(choices, text):
    report = climbed(corpus_of(text, **choices), 150, "", (*SMALL_GPT, "context=3"), **choices)
    for rung in report.rungs[:-1]:
        assert rung.train_bits >= rung.floor_bits - 1e-6, rung.name
    assert by_name(report)["gpt"].floor_bits is None


def test_a_floor_that_were_too_high_would_be_found_out(monkeypatch):
    monkeypatch.setattr("tinylm_tui.lab.climbing.floor", lambda learner, part: 3.0 * part.count)
    rungs = by_name(climbed(corpus_of(SENTENCE, tokenizer="alphabet"), 100, tokenizer="alphabet"))
    assert rungs["mlp"].train_bits < rungs["mlp"].floor_bits


@pytest.mark.parametrize(("choices", "text"), TEXTS.values(), ids=TEXTS)
def test_all_models_are_asked_for_the_same_tokens(choices, text):
    corpus = corpus_of(text, **choices)
    for stream in (corpus.ids, corpus.ids[3:]):
        part = Part.of(stream, [2, 5], corpus.tokenizer)
        wanted = stream[part.start :].tolist()
        assert part.pairs[1:].tolist() == wanted
        for window in (2, 5):
            examples = Examples.of(part.from_window(window), window, bounded=corpus.tokenizer.bounded)
            assert examples.take(np.arange(examples.count))[1].tolist() == wanted
        assert part.characters == corpus.tokenizer.lengths[wanted].sum()


def test_the_floor_is_the_one_of_the_learner_where_all_of_its_tokens_are_asked_for():
    corpus = corpus_of()
    for run in list(every_run(corpus, Settings(held_out=0.1)))[:3]:
        part = Part.of(run.learner.train, [4], corpus.tokenizer)
        assert floor(run.learner, part) / part.count == pytest.approx(run.floor, rel=1e-12)


def gpt_run(context=6, **choices):
    corpus = corpus_of(starter("sentences").text()[:900], reading="text")
    return Run(corpus, replace(Settings().changed("model", "gpt"), width=16, heads=2, context=context, **choices))


def plain_surprise(run, stream, place):
    """−log p of the token at a place, from all tokens before it that fit."""
    ids = stream[max(0, place - run.settings.context) : place]
    logits, _ = gpt.forward(run.params, run.learner.config, ids[None])
    return cross_entropy(logits[0, -1:], stream[place : place + 1])[0]


def test_a_gpt_is_asked_for_each_token_with_all_before_it_that_fit():
    run = gpt_run()
    stream = run.learner.train[:80]
    part = Part.of(stream, [3], run.corpus.tokenizer)
    by_hand = sum(plain_surprise(run, stream, place) for place in range(part.start, len(stream)))
    assert sum(surprise(run.learner, part)) == pytest.approx(by_hand, rel=1e-5)


def test_where_that_is_too_much_its_windows_overlap_less_and_each_token_is_asked_for_once(monkeypatch):
    run = gpt_run()
    part = Part.of(run.learner.train[:81], [3], run.corpus.tokenizer)
    run.params.flat[:] = 0  # then every token costs ln V, however much the gpt sees
    strides = []
    for most in (10**6, 200, 81):
        monkeypatch.setattr(scoring, "MOST_READ", most)
        strides.append(stride := scoring.stride_for(6, [part]))
        assert sum(surprise(run.learner, part, stride)) == pytest.approx(
            part.count * math.log(run.corpus.size), rel=1e-5
        )

    assert strides == [1, 3, 6]


def test_a_gpt_reads_the_held_out_part_as_it_reads_the_training_part_and_says_how(monkeypatch):
    strides = []

    def noted(learner, part, stride):
        strides.append((learner.settings.model, part.count, stride))
        yield from surprise(learner, part, stride)

    monkeypatch.setattr("tinylm_tui.lab.climbing.surprise", noted)
    monkeypatch.setattr(scoring, "MOST_READ", 20_000)
    note = by_name(climbed(corpus_of(), 1, "", (*SMALL_GPT, "gpt.context=16")))["gpt"].note
    (_, train, one), (_, held, other) = [row for row in strides if row[0] == "gpt"]
    assert held < train / 5
    assert one == other == -(-train * 16 // 20_000) > 1  # alone, the held-out part could be read with stride 1
    assert held * 16 < 20_000
    assert f"measured with {16 - one + 1} to 16 tokens before each, in both parts alike" in note
    assert {stride for model, _, stride in strides if model != "gpt"} == {1}


def test_where_every_token_has_a_window_of_its_own_there_is_nothing_to_say(names):
    assert "tokens before each" not in by_name(climbed(corpus_of(NAMES[:600]), 1))["gpt"].note


def test_what_a_step_predicts_is_counted_in_tokens_for_every_rung(names):
    rungs = by_name(names)
    learnt = Ladder(corpus_of(), Settings(held_out=0.1), 1, "")._task.train
    assert rungs["counts"].predicted is None
    assert rungs["bigram"].predicted == len(learnt) - 1
    assert (rungs["average"].predicted, rungs["mlp"].predicted) == (64, 64)
    assert rungs["gpt"].predicted == 8 * 32


def test_what_is_not_asked_for_is_said(monkeypatch, names):
    assert names.left_out == ""
    cat = climbed(corpus_of(SENTENCE, tokenizer="alphabet"), 1, "", ("context=5",), tokenizer="alphabet")
    assert "the last 17 of the 22 tokens of the training part: the first 5 have no full window" in cat.left_out
    monkeypatch.setattr(scoring, "MOST_SCORED", 500)
    ladder = Ladder(corpus_of(), Settings(), 1, "")
    learnt = len(ladder._task.train)
    assert ladder.report().left_out == f"Measured on the first 500 tokens of the training part, which has {learnt:,}."


def test_counts_of_more_than_is_asked_for_stand_above_their_floor(monkeypatch):
    monkeypatch.setattr(scoring, "MOST_SCORED", 500)
    counts = by_name(climbed(corpus_of(), 1))["counts"]
    assert counts.train_bits > counts.floor_bits + 0.01


def test_only_so_many_tokens_are_asked_for_and_all_models_for_the_same(monkeypatch):
    monkeypatch.setattr(scoring, "MOST_SCORED", 500)
    corpus = corpus_of()
    ladder = Ladder(corpus, Settings(), 1, "")
    assert (ladder._task.asked.count, ladder._task.asked.whole) == (500, False)


def test_a_text_too_short_for_it_has_no_held_out_part_and_the_notes_say_so():
    report = climbed(corpus_of("anna\nben\nnina\n"), 5)
    assert report.held_out == 0
    for rung in report.rungs:
        assert rung.held_bits is None
        assert rung.curve_held == ()
        assert "the text is too short" in rung.note


def test_a_gpt_takes_the_context_that_the_text_allows_and_says_so():
    rung = by_name(climbed(corpus_of("anna\nben\n"), 5))["gpt"]
    assert (rung.state, rung.settings.context) == ("done", 9)
    assert "its context is 9 instead of 32" in rung.note


def test_a_model_that_cannot_be_is_refused_and_the_others_go_on():
    rungs = by_name(climbed(corpus_of(SENTENCE[:8], tokenizer="alphabet"), 5, tokenizer="alphabet"))
    assert rungs["mlp"].state == "refused"
    assert "smaller context" in rungs["mlp"].note
    assert rungs["mlp"].train_bits is None
    assert [rungs[name].state for name in ("counts", "bigram", "average", "gpt")] == ["done"] * 4


def test_a_run_that_explodes_is_stopped_with_its_sentence_and_the_others_go_on():
    rungs = by_name(climbed(corpus_of(), 10, "", (*SMALL_GPT, "bigram.learn_rate=1e6")))
    assert rungs["bigram"].state == "stopped"
    assert "learn rate" in rungs["bigram"].note
    assert rungs["gpt"].state == "done"


def test_a_model_without_memory_is_stopped_and_the_others_go_on(monkeypatch):
    def climb(self):
        raise MemoryError
        yield

    monkeypatch.setattr(Training, "_climb", climb)
    rungs = by_name(climbed(corpus_of(), 5))
    assert (rungs["counts"].state, rungs["mlp"].state) == ("done", "stopped")
    assert "memory" in rungs["mlp"].note


def test_each_model_has_its_usual_settings_but_for_what_is_shared():
    report = climbed(corpus_of(), 7, "", (), seed=3, tokenizer="characters", held_out=0.2)
    for rung in report.rungs[1:]:
        usual = Settings().changed("model", rung.name)
        assert (rung.settings.seed, rung.settings.held_out) == (3, 0.2)
        assert rung.settings.batch == (64 if rung.name == "average" else usual.batch)  # one a step is no budget
        assert rung.settings.context == usual.context


def test_a_learn_rate_that_decays_has_done_so_at_the_last_step():
    rungs = by_name(climbed(corpus_of(), 7))
    assert (rungs["mlp"].settings.decay_steps, rungs["gpt"].settings.decay_steps) == (7, 7)


def test_the_learn_rate_of_the_bigram_suits_the_text():
    assert by_name(climbed(corpus_of("aab\n" * 50), 3))["bigram"].settings.learn_rate < 20


def test_what_is_told_of_one_model_goes_before_what_is_told_of_all():
    told = ("mlp.context=3", "context=5", *SMALL_GPT, "mlp.hidden=16", "held_out=0.3", "seed=4")
    report = climbed(corpus_of(), 3, "", told)
    rungs = by_name(report)
    assert [rungs[name].settings.context for name in ("average", "mlp", "gpt")] == [5, 3, 5]
    assert (rungs["mlp"].settings.hidden, report.seed, report.held_out) == (16, 4, 0.3)
    assert rungs["average"].sees == "the last 5 tokens, in no order"


BAD = {
    "no value": "context",
    "no setting": "speed=3",
    "no model": "lstm.context=3",
    "no number": "mlp.context=many",
    "a setting of the text": "tokenizer=alphabet",
    "a seed of its own": "mlp.seed=3",
    "another model": "model=gpt",
    "a setting of another model": "average.layers=3",
}


@pytest.mark.parametrize("override", BAD.values(), ids=BAD)
def test_an_override_that_cannot_be_is_refused_in_a_sentence(override):
    with pytest.raises(SettingError, match=r"^[^\n]{20,}$"):
        Ladder(corpus_of(), Settings(), 10, "", (override,))


@given(st.text(max_size=30))
def test_whatever_is_typed_as_an_override_is_taken_or_refused(text):
    with contextlib.suppress(LabError):
        Ladder(corpus_of(SENTENCE), Settings(), 10, "", (text,))


@pytest.mark.parametrize("steps", [0, -1, 10**9])
def test_a_budget_that_cannot_be_is_refused(steps):
    with pytest.raises(SettingError, match="steps"):
        Ladder(corpus_of(), Settings(), steps, "")


def test_a_prompt_with_characters_that_the_text_does_not_have_is_refused():
    with pytest.raises(LabError, match="never seen 日"):
        Ladder(corpus_of(), Settings(), 5, "日")


def test_a_text_of_two_tokens_is_enough_to_count(corpus):
    report = climbed(corpus_of("a"), 2)
    assert by_name(report)["counts"].state == "done"
    with pytest.raises(TextError):
        corpus_of("")


def test_every_sample_begins_with_the_prompt_and_the_dice_are_the_same(names):
    assert all(rung.sample.startswith("an") for rung in names.rungs)
    again = climbed(corpus_of(), 120, "an", held_out=0.1)
    assert [rung.sample for rung in again.rungs] == [rung.sample for rung in names.rungs]
    assert by_name(names)["bigram"].sample == by_name(names)["counts"].sample


def test_counts_never_write_what_never_stood_in_the_text():
    corpus = corpus_of("abc\nabd\n")
    seen = {(a, b) for a, b in zip(corpus.ids, corpus.ids[1:], strict=False)}
    dice = [np.random.default_rng(n) for n in range(20)]
    for one in generate(counted_logits(pair_counts(corpus.ids, corpus.size)), [0], 20, 1.0, dice):
        assert set(zip(one.ids, one.ids[1:], strict=False)) <= seen


def test_after_what_was_never_followed_counts_find_everything_equally_likely():
    logits = counted_logits(np.array([[0, 2], [0, 0]]))([[1]])
    assert logits.tolist() == [[0.0, 0.0]]


def test_one_seed_gives_one_ladder(names):
    again = climbed(corpus_of(), 120, "an", held_out=0.1)
    for one, other in zip(names.rungs, again.rungs, strict=True):
        assert (one.train_bits, one.held_bits, one.curve_train) == (
            other.train_bits,
            other.held_bits,
            other.curve_train,
        )


def test_a_slice_of_work_ends_when_its_time_is_over():
    clock = Clock(tick=0.001)
    ladder = Ladder(corpus_of(), Settings(), 1000, "", (), clock)
    ladder.work(0.02)
    assert 0.02 <= clock.now < 0.04
    assert ladder.running


def test_a_ladder_that_is_stopped_keeps_what_it_has():
    ladder = Ladder(corpus_of(), Settings(), 1000, "", SMALL_GPT, Clock(tick=0.001))
    while ladder.report().rungs[1].steps < 10:
        ladder.work(0.005)
    ladder.stop()
    counts, bigram, *rest = ladder.report().rungs
    assert (counts.state, bigram.state, ladder.running) == ("done", "stopped", False)
    assert bigram.steps >= 10
    assert all(rung.state == "stopped" for rung in rest)
    ladder.work(1)
    assert ladder.report().rungs[1].steps == bigram.steps


# ---- beside a run


def bits(trainer):
    return trainer.run.params.flat.tobytes()


@pytest.mark.parametrize("choices", [{"start": "random", "batch": 8, "learn_rate": 1.0}, {"held_out": 0.3}])
def test_a_ladder_beside_it_changes_nothing_in_a_run(choices):
    def after(steps, *, ladder):
        trainer = Trainer(new_run(NAMES, pace=0, **choices), Clock(tick=0.0005))
        trainer.handle(c.Train(until=steps))
        if ladder:
            trainer.handle(c.StartLadder(20, "", SMALL_GPT))
        while trainer.working:
            trainer.work(0.01)
        return trainer

    alone, beside = after(80, ladder=False), after(80, ladder=True)
    assert alone.run.step == beside.run.step == 80
    assert bits(alone) == bits(beside)
    assert alone.run.learner.state() == beside.run.learner.state()
    assert not beside.snapshot().ladder.running


def test_a_paused_run_leaves_all_the_time_to_the_ladder(trainer):
    trainer.handle(c.StartLadder(10, "", SMALL_GPT))
    assert trainer.wait() == 0
    while trainer.working:
        trainer.work(0.01)
    report = trainer.snapshot().ladder
    assert (trainer.run.step, trainer.wait()) == (0, None)
    assert all(rung.state in ("done", "refused") for rung in report.rungs)


def test_a_run_and_a_ladder_share_the_time_fairly():
    clock = Clock(tick=0.0001)
    trainer = Trainer(new_run(NAMES, pace=0), clock)
    trainer.handle(c.StartLadder(100_000, "", SMALL_GPT))
    trainer.handle(c.Train())
    begun = clock.now
    for _ in range(100):
        trainer.work(0.005)
    share = trainer.snapshot().ladder.seconds / (clock.now - begun)
    assert 0.4 < share < 0.6


def test_a_run_with_a_pace_keeps_it_beside_a_ladder():
    clock = Clock(tick=0.0005)
    trainer = Trainer(new_run(NAMES, pace=10), clock)
    trainer.handle(c.StartLadder(100_000, "", SMALL_GPT))
    trainer.handle(c.Train())
    begun = clock.now
    while clock.now < begun + 5:
        trainer.work(0.005)
    assert 45 <= trainer.run.step <= 55
    assert trainer.snapshot().ladder.seconds > 3


def test_a_ladder_is_worth_a_look_ten_times_a_second():
    clock = Clock(tick=0.001)
    trainer = Trainer(new_run(NAMES, pace=0), clock)
    trainer.handle(c.StartLadder(100_000, "", SMALL_GPT))
    version, begun = trainer.version, clock.now
    while clock.now < begun + 3:
        trainer.work(0.005)
    assert 15 <= trainer.version - version <= 35


def test_another_text_stops_a_ladder_and_its_report_stays(trainer):
    trainer.handle(c.StartLadder(1000, "", SMALL_GPT))
    trainer.work(0.05)
    trainer.handle(c.Restart())
    assert trainer.snapshot().ladder.running
    trainer.handle(c.Load("other", "xyz"))
    report = trainer.snapshot().ladder
    assert (report.running, report.text, trainer.working) == (False, "words", False)
    assert any("another text" in rung.note for rung in report.rungs)
    notice = trainer.snapshot().notice.text
    assert "other is loaded" in notice
    assert "The ladder on words was stopped: another text was loaded before its end." in notice
    trainer.handle(c.StartLadder(3, "", SMALL_GPT))
    assert trainer.snapshot().ladder.text == "other"


def test_other_tokens_stop_a_ladder_too_and_a_change_that_leaves_them_does_not(trainer):
    trainer.handle(c.StartLadder(1000, "", SMALL_GPT))
    trainer.handle(c.Configure((("model", "mlp"),)))
    assert "ladder" not in trainer.snapshot().notice.text
    trainer.handle(c.Configure((("tokenizer", "alphabet"),)))
    assert "was stopped: the text was cut into other tokens" in trainer.snapshot().notice.text


def test_nothing_is_held_out_where_that_was_asked_for_and_the_notes_say_so():
    asked = climbed(corpus_of(), 2, "", (*SMALL_GPT, "held_out=0"))
    of_the_run = climbed(corpus_of(), 2, "", SMALL_GPT, model="mlp", held_out=0.0)
    nobody = climbed(corpus_of(), 2, "", SMALL_GPT, held_out=0.0)  # a bigram keeps nothing as a rule
    assert (asked.held_out, of_the_run.held_out, nobody.held_out) == (0, 0, 0.1)
    for report in (asked, of_the_run):
        assert all("nothing is held out, as asked" in rung.note for rung in report.rungs)


def test_a_ladder_can_be_stopped_and_none_cannot(trainer):
    trainer.handle(c.StopLadder())
    assert trainer.snapshot().notice.kind == "error"
    trainer.handle(c.StartLadder(1000, "", SMALL_GPT))
    trainer.handle(c.StopLadder())
    assert not trainer.snapshot().ladder.running


@pytest.mark.parametrize(
    "command", [c.StartLadder(0, ""), c.StartLadder(5, "日"), c.StartLadder(5, "", ("speed=1",))], ids=repr
)
def test_a_ladder_that_cannot_be_is_a_sentence_and_the_one_before_stays(trainer, command):
    trainer.handle(c.StartLadder(1000, "", SMALL_GPT))
    trainer.handle(command)
    assert trainer.snapshot().notice.kind == "error"
    assert trainer.snapshot().ladder.running


def test_the_process_goes_on_with_a_ladder_while_the_run_is_paused(corpus):
    child, pipe = process.start(corpus, Settings(pace=0))
    pipe.send(c.StartLadder(10, "", SMALL_GPT))
    version, report = 0, None
    while report is None or report.running:
        pipe.send(c.Ask(version, 0))
        assert pipe.poll(60), "the trainer did not answer"
        shot = pipe.recv()
        version, report = shot.version, shot.ladder
    pipe.send(c.Quit())
    child.join(60)
    assert (shot.step, shot.running, child.exitcode) == (0, False, 0)
    assert [rung.state for rung in report.rungs] == ["done"] * 5
