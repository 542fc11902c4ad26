"""One position of a text on its way through a GPT: embedding, blocks, logits, softmax, loss; every figure real."""

from __future__ import annotations

import math

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.engine.journey import Journey, Stage
from tinylm_tui.ui.drawing.readout import token_words
from tinylm_tui.ui.ink import Piece, beside, line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

MARGIN = 17
NORM = 9
TABLE_WIDTH = 42
NEXT = "amber"  # the role of the token that really comes next


def journey_lines(j: Journey, letters: list[str], width: int, height: int, look: Look) -> list[Strip]:
    """The text, the stages as strips of cells with their lengths, and the softmax by hand.

    `letters` is the text of each token of the vocabulary.
    """
    wide = width >= 100
    left_width = width - TABLE_WIDTH - 2 if wide else width
    left = [_tokens(j, letters, left_width, look), *[stage_line(stage, left_width, look) for stage in j.stages]]
    left += [Strip.blank(0), *_words(j, letters, left_width, look)]
    if wide:
        return beside(left, softmax_table(j, letters, height, look), left_width)
    return [*left, *softmax_table(j, letters, height - len(left), look)]


def _tokens(j: Journey, letters: list[str], width: int, look: Look) -> Strip:
    """As many tokens as fit, with the one at the position in view."""
    glyphs = [token_glyph(letters[i]) for i in j.ids]
    ends = np.cumsum([cell_len(glyph) + 1 for glyph in glyphs])
    hidden = max(0, int(ends[j.position]) - (width - MARGIN))  # columns that must go on the left
    first = int(np.searchsorted(ends, hidden, side="left")) + 1 if hidden else 0
    pieces: list[Piece] = [(pad("text", MARGIN), look.style("dim"))]
    for n, glyph in list(enumerate(glyphs))[min(first, j.position) :]:
        pieces += [(glyph, look.style("cursor" if n == j.position else "text")), (" ", look.style("text"))]
    return line(*pieces).crop(0, width)


def stage_line(stage: Stage, width: int, look: Look, margin: int = MARGIN) -> Strip:
    """The first numbers as cells on the scale of this vector, how many there are where not all fit, then its length."""
    cells = max(4, (width - margin - NORM) // 2)
    vector = stage.vector
    largest = float(np.abs(vector).max()) or 1.0
    more = f"… {len(vector)}" if len(vector) > cells else ""
    shown = [look.cell(float(x) / largest) for x in vector[: cells - (len(more) + 1) // 2]]
    length = f"{stage.length:>{NORM}.3f}"
    filling = pad(more, 2 * (cells - len(shown)))
    return line((pad(stage.name, margin), look.style("text")), *shown, (filling + length, look.style("dim")))


def _words(j: Journey, letters: list[str], width: int, look: Look) -> list[Strip]:
    shown = "Right of each strip its length √Σx²; each is coloured on its own scale."
    if look.depth == "many":
        shown += " Grey: nearly 0."
    return [*truth_lines(j, letters, width, look), *wrapped(shown, width, look.style("dim"))]


def truth_lines(j: Journey, letters: list[str], width: int, look: Look) -> list[Strip]:
    """What the model guesses at this position, what really came, and what that costs: −ln p."""
    here = f"Position {j.position + 1} of {len(j.ids)}."
    guess = f"{here} Top guess: {token_words(letters[j.top])}, {j.probabilities[j.top]:.1%}."
    if j.target is None or j.surprise is None:
        truth = "The text ends here, so there is no surprise to count."
    else:
        p = j.probabilities[j.target]
        truth = (
            f"Really next: {token_words(letters[j.target])}, {p:.1%}: surprise "
            f"−ln({_digits(p)}) = {j.surprise:.4f} nats = {j.surprise / math.log(2):.4f} bits."
        )
    return wrapped(f"{guess} {truth}", width, look.style("text"))


def _digits(p: float) -> str:
    """As many of a probability as four decimals of its logarithm need."""
    return f"{p:.6g}" if p >= 1e-4 else f"{p:.5e}"


def softmax_table(j: Journey, letters: list[str], rows: int, look: Look) -> list[Strip]:
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
                (pad(token_glyph(letters[i]), 5), look.style(NEXT if i == j.target else "text")),
                (f"{j.logits[i]:>+9.4f}", look.style("towards" if j.logits[i] >= 0 else "away")),
                (f"{j.exps[i]:>11.4f}{j.probabilities[i]:>8.2%}", look.style("text")),
                (gradient, look.style("towards" if i == j.target else "away")),
            )
        )
    total = f"sum of {len(j.logits)} = {j.total:.4f}, prob. = e^/sum"  # 42 columns at most, up to 99,999 tokens
    return [*lines, line((total, look.style("text"))), *meant]
