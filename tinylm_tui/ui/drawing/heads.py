"""All heads at a glance: a row of small maps for each layer, the chosen one named in amber, and its habits."""

from __future__ import annotations

from textual.strip import Strip

from tinylm_tui.engine.looking import habits
from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.drawing.head import within
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.drawing.pattern import half_row, legend, pooled, row_cells
from tinylm_tui.ui.drawing.place import Cell, Place, sizes
from tinylm_tui.ui.ink import fitted, line
from tinylm_tui.ui.look import Look

GAP = 2
LONG_NAME = len("layer 12 head 12")
WIDEST = 28  # columns a map at most, with the gap after it
BELOW = 3  # lines under the maps
LARGEST = 4  # columns a cell: beyond that it is no glance any more


def heads_page(patterns: Array, chosen: tuple[int, int], width: int, height: int, look: Look) -> list[Strip]:
    """patterns (L, H, T, T); `chosen` = layer and head."""
    layers, heads, tokens, _ = patterns.shape
    cell, factor = fitting(tokens, layers, heads, width, height - BELOW, look)
    size = -(-tokens // factor)
    each = max(size * cell.columns, len("12.12")) + GAP
    across = max(1, min(heads, (width + GAP) // each))
    down = max(1, min(layers, (height - BELOW) // (cell.lines(size) + 2)))
    left, top = scrolled(0, chosen[1], across, heads), scrolled(0, chosen[0], down, layers)
    lines: list[Strip] = []
    each = max(each, min((width + GAP) // across, WIDEST))
    for layer in range(top, top + down):
        maps = [small_map(pooled(patterns[layer, h], factor), cell, look) for h in range(left, left + across)]
        lines.append(Strip.join([_name((layer, h), chosen, each, look) for h in range(left, left + across)]))
        lines += [Strip.join([fitted(one[y], each) for one in maps]) for y in range(len(maps[0]))]
        lines.append(Strip.blank(0))
    below = _below(patterns, chosen, factor, down * across, look)
    return within([*lines, *below], width, height)


def fitting(tokens: int, layers: int, heads: int, width: int, height: int, look: Look) -> tuple[Cell, int]:
    """The largest cell with which all maps fit, or the smallest with as many tokens to a cell as it takes."""
    small = [cell for cell in sizes(look) if cell.columns <= LARGEST]
    for factor in range(1, max(2, tokens + 1)):
        size = -(-tokens // factor)
        for cell in small if factor == 1 else small[-1:]:
            wide = heads * (max(size * cell.columns, 5) + GAP) - GAP
            if wide <= width and layers * (cell.lines(size) + 2) <= height:
                return cell, factor
    return small[-1], 1


def small_map(pattern: Array, cell: Cell, look: Look) -> list[Strip]:
    """One head's pattern (T, T) without labels."""
    tokens = len(pattern)
    if cell.halves == 1:
        place = Place(cell, 0, 0, tokens, tokens)
        pairs = [[(pattern[i], i + 1, -1) for i in (r, r + 1) if i < tokens] for r in range(0, tokens, 2)]
        return [line(*half_row(pair, place, look)) for pair in pairs]
    rows = [line(*row_cells(pattern[r], r + 1, -1, cell, look, write=False)) for r in range(tokens)]
    return [row for row in rows for _ in range(cell.halves // 2)]


def _name(head: tuple[int, int], chosen: tuple[int, int], each: int, look: Look) -> Strip:
    layer, number = head[0] + 1, head[1] + 1
    name = f"layer {layer} head {number}" if each >= LONG_NAME + GAP else f"{layer}.{number}"
    return fitted(line((name, look.style("cursor" if head == chosen else "dim"))), each)


def _below(patterns: Array, chosen: tuple[int, int], factor: int, shown: int, look: Look) -> list[Strip]:
    """Where the chosen head looks on average, and what a small map shows."""
    own = habits(patterns[chosen])
    head = f"layer {chosen[0] + 1} head {chosen[1] + 1}"
    figures = f"  itself {own.itself:>6.1%}   the one before {own.before:>6.1%}   the first {own.first:>6.1%}"
    all_heads = patterns.shape[0] * patterns.shape[1]
    note = "enter: large.  Means from the second token on"
    note += f"; a dot: the largest of {factor} × {factor}" if factor > 1 else ""
    note += f"; {shown} of {all_heads} heads in view" if shown < all_heads else ""
    return [
        line((head, look.style("amber")), (figures, look.style("text"))),
        line((note, look.style("dim"))),
        legend(look),
    ]
