"""The assembly line: text becomes a model becomes text, with the stages of the current screen lit."""

from __future__ import annotations

from textual.strip import Strip

from tinylm_tui.ui.ink import Piece, line
from tinylm_tui.ui.look import Look

STAGES = ("Text", "Tokens", "One-hot", "×Matrix", "Softmax", "Loss", "Gradient", "Generate", "Feedback")
LOOP = ("×Matrix", "Gradient")  # from the one to the other again and again while it trains

LIT = {
    "corpus": ("Text", "Tokens"),
    "train": ("Loss", "Gradient"),
    "generate": ("Generate",),
    "heatmap": ("×Matrix",),
    "math": ("One-hot", "×Matrix", "Softmax", "Loss", "Gradient"),
    "feedback": ("Feedback",),
}


def stages(tab: str, width: int, look: Look) -> list[Strip]:
    """One line: the nine stages, the loop that training repeats in brackets with its arrow."""
    arrow = " → " if width >= 100 else "›"
    pieces: list[Piece] = [(" ", look.style("dim"))]
    for i, stage in enumerate(STAGES):
        pieces += [(arrow, look.style("faint"))] if i else []
        pieces += [("[", look.style("amber"))] if stage == LOOP[0] else []
        pieces.append((stage, look.style("lit" if stage in LIT[tab] else "dim")))
        pieces += [("]↻", look.style("amber"))] if stage == LOOP[1] else []
    return [line(*pieces)]
