"""What stands beside the map: every number of the cell under the cursor."""

from __future__ import annotations

import math

from textual.strip import Strip

from tinylm_tui.engine.softmax import softmax
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.drawing.heat import Values, legend, score_scale
from tinylm_tui.ui.ink import line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph


def token_words(letter: str) -> str:
    """A token in a sentence: its glyph, or the name of what has no letter."""
    return {"": "the boundary", " ": "the blank", "\n": "the line end"}.get(letter) or token_glyph(letter)


def figure(name: str, value: str, width: int, look: Look) -> Strip:
    """A named figure, right-aligned."""
    room = width - len(name)
    return line((name, look.style("dim")), (pad(value, room, right=True), look.style("text")))


def readout_line(snapshot: Snapshot, cursor: tuple[int, int], values: Values, look: Look) -> list[Strip]:
    """The same in three lines, for a narrow terminal."""
    current, next_ = cursor
    letters = ["", *snapshot.corpus.tokenizer.letters]
    counts = snapshot.corpus.counts
    total = int(counts[current].sum())
    W = snapshot.params["W"]
    p = float(softmax(W[current].astype(float))[next_])
    figures = (
        f"  count {counts[current, next_]:,} of {total:,} = {counts[current, next_] / max(1, total):.2%}"
        f"  score {W[cursor]:+.4f}  probability {p:.2%}"
    )
    pair = f"{token_glyph(letters[current])} → {token_glyph(letters[next_])}"
    cells, labels = legend(values, score_scale(W), look)
    towards, away, more = look.names
    unit = f" % chance: {more} = likelier" if values == "probabilities" else f" score: {towards} towards, {away} away"
    return [
        line((pair, look.style("amber")), (figures, look.style("text"))),
        cells,
        Strip.join([labels, line((unit, look.style("dim")))]),
    ]


def readout(snapshot: Snapshot, cursor: tuple[int, int], values: Values, width: int, look: Look) -> list[Strip]:
    """The pair, its count in the text, its score, its probability; then the legend."""
    current, next_ = cursor
    letters = ["", *snapshot.corpus.tokenizer.letters]
    counts = snapshot.corpus.counts
    total = int(counts[current].sum())
    W = snapshot.params["W"]
    p = float(softmax(W[current].astype(float))[next_])
    share = counts[current, next_] / max(1, total)
    width = min(width, 28)
    towards, away, more = look.names
    scale = score_scale(W)
    unit = "chance in %" if values == "probabilities" else "score"
    return [
        line((f"{token_words(letters[current])} → {token_words(letters[next_])}", look.style("amber"))),
        Strip.blank(0),
        figure("count in the text", f"{counts[current, next_]:,}", width, look),
        figure(f"of {total:,}", f"{share:.2%}", width, look),
        figure("score", f"{W[cursor]:+.4f}", width, look),
        figure("probability", f"{p:.2%}", width, look),
        figure("surprise, bits", f"{-math.log2(max(p, 1e-300)):.3f}", width, look),
        Strip.blank(0),
        *legend(values, scale, look),
        line((unit, look.style("dim"))),
        Strip.blank(0),
        *wrapped(
            f"Row: the letter now. Column: the letter next. {more.capitalize()}: likelier."
            if values == "probabilities"
            else f"{towards.capitalize()} leans towards a next letter, {away} away. Each row is one letter's scores.",
            width,
            look.style("dim"),
        ),
    ]
