"""Surprise: its sum is the loss, of every model, against `evaluate` and against plain forwards token by token."""

import math
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine import gpt
from tinylm_tui.engine.examples import last_windows
from tinylm_tui.engine.tokenizer import UNKNOWN
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.errors import Stopped
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.readers import Counted, reader_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.surprising import read

NAMES = "anna\nben\nnina\nbea\neve\nabe\nna\n" * 4
STORY = "the cat sat on the mat and the dog sat on the log. " * 6
SMALL = {
    "bigram": {},
    "average": {"context": 3, "width": 6, "batch": 4},
    "mlp": {"context": 3, "width": 6, "hidden": 8, "batch": 4},
    "gpt": {"context": 8, "width": 16, "layers": 2, "heads": 2, "batch": 4},
}
CUTS = {"characters": {}, "alphabet": {"tokenizer": "alphabet"}, "bpe": {"tokenizer": "bpe", "vocabulary": 40}}
MODELS = pytest.mark.parametrize("model", SMALL)


def trained(model, text=NAMES, steps=20, reading="auto", **more):
    """A run after some steps, its weights large enough to tell one token from another."""
    settings = Settings(model=model, **SMALL[model], held_out=0.0, learn_rate=0.05, **more)
    run = Run(make_corpus("words", text, reading, cut_of(settings)), settings)
    for _ in range(steps):
        run.train_step()
    run.params.flat += 0.3 * np.random.default_rng(5).standard_normal(run.params.count).astype(np.float32)
    return run


def reader(run):
    return reader_of(run.corpus, run.params, run.settings)


def log_softmax(scores):
    scores = [float(score) for score in scores]
    top = max(scores)
    total = top + math.log(sum(math.exp(score - top) for score in scores))
    return [score - total for score in scores]


def plainly(run, seen, target):
    """−log p of a token after all tokens seen, by one forward of its own."""
    logits = model_of(run.settings).next_logits(run.params, run.settings, run.corpus.tokenizer)([seen])[0]
    return -log_softmax(logits)[target]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("model", ["bigram", "average", "mlp"])
def test_the_sum_is_the_loss_times_the_tokens(model, cut):
    run = trained(model, STORY, **CUTS[cut])
    found = read(reader(run), run.corpus.text)
    assert np.array_equal(found.stream, run.corpus.ids)
    assert found.nats.sum() == pytest.approx(run.learner.evaluate(found.stream) * len(found.nats), rel=1e-5)
    assert found.nats.sum() != pytest.approx(
        run.learner.evaluate(found.stream[::-1].copy()) * len(found.nats), rel=1e-4
    )


def test_the_sum_of_a_gpt_is_its_loss_on_a_text_as_long_as_its_context():
    run = trained("gpt", STORY)
    text = STORY[:8]  # with the boundary before it, the context and one token after it
    found = read(reader(run), text)
    assert len(found.stream) == run.settings.context + 1
    assert found.nats.sum() == pytest.approx(run.learner.evaluate(found.stream) * len(found.nats), rel=1e-5)
    assert found.nats.sum() != pytest.approx(run.learner.evaluate(found.stream[::-1].copy()) * 8, rel=1e-3)


def test_the_loss_of_a_bigram_that_is_shown_on_screen_is_the_surprise_of_its_whole_text():
    for text in (NAMES, STORY):
        run = trained("bigram", text)
        found = read(reader(run), text)
        assert found.nats.mean() == pytest.approx(run.learner.loss(), rel=1e-5)


@MODELS
@pytest.mark.parametrize("cut", CUTS)
def test_every_token_costs_what_a_forward_of_its_own_says(model, cut):
    run = trained(model, STORY, **CUTS[cut])
    found = read(reader(run), "the cat s")
    ids = found.stream.tolist()
    assert len(ids) - 1 <= 9 if cut != "bpe" else len(ids) > 2
    if model == "gpt":
        ids = ids[: run.settings.context + 1]  # beyond it a window of its own choice begins
    for n, nats in enumerate(found.nats[: len(ids) - found.first]):
        place = found.first + n
        assert nats == pytest.approx(plainly(run, ids[:place], ids[place]), rel=2e-4)
    moved = run.params.copy()
    moved.flat[:] *= 1.5
    other = read(reader_of(run.corpus, moved, run.settings), "the cat s")
    assert not np.allclose(other.nats, found.nats, rtol=1e-3)


@pytest.mark.parametrize("length", [8, 9, 10, 11, 12, 13, 20, 47])
def test_a_gpt_sees_half_a_context_before_every_token_of_a_long_text(length):
    run = trained("gpt", STORY)
    context, half = run.settings.context, run.settings.context // 2
    found, ids = read(reader(run), STORY[:length]), None
    ids = found.stream
    assert len(found.nats) == len(ids) - 1
    logits = {}
    for start in range(max(1, len(ids) - context)):
        end = min(start + context, len(ids) - 1)
        rows = gpt.forward(run.params, config_of(run.settings, run.corpus.size), ids[None, start:end])[0][0]
        for place in range(start + 1, end + 1):
            logits.setdefault(place, {})[place - start] = -log_softmax(rows[place - start - 1])[ids[place]]
    for place, nats in enumerate(found.nats, 1):
        enough = [cost for seen, cost in logits[place].items() if seen >= min(place, half)]
        assert any(nats == pytest.approx(cost, rel=2e-4) for cost in enough)


@MODELS
def test_what_was_expected_at_a_token_is_what_it_was_judged_by(model):
    run = trained(model, STORY)
    found = read(reader(run), STORY[:40])
    for piece, bits in found.by_piece.items():
        expected = found.expected(piece)
        assert -math.log2(expected.probabilities[expected.came]) == pytest.approx(bits, rel=2e-4)
        assert expected.bits == pytest.approx(bits)
        assert expected.probabilities.sum() == pytest.approx(1)
        assert expected.best(expected.rank)[-1][0] == expected.came
    assert found.expected(0) is None


def test_the_figures_fit_together():
    run = trained("mlp", STORY, tokenizer="bpe", vocabulary=40)
    found = read(reader(run), STORY[:60])
    f = found.figures()
    assert f.bits == pytest.approx(found.nats.sum() / math.log(2))
    assert f.perplexity == pytest.approx(2 ** (f.bits / f.tokens))
    assert f.characters == 60  # the boundary that a running text would end with is not asked for
    assert f.bits_per_character == f.bits / 60
    assert found.figures(f.tokens + found.first) is None
    assert found.figures(3).bits == pytest.approx(found.nats[2:].sum() / math.log(2))


def test_words_are_parted_by_boundaries_and_a_running_text_may_go_on():
    words, story = trained("bigram", NAMES), trained("bigram", STORY)
    assert [p.text for p in read(reader(words), "anna ben").pieces] == ["", *"anna", "", *"ben", ""]
    assert [p.text for p in read(reader(story), "the cat").pieces] == ["", *"the cat"]
    assert read(reader(story), STORY).pieces[-1].text == ""


def test_unknown_characters_are_left_out_and_named():
    run = trained("bigram", NAMES)
    found = read(reader(run), "anxna éé ben")
    assert (found.unknown, found.figures().tokens) == ("xé", len("anna·ben·"))
    assert np.array_equal(found.nats, read(reader(run), "anna ben").nats)
    unknown = next(i for i, piece in enumerate(found.pieces) if piece.id == UNKNOWN)
    assert found.expected(unknown) is None


@MODELS
@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("text", ["", " ", "\n\n", "é", "t", "\x1b[2J", "日本"])
def test_a_text_with_nothing_in_it_has_no_figures_or_few(model, cut, text):
    run = trained(model, STORY, steps=2, **CUTS[cut])
    found = read(reader(run), text)
    f = found.figures()
    assert f is None or (0 < f.tokens <= len(text) and math.isfinite(f.bits))
    assert (f is None) == (not len(found.nats))


@given(text=st.text(st.sampled_from("the catmdog.x\n é"), max_size=60))
@MODELS
def test_any_text_has_a_figure_for_each_token_that_has_enough_before_it(model, text):
    found = read(reader(once_trained(model)), text)
    assert len(found.nats) == max(0, len(found.stream) - 1)
    assert (found.nats >= 0).all()
    assert set(found.by_piece) == set(found.places[1:].tolist())


@lru_cache
def once_trained(model):
    return trained(model, STORY, steps=2)


def test_counts_cost_their_floor_on_their_own_text_and_everything_on_what_they_never_saw():
    corpus = make_corpus("words", NAMES)
    found = read(Counted(corpus), NAMES)
    assert found.nats.mean() == pytest.approx(corpus.floor)
    never = read(Counted(corpus), "aab").figures()  # a→a and a→· … a→b is there, b→· is not
    assert math.isinf(never.bits)
    pairs = [("", "a"), ("a", "a"), ("a", "b"), ("b", "")]
    ids = {token: i for i, token in enumerate(corpus.tokenizer.tokens)}
    assert never.impossible == sum(corpus.counts[ids[a], ids[b]] == 0 for a, b in pairs) == 2
    assert never.other_characters == 2
    assert math.isfinite(never.other_bits)


def test_the_first_tokens_of_an_alphabet_without_boundaries_are_not_asked_for():
    run = trained("mlp", STORY, tokenizer="alphabet")
    found = read(reader(run), "the cat")
    assert (found.first, len(found.nats)) == (3, 4)
    pairs = read(Counted(run.corpus), "the cat")
    assert found.same_tokens(pairs)
    assert pairs.figures(found.first).tokens == found.figures().tokens == 4
    assert read(reader(run), "the").figures() is None
    assert "sees 3 tokens" in reader(run).wants


def test_other_tokens_are_told_apart():
    characters, pairs = trained("bigram", STORY), trained("bigram", STORY, tokenizer="bpe", vocabulary=40)
    a, b = (read(reader(run), STORY[:50]) for run in (characters, pairs))
    assert not a.same_tokens(b)
    assert a.same_tokens(read(Counted(characters.corpus), STORY[:50]))
    assert a.figures().characters == b.figures().characters == 50


@pytest.mark.parametrize("model", ["average", "gpt"])
def test_reading_can_be_stopped(model):
    run = trained(model, STORY)
    with pytest.raises(Stopped):
        read(reader(run), STORY, told=lambda done, of: False)


def test_a_window_is_what_the_model_sees_when_it_writes():
    run = trained("mlp", STORY)
    found = read(reader(run), "the cat")
    windows = last_windows([found.stream[:place].tolist() for place in range(1, 8)], 3, bounded=True)
    kind = model_of(run.settings).next_logits(run.params, run.settings, run.corpus.tokenizer)
    costs = [-log_softmax(kind([window.tolist()])[0])[i] for window, i in zip(windows, found.stream[1:], strict=True)]
    assert found.nats == pytest.approx(costs, rel=2e-4)
