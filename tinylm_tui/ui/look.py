"""The palette, and how a value becomes a colour or, where there are no colours, a glyph.

All colours stand in the 256-colour palette, so that a terminal with 256 colours shows the same as one with
16 million. Meaning: teal = towards / likely, red = away, amber = what the cursor is on, greys = the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rich.style import Style

Depth = Literal["many", "few", "none"]  # 256 colours or more, 16, no colour at all

GROUND, PANEL, RAISED, RULE = "#121212", "#1c1c1c", "#262626", "#444444"
FAINT, DIM, TEXT, BRIGHT = "#767676", "#a8a8a8", "#d0d0d0", "#eeeeee"
TEAL, RED, AMBER = "#5fd7d7", "#ff8787", "#ffaf5f"

TOWARDS = ("#1c1c1c", "#303030", "#005f5f", "#008787", "#00afaf", "#00d7d7", "#87ffff", "#d7ffff")
AWAY = ("#1c1c1c", "#303030", "#5f0000", "#870000", "#af0000", "#d75f5f", "#ff8787", "#ffd7d7")
RAMP = " .:;=o*#@"  # no - and no +: a - before the glyph means away
BRIGHTNESS = ("#6c6c6c", "#8a8a8a", "#87afaf", "#87d7d7", "#afffff", "#ffffff")


@dataclass(frozen=True)
class Look:
    """What this terminal can show. Passed to every drawing function; holds no state."""

    depth: Depth = "many"
    ascii: bool = False

    def style(self, role: str) -> Style:
        """The style of a role: text, dim, faint, bright, towards, away, cursor, title, key, lit, rule."""
        return _role(role, self.depth)

    def cell(self, amount: float, cursor: bool = False) -> tuple[str, Style]:
        """One map cell, two columns wide. `amount` from −1 (away, red) over 0 to 1 (towards, teal)."""
        if self.depth == "many":
            return "  ", _ground(AMBER if cursor else self.colour(amount))
        level = round(min(1.0, abs(amount)) * (len(RAMP) - 1))
        sign = "-" if amount < 0 and level else RAMP[level]
        return sign + RAMP[level], self.style("cursor" if cursor else "towards" if amount >= 0 else "away")

    @property
    def halves(self) -> bool:
        """Whether half a cell can have a colour of its own."""
        return self.depth == "many" and not self.ascii

    @property
    def names(self) -> tuple[str, str, str]:
        """What texts call the cells that lean towards, those that lean away, and more of either."""
        towards, away = ("no -", "-") if self.depth == "none" else ("teal", "red")
        return towards, away, "brighter" if self.depth == "many" else "denser"

    def half_cells(self, upper: str, lower: str) -> tuple[str, Style]:
        """Two rows of the map in one line, two columns wide: `upper` and `lower` are colours."""
        return "▀▀", _halves(upper, lower)

    def colour(self, amount: float) -> str:
        """The colour of a map cell whose amount is −1 (away) to 1 (towards)."""
        return (TOWARDS if amount >= 0 else AWAY)[round(min(1.0, abs(amount)) * (len(TOWARDS) - 1))]

    def by_probability(self, probability: float) -> Style:
        """A letter's style by its probability: the likelier, the brighter (bold where there is no colour)."""
        if self.depth == "many":
            level = min(len(BRIGHTNESS) - 1, int(probability**0.5 * len(BRIGHTNESS)))
            return Style(color=BRIGHTNESS[level], bold=level >= 4)
        return Style(bold=probability >= 0.25, dim=probability < 0.05)


@lru_cache(64)
def _ground(colour: str) -> Style:
    return Style(color=TEXT, bgcolor=colour)


@lru_cache(512)
def _halves(upper: str, lower: str) -> Style:
    return Style(color=upper, bgcolor=lower)


@lru_cache(64)
def _role(role: str, depth: Depth) -> Style:
    styles = {
        "text": Style(color=TEXT),
        "dim": Style(color=DIM),
        "faint": Style(color=FAINT),
        "bright": Style(color=BRIGHT, bold=True),
        "towards": Style(color=TEAL),
        "away": Style(color=RED),
        "cursor": Style(color=GROUND, bgcolor=AMBER, bold=True, reverse=depth == "none"),
        "amber": Style(color=AMBER, bold=True),
        "title": Style(color=BRIGHT, bold=True),
        "lit": Style(color=GROUND, bgcolor=TEAL, bold=True, reverse=depth == "none"),
        "rule": Style(color=RULE),
        "good": Style(color=TEAL, bold=True),
        "bad": Style(color=RED, bold=True),
    }
    return styles[role]
