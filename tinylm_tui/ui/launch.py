"""From the command line to the running lab and back."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tinylm_tui.lab import process, store
from tinylm_tui.lab.commands import Open
from tinylm_tui.lab.confining import confined
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.headless import fresh_run
from tinylm_tui.lab.recipes import Recipe
from tinylm_tui.lab.rescue import run_of
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.lab.trainer import Trainer
from tinylm_tui.surroundings import needs_ascii
from tinylm_tui.ui.places import runs_folder

if TYPE_CHECKING:
    from tinylm_tui.ui.app import LabApp

RESCUED = "rescued.safetensors"
FIRST_TEXT = "names"  # what the lab opens with when nothing is asked for


def launch(source: Recipe | str, run_file: str | None, pairs: list[str], ascii_only: bool, duty: float = 1.0) -> int:
    """Open the lab on a text or a recipe, or on a saved run; returns its exit status.

    `duty` is the largest share of a core that training may take. Raises LabError for a text, run or setting that will
    not do.
    """
    gc.disable()  # until all is there: collecting costs 15 % of the time to the first frame (measured in pairs)
    run = store.opened(run_file).run if run_file is not None else fresh_run(source, pairs)
    plain = run_file is None and not pairs and source == FIRST_TEXT
    offer = plain or (run_file is None and confined())  # a guest did not choose what the lab opens with
    child, pipe = process.start(run.corpus, run.settings, duty)
    if run_file is not None:
        pipe.send(Open(run_file, first=True))

    from tinylm_tui.ui.app import LabApp
    from tinylm_tui.ui.link import Link
    from tinylm_tui.ui.terminal import animations, look_of_terminal

    snapshot = Trainer(run).snapshot()
    link = Link(child, pipe, snapshot)
    look = look_of_terminal(os.environ, ascii=ascii_only or needs_ascii())

    def begun() -> None:
        collect_from_now()
        app.keeping.begin(offer=offer, otherwise=present)
        if run_file is not None:
            app.opened(Path(run_file))

    def present() -> None:
        if isinstance(source, Recipe):
            app.call_later(app.presenting.go_on_with, source)

    app = LabApp(link, snapshot, look, begun)
    app.surroundings.hear()
    app.pacing.hear()
    app.animation_level = animations(os.environ, app.animation_level)
    return _run(app)


def _run(app: LabApp) -> int:
    """From the first frame to the last words; the exit status."""
    from tinylm_tui.ui.visible import visible

    try:
        app.run()
    except Exception as error:
        app.fail(error)
    finally:
        app.link.close()
        app.keeping.end()
        app.holding.release()
    if app.last_words:
        print(f"tinylm: {visible(app.last_words + rescued(app.snapshot))}", file=sys.stderr)
    return app.return_code or 0


def collect_from_now() -> None:
    """Garbage is collected again, but what the program itself is made of is never looked through: that took 40 ms."""
    gc.freeze()
    gc.enable()


def rescued(snapshot: Snapshot) -> str:
    """Keep the last moment that the screen has seen; returns where it is, to be put after a sentence."""
    try:
        path = runs_folder() / RESCUED
        store.save(run_of(snapshot), path)
    except LabError as error:
        return f"; its last moment could not be kept: {error}"
    return f"; its last moment, step {snapshot.step:,}, is kept: tinylm --open {path}"
