"""The page of the Embeddings screen: the picture large, the cursor's token and its neighbours beside or under it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.engine.neighbours import cosines, ranked
from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.drawing.framing import Frame
from tinylm_tui.ui.drawing.readout import figure, token_words
from tinylm_tui.ui.drawing.scatter import RANKS, Named, name_of, scatter
from tinylm_tui.ui.drawing.scene import Scene
from tinylm_tui.ui.ink import Piece, beside, line, pad, paragraphs, wrapped
from tinylm_tui.ui.look import Look

WIDE = 96  # columns from which the cursor's token stands beside the picture
SIDE, MARGIN, GAP = 30, 8, 3  # columns: beside the picture, for the numbers at its left edge, between the two
MARKED = 5  # neighbours that the picture marks
BAR = 10
ROOMY = 76  # columns from which the axes are named in full

NONE = (
    "A bigram has no embeddings: a token is not a vector there. The rows of its matrix W could be drawn as points, but "
    "they are the scores of the next token, not a place among the others (Heatmap, key 4).",
    "The average, the mlp and the gpt learn a vector for each token. Press M to choose one; the text stays.",
)


@dataclass(frozen=True, eq=False)
class Shown:
    """All that the page is drawn from."""

    name: str  # of the array of weights
    X: Array  # (V, E)
    tokens: Sequence[str]
    counts: Array  # (V,), how often each stands in the text
    scene: Scene
    cursor: int
    zoom: float
    step: int

    @cached_property
    def cosine(self) -> Array:
        """Of every token with the cursor's, (V,)."""
        return cosines(self.X, self.cursor)

    @cached_property
    def alike(self) -> list[int]:
        """All other tokens, the most alike first."""
        return list(map(int, ranked(self.cosine, self.cursor)))

    @cached_property
    def names(self) -> list[str]:
        """Of all tokens."""
        return [name_of(token) for token in self.tokens]

    @property
    def named(self) -> Named:
        """The points with their names, the commonest token first."""
        order = np.argsort(-self.counts, kind="stable").tolist()
        return Named(self.scene.points, self.names, order, self.cursor, self.alike[:MARKED])


def picture_size(width: int, height: int) -> tuple[int, int]:
    """The columns and rows of the picture itself on a page of that size."""
    if width >= WIDE:
        return max(4, width - MARGIN - SIDE - GAP), max(2, height - 2)
    return max(4, width - MARGIN), max(2, height - 4)


def picture_origin() -> tuple[int, int]:
    """The column and the line of the page where the picture begins."""
    return MARGIN, 1


def picture_page(s: Shown, frame: Frame, width: int, height: int, look: Look) -> list[Strip]:
    """The shares of variance, the picture with its ranges, and the cursor's token. `frame` as `picture_size` asks."""
    if not s.scene.spread:
        return no_spread(s, width, look)
    strips, *seen = scatter(s.named, frame, look)
    left = [shares(s.scene, frame.columns + MARGIN, look), *_with_ranges(strips, frame, look)]
    if width < WIDE:
        return [*left, _nearest_line(s, width, look), _note_line(s, seen, width, look)]
    side = [*token_side(s, look), Strip.blank(0), *_notes(s, seen, look)]
    return beside(left, side[:height], frame.columns + MARGIN, GAP)


def shares(scene: Scene, width: int, look: Look) -> Strip:
    """How much of the variance each axis shows, and both."""
    dim, text = look.style("dim"), look.style("text")
    word, none = ("component ", "no other ") if width >= ROOMY else ("", "none ")
    pieces: list[Piece] = []
    for arrow, number, share in zip("→↑", scene.numbers, scene.shares.tolist(), strict=True):
        exists = number <= len(scene.components.axes)
        pieces += [(f"{arrow} ", look.style("amber")), (f"{word}{number} " if exists else none, dim)]
        pieces += [(f"{share:.1%}", text), ("   ", dim)]
    together = min(1.0, float(scene.shares.sum()))
    return line(*pieces, ("together ", dim), (f"{together:.1%}", look.style("bright")), (" of the variance", dim))


def _with_ranges(strips: list[Strip], frame: Frame, look: Look) -> list[Strip]:
    """The picture with the range of each axis at its edges; 0 is the mean of all tokens."""
    b, dim = frame.box, look.style("dim")
    x, y = frame.dots(np.zeros((1, 2)))[0].tolist()
    texts = {0: _end(b.top, b.top - b.bottom), frame.rows - 1: _end(b.bottom, b.top - b.bottom)}
    if 0 < y // 4 < frame.rows - 1:
        texts[y // 4] = "0"
    lines = [
        Strip.join([line((pad(texts.get(row, ""), MARGIN - 1, right=True) + " ", dim)), strip])
        for row, strip in enumerate(strips)
    ]
    ends = [_end(end, b.right - b.left) for end in (b.left, b.right)]
    row = pad(ends[0], frame.columns - len(ends[1])) + ends[1]
    if len(ends[0]) < x // 2 < frame.columns - len(ends[1]) - 1:
        row = row[: x // 2] + "0" + row[x // 2 + 1 :]
    return [*lines, line((" " * MARGIN + row, dim))]


def _end(value: float, range_: float) -> str:
    """The end of a range, with the decimals that the range asks for and no more."""
    decimals = 2 - math.floor(math.log10(range_))
    return f"{value:+.{max(0, decimals)}f}" if -2 <= decimals <= 4 else f"{value:+.0e}"


def _nearest_line(s: Shown, width: int, look: Look) -> Strip:
    """The cursor's token and those most alike, in one line: as many as fit."""
    pieces: list[Piece] = [
        (f"{token_words(s.tokens[s.cursor])}", look.style("amber")), ("  nearest by cosine ", look.style("dim")),
    ]  # fmt: skip
    used = sum(line(piece).cell_length for piece in pieces)
    for n, i in enumerate(s.alike):
        mark = RANKS[n] if n < MARKED else ""
        each = [(f" {s.names[i]}{mark}", look.style("good" if mark else "text")),
                (f" {s.cosine[i]:+.2f} ", look.style("text"))]  # fmt: skip
        used += line(*each).cell_length
        if used > width:
            break
        pieces += each
    return line(*pieces)


def _note_line(s: Shown, seen: list[int], width: int, look: Look) -> Strip:
    said = _said(s, seen)
    while len(said) > 1 and cell_len("   ".join(said)) > width:  # what is there is whole
        said.pop(1 if len(said) > 2 else -1)
    return line((pad("   ".join(said), width).rstrip(), look.style("dim")))


def _said(s: Shown, seen: list[int]) -> list[str]:
    """What is in view, in a few words; a fresh model is not shown as if it had learnt."""
    in_view, named = seen
    said = [f"{len(s.tokens):,} tokens × {s.X.shape[1]:,} numbers"]
    if s.zoom > 1:
        said.append(f"zoom {s.zoom:.3g}×: {in_view:,} in view")
    said += ["untrained: random vectors"] if s.step == 0 else []
    return [*said, f"dots: {in_view - named:,} without a name"] if named < in_view else said


def token_side(s: Shown, look: Look) -> list[Strip]:
    """The cursor's token: its figures, who is nearest, and who is least alike."""
    i = s.cursor
    length = float(np.sqrt(np.square(s.X[i].astype(np.float64)).sum()))
    figures = [
        ("id", f"{i} of {len(s.tokens):,}"),
        ("in the text", f"{int(s.counts[i]):,} times"),
        ("length √Σx²", f"{length:.3f}"),
        *((f"component {n}", f"{x:+.3f}") for n, x in zip(s.scene.numbers, s.scene.points[i].tolist(), strict=True)),
    ]  # fmt: skip
    return [
        line((pad(token_words(s.tokens[i]), SIDE).rstrip(), look.style("amber"))),
        *[figure(name, value, SIDE, look) for name, value in figures],
        Strip.blank(0),
        line(("nearest by cosine", look.style("dim"))),
        *[_cosine(s, one, n, look) for n, one in enumerate(s.alike[:8])],
        *([line(("least alike", look.style("dim")))] if len(s.alike) > 8 else []),
        *[_cosine(s, one, MARKED, look) for one in s.alike[max(8, len(s.alike) - 3) :]],
    ]


def _cosine(s: Shown, i: int, rank: int, look: Look) -> Strip:
    """One token: its name with its mark, the cosine, and a bar of it."""
    value = float(s.cosine[i])
    mark = RANKS[rank] if rank < MARKED else ""
    bar = "━" * round(abs(value) * BAR)
    return line(
        (pad(f"{s.names[i]}{mark}", 13), look.style("good" if mark else "text")),
        (f"{value:+.2f} ", look.style("text")),
        (bar, look.style("towards" if value >= 0 else "away")),
    )


def _notes(s: Shown, seen: list[int], look: Look) -> list[Strip]:
    return [strip for said in (s.name, *_said(s, seen)) for strip in wrapped(said, SIDE, look.style("dim"))]


def no_spread(s: Shown, width: int, look: Look) -> list[Strip]:
    """What is said when all vectors are the same."""
    words = (
        f"All {len(s.tokens):,} tokens have the same vector of {s.X.shape[1]:,} numbers ({s.name}): the variance is 0, "
        "so there is no direction to spread them along.",
        "Training parts them: space trains, v shows the numbers.",
    )
    return paragraphs(words, min(width, 76), look.style("text"))


def not_finite(name: str, width: int, look: Look) -> list[Strip]:
    """What is said when a number is none."""
    words = (f"{name} holds numbers that are not finite, so nothing can be drawn. Press r to start over.",)
    return paragraphs(words, min(width, 76), look.style("text"))


def no_embeddings(width: int, look: Look) -> list[Strip]:
    """Why there is no picture of a bigram."""
    return paragraphs(NONE, min(width, 76), look.style("text"))
