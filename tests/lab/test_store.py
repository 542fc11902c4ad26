import io
import json
import os

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

from tinylm_tui.engine.feedback import Rating
from tinylm_tui.lab import commands as c
from tinylm_tui.lab import keeping, run_file, store
from tinylm_tui.lab.errors import RunFileError
from tinylm_tui.lab.trainer import Trainer

from .conftest import Clock, new_run

CHOICES = [{"start": "random", "seed": 4}, {"batch": 8, "learn_rate": 1.0}, {"learn_rate": 0.1, "pace": 7}]


def train(run, steps):
    for _ in range(steps):
        run.train_step()
    return run


def trained(steps=30, text="anna\nben\nnina\n", **choices):
    run = new_run(text, **choices)
    run.apply_feedback([Rating((0, 1, 0), 1)])
    return train(run, steps)


def everything(run):
    """All of a run that a file has to keep, in a form that can be compared."""
    arrays = {name: (array.dtype.str, array.tobytes()) for name, array in run_file.tensors_of(run).items()}
    return arrays, run_file.state_of(run)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.safetensors"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder for tests that write many files over each other."""
    return tmp_path_factory.mktemp("runs")


def passed_through(run, path):
    store.save(run, path)
    return store.load(path)


@pytest.mark.parametrize("choices", CHOICES)
def test_a_run_comes_back_from_its_file_with_everything(path, choices):
    run = trained(**choices)
    back = passed_through(run, path)
    assert everything(back) == everything(run)
    assert back.settings == run.settings
    assert back.loss() == run.loss()


@given(st.text(st.characters(codec=None), min_size=1, max_size=40).filter(str.strip))
@example("\udbff\udc00 \ud800\udc00 \U00010000")
@example("\r\n a \x00 \ufeff")
@settings(max_examples=30)
def test_any_text_comes_back_exactly(folder, text):
    run = trained(2, text=text)
    back = passed_through(run, folder / "any.safetensors")
    assert back.corpus.text == text
    assert everything(back) == everything(run)


@pytest.mark.parametrize("choices", CHOICES)
def test_training_goes_on_as_if_it_had_never_been_saved(path, choices):
    run = trained(**choices)
    back = train(passed_through(run, path), 30)
    assert everything(back) == everything(train(run, 30))


def test_forgetting_the_state_of_the_dice_would_be_noticed(path):
    run = trained(batch=8, learn_rate=1.0)
    back = passed_through(run, path)
    back.learner.batches = np.random.default_rng([0, 1])
    assert everything(train(back, 30))[0]["weights"] != everything(train(run, 30))[0]["weights"]


def test_saving_changes_nothing_in_the_run(path):
    run = trained(batch=8, learn_rate=1.0)
    before = everything(run)
    store.save(run, path)
    assert everything(run) == before


def test_feedback_after_opening_is_measured_from_the_same_weights(path):
    run = trained(5)
    run.apply_feedback([Rating((0, 2, 0), 1)])
    back = passed_through(run, path)
    for one in (run, back):
        one.apply_feedback([Rating((0, 2, 0), 1)])
    assert back.tuning.report.divergence == run.tuning.report.divergence
    assert back.tuning.report.rounds == run.tuning.report.rounds == 2


def test_a_file_can_be_opened_anywhere_else_too(path):
    run = trained()
    store.save(run, path)
    assert np.array_equal(from_bytes(path.read_bytes())["weights"], run.params.flat)


def test_only_the_file_and_the_one_before_are_left_behind(path):
    store.save(trained(3), path)
    assert os.listdir(path.parent) == [path.name]
    for steps in (4, 5):
        store.save(trained(steps), path)
    assert sorted(os.listdir(path.parent)) == [path.name, f"{path.name}.previous"]
    assert (store.load(path).step, store.load(keeping.previous_of(path)).step) == (5, 4)


@pytest.fixture(scope="module")
def whole(folder):
    """The bytes of a small saved run."""
    path = folder / "whole.safetensors"
    store.save(trained(3, batch=2), path)
    return path.read_bytes()


def opened(folder, data):
    """What a trainer makes of a file: its notice, and whether it still has the run it had."""
    path = folder / "damaged.safetensors"
    path.write_bytes(data)
    trainer = Trainer(new_run("ab ba"), Clock())
    run, before = trainer.run, everything(trainer.run)
    trainer.handle(c.Open(str(path)))
    return trainer.snapshot().notice, trainer.run is run and everything(run) == before


@given(st.data())
def test_a_file_cut_short_anywhere_is_refused_and_the_run_at_hand_kept(folder, whole, data):
    notice, kept = opened(folder, whole[: data.draw(st.integers(0, len(whole) - 1))])
    assert notice.kind == "error"
    assert "\n" not in notice.text
    assert kept


@given(st.data())
@settings(max_examples=300)
def test_a_file_with_one_bit_flipped_anywhere_is_refused_and_the_run_at_hand_kept(folder, whole, data):
    damaged = bytearray(whole)
    place = data.draw(st.integers(0, 8 * len(whole) - 1))
    damaged[place // 8] ^= 1 << place % 8
    notice, kept = opened(folder, bytes(damaged))
    assert notice.kind == "error"
    assert kept


def test_the_file_without_damage_is_opened(folder, whole):
    notice, kept = opened(folder, whole)
    assert notice.kind == "information"
    assert not kept


@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff" * 8)
@example((2).to_bytes(8, "little") + b"{}")
def test_any_bytes_are_refused(folder, data):
    notice, kept = opened(folder, data)
    assert notice.kind == "error"
    assert kept


def forged(whole, change=None, **tensors):
    """A file that is whole and has a right checksum, made by somebody with other ideas."""
    arrays = {**from_bytes(whole), **tensors}
    state = run_file.contents_of(io.BytesIO(whole))[1]
    text = change if isinstance(change, str) else json.dumps({**state, **(change or {})})
    return to_bytes(arrays, metadata={"tinylm": text, "sha256": run_file.checksum(text, arrays.items())})


STRANGE = [
    {"format": 3}, {"format": None}, {"reading": "syllables"}, {"settings": {"model": "lstm"}},
    {"settings": {"learn_rate": "nan"}}, {"settings": []}, {"step": float("inf")}, {"step": "x"},
    {"step": 1}, {"step": True}, {"start_loss": None},
    {"learner": {}}, {"learner": {"batches": {"bit_generator": "PCG64", "state": {"state": 2**200, "inc": -1}}}},
    {"curves": {"loss": {"stride": 0, "in_last": 0}}}, {"curves": {"loss": {"stride": 1, "in_last": 5}}},
    {"curves": {"other": {"stride": 1, "in_last": 1}}}, {"feedback_rounds": "x"}, "[]", "null", "{}", "[" * 100_000,
    {"marks": {}}, {"marks": [7]}, {"marks": [[1, "other"]]}, {"marks": [[-1, "taught"]]},
    {"marks": [["1", "taught"]]}, {"marks": [[10**6, "taught"]]}, {"marks": [[0, "taught", 0]]},
    {"marks": [[0, "taught"]] * 101}, {"lowest": {"step": 10**15, "value": 1.0, "since": 3}},
    {"tokenizer": {"kind": "characters", "letters": ["x"]}}, {"tokenizer": {"kind": "characters", "letters": "ba"}},
    {"tokenizer": {"kind": "bpe", "letters": list("abein"), "merges": [[1, 99]], "split_words": True}},
    {"tokenizer": {"kind": "bpe", "letters": list("abein"), "merges": [["x", 2]], "split_words": True}},
    {"tokenizer": {"kind": "bpe", "letters": list("abein"), "merges": [[1, -2]], "split_words": True}},
    {"tokenizer": {"kind": "bpe", "letters": list("abein"), "merges": 7, "split_words": True}}, {"tokenizer": {}},
]  # fmt: skip


@pytest.mark.parametrize("change", STRANGE, ids=lambda change: repr(change)[:50])
def test_a_strange_state_is_refused(folder, whole, change):
    notice, kept = opened(folder, forged(whole, change))
    assert notice.kind == "error"
    assert kept


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("weights", np.zeros(3, np.float32)),
        ("weights", np.full(36, np.nan, np.float32)),
        ("text", np.array([0xFF, 0xFE], np.uint8)),
        ("text", np.zeros(0, np.uint8)),
        ("reference", np.zeros(3, np.float32)),
        ("loss.low", np.zeros(1)),
    ],
)
def test_strange_arrays_are_refused(folder, whole, name, array):
    notice, kept = opened(folder, forged(whole, **{name: array}))
    assert notice.kind == "error"
    assert kept


def test_a_forgery_that_changes_nothing_is_opened(folder, whole):
    assert opened(folder, forged(whole))[0].kind == "information"


def test_a_later_format_is_told_from_damage(folder, whole):
    notice = opened(folder, forged(whole, {"format": 3}))[0]
    assert "it is in format 3, and this version reads formats 1 and 2" in notice.text


@pytest.mark.parametrize("what", ["", "missing.safetensors", "."])
def test_what_is_no_file_is_refused(folder, what):
    with pytest.raises(RunFileError, match="there is no run"):
        store.load(folder / what)


def test_a_file_larger_than_any_run_is_refused_unread(path):
    with path.open("wb") as handle:
        handle.truncate(run_file.MOST_BYTES + 1)
    with pytest.raises(RunFileError, match="larger than any run"):
        store.load(path)


@pytest.mark.parametrize("name", ["no/such/folder/run", "a\0b", "~nobody-of-that-name/x", "x" * 300, "."])
def test_a_place_where_nothing_can_be_saved_is_refused(folder, name):
    with pytest.raises(RunFileError, match="cannot save to"):
        store.save(trained(1), name if name.startswith("~") else folder / name)


def test_a_run_with_numbers_that_cannot_be_saved_is_refused_before_anything_is_written(path):
    run = trained(1)
    run.params.flat[0] = np.nan
    with pytest.raises(RunFileError, match="numbers that cannot be saved"):
        store.save(run, path)
    assert not path.exists()


def test_an_array_that_is_not_contiguous_is_saved_right_all_the_same(path):
    run = trained(3)
    wide = np.repeat(run.params.flat, 2)
    run.tuning.reference = wide[::2]
    assert not run.tuning.reference.flags.c_contiguous
    assert np.array_equal(passed_through(run, path).tuning.reference, run.params.flat)
