"""The longer words on the GPT, where they differ from those on a bigram."""

from __future__ import annotations

from tinylm_tui.ui.wordings import Either, Page
from tinylm_tui.ui.words_tokens import FOUND_IN_ALL, TAUGHT_MORE
from tinylm_tui.ui.words_windows import FEEDBACK

PROMPT = Either(
    "With a prompt it goes on from what you wrote: it reads the boundary and all of it, up to its context.",
    "With a prompt it goes on from what you wrote: it reads a blank and all of it, up to its context.",
)

EXPLAINED: dict[str, Page] = {
    "train": (
        "Each step draws a batch of windows from the text, compares the model's guesses with what follows, and "
        "AdamW moves every weight. The teal curve is the loss of each batch, the average surprise −log p of the "
        "token that really came, in nats; the figure beside it is the mean of the last batches, 50 at most.",
        "The amber curve is the held-out loss: a part of the text (a tenth, unless set) is kept from training and "
        "measured every 50 steps. While both fall, the model learns what holds in general. When the held-out loss "
        "rises while the other falls, it learns its text by heart: overfitting. On a short text that comes soon.",
        FOUND_IN_ALL,
        "Knowing nothing, ln V, is where it starts, nearly: the first weights are small and random. The floor of "
        "the bigram is none for this model, which sees more than one token.",
        "The learn rate (or learning rate) rises over the warm-up steps to what is shown, then falls along half a "
        "cosine to decay_to at step decay_steps. Beyond twice the worse of start and ln V a step is taken back "
        "and training pauses.",
        TAUGHT_MORE,
    ),
    "heatmap": (
        Either(
            "One slice of the model: each token as the first after the boundary, and what the model expects next. "
            "With more text before it, it says something else. Brighter means likelier.",
            "One slice of the model: each symbol with one blank before it, and what the model expects next (in the "
            "blank's own row, after the blank alone). With more text before it, it says something else. Brighter "
            "means likelier.",
        ),
        "The cursor reads one cell: how often the pair stands in the text, the score (logit), and the probability "
        "after the softmax of its row. p shows the scores.",
        "m shows the model's weight matrices one after the other, by name: teal positive, red negative. Nudging "
        "one weight works on a bigram only.",
    ),
    "math": (
        "One position's way through the model. The token's vector plus the position's vector is the residual "
        "stream; each block adds to it what attention and then the MLP compute from it; the final LayerNorm and "
        "the head turn the last vector into logits, one score for each token; softmax turns those into "
        "probabilities.",
        "Left and right choose the position, t types another text. Each strip is coloured on its own scale; its "
        "length √Σx² stands beside it.",
        "The surprise is of the token that really comes next in this text. The last column is the gradient of "
        "this surprise by each logit: p − 1 for the token that came, p for the others.",
    ),
    "feedback": FEEDBACK,
}
