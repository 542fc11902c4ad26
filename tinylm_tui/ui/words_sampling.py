"""The longer words on drawing the next token: the strategies, and writing step by step."""

from __future__ import annotations

STRATEGIES = (
    "Before the draw the candidates can be cut, always in this order: temperature, top-k, top-p. Top-k (k) keeps the "
    "k likeliest tokens. Top-p (n) keeps the likeliest ones of those that are left, until their share of what is left "
    "reaches p. What stays is divided by its sum and makes 100% again; the rest cannot be drawn. A low p cuts where "
    "the model is sure and leaves much where it is not; a k cuts everywhere alike.",
    "The small bars are the probabilities of the first token to be drawn, at this temperature, the likeliest first; "
    "the line is the cut. K, N and T take any value; what is out of range is brought back, and it says so. i goes on "
    "step by step.",
)

STEPS = (
    "One token at a time. The table has every candidate for the next one, the likeliest first: its probability in the "
    "model; at a temperature that is neither 0 nor 1 also the one at that temperature; the sum with all above it; "
    "with what probability it is drawn when the cut is made (out: never); and its surprise in bits, −log2 of the "
    "model's own probability. The bars are cut by a line: below it is what the strategy throws away.",
    "Enter takes the candidate under the cursor, in the cut or out of it: you are the sampler. t types a text instead. "
    "d lets the dice choose, each token as often as its percentage says; g takes the likeliest (greedy). Dice alone "
    "write the first text of the samples, token by token.",
    "The strategies work in this order. The temperature divides the scores before the softmax: below 1 the likely gets "
    "likelier, above 1 everything evens out; 0 is greedy (G): there only the likeliest is left, and the bars are those "
    "of the model. Top-k (k) keeps the k likeliest; top-p (n) of those the fewest whose share of what is left reaches "
    "p. What stays is divided by its sum.",
    "Left and right go through the steps. Another choice at an earlier step begins a branch; both are kept, and b "
    "shows them as a tree. ▸ marks what was chosen here, • what other branches chose. u takes the last choice back.",
    "The bits of all steps add up to the surprise of the text: what an ideal code made with this model would take. A "
    "step keeps the figures of the moment when it was chosen. While the model trains on, the table is of now, and * "
    "marks steps of an earlier model. The text has ended when the boundary is chosen; the 27-symbol alphabet has none.",
)
