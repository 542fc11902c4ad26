"""Which earlier tokens moved a guess: two measures side by side, a row a token, with signs and figures in nats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.moving import Moved, in_a_word, ranking
from tinylm_tui.ui.drawing.readout import token_words
from tinylm_tui.ui.drawing.tokens import glyphs
from tinylm_tui.ui.ink import Piece, line, pad, paragraphs, wrapped
from tinylm_tui.ui.look import Look

LABEL = "text     "
LOW = 16  # lines up to which no empty one parts the head from the bars
MOST_NAME = 10  # columns of a token before its bars
FIGURE = 9
MOST_GUESSES = 16
SURE = 0.95  # probability from which a gradient is nearly 0 whatever moved it
FILLS = "The boundary fills every empty place, so leaving it out changes nothing."
LEAST = 0.1  # nats that a whole bar stands for at least: less is hardly anything
NO_SALIENCY = (
    "A bigram looks at the last token alone: only that one can move what comes next, and leaving any other out changes "
    "nothing. What it does for each next token is its row of scores (Heatmap, key 4).",
    "An average, an mlp or a GPT sees more. Press M to choose one; the text stays.",
)


@dataclass(frozen=True, eq=False)
class View:
    """The whole text `ids` (N,), the place of the guess's last token, what moved it, and how the target was chosen."""

    ids: Ids
    position: int
    moved: Moved
    tokens: Sequence[str]  # the text of each id of the vocabulary
    came: int | None  # the token that really comes next, where the text goes on
    model: str
    step: int
    note: str = ""


def saliency_page(view: View, width: int, height: int, look: Look, back: int = 0) -> tuple[list[Strip], int]:
    """The page, `back` rows away from the last token; and how many rows that can be at most."""
    head = [_text(view, width, look), *_question(view, width, look)]
    if view.note or height >= LOW:
        head += wrapped(view.note, width, look.style("amber"))[:2]
    foot, unseen = _foot(view, width, look, why=height >= LOW), _unseen(view, width, look)
    room = max(2, height - len(head) - len(unseen) - len(foot) - 2)
    first = int(np.argmax(view.moved.saliency.seen))  # what is out of sight stands before what is seen
    count = len(view.moved.ids) - first
    shown = count if count <= room else room - 1
    back = min(back, count - shown)
    rows = range(first + count - back - shown, first + count - back)
    body = [*_hidden(view, rows, first, width, look), *_rows(view, rows, width, look)]
    empty = Strip.blank(0)
    page = [*head, _headings(view, width, look), *unseen, *body, *[empty] * (room - len(body)), empty, *foot]
    return page, count - shown


def without_saliency(width: int, look: Look) -> list[Strip]:
    """What a bigram has instead."""
    return paragraphs(NO_SALIENCY, min(width, 76), look.style("text"))


# ---- the text and the question


def _text(view: View, width: int, look: Look) -> Strip:
    """The tokens, as many as fit, with the target in its place behind the last one that is read."""
    seen_from = view.position + 1 - len(view.moved.ids)
    pieces: list[Piece] = []
    for place, i in enumerate(view.ids[: view.position + 1].tolist()):
        used = place >= seen_from and bool(view.moved.saliency.seen[place - seen_from])
        pieces.append((glyphs(view.tokens[i]), look.style("text" if used else "faint")))
    target = glyphs(view.tokens[view.moved.target])
    after = "".join(glyphs(view.tokens[i]) for i in view.ids[view.position + 1 + (view.came is not None) :].tolist())
    arrow = (" > " if look.ascii else " → ", look.style("dim"))
    end: list[Piece] = [arrow, (target, look.style("cursor")), ("  " + after, look.style("faint"))]
    room = width - cell_len(LABEL) - cell_len(arrow[0] + target) - min(cell_len(after) + 2, width // 4)
    while sum(cell_len(text) for text, _ in pieces) > room and len(pieces) > 1:
        del pieces[0]
    return line((LABEL, look.style("dim")), *pieces, *end).crop(0, width)


def _question(view: View, width: int, look: Look) -> list[Strip]:
    m = view.moved
    which = "the next token here" if m.target == view.came else "asked about instead"
    if view.came is None:
        which = "the model's top guess" if m.rank == 0 else "asked about"
    log_p = math.log(m.probability) if m.probability > 0 else -math.inf
    said = (
        f"What moved log p({token_words(view.tokens[m.target])}) = {log_p:+.3f} nats: {m.probability:.2%}, rank "
        f"{m.rank + 1:,} of {len(view.tokens):,}, {which}."
    )
    return [_guesses(view, width, look), *wrapped(said, width, look.style("text"))]


def _guesses(view: View, width: int, look: Look) -> Strip:
    """The likeliest tokens, with the one that is asked about among them, as many as fit."""
    p, target = view.moved.probabilities, view.moved.target
    order = ranking(p).tolist()
    first = max(0, min(view.moved.rank - 2, len(order) - 1))
    pieces: list[Piece] = [("expected ", look.style("dim"))]
    if first:
        pieces.append(("… ", look.style("dim")))
    for i in order[first : first + MOST_GUESSES]:
        pieces.append((glyphs(view.tokens[i]), look.style("cursor" if i == target else "text")))
        pieces.append((f" {p[i]:.1%}  ", look.style("dim")))
        if sum(cell_len(text) for text, _ in pieces) > width:
            del pieces[-2:]
            break
    return line(*pieces)


# ---- the bars


def _sides(view: View, width: int) -> tuple[int, int]:
    """The columns of a token's name, and of the bars of one measure."""
    name = min(MOST_NAME, max(cell_len(glyphs(view.tokens[i])) for i in view.moved.ids.tolist())) + 1
    return name, max(9, (width - name - 2 * FIGURE - 3) // 2)


def _headings(view: View, width: int, look: Look) -> Strip:
    name, bar = _sides(view, width)
    titles = [
        pad("nats", FIGURE, right=True) + " " + pad(title, bar + 1) for title in ("gradient × input", "leave-one-out")
    ]
    return line((" " * name + "".join(titles), look.style("dim")))


def _rows(view: View, rows: range, width: int, look: Look) -> list[Strip]:
    s = view.moved.saliency
    name, bar = _sides(view, width)
    scales = [scale_of(measure) for measure in (s.gradient_x_input, s.leave_one_out)]
    lines = []
    for row in rows:
        glyph = glyphs(view.tokens[int(view.moved.ids[row])])
        pieces: list[Piece] = [(pad(glyph, name), look.style("bright"))]
        for measure, scale in zip((s.gradient_x_input, s.leave_one_out), scales, strict=True):
            pieces += _measure(float(measure[row]), scale, bar, look)
        lines.append(line(*pieces))
    return lines


def scale_of(measure: Array) -> float:
    """The nats of a whole bar."""
    finite = np.abs(measure[np.isfinite(measure)])
    return max(LEAST, float(finite.max())) if len(finite) else LEAST


def _measure(x: float, scale: float, width: int, look: Look) -> list[Piece]:
    """A figure with its sign, and its bar: to the right above 0, to the left below."""
    if not math.isfinite(x):
        return [(pad("none", FIGURE, right=True) + " " * (width + 2), look.style("faint"))]
    half = (width - 1) // 2
    filled = min(half, round(abs(x) / scale * half))
    role = "towards" if x >= 0 else "away"
    left, right = (" " * half, "█" * filled) if x >= 0 else ("█" * filled, "")
    axis = "|" if look.ascii else "│"
    return [
        (f"{signed(x):>{FIGURE}} ", look.style(role)),
        (pad(left, half, right=True), look.style("away")),
        (axis, look.style("faint")),
        (pad(right, width - half), look.style("towards")),
    ]


def signed(x: float) -> str:
    """A figure with its sign; what is 0, or rounds to it, has none."""
    said = f"{x:+.3f}"
    return "0" if x == 0 else said[1:] if float(said) == 0 else said


def _unseen(view: View, width: int, look: Look) -> list[Strip]:
    """How many tokens a model of a window does not see."""
    count = int((~view.moved.saliency.seen).sum())
    if not count:
        return []
    said = f"{count} token{'s' * (count > 1)} before these: out of its sight"
    return [line((pad(said, width).rstrip(), look.style("faint")))]


def _hidden(view: View, rows: range, first: int, width: int, look: Look) -> list[Strip]:
    """What the tokens that are not in view come to."""
    s, count = view.moved.saliency, len(view.moved.ids)
    hidden = [i for i in range(first, count) if i not in rows]
    if not hidden:
        return []
    sums = [float(np.nansum(measure[hidden])) for measure in (s.gradient_x_input, s.leave_one_out)]
    said = f"{len(hidden)} more tokens (pgup, pgdn): {signed(sums[0])} and {signed(sums[1])} nats in sum"
    return [line((pad(said, width).rstrip(), look.style("dim")))]


# ---- what it says


def _foot(view: View, width: int, look: Look, *, why: bool) -> list[Strip]:
    """`why`: whether there is room to say why the boundary has 0."""
    agreement = view.moved.saliency.agreement
    if agreement is None:
        said = "No rank correlation of the two: it needs three tokens with something to tell apart."
    else:
        said = f"Spearman's rank correlation {agreement:+.2f}: {in_a_word(agreement)}."
    if view.moved.probability >= SURE:
        said += (
            " The model is nearly sure here, and where p is near 1 the gradient is near 0, whatever made it sure: "
            "leave-one-out says more."
        )
    if why and _filled_up(view):
        said = f"{FILLS} {said}"
    towards, away = ("", "") if look.depth == "none" else (f"{look.names[0]}, ", f"{look.names[1]}, ")
    signs = f"+ ({towards}right): for it; - ({away}left): against it. {view.model}, step {view.step:,}"
    return [*wrapped(said, width, look.style("text")), *wrapped(signs, width, look.style("dim"))]


def _filled_up(view: View) -> bool:
    """Whether a window begins with the boundary of the text, which stands in its empty places too."""
    begins = view.tokens[int(view.moved.ids[0])] == "" and bool(view.moved.saliency.seen[0])
    return begins and view.model in ("average", "mlp")
