import numpy as np
import pytest

from tinylm_tui.lab import store
from tinylm_tui.lab.headless import find_corpus
from tinylm_tui.lab.rescue import run_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import MODELS, parse_pairs
from tinylm_tui.lab.trainer import Trainer


@pytest.mark.parametrize("tokenizer", ["characters", "alphabet", "bpe"])
@pytest.mark.parametrize("model", MODELS)
def test_of_the_last_snapshot_a_run_can_be_made_saved_and_trained_on(tmp_path, model, tokenizer):
    settings = parse_pairs([f"model={model}", "context=8", "width=16", "layers=1", f"tokenizer={tokenizer}"])
    trainer = Trainer(Run(find_corpus("names", settings), settings))
    for _ in range(20):
        trainer.run.train_step()
    snapshot = trainer.snapshot()
    store.save(run_of(snapshot), tmp_path / "rescued.safetensors")
    rescued = store.load(tmp_path / "rescued.safetensors")
    assert np.array_equal(rescued.params.flat, snapshot.params.flat)
    assert (rescued.step, rescued.corpus.text, rescued.settings) == (20, snapshot.corpus.text, settings)
    assert all(len(rescued.history[name].curve()) == len(curve) for name, curve in snapshot.curves.items())
    rescued.train_step()
