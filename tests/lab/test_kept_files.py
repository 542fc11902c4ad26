"""Runs saved by earlier versions of the lab, kept in tests/lab/kept, open as they were and learn on."""

from pathlib import Path

import numpy as np
import pytest

from tinylm_tui.lab import headless, store

KEPT = Path(__file__).parent / "kept"


@pytest.mark.parametrize(("name", "loss"), [("format1_bigram", 1.0088896), ("format1_gpt", 1.8077455)])
def test_a_run_of_an_earlier_version_opens_as_it_was(name, loss):
    run = store.load(KEPT / f"{name}.safetensors")
    assert (run.step, run.corpus.text) == (60, "anna\nben\nnina\nbea\neve\nabe\nna\n")
    assert run.loss() == pytest.approx(loss, rel=1e-6)
    assert run.corpus.tokenizer.tokens == ("", *"abeinv")


@pytest.mark.parametrize("name", ["format1_bigram", "format1_gpt"])
def test_a_run_of_an_earlier_version_learns_on_and_is_saved_in_the_new_format(name, tmp_path):
    run = store.load(KEPT / f"{name}.safetensors")
    list(headless.train(run, 5))
    store.save(run, tmp_path / "new.safetensors")
    assert np.array_equal(store.load(tmp_path / "new.safetensors").params.flat, run.params.flat)
    assert run.step == 65
