"""Texts that the model wrote: each letter as bright as it was likely."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.sampling import Sample
from tinylm_tui.engine.tokenizer import CharTokenizer
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

UNDERLINE = Style(underline=True)


def surprise_bits(sample: Sample) -> float:
    """−log2 of the probability of all that was drawn."""
    return -sum(math.log2(p) for p in sample.probabilities if p > 0) + 0.0


def glyph(letter: str) -> str:
    """A letter inside a text: a plain blank stays a blank, a line end is shown."""
    return " " if letter == " " else token_glyph(letter)


def sample_pieces(sample: Sample, tokenizer: CharTokenizer, look: Look) -> list[Piece]:
    """The given letters underlined, then the drawn ones by their probability."""
    given = look.style("text") + UNDERLINE
    pieces = [(glyph(tokenizer.letter(i)), given) for i in sample.ids[1 : sample.given]]
    drawn = zip(sample.drawn, sample.probabilities, strict=False)
    return pieces + [(glyph(tokenizer.letter(i)), look.by_probability(p)) for i, p in drawn]


def folded(pieces: list[Piece], width: int) -> list[list[Piece]]:
    """Pieces broken into lines of at most `width` columns."""
    lines: list[list[Piece]] = [[]]
    used = 0
    for text, style in pieces:
        if used + cell_len(text) > width:
            lines.append([])
            used = 0
        lines[-1].append((text, style))
        used += cell_len(text)
    return lines


def sample_lines(
    samples: Sequence[Sample], tokenizer: CharTokenizer, width: int, look: Look, *, bits: bool = True
) -> list[Strip]:
    """One text after the other, long ones folded; at the right end how surprising it was as a whole."""
    lines: list[Strip] = []
    room = width - (14 if bits else 0)
    for sample in samples:
        rows = folded(sample_pieces(sample, tokenizer, look), max(4, room))
        more = "" if sample.ended else " …"
        for n, row in enumerate(rows):
            last = n == len(rows) - 1
            used = sum(cell_len(text) for text, _ in row)
            tail = pad(more if last else "", max(0, room - used))
            figures = f"{surprise_bits(sample):8.1f} bits" if bits and last else ""
            lines.append(line(*row, (tail, look.style("faint")), (figures, look.style("faint"))))
    return lines
