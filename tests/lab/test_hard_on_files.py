"""What takes a process of its own: kills in the middle of saving, hostile files, and many damaged ones.

These run the scripts in tests/bench for a short while; TINYLM_LONG=1 makes it the full 1,000 kills and 100,000 files.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"
LONG = os.environ.get("TINYLM_LONG", "") not in ("", "0")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the scripts fork, which this system cannot")


def told(script, *options):
    """The exit status of a script in tests/bench, and what it told in its last line."""
    done = subprocess.run([sys.executable, str(BENCH / script), *options], capture_output=True, text=True)
    assert done.stdout.strip(), done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_kills_at_random_moments_of_saving_lose_nothing():
    status, found, errors = told("kill_saves.py", "--rounds", "1000" if LONG else "60", "--seed", "3")
    assert status == 0, (found, errors)
    assert found["unreadable"] == found["older"] == found["previous_bad"] == found["not_swept"] == 0
    assert found["left_behind"] == []
    assert found["while_writing"] > 0  # some did hit a save


def test_kills_in_the_middle_of_writing_over_the_old_file_would_be_noticed():
    status, found, _ = told("kill_saves.py", "--rounds", "16", "--seed", "3", "--in-place")
    assert status == 1
    assert found["unreadable"] + found["older"] > 0


def test_files_made_to_hurt_are_refused_with_one_sentence_and_little_memory():
    status, found, errors = told("hostile_files.py", "--json")
    assert found["bad"] == [], [found["kinds"][name] for name in found["bad"]]
    assert status == 0, errors
    for one in found["kinds"].values():
        assert one["sentence"].isprintable()
        assert len(one["sentence"]) < 500
        assert "(" not in one["sentence"]  # where only a last resort caught it, the error's name would stand there


def test_damaged_and_forged_files_open_to_a_run_that_can_learn_or_are_refused():
    status, found, errors = told("fuzz_files.py", "--count", "100000" if LONG else "1500", "--seed", "2")
    assert status == 0, errors
    assert found["opened"] > 50
    assert found["refused"] > 500
