"""One position of a text on its way through a GPT: embedding, blocks, logits, softmax, loss; every figure real."""

from __future__ import annotations

import math

import numpy as np
from textual.strip import Strip

from tinylm_tui.engine.journey import Journey, Stage
from tinylm_tui.ui.drawing.readout import token_words
from tinylm_tui.ui.ink import Piece, beside, line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

MARGIN = 17
NORM = 9
TABLE_WIDTH = 42


def journey_lines(j: Journey, letters: list[str], width: int, height: int, look: Look) -> list[Strip]:
    """The text, the stages as strips of cells with their lengths, and the softmax by hand.

    `letters` is the text of each token of the vocabulary.
    """
    wide = width >= 100
    left_width = width - TABLE_WIDTH - 2 if wide else width
    cells = max(4, (left_width - MARGIN - NORM) // 2)
    left = [_tokens(j, letters, look), *[_stage(stage, cells, look) for stage in j.stages]]
    left += [Strip.blank(0), *_words(j, letters, left_width, look)]
    if wide:
        return beside(left, _table(j, letters, height, look), left_width)
    return [*left, *_table(j, letters, height - len(left), look)]


def _tokens(j: Journey, letters: list[str], look: Look) -> Strip:
    pieces: list[Piece] = [(pad("text", MARGIN), look.style("dim"))]
    for n, i in enumerate(j.ids):
        pieces.append((pad(token_glyph(letters[i]), 2), look.style("cursor" if n == j.position else "text")))
    return line(*pieces)


def _stage(stage: Stage, cells: int, look: Look) -> Strip:
    """The first numbers as cells on the scale of this vector, then its length √Σx²."""
    vector = stage.vector
    largest = float(np.abs(vector).max()) or 1.0
    shown = [look.cell(float(x) / largest) for x in vector[:cells]]
    length = f"{stage.length:>{NORM}.3f}"
    filling = "  " * (cells - len(shown))
    return line((pad(stage.name, MARGIN), look.style("text")), *shown, (filling + length, look.style("dim")))


def _words(j: Journey, letters: list[str], width: int, look: Look) -> list[Strip]:
    shown = "Right of each strip its length √Σx²; each is coloured on its own scale."
    if look.depth == "many":
        shown += " Grey: nearly 0."
    here = f"Position {j.position + 1} of {len(j.ids)}."
    guess = f"{here} Top guess: {token_words(letters[j.top])}, {j.probabilities[j.top]:.1%}."
    if j.target is None or j.surprise is None:
        truth = "The text ends here, so there is no surprise to count."
    else:
        truth = (
            f"Really next: {token_words(letters[j.target])}, {j.probabilities[j.target]:.1%}: surprise "
            f"{j.surprise:.4f} nats = {j.surprise / math.log(2):.4f} bits."
        )
    return [*wrapped(f"{guess} {truth}", width, look.style("text")), *wrapped(shown, width, look.style("dim"))]


def _table(j: Journey, letters: list[str], rows: int, look: Look) -> list[Strip]:
    """Softmax by hand for the likeliest next tokens; the gradient is p − 1 for the real one, p for the others."""
    if rows < 4:
        return []
    meant = [line(("gradient: of the surprise, by each logit", look.style("dim")))] if j.gradient is not None else []
    order = np.argsort(-j.logits, kind="stable")[: rows - 2 - len(meant)]
    lines = [line((f"{'next':<5}{'logit':>9}{'e^(z-top)':>11}{'prob.':>8}{'gradient':>9}", look.style("dim")))]
    for i in order:
        gradient = f"{j.gradient[i]:>+9.4f}" if j.gradient is not None else f"{'':>9}"
        lines.append(
            line(
                (pad(token_glyph(letters[i]), 5), look.style("amber" if i == j.target else "text")),
                (f"{j.logits[i]:>+9.4f}", look.style("towards" if j.logits[i] >= 0 else "away")),
                (f"{j.exps[i]:>11.4f}{j.probabilities[i]:>8.2%}", look.style("text")),
                (gradient, look.style("towards" if i == j.target else "away")),
            )
        )
    return [*lines, line((f"sum of all {len(j.logits)} = {j.total:.4f}; prob. = e^ / sum", look.style("text"))), *meant]
