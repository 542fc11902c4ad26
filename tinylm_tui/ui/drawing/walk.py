"""One token's way through the mathematics: strips of cells, bars, and the softmax by hand."""

from __future__ import annotations

import math

import numpy as np
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.walk import Walk
from tinylm_tui.ui.drawing.heat import score_scale
from tinylm_tui.ui.drawing.readout import token_words
from tinylm_tui.ui.ink import Piece, beside, line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

MARGIN = 13
TABLE_WIDTH = 49
WORDS_WIDTH = 45  # narrower, the sentences would take too many lines
GAP = 2
EIGHTHS = " ▁▂▃▄▅▆▇█"
BAR_ROWS = 2


def columns_in(width: int, wide_enough: bool) -> int:
    """How many tokens the strips can show."""
    return max(4, ((width - TABLE_WIDTH - GAP if wide_enough else width) - MARGIN) // 2)


def is_wide(width: int, size: int) -> bool:
    """Whether the table fits beside the strips."""
    return width >= TABLE_WIDTH + GAP + max(WORDS_WIDTH, MARGIN + 2 * min(size, 27))


def walk_lines(w: Walk, letters: list[str], first: int, width: int, height: int, look: Look) -> list[Strip]:
    """The whole walk; strips from token number `first` on."""
    wide = is_wide(width, len(letters))
    shown = range(first, min(len(letters), first + columns_in(width, wide)))
    strip_width = max(WORDS_WIDTH, MARGIN + 2 * len(shown)) if wide else width
    strips = _strips(w, letters, shown, look)
    words = _words(w, letters, strip_width, look)
    if wide:
        table = _table(w, letters, max(3, height - 3), look)
        return beside([*strips, Strip.blank(0), *words], table, strip_width, gap=GAP)
    room = height - len(strips) - len(words)
    return [*strips, *words, *_table(w, letters, room, look)]


def _strips(w: Walk, letters: list[str], shown: range, look: Look) -> list[Strip]:
    one_hot = np.zeros(len(letters))
    one_hot[w.token] = 1
    tallest = float(max(w.probabilities.max(), w.shares.max()))
    return [
        _labels(letters, w.token, shown, look),
        _cells("1 one-hot", one_hot, shown, look),
        _cells("2 × W scores", w.scores / score_scale(w.scores), shown, look),
        *_bars("3 softmax", w.probabilities / tallest, shown, "towards", look),
        *_bars("  the text", w.shares / tallest, shown, "dim", look),
        _cells("4 gradient", _downhill(w), shown, look),
    ]


def _downhill(w: Walk) -> Array:
    """Where the gradient of the whole text pushes each score: amounts for the colours, square roots to show little."""
    pull = w.shares - w.probabilities
    return np.asarray(np.sign(pull) * np.sqrt(np.abs(pull)))


def _labels(letters: list[str], token: int, shown: range, look: Look) -> Strip:
    labels: list[Piece] = [
        (pad(token_glyph(letters[i]), 2), look.style("cursor" if i == token else "dim")) for i in shown
    ]
    return line((pad("", MARGIN), look.style("dim")), *labels)


def _cells(name: str, amounts: Array, shown: range, look: Look) -> Strip:
    return line((pad(name, MARGIN), look.style("text")), *[look.cell(float(amounts[i])) for i in shown])


def _bars(name: str, heights: Array, shown: range, role: str, look: Look) -> list[Strip]:
    """Vertical bars of `BAR_ROWS` lines; `heights` from 0 to 1."""
    lines = []
    for row in reversed(range(BAR_ROWS)):
        eighths = [int(np.clip(round(float(heights[i]) * 8 * BAR_ROWS) - 8 * row, 0, 8)) for i in shown]
        label = name if row == BAR_ROWS - 1 else ""
        bars: list[Piece] = [(EIGHTHS[e] + " ", look.style(role)) for e in eighths]
        lines.append(line((pad(label, MARGIN), look.style("text" if role == "towards" else "dim")), *bars))
    return lines


def _words(w: Walk, letters: list[str], width: int, look: Look) -> list[Strip]:
    now, top, common = (token_words(letters[i]) for i in (w.token, w.top, w.commonest))
    guess = f"Top guess after {now}: {top}, {w.probabilities[w.top]:.1%}."
    if not w.occurs:
        return wrapped(guess + f" The text never has {now} before another token.", width, look.style("text"))
    truth = (
        f"In the text {common} follows most often: {w.commonest_share:.1%}. The model gives it "
        f"{w.commonest_probability:.1%}: surprise {w.surprise:.4f} nats = {w.surprise / math.log(2):.4f} bits."
    )
    settles = f"settles at {w.commonest_share:.1%}, not at 100%" if w.commonest_share < 1 else "nears 100%"
    towards, away, _ = look.names
    grey = "; grey: hardly" if look.depth == "many" else ""  # the palette has no darker teal and red to tell apart
    aim = (
        f"Training lowers the average over all that follows {now}, so this probability {settles}. "
        f"In 4 {towards}: the gradient over the whole text raises the score; {away}: lowers it{grey}."
    )
    return [
        *wrapped(f"{guess} {truth}", width, look.style("text")),
        *wrapped(aim, width, look.style("dim")),
    ]


def _table(w: Walk, letters: list[str], rows: int, look: Look) -> list[Strip]:
    """Softmax by hand for the likeliest next tokens, then the sum over all of them."""
    if rows < 2:
        return []
    power = "e^score" if not w.shift else "e^(s-top)"
    head = f"{'next':<5}{'score':>9}{power:>10}{'prob.':>8}{'text':>8}{'gradient':>9}"
    order = np.argsort(-w.probabilities, kind="stable")[: rows - 2]
    lines = [line((head, look.style("dim")))]
    lines += [_table_row(w, letters, int(i), look) for i in order]
    total = f"{'sum of all':<14}{_short(w.total):>10}"
    return [*lines, line((total, look.style("text")), (f"  prob. = {power} / sum", look.style("dim")))]


def _table_row(w: Walk, letters: list[str], i: int, look: Look) -> Strip:
    figures = f"{_short(w.exps[i]):>10}{w.probabilities[i]:>8.2%}{w.shares[i]:>8.2%}"
    lean = look.style("towards" if w.scores[i] >= 0 else "away")
    pull = look.style("towards" if w.gradient[i] <= 0 else "away")
    return line(
        (pad(token_glyph(letters[i]), 5), look.style("amber" if i == w.commonest else "text")),
        (f"{w.scores[i]:>+9.4f}", lean),
        (figures, look.style("text")),
        (f"{w.gradient[i]:>+9.1e}", pull),
    )


def _short(value: float) -> str:
    """A positive number in at most nine columns."""
    return f"{value:.4f}" if 1e-3 <= value < 1e4 else f"{value:.3e}"
