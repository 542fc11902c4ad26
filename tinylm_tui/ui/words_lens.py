"""What the Lens and the Ablation screen are, in plain words."""

from __future__ import annotations

LENS: tuple[str, ...] = (
    "In a GPT a vector for each token runs through all blocks, the residual stream. Every block adds to it, and only "
    "after the last one does the head turn it into scores. The logit lens reads it earlier: it gives the stream after "
    "the embedding, and after each block, to the same final LayerNorm and the same head, as if the model ended there.",
    "The text stands at the bottom, one column for each token; above it what each layer would say comes next, the "
    "output on top: that is what the model says indeed. Over that stands what really comes next. Brighter means "
    "likelier, and = marks where it is the right one already. The text does not say what comes after its last token.",
    "v shows the right token's rank and probability instead: so one sees it climb. Enter opens a cell: its ten "
    "likeliest tokens.",
    "The blocks were trained to be read by each other, not by the head. What the lens shows of the early layers is "
    "what they hold in the head's terms; they may know more than that. Where the head is tied, the first row tends to "
    "repeat the token itself: its embedding is most like itself.",
)
ABLATION: tuple[str, ...] = (
    "Switch a part of the model off and see what is lost. x switches the head or the MLP under the cursor; several "
    "can be off at once, and a switches all on again. A head that is off adds nothing to the residual stream: its "
    "rows of the output matrix of attention count as zeros (the bias that all heads of a layer share stays). Of an MLP "
    "all of its output counts as zero.",
    "All of that happens to a copy on this screen. The run itself is never changed, training goes on with every part, "
    "and another text or model switches all parts on again.",
    "At once there stands the loss without these parts, over the beginning of the held-out part (up to 2,048 tokens; "
    "of the text, where nothing is held out), how far the attention of the other heads moves on a text of yours (t), "
    "and what the model writes from the same dice and prompt (p, n), every character that differs marked. Moved means: "
    "half the sum of what changes in a row of the pattern, its mean over the tokens.",
    "g measures every part alone: how much loss is added without it. Teal: it is missed; red: the model is better "
    "without. A part that is not missed may still do something that another part does too, and the rest was never "
    "trained to work without it: costs do not add up.",
    "A head gets a name only with the figure that justifies it: the share of its attention that goes to the token "
    "before, to the first token, to earlier places with the same token, or (induction, measured on random text that "
    "repeats) to what came after the same token the last time. The share must be 30 points above that of a head that "
    "looks at everything alike. Most heads of a small model have no name.",
)
