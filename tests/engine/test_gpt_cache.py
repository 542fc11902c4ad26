import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine import gpt, layernorm
from tinylm_tui.engine.cache import Cache, centred, fold, next_logits, normed
from tinylm_tui.engine.sampling import distribution, draw

from .small_gpt import TIED, UNTIED, weights

TEXT = [1, 2, 3, 4, 5, 6, 0, 3, 3, 3, 3, 3, 3, 3]


def same(a, b):
    """Equal to rounding, of arrays whose largest numbers are about 1."""
    return a == pytest.approx(b, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("config", [TIED, UNTIED], ids=["tied", "untied"])
def test_the_scores_are_those_without_a_cache_within_the_context_and_past_it(config):
    params = weights(config)
    cache = Cache.of(params, config)
    for n in range(1, len(TEXT) + 1):
        assert same(next_logits(cache, [TEXT[:n]]), gpt.next_logits(params, config, [TEXT[:n]]))


TEXTS = st.integers(1, 7).flatmap(
    lambda length: st.lists(st.lists(st.integers(0, 2), min_size=length, max_size=length), min_size=1, max_size=4)
)


@given(st.lists(TEXTS, min_size=2, max_size=5))
def test_one_cache_may_be_asked_about_any_texts_one_after_the_other(questions):
    params = weights(TIED)
    cache = Cache.of(params, TIED)
    for texts in questions:
        assert same(next_logits(cache, texts), gpt.next_logits(params, TIED, texts))


def test_a_folded_layernorm_of_a_centred_stream_is_the_plain_one_and_the_matrix_after_it(rng):
    p = {"gain": rng.standard_normal(8), "bias": rng.standard_normal(8)}
    x, w, b = 3 + rng.standard_normal((6, 8)), rng.standard_normal((8, 4)), rng.standard_normal(4)
    folded_w, folded_b = fold(p, w, b)
    n = normed(centred(x), np.full(8, 1 / 8))
    assert normed(x, np.full(8, 1 / 8)) != pytest.approx(n, rel=1e-3)
    assert same(n @ folded_w + folded_b, layernorm.forward(p, x)[0] @ w + b)
    assert n @ w + b != pytest.approx(layernorm.forward(p, x)[0] @ w + b, rel=1e-3)


def test_training_on_does_not_disturb_a_text_being_written():
    params = weights(TIED)
    before, cache = params.copy(), Cache.of(params, TIED)
    next_logits(cache, [[1, 2]])
    params.flat += 0.1
    assert same(next_logits(cache, [[1, 2, 3]]), gpt.next_logits(before, TIED, [[1, 2, 3]]))
    assert gpt.next_logits(params, TIED, [[1, 2, 3]]) != pytest.approx(next_logits(cache, [[1, 2, 3]]), rel=1e-3)


def test_texts_that_have_ended_may_be_left_out_and_one_beginning_may_go_on_in_two_ways():
    params = weights(TIED)
    cache = Cache.of(params, TIED)
    next_logits(cache, [[1, 2], [3, 4], [5, 6]])
    kept = cache.keys.copy()
    texts = [[5, 6, 0], [1, 2, 3], [1, 2, 4]]
    assert same(next_logits(cache, texts), gpt.next_logits(params, TIED, texts))
    assert np.array_equal(cache.keys[:, :, :, :2], kept[:, [2, 0, 0], :, :2])


def test_keys_and_values_of_another_text_would_be_noticed():
    params = weights(TIED)
    cache = Cache.of(params, TIED)
    next_logits(cache, [[1, 2, 3]])
    cache.seen = np.array([[4, 5, 6]])  # a lie about what the kept keys and values belong to
    wrong = next_logits(cache, [[4, 5, 6, 0]])
    assert wrong != pytest.approx(gpt.next_logits(params, TIED, [[4, 5, 6, 0]]), rel=1e-3)


def test_only_new_tokens_are_computed():
    cache = Cache.of(weights(TIED), TIED)
    next_logits(cache, [[1, 2, 3]])
    cache.keys[:, :, :, :3] = 7
    next_logits(cache, [[1, 2, 3, 4]])
    assert (cache.keys[:, :, :, :3] == 7).all()
    assert (cache.keys[:, :, :, 3] != 7).all()


def written(next_scores, given_ids, seed, count=3, length=20):
    """`count` texts drawn side by side, each from dice of its own."""
    dice = [np.random.default_rng([seed, n]) for n in range(count)]
    texts = [list(given_ids) for _ in dice]
    for _ in range(length):
        for text, logits, rng in zip(texts, next_scores(texts), dice, strict=True):
            text.append(draw(distribution(logits), rng))
    return texts


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("given_ids", [[0], [0, 3, 1, 2]])
def test_the_same_tokens_are_written_with_a_cache_and_without_it(given_ids, dtype):
    params = weights(TIED, spread=0.1).copy(dtype)
    for seed in range(5):
        cache = Cache.of(params, TIED)
        plain = written(lambda texts: gpt.next_logits(params, TIED, texts), given_ids, seed)
        assert written(lambda texts, cache=cache: next_logits(cache, texts), given_ids, seed) == plain
        assert written(lambda texts, cache=cache: next_logits(cache, texts), given_ids, seed + 100) != plain


@pytest.mark.parametrize(("texts", "error", "words"), [
    ([[]], ValueError, "1 to 5 tokens"),
    ([[1, -1]], IndexError, "vocabulary"),
    ([[1, 2], [1]], ValueError, r"equally long, got lengths \[1, 2\]"),
    ([], ValueError, "equally long"),
])  # fmt: skip
def test_texts_that_cannot_be_gone_on_from_are_refused_and_nothing_is_forgotten(texts, error, words):
    cache = Cache.of(weights(TIED), TIED)
    next_logits(cache, [[1, 2]])
    for ask in (lambda: next_logits(cache, texts), lambda: gpt.next_logits(weights(TIED), TIED, texts)):
        with pytest.raises(error, match=words):
            ask()
    assert cache.seen.tolist() == [[1, 2]]
    assert same(next_logits(cache, [[1, 2, 3]]), gpt.next_logits(weights(TIED), TIED, [[1, 2, 3]]))
