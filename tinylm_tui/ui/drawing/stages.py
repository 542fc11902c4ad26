"""The assembly line: text becomes a model becomes text, with the stages of the current screen lit."""

from __future__ import annotations

from textual.strip import Strip

from tinylm_tui.ui.ink import Piece, line
from tinylm_tui.ui.look import Look

STAGES = {
    "bigram": ("Text", "Tokens", "One-hot", "×Matrix", "Softmax", "Loss", "Gradient", "Generate", "Feedback"),
    "average": ("Text", "Tokens", "Look up", "Average", "Logits", "Softmax", "Loss", "Gradient", "Generate"),
    "mlp": ("Text", "Tokens", "Look up", "Join", "tanh", "Logits", "Softmax", "Loss", "Gradient", "Generate"),
    "gpt": ("Text", "Tokens", "Embed", "Blocks", "Logits", "Softmax", "Loss", "Gradient", "Generate"),
}
# Training repeats what stands from here to Gradient.
LOOP = {"bigram": "×Matrix", "average": "Look up", "mlp": "Look up", "gpt": "Embed"}

WITHIN = ("Embed", "Blocks", "Look up", "Average", "Join", "tanh", "Logits")  # of a model with embeddings

LIT: dict[str, tuple[str, ...]] = {
    "corpus": ("Text", "Tokens"),
    "train": ("Loss", "Gradient"),
    "generate": ("Generate",),
    "steps": ("Softmax", "Generate"),
    "heatmap": ("×Matrix", "Logits"),
    "math": ("One-hot", "×Matrix", *WITHIN, "Softmax", "Loss", "Gradient"),
    "feedback": ("Feedback",),
    "attention": ("Blocks",),
    "model": ("×Matrix", *WITHIN),
    "tokens": ("Text", "Tokens"),
    "embeddings": ("Embed", "Look up"),
    "ladder": (),
    "surprise": ("Softmax", "Loss"),
    "saliency": ("Gradient",),
    "lens": ("Embed", "Blocks", "Logits", "Softmax"),
    "ablation": ("Blocks", "Loss"),
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
