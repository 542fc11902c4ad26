"""The gradient check's badge: not run yet, under way, or its real figure."""

from __future__ import annotations

from dataclasses import dataclass

from textual.strip import Strip

from tinylm_tui.lab.checking import LIMIT, WEIGHTS, Check
from tinylm_tui.ui.ink import Piece, line, wrapped
from tinylm_tui.ui.look import Look

BAR = 20  # columns of the progress bar
ASKED = "checks the gradient of this very model against differences of its loss"
WHOLE = 74  # columns from which the badge says what it is; below, the key beside it does


@dataclass
class Progress:
    """How far a check is. The thread that checks writes it, the screen reads it now and then."""

    done: int = 0
    of: int = WEIGHTS


Badge = Progress | Check | str | None  # under way, done, why it cannot be done, not asked for


def badge_lines(badge: Badge, width: int, look: Look) -> list[Strip]:
    """Two lines, whatever the badge says, so that nothing moves when it changes."""
    if isinstance(badge, Check):
        return _found(badge, width, look)
    if isinstance(badge, Progress):
        done = round(BAR * badge.done / badge.of)
        pieces: list[Piece] = [
            ("gradient check ", look.style("text")),
            ("█" * done, look.style("towards")),
            ("·" * (BAR - done), look.style("faint")),
            (f" {badge.done:>3} of {badge.of} weights", look.style("text")),
        ]
        return [line(*pieces), line(("g or esc stops it", look.style("dim")))]
    if isinstance(badge, str):
        return [*wrapped(badge, width, look.style("away")), Strip.blank(0)][:2]
    asked = wrapped(ASKED, width - 2, look.style("dim"))
    return [Strip.join([line(("g ", look.style("amber"))), asked[0]]), *(asked[1:] or [Strip.blank(0)])]


def _found(check: Check, width: int, look: Look) -> list[Strip]:
    """The figure, the verdict in a word, and what it was measured on."""
    verdict, role = ("right", "lit") if check.passed else ("WRONG", "bad")
    name = "gradient check: " if width >= WHOLE else ""
    figure = f"{name}largest relative error {check.error:.1e} over {check.weights} weights"
    on = f"allowed: {LIMIT:.0e}; {check.weights} of {check.total:,} weights, float64"
    where = f", on {check.tokens} tokens, at step {check.step:,}"
    measured = on + where if len(on + where) <= width else on
    pieces: list[Piece] = [(f" {verdict} ", look.style(role)), (" " + figure, look.style("text"))]
    return [line(*pieces), line((measured[:width], look.style("dim")))]
