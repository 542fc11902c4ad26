"""The trick behind attention on screen: four steps of one shape, from a plain average to a learned one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from textual.strip import Strip

from tinylm_tui.engine.trick import Step, largest_difference
from tinylm_tui.ui.drawing.head import Head, spelt, within
from tinylm_tui.ui.drawing.heat import score_scale
from tinylm_tui.ui.drawing.pattern import legend, pattern_map
from tinylm_tui.ui.drawing.place import MARGIN, Place, place_map
from tinylm_tui.ui.drawing.signed import signed
from tinylm_tui.ui.ink import PLAIN, fitted, line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

NAMES = ("plain loop", "triangle", "softmax of zeros", "learned")
SAID = (
    "Each token gets the plain average of the values up to it, its own included: a loop adds them up, one by one, and "
    "divides by how many they are.",
    "The same in one product: row n of the triangle has 1/n for each of the n tokens up to it and 0 for those after "
    "it. Triangle · V is what the loop gave.",
    "The shares may come from scores: all are 0, and −∞ where a token comes later. Softmax makes shares of e^0 = 1 "
    "and e^−∞ = 0: again 1/n each.",
    "Only the scores change: now q·k / √d_head, learned. Mask, softmax and product stay: still an average of the past, "
    "with shares of its own.",
)
FROM = ("none, a loop", "none, 1/n by rule", "0, then the mask", "q·k / √d, mask")
WIDE = 104
ALL_NAMES = 70  # columns from which all four steps stand with their names
VALUES = 16  # numbers of a vector shown at most
NUMBER = 7  # columns of one figure in the line of a row


def trick_page(
    steps: Sequence[Step], n: int, head: Head, query: int, width: int, height: int, look: Look
) -> list[Strip]:
    """Step `n` (0 to 3) on one text: scores and weights (T, T), the head's values and what comes out (T, d)."""
    said = wrapped(spelt(SAID[n], look), width, look.style("text"))
    most = max(
        len(wrapped(spelt(text, look), width, look.style("text"))) for text in SAID
    )  # so that nothing jumps between steps
    top = [chips(n, width, look), *said, *[Strip.blank(0)] * (most - len(said))]
    bottom = [
        *_row_in_figures(steps[n], head.letters, query, width, look),
        _proof(steps, n, width, look),
        _legend(look),
    ]
    air = height - len(top) - len(bottom) >= 2 * len(head.letters) + 4
    gap = [Strip.blank(0)] if air else []
    room = height - len(top) - len(bottom) - 2 * len(gap)
    matrices = _matrices(steps[n], n, head, query, width, room, look)
    return within([*top, *gap, *matrices, *gap, *bottom], width, height)


def chips(n: int, width: int, look: Look) -> Strip:
    """The four steps by name, the one in view lit."""
    pieces = []
    for i, name in enumerate(NAMES):
        pieces += [
            (
                f" {i + 1} {name} " if width >= ALL_NAMES or i == n else f" {i + 1} ",
                look.style("lit" if i == n else "dim"),
            ),
            (" ", look.style("dim")),
        ]
    return line(*pieces, ("← →", look.style("amber")))


def _matrices(step: Step, n: int, head: Head, query: int, width: int, height: int, look: Look) -> list[Strip]:
    """Side by side: scores (where there is room), shares, × values, = what comes out."""
    values, letters = head.v, head.letters
    each = 1 if look.depth == "many" else 2
    shown = min(values.shape[1], VALUES // each)
    maps = 2 if width >= WIDE else 1
    room = (width - MARGIN - 2 * (shown * each + 4) - 4 * (maps - 1)) // maps
    place = place_map(letters, (query, query), MARGIN + room, height - 1, look, (0, 0))
    rows = range(place.top, place.top + place.rows)
    drawn = pattern_map(step.weights, letters, (query, -1), place, look)
    scale = float(max(np.abs(values).max(), 1e-9))
    vectors = [
        [Strip.blank(0), *signed(x[:, :shown], rows, each, place.cell.halves, scale, look)]
        for x in (values, step.result)
    ]
    T, d = values.shape
    some = f", first {shown}" if shown < d else ""
    blocks = [(f"shares {T} × {T}", [one.crop(MARGIN) for one in drawn])]
    blocks += [(f"V {T} × {d}{some}", vectors[0]), (f"out {T} × {d}", vectors[1])]
    joints = [" × ", " = "]
    if maps == 2:
        blocks.insert(0, (spelt(f"scores: {FROM[n]}", look), _scores(step, place, look)))
        joints.insert(0, " → " if step.scores is not None else "   ")
    return _joined([one.crop(0, MARGIN) for one in drawn], blocks, joints, look)


def _scores(step: Step, place: Place, look: Look) -> list[Strip]:
    """The scores after the mask, in the same places as the shares; nothing where there are none."""
    width = place.columns * place.cell.columns
    if step.scores is None:
        return [Strip.blank(width, PLAIN)] * (1 + place.cell.lines(place.rows))
    part = step.scores[:, place.left : place.left + place.columns]
    rows = range(place.top, place.top + place.rows)
    scale = score_scale(np.where(np.isfinite(part), part, 0.0))
    columns = place.cell.columns
    return [Strip.blank(width, PLAIN), *signed(part, rows, columns, place.cell.halves, scale, look, write=columns >= 4)]


def _joined(
    labels: list[Strip], blocks: Sequence[tuple[str, list[Strip]]], joints: Sequence[str], look: Look
) -> list[Strip]:
    """Blocks of equally many lines side by side under their headings, what links two of them in their middle."""
    lines = [line((" " * MARGIN, look.style("dim"))), *labels]
    middle = 1 + len(labels) // 2
    for n, (heading, block) in enumerate(blocks):
        joint = joints[n - 1] if n else ""
        width = max(len(heading), *(one.cell_length for one in block))
        column = [line((heading, look.style("title"))), *block]
        for y, one in enumerate(column):
            link = line((joint if y == middle else " " * len(joint), look.style("amber")))
            lines[y] = Strip.join([lines[y], link, fitted(one, width)])
    return lines


def _row_in_figures(step: Step, letters: Sequence[str], query: int, width: int, look: Look) -> list[Strip]:
    """The chosen token's row of the scores, of the shares, and of what comes out."""
    fit = max(1, (width - 20) // NUMBER)
    first = max(0, min(query + 1 - fit, len(letters) - fit))
    keys = slice(first, first + fit)
    shares = "".join(f"{w:>{NUMBER}.3f}" for w in step.weights[query, keys])
    out = "".join(f"{x:>+{NUMBER}.3f}" for x in step.result[query, :fit])
    scores = f"{'none':>{NUMBER}}"
    if step.scores is not None:
        scores = "".join(
            f"{s:>+{NUMBER}.3f}" if np.isfinite(s) else f"{spelt('−∞', look):>{NUMBER}}"
            for s in step.scores[query, keys]
        )
    name = f"{token_glyph(letters[query])} ({query + 1})"
    rows = [(name, "scores", scores), ("", "shares", shares), ("", "out", out)]
    return [
        line((pad(who, 8), look.style("amber")), (pad(what, 8), look.style("dim")), (figures, look.style("text")))
        for who, what, figures in rows
    ]


def _proof(steps: Sequence[Step], n: int, width: int, look: Look) -> Strip:
    """That the first three agree, and how far the learned one is from them."""
    size, other = steps[0].result.size, largest_difference((steps[0], steps[3]))
    same = f"1, 2, 3 agree: largest difference {largest_difference(steps[:3]):.1e}"
    more = f"; 4 differs by up to {other:.3f}" if n == 3 else f" in {size:,} numbers (rounding)"
    return line((same, look.style("good")), (more, look.style("text")))


def _legend(look: Look) -> Strip:
    towards, away, _ = look.names
    return Strip.join([legend(look), line((f"   V, out: {towards} above 0, {away} below", look.style("dim")))])
