"""The short form of tests/bench/long_run.py: memory stays where it was, and the curves stay short."""

import importlib.util
import sys
import tracemalloc
from itertools import islice
from pathlib import Path

import pytest

from tinylm_tui.lab.history import CAPACITY

BENCH = Path(__file__).parents[1] / "bench" / "long_run.py"


@pytest.fixture(scope="module")
def long_run():
    spec = importlib.util.spec_from_file_location("long_run", BENCH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["long_run"] = module  # dataclasses ask for it
    spec.loader.exec_module(module)
    yield module
    del sys.modules["long_run"]


@pytest.fixture
def traced():
    tracemalloc.start()
    yield
    tracemalloc.stop()


SPARE = 100_000  # bytes: the curves are fuller at one time than at another


def growth(marks):
    """From the second mark on, when all is there that there will be: how many bytes the most grew."""
    return marks[-1].traced - max(mark.traced for mark in marks[1 : len(marks) // 2])


@pytest.mark.parametrize("model", ["bigram", "average"])
def test_a_long_run_takes_no_more_memory_than_a_short_one(model, long_run, traced, tmp_path):
    marks = list(long_run.marks(model, 12_000, tmp_path))
    assert marks[-1].step >= 12_000
    assert max(mark.points for mark in marks) <= CAPACITY
    assert {mark.files for mark in marks} <= {0, 1, 2}  # the run, and the one saved before it
    assert growth(marks) < SPARE


def test_a_curve_that_grows_would_be_noticed(long_run, traced, tmp_path, monkeypatch):
    monkeypatch.setattr("tinylm_tui.lab.history.CAPACITY", 10**9)
    marks = list(islice(long_run.marks("bigram", 12_000, tmp_path), long_run.PARTS))  # such a run cannot be saved
    assert marks[-1].points > CAPACITY
    assert growth(marks) > SPARE
