"""What can this terminal show? Asked of Rich, which knows terminals."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from textual.types import AnimationLevel

from tinylm_tui.ui.look import Depth, Look

DEPTHS: dict[str | None, Depth] = {"truecolor": "many", "256": "many", "windows": "few", "standard": "few"}


def look_of_terminal(environ: Mapping[str, str], *, ascii: bool = False) -> Look:
    """The look for these environment variables (TERM, COLORTERM, NO_COLOR)."""
    if environ.get("NO_COLOR") or environ.get("TERM", "").startswith("vt"):
        return Look("none", ascii)
    system = Console(force_terminal=True, _environ=dict(environ)).color_system
    return Look(DEPTHS.get(system, "none"), ascii)


def animations(environ: Mapping[str, str], usual: AnimationLevel) -> AnimationLevel:
    """None through ssh: each step of one is a frame, and the line may be slow."""
    return "none" if environ.get("SSH_CONNECTION") else usual
