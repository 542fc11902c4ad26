"""The heads and MLPs of a model as a grid: a row for each layer, which parts are off, what each costs and does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.heads import Head
from tinylm_tui.engine.parameters import Array
from tinylm_tui.lab.ablation import Off
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import AMBER, BRIGHT, GROUND, RAISED, TEXT, Look

LABELS, GAP = 9, 1  # columns: the names of the layers, and between two cells
WIDEST, NARROWEST = 15, 8  # columns of a cell
ON, GONE = "■", "×"
SHORT = {"previous token": "previous", "first token": "first", "same token": "same", "induction": "induction"}
SHORTER = {"previous token": "prev", "first token": "first", "same token": "same", "induction": "ind."}
LEAST = 1e-4  # nats: a cost up to here is none
MARKS = (-0.01, 0.0, 0.001, 0.01, 0.1, 1.0)  # nats in the legend
ROOMY = 64  # columns from which the legend says what it is of
WHOLE_NAME = 13  # columns that the longest short name takes with its share


@dataclass(frozen=True, eq=False)
class Parts:
    """What the grid is drawn from: L layers of H heads and an MLP."""

    layers: int
    heads: int
    off: Off
    cursor: tuple[int, int]  # layer, and head; H is the MLP
    costs: Array | None  # (L, H + 1), nats a token; None where they have not been measured
    named: Sequence[Head]  # layer by layer; empty where it is not known yet

    def head_of(self, column: int) -> int | None:
        """The head in a column; None for the MLPs."""
        return column if column < self.heads else None

    def is_off(self, layer: int, column: int) -> bool:
        """Whether that part is switched off."""
        return self.off.holds(layer, self.head_of(column))

    def scored(self, layer: int, column: int) -> Head | None:
        """What is known of the head there."""
        at = layer * self.heads + column
        return self.named[at] if column < self.heads and at < len(self.named) else None


@dataclass(frozen=True)
class Lattice:
    """How the grid lies: the size of a cell, and which layers and columns are in view."""

    columns: int
    lines: int
    top: int
    rows: int
    left: int
    shown: int

    @property
    def height(self) -> int:
        """Lines of the grid with its heading."""
        return 1 + self.rows * self.lines

    def at(self, x: int, y: int) -> tuple[int, int] | None:
        """The layer and the column at column x, line y of the grid; None beside the cells."""
        column, row = (x - LABELS) // (self.columns + GAP), (y - 1) // self.lines
        inside = x >= LABELS and y >= 1 and column < self.shown and row < self.rows
        return (self.top + row, self.left + column) if inside else None


def place_lattice(p: Parts, width: int, height: int, before: tuple[int, int]) -> Lattice:
    """The largest cells with which all parts fit, moved as little as needed from `before` (first layer, column)."""
    every = p.heads + 1
    columns = min(WIDEST, max(NARROWEST, (width - LABELS) // every - GAP))
    shown = min(every, max(1, (width - LABELS) // (columns + GAP)))
    lines = min(3, max(1, (height - 1) // p.layers))
    rows = min(p.layers, max(1, (height - 1) // lines))
    top, left = scrolled(before[0], p.cursor[0], rows, p.layers), scrolled(before[1], p.cursor[1], shown, every)
    return Lattice(columns, lines, top, rows, left, shown)


def lattice(p: Parts, place: Lattice, look: Look) -> list[Strip]:
    """The heading, then the layers in view."""
    columns = range(place.left, place.left + place.shown)
    heads: list[Piece] = [(" " * LABELS, look.style("dim"))]
    for c in columns:
        name = f"head {c + 1}" if c < p.heads else "MLP"
        role = "amber" if c == p.cursor[1] else "dim"
        heads.append((name.center(place.columns) + " " * GAP, look.style(role)))
    rows = [_layer(p, layer, columns, place, look) for layer in range(place.top, place.top + place.rows)]
    return [line(*heads), *[strip for row in rows for strip in row]]


def _layer(p: Parts, layer: int, columns: range, place: Lattice, look: Look) -> list[Strip]:
    """One layer; where a cell has three lines the last one stays empty, so that the layers stand apart."""
    strips = []
    for y in range(place.lines):
        if y == 2:
            strips.append(Strip.blank(0))
            continue
        role = "amber" if layer == p.cursor[0] else "dim"
        pieces: list[Piece] = [(pad(f"layer {layer + 1}" if y == 0 else "", LABELS), look.style(role))]
        for c in columns:
            pieces += [_cell(p, layer, c, y, place.columns, look), (" " * GAP, look.style("dim"))]
        strips.append(line(*pieces))
    return strips


def _cell(p: Parts, layer: int, column: int, y: int, width: int, look: Look) -> Piece:
    off, lit = p.is_off(layer, column), (layer, column) == p.cursor
    cost = float(p.costs[layer, column]) if p.costs is not None else None
    text = _first(off, cost, width) if y == 0 else _second(p.scored(layer, column), width)
    text = pad(f" {text}", width)
    if lit:
        return text, look.style("cursor")
    if off:
        return text, look.style("faint")
    if look.depth != "many":
        return text, look.style("text" if cost is None or cost >= 0 else "away")
    return text, _ground(look.colour(amount(cost)) if cost is not None else RAISED)


def _first(off: bool, cost: float | None, width: int) -> str:
    """Whether the part is on, and what it costs to be without it."""
    sign = GONE if off else ON
    if cost is None:
        return f"{sign} {'off' if off else 'on'}"
    if not math.isfinite(cost):
        return f"{sign} no number"[: width - 1]
    return f"{sign} {cost:+.4f}" if width >= 11 else f"{sign}{cost:+.3f}" if width >= 8 else f"{sign}{cost:+.2f}"


def _second(head: Head | None, width: int) -> str:
    """The name that a head has earned, with the share that justifies it; most have none."""
    if head is None or not head.names:
        return ""
    best = head.names[0]
    name = (SHORT if width > WHOLE_NAME else SHORTER)[best.name]
    return f"{name} {best.share:.0%}" if width >= len(name) + 6 else f"{name[:3]} {best.share:.0%}"


def amount(cost: float) -> float:
    """A cost in nats as an amount of colour, −1 to 1: 0 up to ±0.0001, full from ±1 on, by the logarithm between.

    The same colour is the same cost in every model.
    """
    if not math.isfinite(cost) or abs(cost) <= LEAST:
        return 0.0
    return math.copysign(min(1.0, 1 - math.log10(abs(cost)) / math.log10(LEAST)), cost)


@lru_cache(64)
def _ground(colour: str) -> Style:
    bright = sum(int(colour[i : i + 2], 16) for i in (1, 3, 5)) > 330
    return Style(color=GROUND if bright or colour == AMBER else BRIGHT if colour != RAISED else TEXT, bgcolor=colour)


def cost_legend(width: int, look: Look) -> Strip:
    """What the signs and the colours of the cells stand for."""
    signs = f"{ON} on  {GONE} off"
    if look.depth != "many":
        said = f"{signs}   nats added without it; below 0: better without"
        return line((pad(said, width).rstrip(), look.style("dim")))
    pieces: list[Piece] = [("nats added " if width >= ROOMY else "nats ", look.style("dim"))]
    pieces += [(f"{cost:+g}".center(7) if cost else " 0 ", _ground(look.colour(amount(cost)))) for cost in MARKS]
    return line(*pieces, (f"  {signs}", look.style("dim")))
