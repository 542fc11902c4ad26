"""Runs saved by earlier versions of the lab, kept in tests/lab/kept, open as they were and learn on.

FORMAT.md tells what is in them. The `early` ones of format 2 are from before it kept where an explosion goes back to.
"""

from pathlib import Path

import numpy as np
import pytest

from tinylm_tui.lab import headless, store

KEPT = Path(__file__).parent / "kept"
NAMES = "anna\nben\nnina\nbea\neve\nabe\nna\n"
TAUGHT = "anna\nben\nnina\nbea\neve\nabe\nna\nvivi\nnaev\nbibi\nzoe\n"
# name, loss, text, tokens
SAMPLES = [
    ("format1_bigram", 1.0088896, NAMES, 7),
    ("format1_gpt", 1.8077455, NAMES, 7),
    ("format2_early_average", 2.0030285, TAUGHT, 9),
    ("format2_early_mlp", 1.8268931, TAUGHT, 9),
    ("format2_early_gpt", 1.8344740, TAUGHT, 9),
    ("format2_bigram", 1.6792563, TAUGHT, 9),
    ("format2_bigram_feedback", 1.0525458, NAMES, 7),
    ("format2_average", 2.0030285, TAUGHT, 9),
    ("format2_mlp", 1.8268931, TAUGHT, 9),
    ("format2_gpt", 1.8344740, TAUGHT, 9),
    ("format2_bpe", 1.1273866, TAUGHT, 14),
    ("format2_alphabet", 3.1704702, TAUGHT, 27),
]
EVERY = [sample[0] for sample in SAMPLES]


def test_every_kept_file_is_looked_at_and_small():
    files = sorted(KEPT.iterdir())
    assert [file.stem for file in files] == sorted(EVERY)
    assert all(file.stat().st_size < 20_000 for file in files)


@pytest.mark.parametrize(("name", "loss", "text", "size"), SAMPLES)
def test_a_run_of_an_earlier_version_opens_as_it_was(name, loss, text, size):
    run = store.load(KEPT / f"{name}.safetensors")
    assert (run.step, run.corpus.text, run.corpus.size) == (60, text, size)
    assert run.loss() == pytest.approx(loss, rel=1e-6)


def test_byte_pairs_of_an_earlier_version_are_the_same_tokens():
    tokens = store.load(KEPT / "format2_bpe.safetensors").corpus.tokenizer.tokens
    assert tokens == ("", *"abeinovz", "na", "be", "bi", "ev", "vi")


@pytest.mark.parametrize("name", [name for name in EVERY if "bigram" not in name and "bpe" not in name])
def test_what_was_held_out_is_not_trained_on_and_what_was_taught_is(name):
    run = store.load(KEPT / f"{name}.safetensors")
    train, held = (set(run.corpus.tokenizer.decode_units(s)) for s in (run.learner.train, run.learner.held))
    assert held.isdisjoint(train) or not run.corpus.tokenizer.bounded
    assert name.startswith("format1") or "zoe" in train


@pytest.mark.parametrize("name", EVERY)
def test_a_run_of_an_earlier_version_learns_on_and_is_saved_in_the_new_format(name, tmp_path):
    run = store.load(KEPT / f"{name}.safetensors")
    before = run.params.flat.copy()
    list(headless.train(run, 5))
    assert run.step == 65
    assert not np.array_equal(run.params.flat, before)
    store.save(run, tmp_path / "new.safetensors")
    again = store.load(tmp_path / "new.safetensors")
    for one in (run, again):
        list(headless.train(one, 5))
    assert np.array_equal(again.params.flat, run.params.flat)


def test_feedback_of_an_earlier_version_is_told_and_undone():
    run = store.load(KEPT / "format2_bigram_feedback.safetensors")
    assert [(word.text, word.sign) for word in run.tuning.report.rated] == [("na", 1)]
    assert run.tuning.rounds == 2
    run.undo_feedback()
    assert [(word.text, word.sign) for word in run.tuning.report.rated] == [("anna", 1), ("bea", -1)]
    run.undo_feedback()
    assert (run.tuning.report, run.tuning.can_undo) == (None, False)
    assert np.array_equal(run.params.flat, run.tuning.reference)
