"""The longer words on the two models that see a window of tokens: the average and the mlp."""

from __future__ import annotations

from tinylm_tui.ui.wordings import Either, Page
from tinylm_tui.ui.words_tokens import FOUND_IN_ALL, TAUGHT_MORE

LEARNING = (
    "An epoch is one pass over all examples, in a new order each time; the figure counts them. Small batches are "
    "plotted as a running mean over about 32 examples, and the loss beside the curve is the mean of the last 50 "
    "batches or 500 examples, whichever is more (of all of them, while there are fewer)."
)
OVERFITTING = (
    "The amber curve is the held-out loss, of a part of the text kept from training (a tenth, unless set). Where it "
    "was lowest and then rose, a line marks the step: from there on the model learns its text by heart instead of what "
    "holds in general."
)
FLOOR = (
    "Two lines to compare with: knowing nothing, ln V, where the small random start nearly is; and the exact floor. "
    "Windows that look alike to this model get one prediction, so no model that sees {seen} can have a lower loss on "
    "the part it learns from than the entropy of the next token given that, counted in the text."
)
EXPLODING = (
    "Beyond twice the worse of start and ln V a step is taken back and training pauses: the learn rate (or learning "
    "rate) is too high. With batches of fewer than 32 a single loss may be high by chance, so it takes some steps to "
    "tell. Then the last hundred steps or so are taken back together: the weights, the step, the epoch, the losses and "
    "the end of the curve. The notice says which."
)
HEATMAP: Page = (
    Either(
        "One slice of the model: each token alone in the window, with boundaries before it, and what the model expects "
        "next. With other tokens before it, it says something else. Brighter means likelier.",
        "One slice of the model: each symbol alone in the window, with blanks before it, and what the model expects "
        "next. With other symbols before it, it says something else. Brighter means likelier.",
    ),
    "The cursor reads one cell: how often the pair stands in the text, the score (logit), and the probability after "
    "the softmax of its row. p shows the scores.",
    "m shows the model's weight matrices one after the other, by name: teal positive, red negative. Nudging one weight "
    "works on a bigram only.",
)
STEPS: Page = (
    Either(
        "Left and right choose the position, t types another text. At the top stand windows of the text with the token "
        "that comes after each: such are the examples it learns from. Right of a strip stands its length √Σx², but not "
        "of a lookup.",
        "Left and right choose the position, t types another text. At the top stand windows of the text with the "
        "symbol that comes after each. Full windows are the examples it learns from. The first ones are filled up "
        "with blanks so that there is something to see: no example, it never learns from such. Right of a strip "
        "stands its length √Σx², but not of a lookup.",
    ),
    "The surprise is −log p of the token that really comes next: 0.70 gives 0.36 nats, 0.05 gives 3.00. The last "
    "column is its gradient by each logit: p − 1 for the token that came, p for the others. From there it goes back "
    "through the same stages: the output first, the vectors of the window last.",
)
FEEDBACK = (
    "Feedback re-weights the pairs of tokens in rated words, and only a bigram's weights are such pairs. M brings a "
    "bigram back.",
)
CHECKED = (
    "g checks the gradient of this very model: the backward pass, written by hand, against central differences of the "
    "loss, at two distances combined. The plain form and the one that training runs are both checked. A relative error "
    "up to 1e-06 counts as right.",
    "t sets this build beside GPT-2. M changes the sizes.",
)

INTRO = {
    "average": (
        "An average: it sees the last {context} tokens, {tokens}, but not their order, and guesses the next from the "
        "mean of their vectors."
    ),
    "mlp": (
        "An mlp: it sees the last {context} tokens, {tokens}, in their order, and guesses the next with one hidden "
        "layer."
    ),
}

PROMPT = {
    "average": (
        "With a prompt it goes on from what you wrote: it sees the last tokens that its window holds, and not their "
        "order."
    ),
    "mlp": (
        "With a prompt it goes on from what you wrote: it sees the last tokens that its window holds, in their order."
    ),
}

EXPLAINED: dict[str, dict[str, Page]] = {
    "average": {
        "train": (
            "Each step takes the next example (or a batch of them), a window of tokens and the token after it, and "
            "moves every weight a little downhill: gradient descent, with one learn rate for all.",
            LEARNING,
            FLOOR.format(seen="only which tokens the window holds, without their order,"),
            OVERFITTING,
            FOUND_IN_ALL,
            EXPLODING,
            TAUGHT_MORE,
        ),
        "heatmap": HEATMAP,
        "math": (
            "One window's way through the model. Each of its tokens picks a row of the embedding, a vector of numbers "
            "(lookup); the vectors are averaged, so the order is gone; that mean times the output matrix gives the "
            "logits, one score for each token; softmax turns them into probabilities.",
            *STEPS,
        ),
        "attention": (
            "An average has no attention: each token of the window has the same share, whatever it is. That is the "
            "first step of the trick behind attention (w, with a GPT): attention learns query and key weights, and "
            "with them makes new shares for each text. M chooses a GPT.",
        ),
        "model": (
            "V tokens, vectors E wide, a window of W tokens. The embedding has a row for each token, the output a "
            "column: V×E + E×V weights. The window's length costs no weight at all, because the average has none.",
            *CHECKED,
        ),
        "feedback": FEEDBACK,
    },
    "mlp": {
        "train": (
            "Each step takes the next batch of examples, windows of tokens with the token after each, and AdamW moves "
            "every weight. The learn rate rises over the warm-up steps, then falls along half a cosine to decay_to.",
            LEARNING,
            FLOOR.format(seen="only this window, in its order,"),
            OVERFITTING,
            FOUND_IN_ALL,
            EXPLODING,
            TAUGHT_MORE,
        ),
        "heatmap": HEATMAP,
        "math": (
            "One window's way through the model. Each of its tokens picks a row of the embedding (lookup); the vectors "
            "stand side by side (concatenation), so the order counts; a matrix, a bias and tanh make the hidden layer; "
            "a second matrix makes the logits, one score for each token; softmax turns them into probabilities.",
            *STEPS,
        ),
        "attention": (
            "An mlp has no attention: each place of the window has weights of its own, the same for every text, and "
            "nothing before the window is seen. Attention chooses anew for each text what to look at. M chooses a GPT.",
        ),
        "model": (
            "V tokens, vectors E wide, a window of W tokens, H hidden units: V×E weights in the embedding, (W×E + 1)×H "
            "with the biases in the hidden layer, (H + 1)×V in the output. A longer window makes the hidden matrix "
            "larger; in a GPT it hardly would.",
            *CHECKED,
        ),
        "feedback": FEEDBACK,
    },
}
