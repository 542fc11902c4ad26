"""What stands beside the map: every number of the cell under the cursor."""

from __future__ import annotations

import math

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.ui.drawing.heat import Labels, Values, legend, score_scale
from tinylm_tui.ui.ink import line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

SHORT_PAIR = 12  # columns


def first_words(corpus: Corpus) -> str:
    """What models that see more than one token are shown for a map of next tokens."""
    tokenizer = corpus.tokenizer
    return f"each {piece(tokenizer)} alone after {'the boundary' if tokenizer.bounded else 'blanks'}"


def token_words(letter: str) -> str:
    """A token in a sentence: its glyph, or the name of what has no letter."""
    return {"": "the boundary", " ": "the blank", "\n": "the line end"}.get(letter) or token_glyph(letter)


def piece(tokenizer: Tokenizer) -> str:
    """What one token is called in a sentence about a text."""
    return "token" if tokenizer.kind == "bpe" else "letter"


def figure(name: str, value: str, width: int, look: Look) -> Strip:
    """A named figure, right-aligned."""
    room = width - len(name)
    return line((name, look.style("dim")), (pad(value, room, right=True), look.style("text")))


def readout_line(
    scores: Array, corpus: Corpus, cursor: tuple[int, int], values: Values, look: Look, *, first: bool = False
) -> list[Strip]:
    """The same in three lines, for a narrow terminal."""
    current, next_ = cursor
    letters = list(corpus.tokenizer.tokens)
    counts = corpus.counts
    total = int(counts[current].sum())
    p = float(softmax(scores[current].astype(float))[next_])
    counted = f"  count {counts[current, next_]:,} of {total:,} = {counts[current, next_] / max(1, total):.2%}"
    figures = f"  score {scores[cursor]:+.4f}  probability {p:.2%}"
    pair = f"{token_glyph(letters[current])} → {token_glyph(letters[next_])}"
    cells, labels = legend(values, score_scale(scores), look)
    more = look.names[2]
    unit = (
        f" % probability: {more} = likelier"
        if values == "probabilities"
        else " score; it counts only compared with its row"
    )
    aside = line((f" {first_words(corpus)}" if first else "", look.style("dim")))
    if cell_len(pair) > SHORT_PAIR:  # two long tokens leave no room for the count beside them
        counted, aside = "", line((counted, look.style("text")))
    return [
        line((pair, look.style("amber")), (counted + figures, look.style("text"))),
        Strip.join([cells, aside]),
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
    letters = list(corpus.tokenizer.tokens)
    counts = corpus.counts
    total = int(counts[current].sum())
    p = float(softmax(scores[current].astype(float))[next_])
    share = counts[current, next_] / max(1, total)
    width = min(width, 28)
    towards, away, more = look.names
    scale = score_scale(scores)
    unit = "probability in %" if values == "probabilities" else "score"
    one = piece(corpus.tokenizer)
    pair = f"{token_words(letters[current])} → {token_words(letters[next_])}"
    return [
        *wrapped(pair, width, look.style("amber")),
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
            f"Row: the {one} now. Column: the {one} next. {more.capitalize()}: likelier."
            if values == "probabilities"
            else f"{towards.capitalize()} above 0, {away} below; a score counts compared with the rest of its row.",
            width,
            look.style("dim"),
        ),
        *(
            [Strip.blank(0), *wrapped(first_words(corpus).capitalize() + ".", width, look.style("dim"))]
            if first
            else []
        ),
    ]


def matrix_readout(
    name: str, matrix: Array, labels: Labels, cursor: tuple[int, int], width: int, look: Look
) -> list[Strip]:
    """One weight of any matrix: where it stands, its value, and how it compares with the rest. matrix (R, C)."""
    width = min(width, 28)
    rows, columns = matrix.shape
    return [
        line((pad(name, width), look.style("amber"))),
        figure("shape", f"{rows} × {columns}", width, look),
        figure("weights", f"{matrix.size:,}", width, look),
        Strip.blank(0),
        *_place(labels, cursor, width, look),
        figure("value", f"{matrix[cursor]:+.5f}", width, look),
        figure("mean", f"{matrix.mean():+.5f}", width, look),
        figure("std", f"{matrix.std():.5f}", width, look),
        Strip.blank(0),
        *legend("scores", score_scale(matrix), look),
    ]


def _place(labels: Labels, cursor: tuple[int, int], width: int, look: Look) -> list[Strip]:
    """Row and column with their names, in one line or two."""
    row, column = (
        f"{side} {i} {names[i]}"
        for side, i, names in zip(("row", "column"), cursor, (labels.rows, labels.columns), strict=True)
    )
    if cell_len(row) + cell_len(column) < width:
        return [figure(row, column, width, look)]
    return [line((pad(name, width).rstrip(), look.style("text"))) for name in (row, column)]


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
