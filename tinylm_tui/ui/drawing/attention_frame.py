"""What stands over each view of attention: which head, on which text; and what a bigram has instead."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.views import ReadText
from tinylm_tui.ui.ink import line, pad, paragraphs
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

NO_ATTENTION = (
    "A bigram has no attention: whatever stands before the last letter, it looks at the last letter alone. What it "
    "has instead is one matrix, with a row of scores for each letter (Heatmap, key 4).",
    "A GPT lets each letter look at those before it and at itself. Press M to choose one; the text stays.",
)


def head_line(settings: Settings, head: tuple[int, int], letters: Sequence[str], width: int, look: Look) -> Strip:
    """Layer, head and text, each with the keys that change it."""
    dim, text, key = look.style("dim"), look.style("text"), look.style("amber")
    pieces = [
        ("layer ", dim), (f"{head[0] + 1} of {settings.layers} ", text), ("[ ]", key),
        ("   head ", dim), (f"{head[1] + 1} of {settings.heads} ", text), ("p n", key), ("   text ", dim),
    ]  # fmt: skip
    room = width - sum(len(words) for words, _ in pieces) - 3
    glyphs = "".join(map(token_glyph, letters))
    return line(*pieces, (pad(glyphs, room).rstrip(), look.style("title")), ("  t", key))


def notes(read: ReadText, settings: Settings, step: int, width: int, look: Look) -> list[Strip]:
    """What should be known about the text or the model before looking, at most two lines."""
    said = []
    if read.unknown:
        letters = " ".join(map(token_glyph, read.unknown[:8]))
        said.append((f"left out, because this model has never seen it: {letters}", "text"))
    if read.tokens > settings.context:
        words = f"the text has {read.tokens} tokens; the last {settings.context} are used, the context of this model"
        said.append((words, "text"))
    if step == 0:
        said.append(("not trained yet: random weights share almost evenly; space trains", "dim"))
    return [line((pad(words, width).rstrip(), look.style(role))) for words, role in said[:2]]


def no_attention(word: str, width: int, look: Look) -> list[Strip]:
    """Why there is no map, with the little that a bigram sees of a word."""
    glyphs = ["·", *map(token_glyph, word)]
    seen = line(
        ("what a bigram sees:  ", look.style("dim")),
        *[(f"{glyph} ", look.style("faint")) for glyph in glyphs[:-1]],
        (f" {glyphs[-1]} ", look.style("lit")),
        ("  → the next letter", look.style("dim")),
    )
    return [seen, Strip.blank(0), *paragraphs(NO_ATTENTION, min(width, 76), look.style("text"))]
