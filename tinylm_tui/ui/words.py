"""The longer words of the lab: what each screen is, and how this model compares. Plain, short and true."""

from __future__ import annotations

from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui import words_ladder, words_windows
from tinylm_tui.ui.comparing import COMPARED, comparison

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


def explained(tab: str, model: str) -> tuple[str, ...]:
    """What a screen is, in paragraphs that are true of the model that is running."""
    return EXPLAINED_OTHERWISE.get(model, {}).get(tab, EXPLAINED[tab])


EXPLAINED: dict[str, tuple[str, ...]] = {
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
    ),
    "generate": (
        "The model starts at the boundary, draws a token by its probabilities, and repeats until it draws the "
        "boundary again, or after 40 tokens (200 of a running text), marked with …. The brighter a letter, the "
        "likelier it was. The bits are −log2 of the probability, at this temperature, of all that was drawn.",
        "Temperature divides the scores before the softmax: below 1 the likely gets likelier, above 1 everything "
        "evens out, 0 always takes the likeliest: that is greedy, and G.",
        "With a prompt it goes on from your letters. A bigram sees only the last token of them.",
        "= marks what stands word for word in the text: a whole word or line of a list; of a running text, what was "
        "drawn, if it is 12 characters or more. A model that only copies has learnt its text by heart.",
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
    "tokens": (
        "A model reads numbers, not letters. A tokenizer cuts the text into pieces, tokens, and gives each different "
        "one a number, its id; the ids stand under the tokens here. By characters, hello is five tokens: h, e, l, l, "
        "o. With byte pairs it is fewer. Where the text often has he and ll, it is he, ll, o; where it often has "
        "hello, it may be one token. t cuts a word of yours.",
        "Byte pairs are learnt by counting. Begin with characters. Find the two neighbours that stand side by side "
        "most often, make them one token everywhere, and count again, until there are as many tokens as wanted. Up "
        "and down step through these merges and cut the text again as it was at that moment; the token just made is "
        "marked. Frequent words end up as one token, rare ones stay in pieces, and a word made of known characters is "
        "never unknown.",
        "In GPT-2 the pairs are of bytes, which is where the name comes from; here they are of characters.",
        "w chooses whether a token may reach across words. Inside words, the blank belongs to the word after it, as "
        "in ␣the. v sets the vocabulary, how many different tokens there are: a larger one makes the text shorter and "
        "the model's matrices larger.",
        "A longer token is harder to guess, but there are fewer of them. So losses in nats a token cannot be compared "
        "between two tokenizers. Bits per character can: the surprise of the whole text in bits, divided by its "
        "characters (each boundary counts as one).",
        "b, v, w and n try tokens beside the model, which keeps its own. Enter gives the model these: then it starts "
        "over, because the rows of its matrices belong to tokens. The 27-symbol alphabet is a setting (,): the blank "
        "is 0, a is 1, z is 26, so that hello is 8 5 12 12 15.",
    ),
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
        "ones to be less likely. Apply makes one gradient step on the mean of rating · log p(word), so the letter "
        "pairs of those words change, and with them every word that uses those pairs.",
        "Real preference tuning adds a model of the ratings, and a penalty that keeps the tuned model near a "
        "reference model. Here is no such anchor; the KL distance tells how far the model has moved.",
        "Undo (z) puts the weights back exactly. Further training on the text also pulls the feedback out again.",
    ),
    "ladder": words_ladder.LADDER,
}


def going_on(sentence: str) -> tuple[str, ...]:
    """Generate, with what another model sees of a prompt."""
    return (*EXPLAINED["generate"][:2], sentence, *EXPLAINED["generate"][3:])


EXPLAINED_OTHERWISE: dict[str, dict[str, tuple[str, ...]]] = {
    "bigram": {
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
        model: {**pages, "generate": going_on(words_windows.PROMPT[model])}
        for model, pages in words_windows.EXPLAINED.items()
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
        "generate": going_on(
            "With a prompt it goes on from your letters: it reads the boundary and all of them, up to its context."
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
