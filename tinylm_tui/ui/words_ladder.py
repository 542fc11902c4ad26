"""What the Ladder screen is, in plain words."""

from __future__ import annotations

LADDER: tuple[str, ...] = (
    "Five models on the same text, one after the other, each one step further: counts (which token followed which, "
    "counted once), bigram (the same table, learnt), average (the vectors of a window, mixed without order), mlp (the "
    "window in order, through one hidden layer) and gpt (attention). The seed, the held-out part and the number of "
    "steps are the same for all, and so are the tokens they are measured on.",
    "Equal steps are not equal work. Each model makes its steps with its own batch: the average learns from one "
    "example a step, the bigram from every pair of the text. What the steps come to stands with the rung under the "
    "cursor, and steps/s is what each costs on this machine.",
    "Losses are in bits a character: the bits of all guesses, spread over the characters they stand for. A loss a "
    "token would not compare: a longer token is a harder guess, and there are fewer of them.",
    "The floor is the least that any model could reach on the training part that sees only what this one sees: the "
    "last token; the window without its order; the window in order. It is counted in the text. Counts stand on their "
    "floor at once. No floor holds for the held-out part, which none of them has seen; so the floors stand in the "
    "picture of the training part (t).",
    "A curve is the loss that a model shows while it trains: for most the mean of its last batches, for a gpt over "
    "all places of its windows, also the first ones, where it sees little. The point • at the end is what the table "
    "has: measured on the tokens that all are asked for, with all that each may see before them. So a curve may end "
    "elsewhere.",
    "∞: counts give a pair that never stood in the training part no chance at all, and one such pair in the held-out "
    "part is an infinite surprise. The trained bigram never says never.",
    "The ladder goes on while you look at other screens, and leaves the lab's own model as it is; both share the "
    "machine. Another text stops it. o makes the chosen rung the lab's own model, with its settings, at step 0.",
)
