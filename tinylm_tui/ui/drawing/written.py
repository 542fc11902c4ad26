"""What the model writes whole and without some parts, from the same prompt and dice: what differs is marked."""

from __future__ import annotations

from textual.strip import Strip

from tinylm_tui.engine.sampling import Sample
from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.lab.ablation import Effect
from tinylm_tui.ui.drawing.samples import UNDERLINE, folded, glyph
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

NAME = 10  # columns of what stands before a text
NUMBERED = 12  # the same with the number of the text
SPANNED = 15  # the same with the numbers of several
ROOMY = 24  # columns that a short text takes beside others


def sample_pairs(e: Effect | None, prompt: str, dice: int, width: int, height: int, look: Look) -> list[Strip]:
    """Prompt and dice, then the texts of both, as many as fit: short ones side by side, a long one folded."""
    given = f"after {''.join(map(token_glyph, prompt))}" if prompt else "from the start"
    head = line(
        ("written ", look.style("dim")), (pad(given, min(len(given), max(8, width - 50))), look.style("text")),
        (" p", look.style("amber")), (f"   dice {dice}", look.style("text")), (" n", look.style("amber")),
        ("   underlined: differs" if e and e.without else "", look.style("dim")),
    )  # fmt: skip
    if e is None or height < 2:
        return [head][:height]
    tokenizer = e.snapshot.corpus.tokenizer
    long = e.snapshot.corpus.running
    body = _long(e, tokenizer, width, height - 1, look) if long else _short(e, tokenizer, width, look)
    return [head, *body][:height]


def characters(sample: Sample, tokenizer: Tokenizer) -> str:
    """What was written, as it stands on the screen; each token's text, blanks as blanks."""
    return "".join(glyph(tokenizer.token(i)) for i in sample.drawn) + ("" if sample.ended else "…")


def marked(text: str, other: str, look: Look) -> list[Piece]:
    """`text` with every character that differs from the one at the same place of `other` marked."""
    pieces: list[Piece] = []
    for i, c in enumerate(text):
        differs = other[i : i + 1] != c
        pieces.append((c, look.style("amber") + UNDERLINE if differs else look.style("text")))
    return pieces


def _short(e: Effect, tokenizer: Tokenizer, width: int, look: Look) -> list[Strip]:
    """Two lines for each handful of words: as the model is, and under it without the parts."""
    whole = [characters(one, tokenizer) for one in e.whole.samples]
    other = [characters(one, tokenizer) for one in e.without.samples] if e.without else []
    each = min(ROOMY, max((len(text) for text in [*whole, *other]), default=1) + 2)
    all_in_one = len(whole) * each <= width - NAME
    room = NAME if all_in_one else SPANNED
    across = max(1, (width - room) // each)
    lines: list[Strip] = []
    for first in range(0, len(whole), across):
        part = range(first, min(first + across, len(whole)))
        span = "" if all_in_one else f" {first + 1}" if len(part) == 1 else f" {first + 1}–{part.stop}"
        lines.append(_row(pad(f"as it is{span}", room), [[(whole[i], look.style("text"))] for i in part], each, look))
        if other:
            lines.append(
                _row(pad(f"without{span}", room), [marked(other[i], whole[i], look) for i in part], each, look)
            )
    return lines


def _row(name: str, texts: list[list[Piece]], each: int, look: Look) -> Strip:
    strips = [line((name, look.style("dim")))]
    strips += [line(*text).crop(0, each - 1).extend_cell_length(each, look.style("text")) for text in texts]
    return Strip.join(strips)


def _long(e: Effect, tokenizer: Tokenizer, width: int, height: int, look: Look) -> list[Strip]:
    """Each text as the model is, and under it the same without the parts; both begin in view, however low that is."""
    most = max(1, height // 2) if e.without else height
    lines: list[Strip] = []
    for number, sample in enumerate(e.whole.samples):
        whole = characters(sample, tokenizer)
        lines += _folded(f"as it is {number + 1}", [(c, look.style("text")) for c in whole], width, look)[:most]
        if e.without:
            other = characters(e.without.samples[number], tokenizer)
            lines += _folded(f"without {number + 1}", marked(other, whole, look), width, look)[:most]
    return lines


def _folded(name: str, pieces: list[Piece], width: int, look: Look) -> list[Strip]:
    rows = folded(pieces, width - NUMBERED)
    return [line((pad(name if n == 0 else "", NUMBERED), look.style("dim")), *row) for n, row in enumerate(rows)]
