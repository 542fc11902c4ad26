"""What switching parts off changes: measured on the text kept from training, and never on the run."""

import numpy as np
import pytest

from tinylm_tui.engine import gpt
from tinylm_tui.lab.ablation import Asked, Off, effect_of, loss_on, measured_of, table_of
from tinylm_tui.lab.commands import Teach
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.errors import LabError, Stopped
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.snapshot import HELD_TOKENS
from tinylm_tui.lab.starters import starter
from tinylm_tui.lab.trainer import Trainer
from tinylm_tui.lab.writing import Request

from .conftest import Clock

SMALL = {"model": "gpt", "layers": 2, "heads": 2, "width": 8, "context": 6, "batch": 4, "learn_rate": 0.02,
         "held_out": 0.2, "threads": "one", "pace": 0, "warmup": 1}  # fmt: skip
TEXT = "anna\nben\nnina\nbea\neve\nabe\nna\n" * 12
ASKED = Asked("anna", Request(count=4, length=12, seed=3))


def trainer_of(text=TEXT, steps=100, **choices):
    trainer = Trainer(Run(make_corpus("words", text), Settings(**{**SMALL, **choices})), Clock())
    for _ in range(steps):
        trainer.run.train_step()
    return trainer


@pytest.fixture(scope="module")
def trainer():
    return trainer_of()


@pytest.fixture(scope="module")
def snapshot(trainer):
    return trainer.snapshot()


def going():
    return True


def effect(snapshot, off=None, asked=ASKED, before=None):
    return effect_of(snapshot, off or Off(), asked, before, going)


def zeroed(params, layer, head, width=4):
    """The weights with this head's slice of the output matrix at zero, by hand."""
    off = params.copy()
    off[f"block{layer}.attention.w_out"][head * width : (head + 1) * width] = 0
    return off


def plain(snapshot, params, inputs, targets):
    config = config_of(snapshot.settings, snapshot.corpus.size)
    return gpt.loss_and_grads(params, config, inputs, targets)[0]


# ---- what losses are measured on


def test_losses_are_measured_on_the_part_kept_from_training(trainer, snapshot):
    held = trainer.run.learner.held
    measured = measured_of(snapshot)
    assert measured.held_out
    assert measured.inputs.reshape(-1).tolist() == held[: measured.tokens].tolist()
    assert measured.targets.reshape(-1).tolist() == held[1 : measured.tokens + 1].tolist()


def test_the_whole_models_loss_is_the_learners_own_on_these_tokens(trainer, snapshot):
    measured = measured_of(snapshot)
    loss = effect(snapshot).whole.loss
    assert loss == pytest.approx(trainer.run.learner.evaluate(trainer.run.learner.held[: measured.tokens + 1]))
    assert loss != pytest.approx(trainer.run.learner.evaluate(trainer.run.learner.train), rel=1e-3)


def test_of_a_long_part_the_beginning_is_measured():
    one = starter("names")
    run = Run(make_corpus(one.name, one.text(), one.reading), Settings(**{**SMALL, "held_out": 0.5, "context": 8}))
    snapshot = Trainer(run, Clock()).snapshot()
    assert len(run.learner.held) > HELD_TOKENS == len(snapshot.held_ids)
    assert measured_of(snapshot).tokens == HELD_TOKENS - 1


@pytest.mark.parametrize("choices", [{"held_out": 0.0}, {"held_out": 0.001}])
def test_where_nothing_is_held_out_it_is_the_beginning_of_the_text(choices):
    trainer = trainer_of(steps=0, **choices)
    measured = measured_of(trainer.snapshot())
    assert not measured.held_out
    assert measured.inputs.reshape(-1).tolist() == trainer.run.corpus.ids[: measured.tokens].tolist()


def test_a_part_shorter_than_the_context_is_one_shorter_window():
    trainer = trainer_of(steps=0, held_out=0.18, context=128)
    held, measured = trainer.run.learner.held, measured_of(trainer.snapshot())
    assert 2 < len(held) <= 128
    assert measured.inputs.shape == (1, len(held) - 1)
    config = config_of(trainer.run.settings, trainer.run.corpus.size)
    by_hand = plain(trainer.snapshot(), trainer.run.params, measured.inputs, measured.targets)
    assert loss_on(trainer.run.params, config, measured) == pytest.approx(by_hand, rel=1e-5)


def test_words_that_were_taught_are_not_measured_on():
    trainer = trainer_of(steps=0)
    before = trainer.snapshot()
    trainer.handle(Teach("vivi vav bibi"))
    after = trainer.snapshot()
    words = [one.corpus.tokenizer.decode_units(one.held_ids) for one in (before, after)]
    assert words[0] == words[1]


# ---- what is changed


@pytest.mark.parametrize("part", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_a_head_that_is_off_is_its_slice_of_the_output_matrix_at_zero(snapshot, part):
    measured, found = measured_of(snapshot), effect(snapshot, Off().switched(*part))
    by_hand = plain(snapshot, zeroed(snapshot.params, *part), measured.inputs, measured.targets)
    other = plain(snapshot, zeroed(snapshot.params, 1 - part[0], part[1]), measured.inputs, measured.targets)
    assert found.without.loss == pytest.approx(by_hand, rel=1e-5)
    assert found.without.loss != pytest.approx(other, rel=1e-5)
    assert found.added == pytest.approx(by_hand - found.whole.loss, abs=1e-5)


def test_the_run_and_its_snapshot_stay_as_they_were(trainer, snapshot):
    before = trainer.run.params.flat.tobytes()
    effect(snapshot, Off().switched(0, 0).switched(1, None))
    assert snapshot.params.flat.tobytes() == trainer.run.params.flat.tobytes() == before


def test_attention_moves_only_in_the_layers_after_the_head_that_is_off(snapshot):
    found = effect(snapshot, Off().switched(0, 1))
    assert found.moved[0] == pytest.approx([0, 0], abs=1e-6)
    assert (found.moved[1] > 1e-3).all()
    assert effect(snapshot, Off().switched(1, 0)).moved == pytest.approx(np.zeros((2, 2)), abs=1e-6)
    rows = found.without.patterns.sum(axis=-1)
    assert rows == pytest.approx(np.ones_like(rows), abs=1e-5)


def test_moved_is_half_of_what_changes_in_a_row_meaned_over_the_rows_with_a_choice(snapshot):
    found = effect(snapshot, Off().switched(0, 1))
    p, q = found.whole.patterns[1, 0].tolist(), found.without.patterns[1, 0].tolist()
    rows = [sum(abs(a - b) for a, b in zip(*both, strict=True)) / 2 for both in zip(p, q, strict=True)]
    assert found.moved[1, 0] == pytest.approx(sum(rows[1:]) / len(rows[1:]), rel=1e-5)


def test_both_write_from_the_same_dice(snapshot):
    found = effect(snapshot, Off().switched(0, 0).switched(1, None))
    again = effect(snapshot, Off().switched(0, 0).switched(1, None))
    assert found.whole.samples == effect(snapshot).whole.samples
    assert found.without.samples == again.without.samples != found.whole.samples


def test_a_part_that_writes_nothing_changes_no_letter(snapshot):
    params = snapshot.params.copy()
    params["block0.attention.w_out"][:4] = 0
    silent = snapshot.__class__(**{**vars(snapshot), "params": params})
    found = effect(silent, Off().switched(0, 0))
    assert (found.added, found.without.samples) == (0.0, found.whole.samples)


def test_nothing_off_is_nothing_changed(snapshot):
    found = effect(snapshot)
    assert (found.without, found.added, found.moved.any()) == (None, 0.0, np.False_)


def test_what_was_found_of_the_same_moment_is_not_computed_again(snapshot):
    first = effect(snapshot)
    second = effect(snapshot, Off().switched(0, 0), before=first)
    assert second.whole is first.whole
    assert effect(snapshot, asked=Asked("ben", ASKED.request), before=first).whole is not first.whole


def test_a_prompt_that_the_model_cannot_read_is_refused(snapshot):
    with pytest.raises(LabError, match="never seen X"):
        effect(snapshot, asked=Asked("anna", Request(prompt="X")))


@pytest.mark.parametrize("after", [0, 1])
def test_nobody_waits_any_more_and_it_stops(snapshot, after):
    calls = iter(range(10))
    with pytest.raises(Stopped):
        effect_of(snapshot, Off(), ASKED, None, lambda: next(calls) < after)


# ---- the table, and the names


def test_each_cost_in_the_table_is_the_effect_of_that_part_alone(snapshot):
    table = table_of(snapshot, lambda done, of: True)
    assert table.cells.shape == (2, 3)
    for layer in range(2):
        for column, head in enumerate((0, 1, None)):
            alone = effect(snapshot, Off().switched(layer, head))
            assert table.cells[layer, column] == pytest.approx(alone.added, abs=1e-5)
    assert np.abs(table.cells).max() > 1e-3


def test_a_table_can_be_stopped(snapshot):
    assert table_of(snapshot, lambda done, of: done < 3) is None


def test_every_head_has_scores_and_a_name_only_with_the_share_that_justifies_it(snapshot):
    heads = effect(snapshot).heads
    assert [(one.layer, one.head) for one in heads] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    for one in heads:
        assert {score.name for score in one.scores} >= {"previous token", "first token"}
        assert all(score.share - score.chance >= 0.3 for score in one.names)


def test_off_says_what_it_holds():
    off = Off().switched(1, 0).switched(0, None)
    assert (off.holds(1, 0), off.holds(0, None), off.holds(1, None), bool(off)) == (True, True, False, True)
    assert off.switched(1, 0).switched(0, None) == Off()
    assert not Off()
