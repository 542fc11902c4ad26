"""From the command line to the running lab and back."""

from __future__ import annotations

import gc
import os
import sys

from tinylm_tui.lab import process, store
from tinylm_tui.lab.commands import Open
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.headless import fresh_run
from tinylm_tui.lab.recipes import Recipe
from tinylm_tui.lab.rescue import run_of
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.lab.trainer import Trainer
from tinylm_tui.surroundings import needs_ascii
from tinylm_tui.ui.places import runs_folder

RESCUED = "rescued.safetensors"


def launch(source: Recipe | str, run_file: str | None, pairs: list[str], ascii_only: bool) -> int:
    """Open the lab on a text or a recipe, or on a saved run; returns its exit status.

    Raises LabError for a text, run or setting that will not do.
    """
    gc.disable()  # until all is there: collecting costs 15 % of the time to the first frame (measured in pairs)
    run = store.load(run_file) if run_file is not None else fresh_run(source, pairs)
    child, pipe = process.start(run.corpus, run.settings)
    if run_file is not None:
        pipe.send(Open(run_file))

    from tinylm_tui.ui.app import LabApp
    from tinylm_tui.ui.link import Link
    from tinylm_tui.ui.terminal import look_of_terminal
    from tinylm_tui.ui.visible import visible

    snapshot = Trainer(run).snapshot()
    link = Link(child, pipe, snapshot)
    look = look_of_terminal(os.environ, ascii=ascii_only or needs_ascii())

    def begun() -> None:
        collect_from_now()
        if isinstance(source, Recipe):
            app.call_later(app.go_on_with, source)

    app = LabApp(link, snapshot, look, begun)
    app.surroundings.hear()
    try:
        app.run()
    except Exception as error:
        app.fail(error)
    finally:
        link.close()
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
