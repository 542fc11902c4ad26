"""The person's text is data: what could act on a terminal is shown as a visible glyph, at the edge of drawing.

Every character becomes exactly one character, so places in a text stay places on the screen. The stored text
is never changed.
"""

from __future__ import annotations

import unicodedata

BLANK, NEWLINE, TAB = "␣", "↵", "⇥"
BOUNDARY = "·"
CONTROL = "�"

# Bidirectional marks, embeddings, overrides and isolates reorder what stands around them on the screen.
REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def acts_on_terminal(character: str) -> bool:
    """Whether a character could do something else than stand in its cell."""
    if " " <= character <= "~":
        return False
    return character in REORDERING or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp", "Cf")


def visible_character(character: str) -> str:
    """One visible glyph for one character; itself where it is harmless."""
    if not acts_on_terminal(character):
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # Unicode's pictures of the control characters
    return "␡" if code == 0x7F else CONTROL


def visible(text: str) -> str:
    """`text` with every character that could act on a terminal replaced by a glyph; same length."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(visible_character, text))


def token_glyph(letter: str) -> str:
    """How one token stands on a label: blanks, line ends and the boundary ("") have glyphs of their own."""
    named = {"": BOUNDARY, " ": BLANK, "\n": NEWLINE, "\t": TAB}
    return named.get(letter) or "".join(map(visible_character, letter))
