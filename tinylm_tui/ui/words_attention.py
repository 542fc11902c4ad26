"""What ? says on the Attention screen."""

from __future__ import annotations

from tinylm_tui.ui.wordings import Either, Page

ATTENTION: Page = (
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
    Either(
        "a lets the model write on from the text you typed (from the boundary alone, if you typed none), one token at "
        "a time, and the map grows by a row for each.",
        "a lets the model write on from the text you typed (from a blank alone, if you typed none), one symbol at a "
        "time, and the map grows by a row for each.",
    ),
    "A new token is drawn from the scores at the place before it, "
    "which are what that place gathered by its own look; then it looks back itself, and what it gathers decides "
    "the next one. Its probability and its surprise, −log2 of that, are the model's own; the temperature changes "
    "only how tokens are drawn. With the same dice Generate begins with the same text.",
    "While you train, the text written so far stays, and every figure is of the new weights; only what a token was "
    "drawn with (shown where the temperature is not 1) stays what it was. When the context is full, writing waits "
    "once; after that the window slides: the oldest token falls out, all others stand one place further left, and "
    "every row is computed anew.",
    Either("It stops at the boundary, and after 200 tokens.", "It stops after 200 symbols."),
    "Brightness grows with the square root of the share, so that small shares can be told apart; the legend has "
    "the figures. In the map, a cell above the diagonal is empty: its score is computed, then masked.",
)
