"""What is missing in attention when parts are off: in a line, and as two small maps of the head under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.lab.ablation import Effect
from tinylm_tui.ui.drawing.ablation import Parts
from tinylm_tui.ui.drawing.heads import small_map
from tinylm_tui.ui.drawing.pattern import legend, pooled
from tinylm_tui.ui.drawing.place import Cell, sizes
from tinylm_tui.ui.ink import beside, line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

GAP = 2
LARGEST = 4  # columns of a dot
AROUND = 6  # lines over and under the maps
NAMES = ("as it is", "without")


def attention_line(e: Effect, p: Parts, width: int, look: Look) -> Strip:
    """How far the heads that are still on look elsewhere, and which one most."""
    dim, text = look.style("dim"), look.style("text")
    if e.without is None:
        return line(("attention  nothing is off: every head looks where it looks", dim))
    on = [(layer, head) for layer, head in np.ndindex(e.moved.shape) if not e.off.holds(layer, head)]
    if not on:
        return line(("attention  all heads are off: no token sees another", text))
    mean = float(np.mean([e.moved[one] for one in on]))
    most = max(on, key=lambda one: float(e.moved[one]))
    said = f"the heads left on move {mean:.1%} of it"
    where = f", head {most[0] + 1}.{most[1] + 1} most: {e.moved[most]:.1%}" if e.moved[most] > 0 else ""
    return line(("attention  ", dim), (pad(said + where, width - 11).rstrip(), text))


def side_maps(e: Effect | None, p: Parts, tokens: Sequence[str], width: int, height: int, look: Look) -> list[Strip]:
    """The head under the cursor on the text asked for, as it is and without what is off. `tokens` of the vocabulary."""
    layer, column = p.cursor
    if e is None or column >= p.heads or layer >= len(e.whole.patterns):
        words = "An MLP has no attention to show." if column >= p.heads else "measuring …"
        return wrapped(words, width, look.style("dim"))
    maps = [e.whole.patterns[layer, column], *([e.without.patterns[layer, column]] if e.without else [])]
    beneath, factor, cell = arranged(len(maps[0]), len(maps), width, height, look)
    drawn = [small_map(pooled(one, factor), cell, look) for one in maps]
    body = _together(drawn, -(-len(maps[0]) // factor) * cell.columns, look, beneath=beneath)
    glyphs = "".join(token_glyph(tokens[int(i)]) for i in e.read.ids)
    title = line(
        (f"head {layer + 1}.{column + 1}", look.style("amber")),
        (" on ", look.style("dim")),
        (pad(glyphs, width - 16).rstrip(), look.style("title")),
        ("  t", look.style("amber")),
    )
    return [title, Strip.blank(0), *body, Strip.blank(0), legend(look), *_said(e, layer, column, factor, width, look)]


def _together(maps: list[list[Strip]], across: int, look: Look, *, beneath: bool) -> list[Strip]:
    """One map or two, each under its name; `across` is the columns of a map."""
    columns = [[line((name, look.style("dim"))), *one] for name, one in zip(NAMES, maps, strict=False)]
    if len(columns) == 1 or beneath:
        return [strip for one in columns for strip in one]
    return beside(columns[0], columns[1], max(len(NAMES[1]), across), GAP)


def arranged(tokens: int, maps: int, width: int, height: int, look: Look) -> tuple[bool, int, Cell]:
    """Whether the maps stand one beneath the other, how many tokens share a dot, and the size of a dot.

    Whichever way shows more.
    """
    room = height - AROUND
    aside = fitting(tokens, (width - GAP * (maps - 1)) // maps, room - 1, look)
    beneath = fitting(tokens, width, room // maps - 1, look)
    if (-beneath[0], beneath[1].columns) > (-aside[0], aside[1].columns):
        return True, *beneath
    return False, *aside


def fitting(tokens: int, width: int, height: int, look: Look) -> tuple[int, Cell]:
    """How many tokens share a dot, and its size: the largest with which a map of so many tokens fits."""
    small = [cell for cell in sizes(look) if cell.columns <= LARGEST]
    for cell in small:
        if tokens * cell.columns <= width and cell.lines(tokens) <= height:
            return 1, cell
    dots = max(1, min(width // small[-1].columns, small[-1].rows(max(1, height))))
    return -(-tokens // dots), small[-1]


def _said(e: Effect, layer: int, column: int, factor: int, width: int, look: Look) -> list[Strip]:
    """What the two maps differ in, and what a dot stands for."""
    said = []
    if e.off.holds(layer, column):
        said.append("It is off: what it looks at is handed on to nobody.")
    if e.without is not None:
        said.append(f"Moved: {moved_of(e.moved, layer, column):.1%} of its attention.")
    if factor > 1:
        said.append(f"A dot: the largest of {factor} × {factor}.")
    return wrapped(" ".join(said), width, look.style("dim")) if said else []


def moved_of(moved: Array, layer: int, column: int) -> float:
    """One head's figure."""
    return float(moved[layer, column])
