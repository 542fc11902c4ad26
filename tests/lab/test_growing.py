"""A text that grows token by token: the text that `writing` writes, and every step of it there and back."""

from dataclasses import replace
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine import gpt
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.engine.tokenizer import AlphabetTokenizer, CharTokenizer
from tinylm_tui.lab.growing import LONGEST, Growing, Odds, back, forward, newest
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.writing import Request, write

LETTERS = CharTokenizer("abeinv")
SETTINGS = Settings(model="gpt", layers=2, heads=2, width=8, context=8)
CONFIG = config_of(SETTINGS, LETTERS.size)


def weights():
    """A gpt whose scores differ enough to make a text of its own."""
    params = gpt.start(CONFIG, np.random.default_rng(3))
    params.flat[...] *= 6
    return params


PARAMS = weights()


def scores(growing):
    """(V,), of what comes after the text so far."""
    return gpt.next_logits(PARAMS, CONFIG, [list(growing.ids)])[0]


def grown(growing, tokens):
    for _ in range(tokens):
        growing = forward(growing, scores(growing))
    return growing


def written(prompt, seed, temperature, length=20):
    request = Request(1, length, temperature, prompt, seed)
    return write(PARAMS, LETTERS, request, SETTINGS)[0]


# ---- there


@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0, 2.0])
@pytest.mark.parametrize("seed", [0, 1, 5])
@pytest.mark.parametrize("prompt", ["", "ben", "annabenna"])
def test_it_grows_into_the_text_that_writing_writes_with_the_same_dice(prompt, seed, temperature):
    sample = written(prompt, seed, temperature)
    given_ids = (0, *LETTERS.encode(prompt).tolist())
    growing = Growing(given_ids, seed, temperature)
    assert grown(growing, len(sample.ids) - sample.given).ids == sample.ids


def test_other_dice_write_another_text():
    first, *others = (grown(Growing((0,), seed), 6).ids for seed in range(6))
    assert any(other != first for other in others)


def test_the_text_that_was_given_is_not_written_again():
    growing = grown(Growing((0, 3, 2)), 2)
    assert (growing.ids[:3], growing.shown, len(growing.ids)) == ((0, 3, 2), 2, 5)


# ---- and back


@given(st.lists(st.booleans(), max_size=40))
def test_stepping_back_and_on_goes_over_the_same_tokens(steps):
    whole = grown(Growing((0,)), 40).ids
    growing = Growing((0,))
    for on in steps:
        growing = forward(growing, scores(growing)) if on else back(growing)
        assert growing.ids == whole[: 1 + growing.shown]
        assert 0 <= growing.shown <= len(growing.drawn)


def test_what_was_written_stays_when_the_weights_move_and_only_new_tokens_ask_them():
    growing = back(back(grown(Growing((0,)), 5)))
    anything_else = -scores(growing)
    assert forward(forward(growing, anything_else), anything_else).drawn == growing.drawn
    further = forward(grown(growing, 2), np.eye(7)[4] * 1e3)
    assert further.ids[-1] == 4


def test_another_temperature_keeps_the_text_in_view_and_draws_anew_from_there():
    growing = back(back(grown(Growing((0,), temperature=1.0), 5)))
    cold = growing.at(0.0)
    assert (cold.ids, len(cold.drawn), cold.temperature) == (growing.ids, 3, 0.0)
    assert forward(cold, scores(cold)).ids[-1] == int(np.argmax(scores(cold)))


# ---- where it stops


def test_it_ends_where_the_model_draws_the_boundary_and_not_because_the_text_begins_with_one():
    assert Growing((0,)).halt(LETTERS, 8) == ""
    assert Growing((0,), drawn=(0,), shown=1).halt(LETTERS, 8) == "ended"
    assert Growing((0,), drawn=(0,), shown=0).halt(LETTERS, 8) == ""


def test_a_blank_of_the_alphabet_is_no_end():
    assert Growing((0,), drawn=(0,), shown=1).halt(AlphabetTokenizer(), 8) == ""


@pytest.mark.parametrize(("shown", "halt"), [(5, ""), (6, "full"), (7, ""), (LONGEST, "long")])
def test_it_waits_once_where_the_context_is_full_and_stops_where_it_is_long_enough(shown, halt):
    growing = Growing((0, 1), drawn=(1,) * LONGEST, shown=shown)
    assert growing.halt(LETTERS, 8) == halt


def test_the_model_sees_the_last_tokens_that_fit():
    growing = Growing((0, 1), drawn=(2, 3, 4), shown=3)
    assert (growing.window(8), growing.window(3)) == ((0, 1, 2, 3, 4), (2, 3, 4))


# ---- its newest token


def test_the_probability_is_the_models_own_and_the_chance_that_of_the_temperature():
    growing = grown(Growing((0,), temperature=0.5), 3)
    logits = scores(back(growing)).astype(float)
    found = newest(growing, logits)
    assert found.token == growing.ids[-1]
    assert found.probability == pytest.approx(softmax(logits)[found.token])
    assert found.odds.temperature == 0.5
    assert found.odds.chance == pytest.approx(softmax(logits / 0.5)[found.token])
    assert found.odds.chance != pytest.approx(found.probability)


def test_each_token_keeps_what_it_was_really_drawn_with_whatever_temperature_and_weights_follow():
    growing = grown(Growing((0,), temperature=1.0), 2)
    logits = scores(back(growing)).astype(float)
    hot = grown(growing.at(2.0), 1)
    assert [odds.temperature for odds in hot.odds] == [1.0, 1.0, 2.0]
    found = newest(back(hot), -logits)  # the weights have moved meanwhile
    assert (found.odds.temperature, found.odds.chance) == (1.0, pytest.approx(softmax(logits)[found.token]))
    assert found.odds.chance != pytest.approx(found.probability)


def test_the_surprises_of_a_text_sum_to_its_loss():
    growing = grown(Growing((0,)), 7)
    steps = [replace(growing, shown=n) for n in range(1, 8)]
    bits = [newest(step, scores(back(step))).bits for step in steps]
    logits = gpt.forward(PARAMS, CONFIG, np.array([growing.ids]))[0][0]
    nats = -np.log(softmax(logits[:-1].astype(float)))[np.arange(7), growing.ids[1:]]
    assert sum(bits) * log(2) == pytest.approx(nats.sum(), rel=1e-5)
    assert bits[:-1] != pytest.approx(bits[1:])


def test_what_cannot_be_is_endlessly_surprising():
    impossible = np.where(np.arange(7) == 2, -np.inf, 0.0)
    assert newest(Growing((0,), drawn=(2,), odds=(Odds(1.0, 0.2),), shown=1), impossible).bits == np.inf
