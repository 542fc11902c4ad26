"""The longer words of the lab: what each screen is, and how this model compares. Plain, short and true."""

from __future__ import annotations

from tinylm_tui.engine.gpt_config import GPT2_SMALL
from tinylm_tui.lab.snapshot import Snapshot

INTRO = {
    "bigram": (
        "A bigram model: it sees one token, a character or the boundary, and guesses the next. A transformer sees "
        "many at once; the loop that trains both is the same."
    ),
    "gpt": (
        "A GPT, a small transformer: it sees up to {context} tokens, characters and the boundary, and guesses the "
        "next. A bigram sees one; the loop that trains both is the same."
    ),
}


def intro(snapshot: Snapshot) -> str:
    """What the model that is running is, in two sentences."""
    return INTRO[snapshot.settings.model].format(context=snapshot.settings.context)


def explained(tab: str, model: str) -> tuple[str, ...]:
    """What a screen is, in paragraphs that are true of the model that is running."""
    return EXPLAINED_OTHERWISE.get(model, {}).get(tab, EXPLAINED[tab])


EXPLAINED: dict[str, tuple[str, ...]] = {
    "corpus": (
        "This is everything the model will ever know. Each different character becomes a token, a number; the "
        "boundary · is one more token. It stands before and after each word (or line, or the whole text, as w reads "
        "it), so that the model can learn how they begin and end.",
        "Edit the text and load it (ctrl+l), pick a starter text, or open a file (ctrl+o). Loading starts the model "
        "over. Teaching it more (t) appends words and keeps what it has learnt.",
        "Token pairs are what a bigram learns from: one for each token and the one after it. Their counts also give "
        "the bigram floor, the least loss that looking at one token can reach on this text.",
    ),
    "train": (
        "Each step compares the model's guesses with the text and nudges every weight a little downhill. The loss is "
        "the average surprise, −log p of the token that really came, in nats (1 nat = 1.4427 bits).",
        "Two lines to compare with: knowing nothing, ln V, where all V tokens are equally likely; and the exact "
        "floor, the entropy of the next token given the current one, counted in the text. No bigram can be lower on "
        "this text, because the same token is followed now by this one, now by that one.",
        "The start equals ln V only when all weights start at zero. With a random start it is nearly always above: "
        "wrong at random is worse than undecided.",
        "Too high a learn rate (or learning rate) makes the loss jump. Beyond twice the worse of start and ln V the "
        "step is taken back and training pauses. By default a step uses every pair; with b it uses 64 drawn at "
        "random, cheaper and noisier, as large models must.",
    ),
    "generate": (
        "The model starts at the boundary, draws a token by its probabilities, and repeats until it draws the "
        "boundary again, or after 40 tokens (200 of a running text), marked with …. The brighter a letter, the "
        "likelier it was. The bits are −log2 of the probability, at this temperature, of all that was drawn.",
        "Temperature divides the scores before the softmax: below 1 the likely gets likelier, above 1 everything "
        "evens out, 0 always takes the likeliest.",
        "With a prompt it goes on from your letters. A bigram sees only the last of them.",
        "The dice (the seed of the random numbers) stay the same while it trains, so what changes is what the model "
        "has learnt; g throws new dice.",
    ),
    "heatmap": (
        "This is the whole model: one row for each current token, one column for each next one. Brighter means "
        "likelier. At step 0 with zero weights every cell is the same.",
        "The cursor reads one cell: how often the pair stands in the text, its score, and its probability after the "
        "softmax of its row. p shows the raw scores: positive teal, negative red; what counts is how a score compares "
        "with the rest of its row.",
        "+ and - nudge the one weight under the cursor. Its row's probabilities share 100%, so the others give way. "
        "Training will pull it back.",
    ),
    "math": (
        "One letter's way through the model, with the numbers of this moment. 1: the letter as a one-hot vector, a "
        "single 1 at its place. 2: that vector times the matrix W picks one row of scores. 3: softmax turns scores "
        "into probabilities: e^score, divided by the sum of all e^scores. 4: the gradient, share of this row in all "
        "pairs × (probability − the text's share): where the model gives too much, the next step lowers the score.",
        "The surprise shown is of one successor only, the commonest. Training lowers the average over all successors, "
        "so its bar stops rising at its true frequency in the text.",
        "When model and text agree in every column, the gradient is zero and nothing is left to learn here.",
    ),
    "attention": (
        "Each token looks at those before it and at itself, and takes from them what it needs. Row = the token "
        "looking, column = the token looked at; each row sums to 100%. Nothing stands above the diagonal: no token "
        "may see what comes after it.",
        "Each block has one or more heads, and each head learns a pattern of its own. A query (what do I look for) "
        "meets the keys (what do I offer); their dot product, divided by the square root of the head's width, is the "
        "score; softmax makes shares of the scores (attention weights); the values are mixed by the shares.",
        "g shows every head at a glance, v works one look out in numbers. w shows the trick behind it in four steps "
        "of one shape: a plain average of the past by a loop, by a triangle of weights, by the softmax of masked "
        "zeros, and by the softmax of learned scores. The first three give the same numbers; only the scores change "
        "then.",
        "Brightness grows with the square root of the share, so that small shares can be told apart; the legend has "
        "the figures. In the map, a cell above the diagonal is empty: its score is computed, then masked.",
    ),
    "model": (
        "How the model is built, with the real count of weights of each part. In a GPT a vector for each token, the "
        "residual stream, runs straight through. Every block reads it through a LayerNorm, lets the tokens look back "
        "at one another (causal multi-head attention), adds the result, reads it again through a second LayerNorm, "
        "and adds what an MLP with GELU makes of each token. A final LayerNorm, then the head: a score for each "
        "token.",
        "The mean norm is the length √Σx² of the stream's vectors, averaged over the tokens at the beginning of the "
        "text: how long the stream is when it enters the blocks and after each of them, live while it trains.",
        "g checks the gradient of this very model: the backward pass, written by hand, against central differences of "
        "the loss, (loss(w + h) − loss(w − h)) / 2h, combined at two distances. Both forms of the backward pass are "
        "checked, the plain one and the one that training runs. The next tokens are drawn at random for this, so that "
        "there is a gradient even where the model knows the text by heart. A relative error up to 1e-06 counts as "
        "right; nearly zero gradients are compared with a thousandth of the largest one.",
        "t sets this build beside GPT-2: the same parts in larger numbers, and what else GPT-2 has or needs. M "
        "changes the sizes.",
    ),
    "feedback": (
        "People's taste as a training signal, as a toy. Rate words: liked ones are pushed to be likelier, disliked "
        "ones to be less likely. Apply makes one gradient step on the mean of rating · log p(word), so the letter "
        "pairs of those words change, and with them every word that uses those pairs.",
        "Real preference tuning adds a model of the ratings, and a penalty that keeps the tuned model near a "
        "reference model. Here is no such anchor; the KL distance tells how far the model has moved.",
        "Undo (z) puts the weights back exactly. Further training on the text also pulls the feedback out again.",
    ),
}


EXPLAINED_OTHERWISE: dict[str, dict[str, tuple[str, ...]]] = {
    "bigram": {
        "attention": (
            "This bigram has no attention: it looks at one token, and at nothing before it. M chooses a GPT, which "
            "has.",
            *EXPLAINED["attention"],
        ),
        "model": (
            "A bigram is one matrix W, a row of scores for each current token. There is nothing else: no vector for a "
            "token, no block, no attention. M chooses a GPT and shows all of that.",
            *EXPLAINED["model"][2:],
        ),
    },
    "gpt": {
        "train": (
            "Each step draws a batch of windows from the text, compares the model's guesses with what follows, and "
            "AdamW moves every weight. The teal curve is the loss of each batch, the average surprise −log p of the "
            "token that really came, in nats; the figure beside it is the mean of the last 50 batches.",
            "The amber curve is the held-out loss: a part of the text (a tenth, unless set) is kept from training and "
            "measured every 50 steps. While both fall, the model learns what holds in general. When the held-out loss "
            "rises while the other falls, it learns its text by heart: overfitting. On a short text that comes soon.",
            "Knowing nothing, ln V, is where it starts, nearly: the first weights are small and random. The floor of "
            "the bigram is none for this model, which sees more than one token.",
            "The learn rate (or learning rate) rises over the warm-up steps to what is shown, then falls along half a "
            "cosine to decay_to at step decay_steps. Beyond twice the worse of start and ln V a step is taken back "
            "and training pauses.",
        ),
        "generate": (
            *EXPLAINED["generate"][:2],
            "With a prompt it goes on from your letters: it reads the boundary and all of them, up to its context.",
            EXPLAINED["generate"][3],
        ),
        "heatmap": (
            "One slice of the model: each token as the first after the boundary, and what the model expects next. "
            "With more text before it, it says something else. Brighter means likelier.",
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
        "feedback": (
            "Feedback re-weights the letter pairs of rated words, and only a bigram's weights are letter pairs. M "
            "brings a bigram back.",
        ),
    },
}


def comparison(snapshot: Snapshot) -> list[tuple[str, str, str, str]]:
    """What this model has, what GPT-2 small had, and what a large open model of 2024 has."""
    c, s = snapshot.corpus, snapshot.settings
    sees, layers, by = f"{s.context:,} tokens", f"{s.layers} with attention", "AdamW"
    if s.model == "bigram":
        sees, layers, by = "1 token", "none: one matrix", "gradient descent"
    learnt_from = round(c.pairs * (1 - s.held_out))
    return [
        ("", f"this {s.model}", "GPT-2 small, 2019", "Llama 3.1 405B"),
        ("weights", f"{snapshot.params.count:,}", f"{GPT2_SMALL.weights:,}", "about 405 billion"),
        ("sees at once", sees, "1,024 tokens", "131,072 tokens"),
        ("tokens known", f"{c.size:,}", "50,257", "128,256"),
        ("a token is", "a character", "a piece of a word", "a piece of a word"),
        (
            "trained on",
            f"about {learnt_from:,} tokens" if s.held_out else f"{c.pairs:,} tokens",
            "40 GB of web text",
            "15 trillion tokens",
        ),
        ("layers", layers, "12 with attention", "126 with attention"),
        ("trained by", by, "Adam", "AdamW"),
        ("goal", "the next token", "the next token", "the next token"),
    ]


COMPARED = (
    "The loop is the same: guess the next token, measure the surprise, follow the gradient, repeat. What differs is "
    "what a guess may look at (a bigram sees one token; attention can see thousands), the number of weights, and the "
    "amount of text. The largest models of today do not publish their sizes; these two did.",
)
