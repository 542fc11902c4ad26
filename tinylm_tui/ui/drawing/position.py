"""One position of a text on its way through a GPT: embedding, blocks, logits, softmax, loss; every figure real."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from textual.strip import Strip

from tinylm_tui.engine import gpt
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.ui.drawing.readout import token_words
from tinylm_tui.ui.ink import Piece, beside, line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

MARGIN = 17
NORM = 9
TABLE_WIDTH = 42


@dataclass(frozen=True, eq=False)
class Stage:
    """A vector on the way, (n,), under the name of what it is."""

    name: str
    vector: Array


@dataclass(frozen=True, eq=False)
class Journey:
    """All stages of one position; `target` is the id that really comes next, or None at the end of the text."""

    letters: list[str]  # the text of each token of the vocabulary
    ids: list[int]
    position: int
    stages: list[Stage]
    probabilities: Array  # (V,)
    target: int | None


def journey(params: Parameters, trace: gpt.Trace, letters: list[str], position: int) -> Journey:
    """What `trace` (of one text) holds about one position."""
    ids = [int(i) for i in trace.ids[0]]
    stages = [
        Stage("token", params["embedding.token"][ids[position]]),
        Stage("+ position", params["embedding.position"][position]),
    ]
    for n, block in enumerate(trace.blocks):
        stages += [
            Stage(f"= stream {n}" if not n else f"stream {n}", block.resid_pre[0, position]),
            Stage(f"+ attention {n + 1}", block.resid_mid[0, position] - block.resid_pre[0, position]),
            Stage(f"+ MLP {n + 1}", block.resid_post[0, position] - block.resid_mid[0, position]),
        ]
    stages += [
        Stage(f"= stream {len(trace.blocks)}", trace.blocks[-1].resid_post[0, position]),
        Stage("final LayerNorm", trace.final_norm.y[0, position]),
    ]
    logits = trace.logits[0, position].astype(np.float64)
    target = ids[position + 1] if position + 1 < len(ids) else None
    return Journey(letters, ids, position, [*stages, Stage("logits", logits)], softmax(logits), target)


def journey_lines(j: Journey, width: int, height: int, look: Look) -> list[Strip]:
    """The text, the stages as strips of cells with their lengths, and the softmax by hand."""
    wide = width >= 100
    left_width = width - TABLE_WIDTH - 2 if wide else width
    cells = max(4, (left_width - MARGIN - NORM) // 2)
    left = [_tokens(j, look), *[_stage(stage, cells, look) for stage in j.stages]]
    left += [Strip.blank(0), *_words(j, left_width, look)]
    if wide:
        return beside(left, _table(j, height, look), left_width)
    return [*left, *_table(j, height - len(left), look)]


def _tokens(j: Journey, look: Look) -> Strip:
    pieces: list[Piece] = [(pad("text", MARGIN), look.style("dim"))]
    for n, i in enumerate(j.ids):
        pieces.append((pad(token_glyph(j.letters[i]), 2), look.style("cursor" if n == j.position else "text")))
    return line(*pieces)


def _stage(stage: Stage, cells: int, look: Look) -> Strip:
    """The first numbers as cells on the scale of this vector, then its length √Σx²."""
    vector = stage.vector
    largest = float(np.abs(vector).max()) or 1.0
    shown = [look.cell(float(x) / largest) for x in vector[:cells]]
    length = f"{float(np.sqrt(np.square(vector.astype(np.float64)).sum())):>{NORM}.3f}"
    filling = "  " * (cells - len(shown))
    return line((pad(stage.name, MARGIN), look.style("text")), *shown, (filling + length, look.style("dim")))


def _words(j: Journey, width: int, look: Look) -> list[Strip]:
    top = int(j.probabilities.argmax())
    shown = "Right of each strip its length √Σx²; each is coloured on its own scale."
    guess = f"Top guess: {token_words(j.letters[top])}, {j.probabilities[top]:.1%}."
    if j.target is None:
        truth = "The text ends here, so there is no surprise to count."
    else:
        p = float(j.probabilities[j.target])
        nats = -math.log(max(p, 1e-300))
        truth = (
            f"Really next: {token_words(j.letters[j.target])}, {p:.1%}: surprise {nats:.4f} nats = "
            f"{nats / math.log(2):.4f} bits."
        )
    return [*wrapped(f"{guess} {truth}", width, look.style("text")), *wrapped(shown, width, look.style("dim"))]


def _table(j: Journey, rows: int, look: Look) -> list[Strip]:
    """Softmax by hand for the likeliest next tokens; the gradient is p − 1 for the real one, p for the others."""
    if rows < 4:
        return []
    logits = j.stages[-1].vector
    exps = np.exp(logits - logits.max())
    order = np.argsort(-logits, kind="stable")[: rows - 2]
    lines = [line((f"{'next':<5}{'logit':>9}{'e^(z-top)':>11}{'chance':>8}{'gradient':>9}", look.style("dim")))]
    for i in order:
        gradient = f"{j.probabilities[i] - (i == j.target):>+9.4f}" if j.target is not None else f"{'':>9}"
        lines.append(
            line(
                (pad(token_glyph(j.letters[i]), 5), look.style("amber" if i == j.target else "text")),
                (f"{logits[i]:>+9.4f}", look.style("towards" if logits[i] >= 0 else "away")),
                (f"{exps[i]:>11.4f}{j.probabilities[i]:>8.2%}", look.style("text")),
                (gradient, look.style("towards" if i == j.target else "away")),
            )
        )
    return [*lines, line((f"sum of all {len(logits)} = {exps.sum():.4f}; chance = e^ / sum", look.style("text")))]
