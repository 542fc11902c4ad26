"""The real program in a real terminal, fresh for every test, and gone after it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from terminal import Terminal

Open = Callable[..., Terminal]


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """The environment of a fresh user at a usual terminal."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, "HOME": str(tmp_path), "TERM": "xterm-256color", "LANG": "C.UTF-8"}


@pytest.fixture
def terminal(surroundings: dict[str, str], tmp_path: Path) -> Iterator[Open]:
    """Opens the lab in a terminal of its own. Environment variables given as None are taken away."""
    opened: list[Terminal] = []

    def open_terminal(
        *arguments: str, size: tuple[int, int] = (80, 24), script: str | None = None, **env: str | None
    ) -> Terminal:
        program = ["-c", script] if script else ["-m", "tinylm_tui"]
        whole = {name: value for name, value in {**surroundings, **env}.items() if value is not None}
        one = Terminal([sys.executable, *program, *arguments], size, whole, tmp_path)
        opened.append(one)
        return one

    yield open_terminal
    for one in opened:
        one.close()


@pytest.fixture
def lab(terminal: Open) -> Open:
    """The same, waited for until it is drawn."""

    def opened(*arguments: str, **more: object) -> Terminal:
        return terminal(*arguments, **more).until("Corpus").until("step").settle()

    return opened


@pytest.fixture
def note(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Figures that were measured: shown with -v, never judged narrowly, for machines differ."""

    def noted(*words: object) -> None:
        if request.config.get_verbosity() > 0:
            with capsys.disabled():
                print("\n   ", *[f"{w:.2f}" if isinstance(w, float) else w for w in words], end=" ")

    return noted
