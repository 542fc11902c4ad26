"""What the tests of the screens share: hypothesis's settings, and a home of their own for every test."""

import gc
import os

import pytest
from hypothesis import settings

from tinylm_tui.ui.panes.drafts import Draft

settings.register_profile("tinylm", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=2000, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "tinylm"))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Nothing of the person who runs the tests is read or written."""
    for name in ("NO_COLOR", "TEXTUAL", "TEXTUAL_THEME", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture(autouse=True)
def _drafts_are_whole(monkeypatch):
    """No test depends on how much of a text a machine writes in a slice of time."""
    monkeypatch.setattr(Draft, "slice", 3600.0)


@pytest.fixture(scope="session", autouse=True)
def _seldom_collect():
    """Hundreds of short-lived apps: looking for garbage after every few hundred objects takes a quarter of the time."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()
