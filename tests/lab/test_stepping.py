"""Candidates and their cut, the dice, and the tree of what was chosen."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine.strategies import Strategy, cut, distribution
from tinylm_tui.engine.tokenizer import BOUNDARY, AlphabetTokenizer, CharTokenizer
from tinylm_tui.lab.candidates import Moment, Reader, candidates, thrown_dice
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.stepping import START, Tree, chosen, entered, moved, stretches, undone
from tinylm_tui.lab.trainer import Trainer
from tinylm_tui.lab.writing import Request, write

from .conftest import new_run

P = [0.1, 0.4, 0.2, 0.25, 0.05]
LOGITS = np.log(P)
TOKENIZER = CharTokenizer("abcd")  # with the boundary five tokens
EMPTY = Tree((BOUNDARY,))
NOW, LATER = Moment(3, 111), Moment(4, 222)

scores = st.lists(st.floats(-30, 30), min_size=1, max_size=12)
strategies = st.builds(Strategy, st.just(0.0) | st.floats(0.01, 100), st.integers(0, 15), st.floats(0, 1))


def told(tree, *tokens, strategy=Strategy(), by="you", moment=NOW):  # noqa: B008
    """The tree after so many choices with the same candidates."""
    for token in tokens:
        tree = chosen(tree, candidates(LOGITS, strategy), token, by, moment)
    return tree


def texts(tree):
    """The tokens of each stretch of the tree, from the top, with how deep it stands."""
    return [(len(one.lasts), [tree.steps[n].token for n in one.steps], one.forks) for one in stretches(tree)]


def told_by(tree):
    """The text that leads to each step."""
    return {tuple(tree.steps[j].token for j in tree.way(i)) for i in range(len(tree.steps))}


# ---- candidates


def test_the_candidates_stand_in_falling_order_with_all_their_figures():
    c = candidates(LOGITS, Strategy())
    assert c.ids.tolist() == [1, 3, 2, 0, 4]
    assert c.own == pytest.approx([0.4, 0.25, 0.2, 0.1, 0.05])
    assert c.cumulated == pytest.approx([0.4, 0.65, 0.85, 0.95, 1])
    assert c.bits == pytest.approx([-math.log2(p) for p in (0.4, 0.25, 0.2, 0.1, 0.05)])
    assert (c.kept, c.thrown) == (5, 0)
    assert c.place(2) == 2


def test_what_is_cut_away_is_never_drawn_and_the_rest_makes_one_again():
    c = candidates(LOGITS, Strategy(1, top_k=2))
    assert (c.kept, c.thrown) == (2, pytest.approx(0.35))
    assert c.chances == pytest.approx([0.4 / 0.65, 0.25 / 0.65, 0, 0, 0])


def test_a_temperature_changes_the_bars_and_not_the_surprise():
    c = candidates(LOGITS, Strategy(0.5))
    assert c.probabilities == pytest.approx(sorted(distribution(LOGITS, 0.5), reverse=True))
    assert c.own == pytest.approx([0.4, 0.25, 0.2, 0.1, 0.05])
    assert c.probabilities != pytest.approx(c.own)


def test_greedy_has_the_bars_of_the_model_and_keeps_the_first():
    c = candidates(LOGITS, Strategy(0))
    assert c.probabilities == pytest.approx([0.4, 0.25, 0.2, 0.1, 0.05])
    assert (c.kept, c.thrown) == (1, pytest.approx(0.6))
    assert c.chances.tolist() == [1, 0, 0, 0, 0]


@given(scores, strategies)
def test_it_is_the_cut_of_the_engine_in_falling_order(logits, strategy):
    logits = np.array(logits)
    c, plain = candidates(logits, strategy), cut(logits, strategy)
    assert sorted(c.ids.tolist()) == list(range(len(logits)))
    assert set(c.ids[: c.kept].tolist()) == set(np.flatnonzero(plain.kept).tolist())
    assert np.array_equal(c.chances, plain.distribution[c.ids])
    assert (np.diff(c.probabilities) <= 1e-15).all()
    assert c.cumulated[-1] == pytest.approx(1)
    assert c.cumulated[c.kept - 1] + c.thrown == pytest.approx(1)
    if strategy.temperature:
        assert c.thrown == pytest.approx(plain.thrown, abs=1e-12)


def test_tokens_whose_shares_round_to_nothing_still_stand_by_their_scores():
    c = candidates(np.array([0.0, -3000, -1000, -2000]), Strategy())
    assert c.ids.tolist() == [0, 2, 3, 1]
    assert c.bits[1] == math.inf


# ---- dice


@pytest.fixture(scope="module")
def trained():
    run = new_run()
    for _ in range(300):
        run.train_step()
    return run


@pytest.mark.parametrize("strategy", [Strategy(), Strategy(0.7, 4), Strategy(1.3, 0, 0.8), Strategy(0)], ids=str)
def test_dice_alone_write_the_first_text_that_writing_makes(trained, strategy):
    tokenizer, tree = trained.corpus.tokenizer, EMPTY
    next_logits = model_of(trained.settings).next_logits(trained.params, trained.settings, tokenizer)
    request = Request(2, 12, strategy.temperature, "", 7, strategy.top_k, strategy.top_p)
    first, second = write(trained.params, tokenizer, request, trained.settings)
    while len(tree.done) < 12 and not tree.ended(tokenizer):
        c = candidates(next_logits([tree.ids])[0], strategy)
        tree = chosen(tree, c, thrown_dice(c, 7, len(tree.done)), "dice", NOW)
    assert tuple(tree.ids) == first.ids
    assert [tree.steps[n].chance for n in tree.done] == pytest.approx(first.probabilities)
    assert strategy.temperature == 0 or tuple(tree.ids) != second.ids  # the second text has other dice


def test_other_dice_and_other_places_throw_otherwise():
    c = candidates(np.zeros(50), Strategy())
    throws = {(seed, before): thrown_dice(c, seed, before) for seed in range(3) for before in range(3)}
    assert len(set(throws.values())) > 5
    assert all(thrown_dice(c, *place) == token for place, token in throws.items())


def test_dice_never_choose_what_is_cut_away():
    c = candidates(LOGITS, Strategy(1, 2))
    assert {thrown_dice(c, 0, n) for n in range(200)} == {1, 3}


# ---- the tree


def test_a_step_keeps_what_was_chosen_by_whom_with_which_probability_and_when():
    tree = told(EMPTY, 2, by="dice", strategy=Strategy(1, top_k=3))
    (step,) = tree.steps
    assert (step.token, step.parent, step.by, step.moment) == (2, START, "dice", NOW)
    assert step.probability == pytest.approx(0.2)
    assert step.chance == pytest.approx(0.2 / 0.85)
    assert step.bits == pytest.approx(-math.log2(0.2))


def test_a_person_may_take_what_is_cut_away():
    (step,) = told(EMPTY, 4, strategy=Strategy(1, top_k=1)).steps
    assert (step.probability, step.chance) == (pytest.approx(0.05), 0)


def test_the_text_grows_by_what_is_chosen_and_its_bits_add_up():
    tree = told(Tree((BOUNDARY, 3)), 1, 2, 1)
    assert tree.ids == [BOUNDARY, 3, 1, 2, 1]
    assert tree.bits(tree.done) == pytest.approx(-math.log2(0.4 * 0.2 * 0.4))
    assert tree.bits_per_character(tree.done, TOKENIZER) == pytest.approx(-math.log2(0.4 * 0.2 * 0.4) / 3)
    assert EMPTY.bits_per_character(EMPTY.done, TOKENIZER) is None


def test_a_token_of_several_characters_counts_as_so_many():
    class Pairs(CharTokenizer):
        tokens = ("", "a", "b", "c", "ab")

    tree = told(EMPTY, 4, 1)
    assert tree.bits_per_character(tree.done, Pairs("abc")) == pytest.approx(-math.log2(0.05 * 0.4) / 3)


def test_the_text_ends_with_the_boundary_where_there_is_one():
    assert told(EMPTY, 1, BOUNDARY).ended(TOKENIZER)
    assert not told(EMPTY, 1).ended(TOKENIZER)
    assert not EMPTY.ended(TOKENIZER)
    assert not told(EMPTY, 1, 0).ended(AlphabetTokenizer())


def test_back_and_on_along_the_branch_and_never_beyond_its_ends():
    tree = told(EMPTY, 1, 2, 3)
    assert moved(tree, -1).ids == [0, 1, 2]
    assert moved(tree, -99).ids == [0]
    assert moved(moved(tree, -99), 2).ids == [0, 1, 2]
    assert moved(tree, 1) == tree
    assert tree.next is None
    assert tree.steps[moved(tree, -1).next].token == 3


def test_another_choice_at_an_earlier_step_is_a_branch_and_both_are_kept():
    tree = told(moved(told(EMPTY, 1, 2, 3), -2), 4)
    assert tree.ids == [0, 1, 4]
    assert tree.ends == 2
    assert texts(tree) == [(0, [1], True), (1, [2, 3], False), (1, [4], False)]
    assert entered(tree, 2).ids == [0, 1, 2, 3]


def test_the_same_choice_again_is_the_same_step_with_the_figures_it_had():
    tree = moved(told(EMPTY, 1, 2), -2)
    again = told(tree, 1, moment=LATER)
    assert again.steps == tree.steps
    assert again.steps[0].moment == NOW
    assert again.ids == [0, 1]
    assert again.tip == tree.tip  # the branch in view leads through it
    assert told(again, 2).at == again.tip


def test_undo_forgets_the_last_choice_and_only_that():
    tree = told(EMPTY, 1, 2)
    assert undone(tree) == told(EMPTY, 1)
    assert undone(undone(tree)) == EMPTY == undone(EMPTY)
    assert undone(moved(tree, -1)) == moved(tree, -1)  # something follows it


def test_undo_in_the_older_branch_leaves_the_younger_one_whole():
    tree = told(moved(told(EMPTY, 1, 2, 3), -2), 4, 1)
    older = undone(undone(entered(tree, 2)))
    assert older.ids == [0, 1]
    assert texts(older) == [(0, [1, 4, 1], False)]
    assert entered(older, 2).ids == [0, 1, 4, 1]


def test_standing_at_a_fork_the_newest_branch_is_ahead_unless_one_is_in_view():
    tree = told(moved(told(EMPTY, 1, 2, 3), -2), 4)
    assert [entered(tree, n).steps[entered(tree, n).tip].token for n in (0, 1)] == [4, 3]
    assert entered(entered(tree, 2), 0).tip == 2
    assert entered(tree, START).at == START


acts = st.lists(st.tuples(st.sampled_from(["choose", "move", "undo", "enter"]), st.integers(-4, 4)), max_size=40)


@given(acts)
def test_whatever_is_done_the_tree_stays_a_tree_with_the_person_on_the_branch_in_view(steps):
    tree = EMPTY
    for act, n in steps:
        before = told_by(tree)
        if act == "choose":
            tree = told(tree, abs(n))
        elif act == "move":
            tree = moved(tree, n)
        elif act == "undo":
            tree = undone(tree)
        elif tree.steps:
            tree = entered(tree, n % len(tree.steps))
        now = told_by(tree)
        assert len(now) == len(tree.steps)  # no two steps tell the same
        assert before <= now or (act == "undo" and len(before - now) == 1)
        assert all(step.parent < number for number, step in enumerate(tree.steps))
        assert tree.at == START or tree.at in tree.branch
        assert sorted(i for one in stretches(tree) for i in one.steps) == list(range(len(tree.steps)))
        assert sum(not one.forks for one in stretches(tree)) == tree.ends


def test_a_tree_is_a_frozen_value():
    tree = told(EMPTY, 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        tree.at = 3
    assert told(EMPTY, 1) == tree


# ---- the model of a snapshot


def test_a_moment_is_another_one_when_a_weight_has_moved():
    run = new_run()
    first = Moment.of(run.step, run.params)
    assert Moment.of(run.step, run.params) == first
    run.params.flat[3] += 0.5
    assert Moment.of(run.step, run.params) != first


def test_the_reader_asks_the_model_of_the_snapshot_and_no_older_one():
    trainer = Trainer(new_run())
    reader, before = Reader(), trainer.snapshot()
    old = reader.candidates(before, [0, 1], Strategy())
    assert reader.candidates(before, [0, 1], Strategy()) is old
    trainer.run.train_step()
    trainer.version += 1
    after = trainer.snapshot()
    now = reader.candidates(after, [0, 1], Strategy())
    logits = model_of(after.settings).next_logits(after.params, after.settings, after.corpus.tokenizer)([[0, 1]])[0]
    assert np.array_equal(now.own, candidates(logits, Strategy()).own)
    assert not np.array_equal(now.own, old.own)
    assert reader.moment(after) != Reader().moment(before)


def test_going_back_gives_the_same_scores_as_reading_anew():
    run = new_run(model="gpt", layers=2, heads=2, width=16, context=8, batch=4)
    snapshot, reader = Trainer(run).snapshot(), Reader()
    lengths = [3, 4, 5, 12, 4, 3, 13]
    text = [0, *[1 + n % 4 for n in range(13)]]
    for length in lengths:
        fresh = Reader().candidates(snapshot, text[:length], Strategy())
        assert reader.candidates(snapshot, text[:length], Strategy()).own == pytest.approx(fresh.own, rel=1e-4)
