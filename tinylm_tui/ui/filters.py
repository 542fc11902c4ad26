"""The last gate before the terminal: every line that is sent passes through these.

Text is made harmless where it is drawn (`visible`); the gate is there for what Textual's own widgets draw, so that
no byte of the person's text can ever act as a control sequence.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import LAST_SHIFTED, SHIFTED, visible

UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    f"{chr(SHIFTED)}-{chr(LAST_SHIFTED)}]"
)

ASCII = str.maketrans({
    "─": "-", "━": "-", "│": "|", "┃": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┬": "+",
    "┴": "+", "┼": "+", "╭": "+", "╮": "+", "╰": "+", "╯": "+", "▀": "#", "▄": "#", "█": "#", "▌": "|", "▐": "|",
    "▁": "_", "▂": ".", "▃": ":", "▅": "=", "▆": "+", "▇": "*", "▔": "-", "▊": "|", "▎": "|", "▏": "|", "▕": "|",
    "·": ".", "•": "*", "…": "~", "→": ">", "←": "<", "↑": "^", "↓": "v", "↻": "*", "›": ">", "×": "x", "−": "-",
    "▲": "^", "▼": "v", "▶": ">", "‖": "|", "␣": "_", "↵": "$", "⇥": ">", "²": "2", "�": "?", "╸": "-", "╺": "-",
    "┊": "|", "╱": "/", "╲": "\\", "⭘": "o", "░": ".", "Σ": "S", "—": "-", "–": "-", "■": "#", "◌": " ",
    "ₑ": "e", "Δ": "d",
    "┣": "+", "┓": "+", "┛": "+", "╂": "+", "◀": "<", "√": "v", "‹": "<", "▸": ">",
})  # fmt: skip

MARKED = Style(reverse=True)


class Harmless(LineFilter):
    """No control character in any text that is sent."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if not any(UNSAFE.search(segment.text) for segment in segments):
            return segments
        return [Segment(visible(text), style, control) for text, style, control in segments]


class PlainAscii(LineFilter):
    """Only ASCII is sent, of the same width: for terminals and locales that know nothing else."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(ascii_only(text), style, control) for text, style, control in segments]


@lru_cache(4096)
def ascii_only(text: str) -> str:
    """`text` in ASCII, of the same width on the screen: é becomes e, a wide character ??."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else _ascii_letter(c) for c in text.translate(ASCII))


def _ascii_letter(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[0]
    width = cell_len(character)
    return base if base.isascii() and width == 1 else "?" * width


class Colourless(LineFilter):
    """NO_COLOR: bold, underline and reverse stay, every colour goes. What a ground alone marked is reversed."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text, colourless(style), control) for text, style, control in segments]


@lru_cache(4096)
def colourless(style: Style | None) -> Style:
    """A style without its colours; reversed where it had a ground that stood out."""
    if not style:
        return Style.null()
    return style.without_color + MARKED if stands_out(style.bgcolor) else style.without_color


def stands_out(ground: RichColor | None) -> bool:
    """Whether a ground is bright or has a hue: what lies there is chosen or under a cursor. Dark greys do not."""
    if ground is None or ground.triplet is None:
        return False
    return max(ground.triplet) > 128 or max(ground.triplet) - min(ground.triplet) > 32


class Sparing(LineFilter):
    """Nothing is sent that nobody sees: a blank cell has no letter to colour, and equal neighbours are one piece.

    A map in which every cell changes then takes 40 % fewer bytes.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        kept: list[Segment] = []
        for text, style, control in segments:
            if style is not None and text.isspace():
                style = ground_of(style)
            if kept and not control and kept[-1].style == style and not kept[-1].control:
                text = kept.pop().text + text
            kept.append(Segment(text, style, control))
        return kept


@lru_cache(4096)
def ground_of(style: Style) -> Style:
    """What a blank shows of a style. One with a line in it, a link or a meaning of its own stays whole."""
    drawn = style.underline or style.underline2 or style.overline or style.strike or style.reverse
    if drawn or style.link or style.meta or style.bgcolor is None:
        return style
    return Style(bgcolor=style.bgcolor)


def gate_for(look: Look) -> list[LineFilter]:
    """The filters for a terminal that shows this much, in their order."""
    gate: list[LineFilter] = [Harmless()]
    gate += [PlainAscii()] if look.ascii else []
    gate += [Colourless()] if look.depth == "none" else []
    return gate
