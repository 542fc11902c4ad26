"""The keys at the bottom, each with what it does. One that does not fit whole is left out, a screen's own first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.ui.ink import line
from tinylm_tui.ui.look import Look


@dataclass(frozen=True)
class Offered:
    """A key, how it is shown, what it does, and whether it does so on every screen."""

    key: str
    shown: str
    does: str
    everywhere: bool = False

    @property
    def columns(self) -> int:
        """Its room: a blank before the key, one after it, and one after what it does."""
        return cell_len(self.shown) + cell_len(self.does) + 3


def _fitting(offered: Sequence[Offered], width: int) -> Iterator[tuple[int, Offered]]:
    """Where each of the keys begins that there is room for: that of the keys of everywhere is kept for them."""
    room, kept = width, set()
    for one in sorted(offered, key=lambda one: not one.everywhere):
        if one.columns <= room:
            kept.add(one)
            room -= one.columns
    x = 0
    for one in offered:
        if one in kept:
            yield x, one
            x += one.columns


def offered_line(offered: Sequence[Offered], width: int, look: Look) -> Strip:
    """`offered` on one line of `width` columns."""
    pieces = []
    for _, one in _fitting(offered, width):
        pieces += [(f" {one.shown} ", look.style("amber")), (f"{one.does} ", look.style("dim"))]
    return line(*pieces)


def key_at(offered: Sequence[Offered], width: int, x: int) -> str | None:
    """What is pressed by a click on column `x`."""
    return next((one.key for left, one in _fitting(offered, width) if left <= x < left + one.columns), None)
