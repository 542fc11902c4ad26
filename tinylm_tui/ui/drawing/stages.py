"""The assembly line: text becomes a model becomes text, with the stages of the current screen lit."""

from __future__ import annotations

from textual.strip import Strip

from tinylm_tui.ui.ink import Piece, line
from tinylm_tui.ui.look import Look

STAGES = {
    "bigram": ("Text", "Tokens", "One-hot", "×Matrix", "Softmax", "Loss", "Gradient", "Generate", "Feedback"),
    "gpt": ("Text", "Tokens", "Embed", "Blocks", "Logits", "Softmax", "Loss", "Gradient", "Generate"),
}
LOOP = {"bigram": "×Matrix", "gpt": "Embed"}  # from here to Gradient, again and again while it trains

LIT: dict[str, tuple[str, ...]] = {
    "corpus": ("Text", "Tokens"),
    "train": ("Loss", "Gradient"),
    "generate": ("Generate",),
    "heatmap": ("×Matrix", "Logits"),
    "math": ("One-hot", "×Matrix", "Embed", "Blocks", "Logits", "Softmax", "Loss", "Gradient"),
    "feedback": ("Feedback",),
    "attention": ("Blocks",),
    "model": ("×Matrix", "Embed", "Blocks", "Logits"),
}


def stages(tab: str, model: str, width: int, look: Look) -> list[Strip]:
    """One line: the model's stages, the loop that training repeats in brackets with its arrow."""
    arrow = " → " if width >= 100 else "›"
    pieces: list[Piece] = [(" ", look.style("dim"))]
    for i, stage in enumerate(STAGES[model]):
        pieces += [(arrow, look.style("faint"))] if i else []
        pieces += [("[", look.style("amber"))] if stage == LOOP[model] else []
        pieces.append((stage, look.style("lit" if stage in LIT[tab] else "dim")))
        pieces += [("]↻", look.style("amber"))] if stage == "Gradient" else []
    return [line(*pieces)]
