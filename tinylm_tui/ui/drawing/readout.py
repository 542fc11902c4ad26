"""What stands beside the map: every number of the cell under the cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.ui.drawing.heat import Labels, Values, legend, score_scale
from tinylm_tui.ui.drawing.samples import folded
from tinylm_tui.ui.ink import line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

ARROW = " → "


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
    scores: Array, corpus: Corpus, cursor: tuple[int, int], values: Values, width: int, look: Look, *,
    first: bool = False,
) -> list[Strip]:  # fmt: skip
    """The same in three lines, for a narrow terminal: both tokens whole, of the rest what then has room."""
    pair, counted, figures = _in_words(scores, corpus, cursor)
    cells, labels = legend(values, score_scale(scores), look)
    units = _units(values, look)
    below = _with(labels, units, width, look)
    room = width - cell_len(pair)
    if room >= len(counted + figures):
        aside = [first_words(corpus)] if first else []
        return [_named(pair, counted + figures, look), _with(cells, aside, width, look), below]
    if room >= len(figures):
        return [_named(pair, figures, look), _with(cells, [counted], width, look), below]
    rest = (figures + counted if len(figures + counted) - 2 <= width else figures).strip()
    if room >= 0:
        return [_named(pair, "", look), _named("", rest, look), _with(cells, units, width, look)]
    current, next_ = (pad(one, width - 2).rstrip() for one in pair.split(ARROW))
    return [_named(current, "", look), _named(ARROW.lstrip() + next_, "", look), _named("", rest, look)]


def _units(values: Values, look: Look) -> tuple[str, str]:
    """What the numbers of the legend are, in more words and in fewer."""
    if values == "probabilities":
        return f"% probability: {look.names[2]} = likelier", f"%, {look.names[2]} = likelier"
    return "score; it counts only compared with its row", "score: compare it in its row"


def _with(start: Strip, asides: Sequence[str], width: int, look: Look) -> Strip:
    """A line with the first of the asides that has room behind it, or none."""
    fitting = [one for one in asides if start.cell_length + 1 + cell_len(one) <= width][:1]
    return Strip.join([start, *[line((f" {one}", look.style("dim"))) for one in fitting]])


def _in_words(scores: Array, corpus: Corpus, cursor: tuple[int, int]) -> tuple[str, str, str]:
    """The pair, its count in the text, and its score with its probability."""
    current, next_ = cursor
    tokens, count, total = corpus.tokenizer.tokens, corpus.counts[cursor], int(corpus.counts[current].sum())
    p = float(softmax(scores[current].astype(float))[next_])
    return (
        token_glyph(tokens[current]) + ARROW + token_glyph(tokens[next_]),
        f"  count {count:,} of {total:,} = {count / max(1, total):.2%}",
        f"  score {scores[cursor]:+.4f}  probability {p:.2%}",
    )


def _named(name: str, figures: str, look: Look) -> Strip:
    return line((name, look.style("amber")), (figures, look.style("text")))


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
        *_whole(pair, width, look.style("amber")),
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
    """Row and column with their names, in one line or more."""
    row, column = labels.places(cursor)
    if cell_len(row) + cell_len(column) < width:
        return [figure(row, column, width, look)]
    return [strip for name in (row, column) for strip in _whole(name, width, look.style("text"))]


def _whole(text: str, width: int, style: Style) -> list[Strip]:
    """Broken at blanks, and inside of a word only where it is longer than a line."""
    lines = wrapped(text, width, style)
    if all(one.cell_length <= width for one in lines):
        return lines
    return [line(*pieces) for pieces in folded([(text, style)], width)]


def matrix_readout_line(
    name: str, matrix: Array, labels: Labels, cursor: tuple[int, int], width: int, look: Look
) -> list[Strip]:
    """The same in three lines, which have room for every figure from 60 columns on, but beside a long token."""
    cells, marks = legend("scores", score_scale(matrix), look)
    value = f"  value {matrix[cursor]:+.5f}   shape {matrix.shape[0]} × {matrix.shape[1]}"
    row, column = labels.places(cursor)
    place, text = f"{row}, {column}", look.style("text")
    whole = line((f" mean {matrix.mean():+.5f}, std {matrix.std():.5f}", text))
    top = _named(name, value, look)
    if cells.cell_length + 1 + cell_len(place) <= width:
        return [top, Strip.join([cells, line((f" {place}", text))]), Strip.join([marks, whole])]
    if cell_len(place) <= width:
        return [top, line((place, text)), Strip.join([cells, whole])]
    return [top, *[line((pad(one, width).rstrip(), text)) for one in (row, column)]]
