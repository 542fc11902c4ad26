"""Texts that the model wrote: each letter as bright as it was likely."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tinylm_tui.engine.sampling import Sample
from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

UNDERLINE = Style(underline=True)
MARK = "= in text"  # stands at what is in the text word for word
ROOMY = 70  # columns from which the mark is written out
FIGURES = 14  # columns of the bits


def surprise_bits(sample: Sample) -> float:
    """−log2 of the probability of all that was drawn."""
    return -sum(math.log2(p) for p in sample.probabilities if p > 0) + 0.0


def glyph(token: str) -> str:
    """A token inside a text: a plain blank stays a blank, a line end is shown."""
    return " ".join(token_glyph(part) if part else "" for part in token.split(" ")) if token else token_glyph(token)


def sample_pieces(sample: Sample, tokenizer: Tokenizer, look: Look) -> list[Piece]:
    """The given letters underlined, then the drawn ones by their probability."""
    given = look.style("text") + UNDERLINE
    pieces = [(glyph(tokenizer.token(i)), given) for i in sample.ids[1 : sample.given]]
    drawn = zip(sample.drawn, sample.probabilities, strict=False)
    return pieces + [(glyph(tokenizer.token(i)), look.by_probability(p)) for i, p in drawn]


def folded(pieces: list[Piece], width: int) -> list[list[Piece]]:
    """Pieces broken into lines of at most `width` columns; a token longer than a line is broken too."""
    lines: list[list[Piece]] = [[]]
    used = 0
    for text, style in pieces:
        for part in [text] if cell_len(text) <= width else text:
            if used + cell_len(part) > width:
                lines.append([])
                used = 0
            lines[-1].append((part, style))
            used += cell_len(part)
    return lines


def sample_lines(
    samples: Sequence[Sample], tokenizer: Tokenizer, width: int, look: Look, *,
    bits: bool = True, known: Collection[int] = (),
) -> list[Strip]:  # fmt: skip
    """One text after the other, long ones folded; at the right end how surprising it was as a whole.

    `known` are the numbers of those that stand word for word in the text: they are marked.
    """
    lines: list[Strip] = []
    mark = MARK if width >= ROOMY else MARK[0]
    room = width - (len(mark) + FIGURES if bits else 0)
    for number, sample in enumerate(samples):
        *rows, last = folded(sample_pieces(sample, tokenizer, look), max(4, room))
        lines += [line(*row) for row in rows]
        used = sum(cell_len(text) for text, _ in last)
        tail = pad("" if sample.ended else " …", max(0, room - used))
        marked = (pad(mark if number in known else "", len(mark)), look.style("amber"))
        figures = (f"{surprise_bits(sample):9.1f} bits", look.style("faint"))
        lines.append(line(*last, (tail, look.style("faint")), *((marked, figures) if bits else ())))
    return lines
