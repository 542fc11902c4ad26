"""The bar along the top: every screen with its key, in as many rows as the width asks for, no title ever cut."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from textual.strip import Strip

from tinylm_tui.ui.ink import Piece, line
from tinylm_tui.ui.keys import Tab
from tinylm_tui.ui.look import Look

Rows = tuple[tuple[Tab, ...], ...]


def named(tab: Tab) -> str:
    """How a tab reads: its key and its title."""
    return f"{tab.number} {tab.title}"


@lru_cache(64)
def tab_rows(tabs: tuple[Tab, ...], width: int) -> Rows:
    """The tabs in as few rows as hold them whole, and those as even as can be: no tab stands alone under a full row."""
    fewest = len(_flowed(tabs, width))
    narrowest = max(_room(tabs[i : i + 1]) for i in range(len(tabs)))
    return next(rows for w in range(narrowest, max(width, narrowest) + 1) if len(rows := _flowed(tabs, w)) == fewest)


def _room(row: Sequence[Tab]) -> int:
    """The columns of a row: one before each tab and one after the last, which the active one's ground fills."""
    return sum(len(named(tab)) + 1 for tab in row) + 1


def _flowed(tabs: Sequence[Tab], width: int) -> Rows:
    rows: list[list[Tab]] = [[]]
    for tab in tabs:
        if rows[-1] and _room([*rows[-1], tab]) > width:
            rows.append([])
        rows[-1].append(tab)
    return tuple(map(tuple, rows))


def tab_lines(tabs: tuple[Tab, ...], active: str, width: int, look: Look) -> list[Strip]:
    """One line a row. The active tab by its ground; without colour by brackets and reverse video."""
    return [_row(row, active, look) for row in tab_rows(tabs, width)]


def _row(row: Sequence[Tab], active: str, look: Look) -> Strip:
    here = next((i for i, tab in enumerate(row) if tab.id == active), None)
    pieces: list[Piece] = []
    for i, tab in enumerate(row):
        lit = i == here
        before = "" if i and i - 1 == here else "[" if lit and look.depth == "none" else " "
        after = "]" if look.depth == "none" else " "
        pieces += _tab(before, tab, after if lit else "", lit, look)
    return line(*pieces)


def _tab(before: str, tab: Tab, after: str, lit: bool, look: Look) -> list[Piece]:
    if lit:
        return [(f"{before}{named(tab)}{after}", look.style("lit"))]
    return [(f"{before}{tab.number}", look.style("amber")), (f" {tab.title}", look.style("dim"))]


def tab_at(tabs: tuple[Tab, ...], width: int, x: int, y: int) -> Tab | None:
    """The tab at column x, line y; a blank between two belongs to the one after it."""
    rows = tab_rows(tabs, width)
    if not 0 <= y < len(rows):
        return None
    right = 0
    for tab in rows[y]:
        right += len(named(tab)) + 1
        if x < right:
            return tab
    return None
