"""The feedback screen: words with their thumbs, and what applying them did."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from textual.strip import Strip

from tinylm_tui.engine.sampling import Sample
from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.lab.snapshot import FeedbackReport, MovedPair, RatedWord
from tinylm_tui.ui.drawing.samples import glyph
from tinylm_tui.ui.ink import line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

MARKED = 10  # columns before a word
MARKS = {1: ("▲ up  ", "towards"), -1: ("▼ down", "away"), 0: ("      ", "dim")}


def rating_lines(
    samples: Sequence[Sample], tokenizer: Tokenizer, ratings: Mapping[int, int], cursor: int, width: int, look: Look
) -> list[Strip]:
    """One word a line: where the cursor is, its thumb, the word."""
    lines = []
    for n, sample in enumerate(samples):
        mark, role = MARKS[ratings.get(n, 0)]
        word = word_of(tokenizer.decode(sample.drawn)) + ("" if sample.ended else " …")
        here = n == cursor
        lines.append(
            line(
                ("> " if here else "  ", look.style("amber")),
                (mark + "  ", look.style(role)),
                (pad(word, max(4, width - MARKED)), look.style("cursor" if here else "text")),
            )
        )
    return lines


def word_of(text: str) -> str:
    """What the model wrote as it stands in a list: every line end, tab or control character as a glyph."""
    return "".join(map(glyph, text)) or "(empty)"


def report_lines(report: FeedbackReport | None, tokenizer: Tokenizer, width: int, look: Look) -> list[Strip]:
    """Before and after of each rated word, the pairs that moved most, and how far the model is from where it was."""
    if report is None:
        return wrapped(
            "Rate some words (u likes, d dislikes), then press a. Here will stand each word's probability before "
            "and after, and the pairs of tokens that moved most.",
            width,
            look.style("dim"),
        )
    return [
        line((f"{'word':<17}{'before':>8}{'after':>8}{'times':>9}", look.style("dim"))),
        *[_word(word, look) for word in report.rated],
        Strip.blank(0),
        *wrapped(f"KL(now ‖ before feedback) {report.divergence:.4f} nats a token", width, look.style("amber")),
        *wrapped("An average over the tokens. Nothing holds this toy near where it was; real tuning does.", width,
                 look.style("dim")),
        Strip.blank(0),
        line((f"{'pair':<18}{'before':>9}{'after':>9}", look.style("dim"))),
        *[_pair(pair, tokenizer, look) for pair in report.moved],
    ]  # fmt: skip


def _word(word: RatedWord, look: Look) -> Strip:
    mark, role = MARKS[word.sign]
    figures = f"{_tiny(math.exp(word.before)):>8}{_tiny(math.exp(word.after)):>8}"
    times = math.exp(min(word.after - word.before, 700))
    return line(
        (pad(word_of(word.text), 10) + " ", look.style("text")),
        (mark, look.style(role)),
        (figures, look.style("text")),
        (f"{'×' + _factor(times):>9}", look.style("towards" if times >= 1 else "away")),
    )


def _pair(pair: MovedPair, tokenizer: Tokenizer, look: Look) -> Strip:
    names = f"{token_glyph(tokenizer.token(pair.current))} → {token_glyph(tokenizer.token(pair.next))}"
    return line(
        (pad(names, 18), look.style("text")),
        (f"{pair.before:>9.2%}{pair.after:>9.2%}", look.style("towards" if pair.after > pair.before else "away")),
    )


def _tiny(probability: float) -> str:
    return f"{probability:.2%}" if probability >= 0.001 else f"{probability:.1e}"


def _factor(times: float) -> str:
    return f"{times:.2f}" if 0.01 <= times < 1000 else f"{times:.1e}"
