"""Is there a terminal the lab can live in? Asked before anything is taken over."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from tinylm_tui.lab.errors import LabError

POOR_FONT = ("linux", "vt")  # the console of Linux has no braille and no eighths of a block


def refuse_unusable_terminal(environ: Mapping[str, str] = os.environ, *, guest: bool = False) -> None:
    """Raises LabError where no screen can be drawn. A guest has no other command, and comes by ssh."""
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        if guest:
            raise LabError("the lab needs a terminal and takes no command: log in with ssh -t, and nothing more")
        raise LabError("the lab needs a terminal; without one, use tinylm train, sample, inspect … (see tinylm --help)")
    if environ.get("TERM", "").lower() in ("", "dumb", "unknown"):
        raise LabError("TERM does not name a terminal that can place text; set it, for example: TERM=xterm-256color")


def needs_ascii(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether nothing beyond ASCII is promised: no UTF-8 in the locale that decides, or a font without our glyphs.

    Where no locale is set at all, Python itself has chosen a UTF-8 one (PEP 538), and so do most terminals.
    """
    if environ.get("TERM", "").startswith(POOR_FONT):
        return True
    decides = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return "utf" not in decides.lower()
