"""What the Surprise and the Saliency screen are, in plain words."""

from __future__ import annotations

from tinylm_tui.ui.wordings import Either, Page

SURPRISE: Page = (
    "Give it any text (t) and see what the model makes of it. Each token is coloured by its surprise: −log2 of the "
    "probability that the model gave it, in bits. What it expected with 50% has 1 bit, with 25% two, with 1% 6.6. The "
    "sum of all is the surprise of the text; a model that expects the text is less surprised by it.",
    "Tokens above the threshold are underlined, so that colour is not the only sign. At first the threshold is what "
    "knowing nothing costs, log2 V: what is underlined surprised the model more than if it had no idea at all. + and - "
    "move it; n and p go from one such token to the next.",
    "The cursor shows what was expected there: the likeliest tokens, and the rank and the bits of the one that came.",
    Either(
        "Bits per character spread the sum over the characters of the text (each boundary counts as one). Characters "
        "and byte pairs can be compared in them, and not in bits a token. A model of the 27-symbol alphabet reads "
        "another, easier text and compares with neither.",
        "Bits per character spread the sum over the symbols that the alphabet makes of the text. They cannot be "
        "compared with those of characters or byte pairs: the alphabet throws away capitals, line ends and "
        "punctuation, and what is left is another, easier text.",
    ),
    "The perplexity is 2 to the power of the mean bits a token: among so many "
    "equally likely tokens the model would be as unsure.",
    "Under this model stands a second reader. At first that is the counts of the text: how often each token followed "
    "which other, no more. What never stood there is impossible for counts, ∞ bits; a trained model never says never. "
    "o sets a saved run in its place, m takes the second reader away.",
    "A GPT reads a text longer than its context in windows that overlap by half, so that every token beyond the first "
    "window has at least half a context before it. A model of a window sees its window, a bigram one token. In the "
    "27-symbol alphabet there is no boundary: the first tokens, which have too little before them, are not counted. "
    "Neither are characters that the model has never seen.",
)

TRAIN_TELLS = {  # beside the text on the Surprise screen: why its figures may differ from those of the Train screen
    "bigram": "Train's may differ: of all pairs it learns from",
    "average": "Train's may differ: the mean of its last batches",
    "mlp": "Train's may differ: the mean of its last batches",
    "gpt": "Train's may differ: windows read on their own",
}
OTHER_WEIGHTS = (
    "The figures may differ from those of Train. The loss there is the mean of the last batches, each measured before "
    "the weights moved on, and the held-out loss was last measured some steps ago, on another part of the text. "
)
DIFFERING = {
    "bigram": (
        "The figures may differ from those of Train. The loss there is over every pair that the model learns from; "
        "here it is over the pairs of the text in view. Over the same pairs both are the same."
    ),
    **dict.fromkeys(
        ("average", "mlp"),
        OTHER_WEIGHTS + "Here the text in view is read with the weights of this moment, in windows as there.",
    ),
    "gpt": OTHER_WEIGHTS
    + "And there every window is read on its own, so the tokens at its beginning have little before them. Here windows "
    "overlap, so those have half a context, and a model that has learnt to use that is less surprised by them.",
}

SALIENCY: Page = (
    "Which of the tokens before it made the model expect this one? Left and right choose the guess: all tokens up to "
    "it are read, and the target is the token that really comes next (at the end of the text, the model's top guess). "
    "Up and down ask about a likelier or a less likely token instead, x goes back.",
    "Gradient × input asks how log p(target) would change if the vector of a token grew a little longer, with "
    "everything else held still: the vector times the gradient by it. Leave-one-out takes the token out of the text, "
    "lets the rest close up, and reads again: log p(target) with the token less log p(target) without it. Both in "
    "nats; + spoke for the target, - against it. The bars of each have a scale of their own.",
    "They are different questions, and need not agree. The rank correlation says how far they put the tokens into the "
    "same order: 1 the same, 0 no relation, −1 the reverse. Neither is the truth about why a model says what it says.",
    "Where the model is nearly sure, the gradient is near 0 for every token, though leaving one out may change "
    "everything. And leave-one-out moves all tokens before the one left out a place nearer, which is a change too.",
    Either(
        "A model of a window does not see what stands before its window: that is written out of its sight. In its "
        "window the boundary fills every empty place, so leaving it out changes nothing: 0.",
        "A model of a window does not see what stands before its window: that is written out of its sight.",
    ),
    "A bigram sees one token, so there is nothing to compare; M chooses a model that sees more.",
)


def surprise_of(model: str) -> Page:
    """Surprise, with what its figures are beside those of Train."""
    return (*SURPRISE, DIFFERING[model])
