"""What the tests of the lab share: a small text, runs and trainers on it, and a clock that does as it is told."""

import os

import pytest
from hypothesis import settings

from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.trainer import Trainer

settings.register_profile("tinylm", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=2000, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "tinylm"))

TEXT = "anna\nben\nnina\nbea\neve\nabe\nna\n"


class Clock:
    """Seconds that pass only when told to: `tick` at every look, and whatever a test adds to `now`."""

    def __init__(self, tick=0.0):
        self.now, self.tick = 0.0, tick

    def __call__(self):
        self.now += self.tick
        return self.now


def new_run(text=TEXT, **choices):
    """A run at step 0; the choices are settings."""
    return Run(make_corpus("words", text), Settings(**choices))


@pytest.fixture
def corpus():
    return make_corpus("words", TEXT)


@pytest.fixture
def run():
    return new_run()


@pytest.fixture
def clock():
    return Clock(tick=0.001)


@pytest.fixture
def trainer(clock):
    """Paused at step 0, without a pace."""
    return Trainer(new_run(pace=0), clock)
