"""The longer words on tokens: the text that is cut, the tokens themselves, and writing with them."""

from __future__ import annotations

from tinylm_tui.ui.wordings import Either, Page

FOUND_IN_ALL = Either(  # of whatever is held out
    "Which tokens there are (the characters, or the byte pairs) was found in the whole text, the held-out part "
    "included; the weights have never seen that part.",
    "The 27 symbols are the same for every text, so nothing of the held-out part is known beforehand.",
)
TAUGHT_MORE = (
    "A light line down marks a step at which the text was added to (Corpus, t): from there on it is another text."
)

TOKENS: Page = (
    "A model reads numbers, not letters. A tokenizer cuts the text into pieces, tokens, and gives each different "
    "one a number, its id; the ids stand under the tokens here. By characters, hello is five tokens: h, e, l, l, "
    "o. With byte pairs it is fewer. Where the text often has he and ll, it is he, ll, o; where it often has "
    "hello, it may be one token. t cuts a word of yours.",
    "Byte pairs are learnt by counting. Begin with characters. Find the two neighbours that stand side by side "
    "most often, make them one token everywhere, and count again, until there are as many tokens as wanted. Up "
    "and down step through these merges and cut the text again as it was at that moment; the token just made is "
    "marked. Frequent words end up as one token, rare ones stay in pieces, and a word made of known characters is "
    "never unknown.",
    "The name comes from a way to compress files (Gage, 1994), which merged pairs of bytes. For language models it was "
    "first used on characters (Sennrich and others, 2016), as here; GPT-2 went back to bytes.",
    "w chooses whether a token may reach across words. Inside words, the blank or the line end belongs to the word "
    "after it, as in ␣the. v sets the vocabulary, how many different tokens there are: a larger one makes the text "
    "shorter and the model's matrices larger.",
    Either(
        "A longer token is harder to guess, but there are fewer of them. So losses in nats a token cannot be compared "
        "between two tokenizers. Between characters and byte pairs, bits per character can: the surprise of the whole "
        "text in bits, divided by its characters (each boundary counts as one). Not with the 27-symbol alphabet: it "
        "throws away capitals, line ends and punctuation, and what is left is another, easier text.",
        "Losses in nats a token cannot be compared between two tokenizers. Between characters and byte pairs, bits per "
        "character can. Those of this model cannot be compared with theirs: its alphabet throws away capitals, line "
        "ends and punctuation, and what is left is another, easier text.",
    ),
    "b, v, w and n try tokens beside the model, which keeps its own. Enter gives the model these: then it starts "
    "over, because the rows of its matrices belong to tokens. The 27-symbol alphabet is a setting (,): the blank "
    "is 0, a is 1, z is 26, so that hello is 8 5 12 12 15.",
)

STARTING = Either(
    "The model starts at the boundary, draws a token by its probabilities, and repeats until it draws the boundary "
    "again, or after 40 tokens (200 of a running text), marked with …. The brighter a token, the likelier it was. The "
    "bits are −log2 of the probability of all that was drawn, at this temperature and in this cut.",
    "The model starts after a blank, draws a symbol by its probabilities, and repeats that 200 times: this alphabet "
    "has no boundary to end at, which the … says. The brighter a symbol, the likelier it was. The bits are −log2 of "
    "the probability of all that was drawn, at this temperature and in this cut.",
)
IN_THE_TEXT = Either(
    "= marks what stands word for word in the text: a whole word or line of a list; of a running text, what was drawn, "
    "if it is 12 characters or more. A model that only copies has learnt its text by heart. But the mark looks in the "
    "whole text: what stands only in the held-out part the model has never seen, and has not copied.",
    "= marks what stands so in the text, as the alphabet reads it, if it is 12 symbols or more. A model that only "
    "copies has learnt its text by heart. But the mark looks in the whole text: what stands only in the held-out part "
    "the model has never seen, and has not copied.",
)
