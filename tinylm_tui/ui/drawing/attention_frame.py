"""What stands over each view of attention: which head, on which text; and what other models have instead."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from tinylm_tui.lab.models import article
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.views import ReadText
from tinylm_tui.ui.drawing.tokens import left_out
from tinylm_tui.ui.ink import Piece, line, pad, paragraphs
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

GPT = "A GPT lets each token look at those before it and at itself. Press M to choose one; the text stays."
NO_ATTENTION = {
    "bigram": (
        "A bigram has no attention: whatever stands before the last token, it looks at the last one alone. What it "
        "has instead is one matrix, with a row of scores for each token (Heatmap, key 4).",
        GPT,
    ),
    "average": (
        "An average has no attention: it looks at the last {context} tokens, and each of them has the same share in "
        "the mean, {share:.1%}, whatever it is and wherever it stands. Attention begins just so (w, with a GPT: the "
        "trick in four steps), and then learns the shares.",
        GPT,
    ),
    "mlp": (
        "An mlp has no attention: it looks at the last {context} tokens, and each place of the window has weights of "
        "its own, the same for every text. Attention chooses anew, for each text, which place to look at.",
        GPT,
    ),
}


def head_line(settings: Settings, head: tuple[int, int], letters: Sequence[str], width: int, look: Look) -> Strip:
    """Layer, head and text, each with the keys that change it."""
    dim, key = look.style("dim"), look.style("amber")
    pieces = [*which_head(settings, head, look), ("   text ", dim)]
    room = width - sum(len(words) for words, _ in pieces) - 3
    glyphs = "".join(map(token_glyph, letters))
    return line(*pieces, (pad(glyphs, room).rstrip(), look.style("title")), ("  t", key))


def which_head(settings: Settings, head: tuple[int, int], look: Look) -> list[Piece]:
    """Layer and head, with their keys."""
    dim, text, key = look.style("dim"), look.style("text"), look.style("amber")
    return [
        ("layer ", dim), (f"{head[0] + 1} of {settings.layers} ", text), ("[ ]", key),
        ("   head ", dim), (f"{head[1] + 1} of {settings.heads} ", text), ("p n", key),
    ]  # fmt: skip


def notes(read: ReadText, settings: Settings, step: int, width: int, look: Look) -> list[Strip]:
    """What should be known about the text or the model before looking, at most two lines."""
    said = []
    if read.unknown:
        said.append((left_out(read.unknown), "text"))
    if read.tokens > settings.context:
        words = f"the text has {read.tokens:,} tokens; the last {settings.context} are used, the context of this model"
        said.append((words, "text"))
    if step == 0:
        said.append(("not trained yet: random weights share almost evenly; space trains", "dim"))
    return [line((pad(words, width).rstrip(), look.style(role))) for words, role in said[:2]]


def no_attention(settings: Settings, tokens: Sequence[str], width: int, look: Look) -> list[Strip]:
    """Why there is no map, with what this model sees of some tokens: the last ones, as many as its window holds."""
    window = 1 if settings.model == "bigram" else settings.context
    seen = line(
        (f"what {article(settings.model)} sees:  ", look.style("dim")),
        *[(f"{token_glyph(token)} ", look.style("faint")) for token in tokens[:-window]],
        *[(f" {token_glyph(token)} ", look.style("lit")) for token in tokens[-window:]],
        ("  → the next token", look.style("dim")),
    )
    words = [text.format(context=window, share=1 / window) for text in NO_ATTENTION[settings.model]]
    return [seen.crop(0, width), Strip.blank(0), *paragraphs(words, min(width, 76), look.style("text"))]
