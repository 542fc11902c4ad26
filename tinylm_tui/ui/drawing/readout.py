"""What stands beside the map: every number of the cell under the cursor."""

from __future__ import annotations

import math

from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.ui.drawing.heat import Labels, Values, legend, score_scale
from tinylm_tui.ui.ink import line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

FIRST = "each letter alone after the boundary"  # what a GPT is shown for a map of next letters


def token_words(letter: str) -> str:
    """A token in a sentence: its glyph, or the name of what has no letter."""
    return {"": "the boundary", " ": "the blank", "\n": "the line end"}.get(letter) or token_glyph(letter)


def figure(name: str, value: str, width: int, look: Look) -> Strip:
    """A named figure, right-aligned."""
    room = width - len(name)
    return line((name, look.style("dim")), (pad(value, room, right=True), look.style("text")))


def readout_line(
    scores: Array, corpus: Corpus, cursor: tuple[int, int], values: Values, look: Look, *, first: bool = False
) -> list[Strip]:
    """The same in three lines, for a narrow terminal."""
    current, next_ = cursor
    letters = ["", *corpus.tokenizer.letters]
    counts = corpus.counts
    total = int(counts[current].sum())
    p = float(softmax(scores[current].astype(float))[next_])
    figures = (
        f"  count {counts[current, next_]:,} of {total:,} = {counts[current, next_] / max(1, total):.2%}"
        f"  score {scores[cursor]:+.4f}  probability {p:.2%}"
    )
    pair = f"{token_glyph(letters[current])} → {token_glyph(letters[next_])}"
    cells, labels = legend(values, score_scale(scores), look)
    more = look.names[2]
    unit = (
        f" % probability: {more} = likelier"
        if values == "probabilities"
        else " score; it counts only compared with its row"
    )
    alone = f" {FIRST}" if first else ""
    return [
        line((pair, look.style("amber")), (figures, look.style("text"))),
        Strip.join([cells, line((alone, look.style("dim")))]),
        Strip.join([labels, line((unit, look.style("dim")))]),
    ]


def readout(
    scores: Array, corpus: Corpus, cursor: tuple[int, int], values: Values, width: int, look: Look, *,
    first: bool = False,
) -> list[Strip]:  # fmt: skip
    """The pair, its count in the text, its score, its probability; then the legend. scores (V, V).

    `first`: the model saw the letter as the first one of a text, and may say something else further on.
    """
    current, next_ = cursor
    letters = ["", *corpus.tokenizer.letters]
    counts = corpus.counts
    total = int(counts[current].sum())
    p = float(softmax(scores[current].astype(float))[next_])
    share = counts[current, next_] / max(1, total)
    width = min(width, 28)
    towards, away, more = look.names
    scale = score_scale(scores)
    unit = "probability in %" if values == "probabilities" else "score"
    return [
        line((f"{token_words(letters[current])} → {token_words(letters[next_])}", look.style("amber"))),
        Strip.blank(0),
        figure("count in the text", f"{counts[current, next_]:,}", width, look),
        figure(f"of {total:,}", f"{share:.2%}", width, look),
        figure("score", f"{scores[cursor]:+.4f}", width, look),
        figure("probability", f"{p:.2%}", width, look),
        figure("surprise, bits", f"{-math.log2(max(p, 1e-300)):.3f}", width, look),
        Strip.blank(0),
        *legend(values, scale, look),
        line((unit, look.style("dim"))),
        Strip.blank(0),
        *wrapped(
            f"Row: the letter now. Column: the letter next. {more.capitalize()}: likelier."
            if values == "probabilities"
            else f"{towards.capitalize()} above 0, {away} below; a score counts compared with the rest of its row.",
            width,
            look.style("dim"),
        ),
        *([Strip.blank(0), *wrapped(FIRST.capitalize() + ".", width, look.style("dim"))] if first else []),
    ]


def matrix_readout(
    name: str, matrix: Array, labels: Labels, cursor: tuple[int, int], width: int, look: Look
) -> list[Strip]:
    """One weight of any matrix: where it stands, its value, and how it compares with the rest. matrix (R, C)."""
    row, column = cursor
    width = min(width, 28)
    rows, columns = matrix.shape
    return [
        line((pad(name, width), look.style("amber"))),
        figure("shape", f"{rows} × {columns}", width, look),
        figure("weights", f"{matrix.size:,}", width, look),
        Strip.blank(0),
        figure(f"row {row} {labels.rows[row]}", f"column {column} {labels.columns[column]}", width, look),
        figure("value", f"{matrix[cursor]:+.5f}", width, look),
        figure("mean", f"{matrix.mean():+.5f}", width, look),
        figure("std", f"{matrix.std():.5f}", width, look),
        Strip.blank(0),
        *legend("scores", score_scale(matrix), look),
    ]


def matrix_readout_line(name: str, matrix: Array, cursor: tuple[int, int], look: Look) -> list[Strip]:
    """The same in three lines, which have room for every figure from 60 columns on."""
    cells, marks = legend("scores", score_scale(matrix), look)
    value = f"  value {matrix[cursor]:+.5f}   shape {matrix.shape[0]} × {matrix.shape[1]}"
    place = f" row {cursor[0]}, column {cursor[1]}"
    whole = f" mean {matrix.mean():+.5f}, std {matrix.std():.5f}"
    return [
        line((name, look.style("amber")), (value, look.style("text"))),
        Strip.join([cells, line((place, look.style("text")))]),
        Strip.join([marks, line((whole, look.style("text")))]),
    ]
