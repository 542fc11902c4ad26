"""A head has a name only where its attention earns it."""

import numpy as np
import pytest

from tinylm_tui.engine import gpt, heads
from tinylm_tui.engine.ablation import switched_off
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.heads import KINDS, Head, Score

from .small_gpt import TIED, weights

CONFIG = GPTConfig(vocabulary=20, layers=2, heads=2, width=8, context=24)
ALL = {**KINDS, "induction": heads.induction}


def some_text(texts=3, tokens=24, size=6):
    return np.random.default_rng(2).integers(0, size, (texts, tokens)).astype(np.int32)


def uniform(ids):
    """Every token looks at itself and all before it alike. (B, 1, T, T)"""
    T = ids.shape[1]
    alike = np.tri(T) / np.arange(1, T + 1)[:, None]
    return np.broadcast_to(alike, (len(ids), 1, T, T))


def always_back(ids, distance):
    """Looks `distance` tokens back whatever stands there, and at the first where there is nothing."""
    T = ids.shape[1]
    pattern = np.zeros((T, T))
    pattern[np.arange(T), np.maximum(np.arange(T) - distance, 0)] = 1
    return np.broadcast_to(pattern, (len(ids), 1, T, T))


def looking_at(looked):
    """A head that spreads its attention over what is True, and looks at itself where nothing is. (B, 1, T, T)"""
    alone = np.eye(looked.shape[-1]) * ~looked.any(axis=-1, keepdims=True)
    return ((looked + alone) / (looked + alone).sum(axis=-1, keepdims=True))[:, None]


def named_by(pattern, ids):
    """The names of one head with this pattern (B, 1, T, T)."""
    scores = [score for name, kind in ALL.items() for score in heads.score(name, pattern, kind(ids))]
    return {score.name for score in Head(0, 0, tuple(scores)).names}


def by_loops(name, ids):
    """Which places each kind should look at, place by place."""
    looked = np.zeros((len(ids), ids.shape[1], ids.shape[1]), bool)
    for b, text in enumerate(ids.tolist()):
        for t in range(len(text)):
            for j in range(t):
                looked[b, t, j] = {
                    "previous token": t >= 2 and j == t - 1,
                    "first token": t >= 2 and j == 0,
                    "same token": text[j] == text[t],
                    "induction": j > 0 and text[j - 1] == text[t],
                }[name]
    return looked


@pytest.mark.parametrize("name", ALL)
def test_each_kind_looks_where_its_rule_says(name):
    ids = some_text()
    assert np.array_equal(ALL[name](ids), by_loops(name, ids))


@pytest.mark.parametrize("tokens", [1, 2])
@pytest.mark.parametrize("name", ALL)
def test_a_text_without_a_look_gives_no_score(name, tokens):
    ids = np.arange(tokens, dtype=np.int32)[None]
    assert heads.score(name, uniform(ids), ALL[name](ids)) == []


@pytest.mark.parametrize("name", ALL)
def test_the_score_is_the_mean_share_over_the_looks(name):
    ids = some_text()
    pattern = np.random.default_rng(4).dirichlet(np.ones(24), (3, 2, 24))
    looked = by_loops(name, ids)
    rows = [(b, t) for b in range(3) for t in range(24) if looked[b, t].any()]
    for h, score in enumerate(heads.score(name, pattern, ALL[name](ids))):
        assert score.looks == len(rows)
        assert score.share == pytest.approx(sum(pattern[b, h, t][looked[b, t]].sum() for b, t in rows) / len(rows))
        assert score.chance == pytest.approx(sum(looked[b, t].sum() / (t + 1) for b, t in rows) / len(rows))


@pytest.mark.parametrize("tokens", [3, 4, 5, 8, 24, 200])
def test_a_head_that_looks_at_all_alike_scores_chance_and_earns_no_name(tokens):
    ids = some_text(5, tokens, 3)
    for name, kind in ALL.items():
        for score in heads.score(name, uniform(ids), kind(ids)):
            assert score.share == pytest.approx(score.chance)
    assert named_by(uniform(ids), ids) == set()


def test_a_head_that_looks_at_itself_earns_no_name():
    ids = some_text()
    assert named_by(always_back(ids, 0), ids) == set()


def test_a_head_earns_the_name_of_what_it_does_and_no_other():
    ids = random_text()
    for name, kind in ALL.items():
        assert named_by(looking_at(kind(ids)), ids) == {name}


def random_text(config=CONFIG):
    ids = heads.repeated(config, np.random.default_rng(1), bounded=True)
    assert ids is not None
    return ids


@pytest.mark.parametrize("distance", range(2, 24))
def test_a_head_that_always_looks_equally_far_back_is_no_induction_head(distance):
    ids = random_text()
    assert "induction" not in named_by(always_back(ids, distance), ids)


@pytest.mark.parametrize("repeats", [False, True])
def test_the_names_follow_the_tokens_and_not_the_places(repeats):
    ids = random_text()
    pattern = looking_at(heads.induction(ids))
    other = ids if repeats else np.random.default_rng(9).permuted(ids, axis=1)
    assert ("induction" in named_by(pattern, other)) == repeats


@pytest.mark.parametrize("bounded", [True, False])
@pytest.mark.parametrize("config", [CONFIG, GPTConfig(vocabulary=7, context=64), GPTConfig(300, context=400)], ids=str)
def test_random_texts_repeat_in_different_rhythms_and_name_no_boundary(config, bounded):
    ids = heads.repeated(config, np.random.default_rng(0), bounded=bounded)
    assert ids.shape[1] <= min(config.context, 128)
    assert ids.min() >= bounded
    assert ids.max() < config.vocabulary
    periods = {next(n for n in range(1, ids.shape[1]) if text[n] == text[0]) for text in ids}
    assert len(periods) == 4
    assert min(periods) >= 3
    for text in ids.tolist():
        period = text.index(text[0], 1)
        assert len(set(text[:period])) == period
        assert all(text[t] == text[t - period] for t in range(period, len(text)))


@pytest.mark.parametrize("config", [TIED, GPTConfig(vocabulary=6, context=64), GPTConfig(99, context=11)], ids=str)
def test_where_no_text_can_repeat_so_there_is_no_induction_score(config):
    assert heads.repeated(config, np.random.default_rng(0), bounded=True) is None
    found = heads.named(weights(config), config, some_text(1, 5), np.random.default_rng(0), bounded=True)
    assert {score.name for head in found for score in head.scores} == set(KINDS)


def test_every_head_of_a_model_has_the_scores_of_its_own_pattern():
    params, ids = weights(CONFIG, spread=1.0), some_text()
    found = heads.named(params, CONFIG, ids, np.random.default_rng(1), bounded=True)
    assert [(head.layer, head.head) for head in found] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    for head in found:
        assert [score.name for score in head.scores] == list(ALL)
        for score in head.scores:
            text = random_text() if score.name == "induction" else ids
            pattern = gpt.forward(params, CONFIG, text)[1].blocks[head.layer].attention.pattern
            assert score == heads.score(score.name, pattern, ALL[score.name](text))[head.head]
    assert len({head.scores for head in found}) == 4


def test_a_model_whose_queries_are_zero_looks_at_all_alike_and_no_head_has_a_name():
    params = weights(CONFIG)
    for layer in range(2):
        params[f"block{layer}.attention.w_qkv"][:, :8] = 0
        params[f"block{layer}.attention.b_qkv"][:8] = 0
    found = heads.named(params, CONFIG, some_text(), np.random.default_rng(1), bounded=True)
    assert all(not head.names for head in found)
    assert all(score.share == pytest.approx(score.chance) for head in found for score in head.scores)


MADE = GPTConfig(vocabulary=12, layers=2, heads=2, width=28, context=24)
TOKEN, BEFORE, PLACE = slice(0, 12), slice(12, 24), slice(24, 26)  # what the residual stream holds, and where


def made_for_induction():
    """The circuit of the literature, by hand: a head that says which token stood before, and one that looks for it."""
    params = weights(MADE, spread=0.0)
    params.flat[...] = 0
    for layer in range(2):
        params[f"block{layer}.norm1.gain"][...] = 1
    angle, back = 0.25 * np.arange(24)[:, None], 0.25
    circle = np.concatenate([np.cos(angle), np.sin(angle)], axis=1)  # (T, 2): each place is a point on it
    params["embedding.token"][:, TOKEN] = np.eye(12)
    params["embedding.position"][:, PLACE] = circle
    params["embedding.position"][:, 26:] = -circle  # so that the mean is the same for all
    turn = np.array([[np.cos(back), -np.sin(back)], [np.sin(back), np.cos(back)]])
    w = params["block0.attention.w_qkv"]
    w[PLACE, :2], w[PLACE, 28:30], w[TOKEN, 56:68] = 200 * turn, np.eye(2), np.eye(12)
    params["block0.attention.w_out"][:12, BEFORE] = np.eye(12)
    w = params["block1.attention.w_qkv"]
    w[TOKEN, :12], w[BEFORE, 28:40] = 20 * np.eye(12), np.eye(12)
    return params


def names_of(params):
    found = heads.named(params, MADE, some_text(size=12), np.random.default_rng(1), bounded=True)
    return {(head.layer, head.head): [score.name for score in head.names] for head in found}


def test_heads_made_for_a_job_are_named_for_it_and_the_idle_ones_are_not():
    made = made_for_induction()
    assert names_of(made) == {(0, 0): ["previous token"], (0, 1): [], (1, 0): ["induction"], (1, 1): []}


def test_without_the_head_before_it_an_induction_head_finds_nothing_and_loses_its_name():
    without = switched_off(made_for_induction(), MADE, [(0, 0)])
    assert names_of(without)[1, 0] == []


def test_a_name_needs_enough_looks_and_a_share_well_above_chance():
    assert Score("same token", 0.6, 0.2, 8).earned
    assert not Score("same token", 0.6, 0.2, 7).earned
    assert not Score("same token", 0.45, 0.2, 800).earned
    assert not Score("same token", float("nan"), 0.2, 800).earned


def test_the_name_farthest_above_chance_comes_first():
    scores = (Score("a", 0.8, 0.4, 99), Score("b", 0.6, 0.1, 99), Score("c", 0.3, 0.1, 99))
    assert [score.name for score in Head(0, 0, scores).names] == ["b", "a"]
