"""Errors nobody foresaw: the person gets one sentence, and the whole story goes to a file."""

from __future__ import annotations

import time
import traceback

from platformdirs import user_log_path

from tinylm_tui.lab.numbers import shorten


def keep(error: BaseException) -> str:
    """Write the error's traceback to the log; returns the sentence for the person."""
    what = traceback.format_exception_only(error)[-1].strip()
    what = shorten(what, 160)
    return f"an error in the lab ended it: {what}{keep_text(''.join(traceback.format_exception(error)))}"


def keep_text(story: str) -> str:
    """Write what happened to the log; returns where it stands, to be put at the end of a sentence."""
    try:
        folder = user_log_path("tinylm", appauthor=False)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "errors.log"
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"---- {time.strftime('%Y-%m-%d %H:%M:%S')}\n{story}\n")
    except OSError:
        return ""  # the sentence alone is better than a second error
    return f" (all of it is in {path})"
