"""The longer words of the lab: what each screen is, and how this model compares. Plain, short and true."""

from __future__ import annotations

from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui import (
    words_attention,
    words_gpt,
    words_ladder,
    words_lens,
    words_sampling,
    words_texts,
    words_tokens,
    words_windows,
)
from tinylm_tui.ui.comparing import COMPARED, comparison
from tinylm_tui.ui.wordings import Page, Paragraph, chosen

__all__ = ["COMPARED", "comparison", "explained", "intro"]

INTRO = {
    "bigram": (
        "A bigram model: it sees one token, {token}, and guesses the next. A transformer sees many at once; the loop "
        "that trains both is the same."
    ),
    **words_windows.INTRO,
    "gpt": (
        "A GPT, a small transformer: it sees up to {context} tokens, {tokens}, and guesses the next. A bigram sees "
        "one; the loop that trains both is the same."
    ),
}
TOKENS = {  # what one token is, and what many are
    "characters": ("a character or the boundary", "characters and the boundary"),
    "alphabet": ("a letter or a blank", "letters and blanks"),
    "bpe": ("a piece of text or the boundary", "pieces of text and the boundary"),
}


def intro(snapshot: Snapshot) -> str:
    """What the model that is running is, in two sentences."""
    token, tokens = TOKENS[snapshot.corpus.tokenizer.kind]
    context = snapshot.settings.context
    return INTRO[snapshot.settings.model].format(context=context, token=token, tokens=tokens)


def explained(tab: str, model: str, tokenizer: Tokenizer) -> tuple[str, ...]:
    """What a screen is, in paragraphs that are true of the model that is running and of its tokens."""
    return chosen(EXPLAINED_OTHERWISE.get(model, {}).get(tab, EXPLAINED[tab]), tokenizer)


EXPLAINED: dict[str, Page] = {
    "corpus": (
        "This is everything the model will ever know. The text is cut into tokens, and each different one gets a "
        "number. A token is a character, unless another tokenizer is chosen (Tokens, key 9). The boundary · is one "
        "more token. It stands before and after each word (or line, or the whole text, as w reads it), so that the "
        "model can learn how they begin and end; only the 27-symbol alphabet has none.",
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
        "A light line down, with its name, marks what training did not do: the text was added to, feedback was given "
        "or a weight nudged. The newest six are drawn.",
    ),
    "generate": (
        words_tokens.STARTING,
        "Temperature divides the scores before the softmax: below 1 the likely gets likelier, above 1 everything "
        "evens out, 0 always takes the likeliest: that is greedy, and G.",
        "With a prompt it goes on from what you wrote. A bigram sees only the last token of it.",
        *words_sampling.STRATEGIES,
        words_tokens.IN_THE_TEXT,
        "The dice (the seed of the random numbers) stay the same while it trains, so what changes is what the model "
        "has learnt; g throws new dice.",
    ),
    "steps": words_sampling.STEPS,
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
        "One token's way through the model, with the numbers of this moment. 1: the token as a one-hot vector, a "
        "single 1 at its place. 2: that vector times the matrix W picks one row of scores. 3: softmax turns scores "
        "into probabilities: e^score, divided by the sum of all e^scores. 4: the gradient, share of this row in all "
        "pairs × (probability − the text's share): where the model gives too much, the next step lowers the score.",
        "The surprise shown is of one successor only, the commonest. Training lowers the average over all successors, "
        "so its bar stops rising at its true frequency in the text.",
        "When model and text agree in every column, the gradient is zero and nothing is left to learn here.",
    ),
    "attention": words_attention.ATTENTION,
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
    "tokens": words_tokens.TOKENS,
    "embeddings": (
        "Each token is a vector, a row of the embedding: numbers that training moves so that the next token can be "
        "told from them. Tokens that are followed by the same things tend to end up near each other. v shows the "
        "numbers.",
        "The picture is a shadow of that cloud in two dimensions. Principal component analysis (PCA) finds the "
        "direction in which the tokens differ most, component 1, then the one at right angles to it in which they "
        "differ most, component 2. The shares say how much of the variance each shows; what is missing from 100% "
        "cannot be seen here. a shows components 2 and 3, and so on. The faint lines cross at the mean of all tokens.",
        "So two tokens that seem close may be far apart in the dimensions not shown. The list does not have that "
        "fault: the cosine of the angle between two whole vectors, 1 for the same direction, 0 at right angles, −1 "
        "for opposite ones. The nearest five are marked ¹ to ⁵, and threads lead to them.",
        "Names give way to those of commoner tokens; a token without room for its name is a dot. Each axis has a scale "
        "of its own, with its ends written at the edges. Which end of an axis is left or right has no meaning. While "
        "it trains the axes keep their sides, and turn slowly where two components change places.",
    ),
    "feedback": (
        "People's taste as a training signal, as a toy. Rate words: liked ones are pushed to be likelier, disliked "
        "ones to be less likely. Apply makes one gradient step on the mean of rating · log p(word), so the pairs "
        "of tokens in those words change, and with them every word that uses those pairs.",
        "Real preference tuning adds a model of the ratings, and a penalty that keeps the tuned model near a "
        "reference model. Here is no such anchor; the KL distance tells how far the model has moved.",
        "Undo (z) puts the weights back exactly. Further training on the text also pulls the feedback out again.",
    ),
    "ladder": words_ladder.LADDER,
    "surprise": words_texts.SURPRISE,
    "saliency": words_texts.SALIENCY,
    "lens": words_lens.LENS,
    "ablation": words_lens.ABLATION,
}


def going_on(sentence: Paragraph) -> Page:
    """Generate, with what another model sees of a prompt."""
    return (*EXPLAINED["generate"][:2], sentence, *EXPLAINED["generate"][3:])


EXPLAINED_OTHERWISE: dict[str, dict[str, Page]] = {
    "bigram": {
        "surprise": words_texts.surprise_of("bigram"),
        "attention": (
            "This bigram has no attention: it looks at one token, and at nothing before it. M chooses a GPT, which "
            "has.",
            *EXPLAINED["attention"],
        ),
        "embeddings": (
            "This bigram has no embeddings: a token picks a row of scores and is no vector. M chooses a model that has "
            "them: the average, the mlp or a GPT.",
            *EXPLAINED["embeddings"],
        ),
        "model": (
            "A bigram is one matrix W, a row of scores for each current token. There is nothing else: no vector for a "
            "token, no block, no attention. M chooses a GPT and shows all of that.",
            *EXPLAINED["model"][2:],
        ),
    },
    **{
        model: {
            **pages,
            "generate": going_on(words_windows.PROMPT[model]),
            "surprise": words_texts.surprise_of(model),
        }
        for model, pages in words_windows.EXPLAINED.items()
    },
    "gpt": {
        **words_gpt.EXPLAINED,
        "generate": going_on(words_gpt.PROMPT),
        "surprise": words_texts.surprise_of("gpt"),
    },
}
