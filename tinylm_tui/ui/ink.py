"""Lines of styled text: the smallest pieces that every drawing is made of."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Piece = tuple[str, Style]

PLAIN = Style()


def line(*pieces: Piece) -> Strip:
    """A line of pieces side by side. Every piece has a style: a terminal without colour needs one to remove."""
    return Strip([Segment(text, style) for text, style in pieces if text])


def ended(strip: Strip, width: int) -> Strip:
    """`strip` in `width` columns; where something of it is cut off, it ends in an ellipsis."""
    if strip.cell_length <= width or width < 1 or not strip.crop(width, strip.cell_length).text.strip():
        return fitted(strip, width)
    kept = strip.crop(0, width - 1)
    style = next((segment.style for segment in reversed(list(kept)) if segment.style), PLAIN)
    return Strip([*kept, Segment("…", Style(color=style.color, bold=style.bold))])


def fitted(strip: Strip, width: int) -> Strip:
    """`strip` cut or filled with blanks to `width` columns."""
    return strip.crop(0, width).extend_cell_length(width, PLAIN)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """`text` filled with blanks to `width` columns, or cut with an ellipsis; `right` aligns to the right."""
    room = width - cell_len(text)
    if room < 0:
        while text and cell_len(text) > width - 1:
            text = text[:-1]
        text, room = text + "…", width - cell_len(text) - 1
    return " " * room + text if right else text + " " * room


def beside(left: list[Strip], right: list[Strip], left_width: int, gap: int = 2) -> list[Strip]:
    """Two drawings side by side, the shorter one filled with empty lines."""
    empty = Strip.blank(0)
    rows = max(len(left), len(right))
    left, right = [*left, *[empty] * (rows - len(left))], [*right, *[empty] * (rows - len(right))]
    space = Strip([Segment(" " * gap, PLAIN)])
    return [Strip.join([fitted(a, left_width), space, b]) for a, b in zip(left, right, strict=True)]


def wrapped(text: str, width: int, style: Style) -> list[Strip]:
    """`text` broken at blanks into lines of at most `width` columns."""
    lines, current = [], ""
    for word in text.split(" "):
        if current and cell_len(current) + 1 + cell_len(word) > width:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [line((one, style)) for one in [*lines, current]]


def paragraphs(texts: Iterable[str], width: int, style: Style) -> list[Strip]:
    """Wrapped paragraphs with an empty line between them."""
    lines: list[Strip] = []
    for text in texts:
        lines += [*([Strip.blank(0)] if lines else []), *wrapped(text, width, style)]
    return lines
