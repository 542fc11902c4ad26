"""What stands beside the samples: the dials, what they cut from the next token's bars, and what of a text counts."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from tinylm_tui.engine.strategies import Strategy
from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.lab.candidates import Candidates
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.memorised import SHORTEST
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.lab.writing import prompt_ids
from tinylm_tui.ui.drawing.candidates import standing_bars, thrown_words
from tinylm_tui.ui.drawing.readout import figure, piece, token_words
from tinylm_tui.ui.ink import line, wrapped
from tinylm_tui.ui.look import Look

PROBABILITIES = (0.01, 0.05, 0.2, 0.5, 0.9)
UNIT, RUNNING = 40, 200  # tokens at most: of a word or a line, of a running text
RULES = {
    "words": "A text counts that is a word of the list.",
    "lines": "A text counts that is a line of the list.",
    "text": f"A text counts if what was drawn, {SHORTEST} characters or more, stands there just so.",
}
ORDERS = {"average": ", without their order", "mlp": ", in their order"}


def dial_lines(strategy: Strategy, dice: int, width: int, look: Look) -> list[Strip]:
    """The dials in the order in which they work, with their keys."""
    k, p = strategy.top_k, strategy.top_p
    return [
        figure("temperature  + - G", f"{strategy.temperature:.2f}", width, look),
        figure("top-k  k", str(k) if k else "off", width, look),
        figure("top-p  n", f"{p:.2f}" if p < 1 else "off", width, look),
        figure("dice  g", str(dice), width, look),
    ]


def next_lines(c: Candidates, letters: list[str], rows: int, width: int, look: Look) -> list[Strip]:
    """The probabilities of the token that comes first, sorted, with the cut."""
    head = line(("the next token  i", look.style("title")))
    words = wrapped(thrown_words(c), width, look.style("text"))
    return [head, *standing_bars(c, letters, rows, width, look), *words]


def shade_lines(look: Look) -> list[Strip]:
    """How bright which probability is."""
    shades = [(f" {p:.0%} ", look.by_probability(p)) for p in PROBABILITIES]
    return [line(("brighter = likelier", look.style("dim"))), line(*shades)]


def effect(strategy: Strategy, tokenizer: Tokenizer) -> str:
    """What this temperature does, and the cut after it."""
    if strategy.temperature == 0:
        return f"Temperature 0 is greedy: always the likeliest {piece(tokenizer)}, so there is one text."
    cut = " What the cut keeps makes 100%." if strategy.top_k or strategy.top_p < 1 else ""
    if strategy.temperature < 1:
        return f"Below 1 the likely gets likelier: safe and samey.{cut}"
    if strategy.temperature > 1:
        return f"Above 1 everything evens out: bold and odd.{cut}"
    return cut.strip() or "At 1 the model's own probabilities are used."


def stacked(blocks: Sequence[tuple[int, list[Strip]]], height: int) -> list[Strip]:
    """Blocks of lines below each other. Where they do not fit, those of the highest number are left out.

    An empty line parts them where there is room for all of these.
    """
    kept = [(order, lines) for order, lines in blocks if lines]
    while sum(len(lines) for _, lines in kept) > height and max(order for order, _ in kept):
        kept.remove(max(kept, key=lambda block: block[0]))
    roomy = sum(len(lines) + 1 for _, lines in kept) - 1 <= height
    gap = [Strip.blank(0)] if roomy else []
    return [strip for number, (_, lines) in enumerate(kept) for strip in [*(gap if number else []), *lines]]


def reading_notes(snapshot: Snapshot, ids: Sequence[int]) -> list[str]:
    """What of a text that is too long for the model it reads."""
    settings = snapshot.settings
    most = 1 if settings.model == "bigram" else settings.context
    if len(ids) <= most:
        return []
    if settings.model == "bigram":
        return ["A bigram: only the last token counts."] if len(ids) > 1 else []
    return [f"Only the last {most:,} of {len(ids):,} tokens count: more the context does not hold."]


def what_counts(snapshot: Snapshot, prompt: str) -> str:
    """What of a prompt the model sees; without one, where its texts begin and end."""
    tokenizer, settings = snapshot.corpus.tokenizer, snapshot.settings
    if not prompt:
        if not tokenizer.bounded:
            return f"No token means the end here: each text begins after a blank and gets {RUNNING} tokens."
        return "Each text starts at the boundary and ends when the model draws the boundary again."
    try:
        ids = prompt_ids(tokenizer, prompt)
    except LabError:
        return ""
    if settings.model == "bigram":
        last = token_words(tokenizer.token(ids[-1]))
        return f"Only the last {piece(tokenizer)}, {last}, counts: a bigram forgets all before it."
    start = "the boundary" if tokenizer.bounded else "a blank"
    read = f"It reads {start} and your {len(ids)} {piece(tokenizer)}{'s' * (len(ids) != 1)}"
    return f"{read}; the last {settings.context} tokens count{ORDERS.get(settings.model, '')}."
