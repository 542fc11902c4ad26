"""What the Ladder screen is, in plain words."""

from __future__ import annotations

from tinylm_tui.ui.wordings import Either, Page
from tinylm_tui.ui.words_tokens import FOUND_IN_ALL

LADDER: Page = (
    "Five models on the same text, one after the other, each one step further: counts (which token followed which, "
    "counted once), bigram (the same table, learnt), average (the vectors of a window, mixed without order), mlp (the "
    "window in order, through one hidden layer) and gpt (attention). The seed, the held-out part and the number of "
    "steps are the same for all, and so are the tokens they are measured on.",
    "Equal steps are not equal work. Each model makes its steps with its own batch: the bigram predicts every pair of "
    "the training part in each, the average 64 tokens (on its own it takes one example at a time), the mlp 64, and the "
    "gpt all tokens of 32 windows, unless set otherwise. How many predicted tokens the steps come to stands with the "
    "rung under the cursor, and steps/s is what each step costs on this machine.",
    Either(
        "Losses are in bits a character: the bits of all guesses, spread over the characters they stand for. Within "
        "one ladder all rungs have the same tokens, and bits a token would do as well. Between a ladder of characters "
        "and one of byte pairs only bits a character compare; one of the 27-symbol alphabet, which reads another, "
        "easier text, compares with neither.",
        "Losses are in bits a symbol, which is a character of the text as the alphabet reads it. All rungs have the "
        "same symbols, so they compare with each other. They do not compare with a ladder of characters or byte pairs: "
        "the alphabet throws away capitals, line ends and punctuation, and what is left is another, easier text.",
    ),
    "At most the first 30,000 tokens of each part are asked for; where that leaves some out, or where the first tokens "
    "have no full window before them, the words on the rung say so. A gpt reads them in windows that overlap, in both "
    "parts alike. Where every token cannot have a window of its own in the time there is, a window is asked for its "
    "last few tokens: then some see a little less than the whole context.",
    "The floor is the least that any model could reach on these tokens of the training part that sees only what this "
    "one sees: the last token; the window without its order; the window in order. It is counted in the text. A gpt has "
    "none. Counts stand on their floor at once, as long as they are asked for the whole training part; beyond 30,000 "
    "tokens they count all of it and are a little above. No floor holds for the held-out part, whose text none of them "
    "has learnt from; so the floors stand in the picture of the training part (t).",
    FOUND_IN_ALL,
    "A curve is the loss that a model shows while it trains: for most the mean of its last batches, for a gpt over "
    "all places of its windows, also the first ones, where it sees little. The point • at the end is what the table "
    "has, measured on the tokens that all are asked for. So a curve may end elsewhere. A gpt mostly sees more "
    "before these tokens than in windows side by side, as its curves have them: where its point is lower, that is no "
    "learning at the end, and no line leads there.",
    "∞: counts give a pair that never stood in the training part no chance at all, and one such pair in the held-out "
    "part is an infinite surprise. The trained bigram never says never.",
    "The ladder goes on while you look at other screens, and leaves the lab's own model as it is; both share the "
    "machine. Another text stops it. o makes the chosen rung the lab's own model, with its settings, at step 0.",
)
