"""One window's way through the average or the mlp: lookup, average or concatenation, logits, softmax, loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from textual.strip import Strip

from tinylm_tui.engine.journey import Journey, Stage
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.engine.window_journey import WindowJourney
from tinylm_tui.ui.drawing.heat import scrolled
from tinylm_tui.ui.drawing.position import NEXT, TABLE_WIDTH, softmax_table, stage_line, truth_lines
from tinylm_tui.ui.ink import Piece, beside, line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

LABEL = 14  # columns before the numbers of a lookup
TARGET = 10  # columns of the token after a window, and the arrow before it
NO_EXAMPLE = "no example"  # beside a window that is only there to be seen
GAP = 2
TABLE_ROWS = 6  # of the softmax, that a low screen keeps free
MOST_EXAMPLES = {False: 3, True: 15}  # windows in view, on a narrow screen and on a wide one
ROOMY = 20  # lines from which a wide screen has room for empty ones
WIDE = 100  # columns from which the softmax stands beside the rest
LENGTHS = "Right of a strip, but not of a lookup, its length √Σx²; each strip is coloured on its own scale."


@dataclass(frozen=True, eq=False)
class Examples:
    """All windows of the text (T, W), and the token after each; the last one has none.

    Those before number `first` are filled up to be seen; no model learns from such.
    """

    windows: Ids
    targets: Sequence[int | None]
    first: int = 0


def window_lines(
    j: WindowJourney, examples: Examples, letters: list[str], width: int, height: int, look: Look
) -> list[Strip]:
    """The examples around the position, the stages as strips of cells, what really came, and the softmax by hand."""
    wide = width >= WIDE
    room = width - TABLE_WIDTH - GAP if wide else width
    roomy = wide and height >= ROOMY
    left = _left(j, examples, letters, room, height - (0 if wide else TABLE_ROWS), look, roomy=roomy)
    if wide:
        return beside(left, softmax_table(j.way, letters, height, look), room, GAP)[:height]
    return [*left, *softmax_table(j.way, letters, height - len(left), look)]


def _left(
    j: WindowJourney, examples: Examples, letters: list[str], width: int, height: int, look: Look, *, roomy: bool
) -> list[Strip]:
    lookups = [stage for stage in j.way.stages if stage.name.startswith("lookup")]
    stages = [stage_line(stage, width, look, LABEL) for stage in j.way.stages if not stage.name.startswith("lookup")]
    words = truth_lines(j.way, letters, width, look)
    if roomy:
        words = [Strip.blank(0), *words, *wrapped(LENGTHS, width, look.style("dim"))]
    free = height - len(stages) - len(words)
    looked_up = _lookups(lookups, j.window, letters, width, max(1, free - 1), look)
    rows = max(1, min(len(examples.targets), free - len(looked_up) - roomy, MOST_EXAMPLES[roomy]))
    gap = [Strip.blank(0)] if roomy else []
    return [*_examples(examples, j.way, letters, rows, width, look), *gap, *looked_up, *stages, *words]


def _examples(e: Examples, j: Journey, letters: list[str], rows: int, width: int, look: Look) -> list[Strip]:
    """The windows of the text, one a line, with the token after each: those around the position."""
    first = scrolled(max(0, j.position - rows // 2), j.position, rows, len(e.targets))
    longest = max((len(token_glyph(letters[i])) for i in np.unique(e.windows)), default=1)
    cell = min(6, longest) + 1
    fit = max(1, (width - LABEL - TARGET - (len(NO_EXAMPLE) if e.first else 0)) // cell)
    lines = []
    for number in range(first, min(first + rows, len(e.targets))):
        here, target = number == j.position, e.targets[number]
        role = "text" if here else "dim"
        window = [(pad(token_glyph(letters[i]), cell), look.style(role)) for i in e.windows[number][-fit:]]
        name = f"{'▸' if here else ' '} window {number + 1}"
        label = pad(name, LABEL), look.style("amber" if here else "dim")
        aside = (NO_EXAMPLE if number < e.first else "", look.style("faint"))
        lines.append(line(label, *window, *_next(target, letters, look, here=here), aside))
    return lines


def _next(target: int | None, letters: list[str], look: Look, *, here: bool) -> list[Piece]:
    if target is None:
        return [(pad("→ ?", TARGET), look.style("dim"))]
    return [
        ("→ ", look.style("dim")),
        (pad(token_glyph(letters[target]), TARGET - 2), look.style(NEXT if here else "dim")),
    ]


def _lookups(
    stages: Sequence[Stage], window: Sequence[int], letters: list[str], width: int, rows: int, look: Look
) -> list[Strip]:
    """The row of the embedding of each token in the window, side by side where they fit; the last ones at least."""
    cells = max(1, min(len(stages[0].vector), (width - LABEL) // 2))
    columns = max(1, (width + GAP) // (LABEL + 2 * cells + GAP))
    shown = range(max(0, len(stages) - rows * columns), len(stages))
    height = -(-len(shown) // columns)
    lines = []
    for row in range(height):
        pieces: list[Piece] = []
        for place in shown[row::height]:
            more = "…" if place == shown.start > 0 else ""
            pieces += _lookup(stages[place], more, token_glyph(letters[window[place]]), cells, look)
        lines.append(line(*pieces))
    return lines


def _lookup(stage: Stage, before: str, glyph: str, cells: int, look: Look) -> list[Piece]:
    """One row; `before` its name what stands for those left out, and after it the same for numbers."""
    largest = float(np.abs(stage.vector).max()) or 1.0
    numbers = [look.cell(float(x) / largest) for x in stage.vector[:cells]]
    name: Piece = (pad(before + stage.name, LABEL - 4), look.style("text"))
    rest = pad("…" if len(stage.vector) > cells else "", GAP)
    return [name, (pad(glyph, 3) + " ", look.style("amber")), *numbers, (rest, look.style("dim"))]
