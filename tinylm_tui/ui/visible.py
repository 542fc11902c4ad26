"""The person's text is data: what could act on a terminal is shown as a visible glyph, at the edge of drawing.

Every character becomes exactly one character, so places in a text stay places on the screen. The stored text
is never changed.
"""

from __future__ import annotations

import unicodedata

BLANK, NEWLINE, TAB = "␣", "↵", "⇥"
BOUNDARY = "·"
CONTROL = "�"

# A text editor splits lines at more characters than the line end and lets others vanish. So a text that is being
# edited carries each of them moved up by SHIFTED, into the private use plane 15, where all have one column. Those
# beyond the first plane (tags, musical marks) have no place there; an editor does them no harm.
SHIFTED = 0xF0000
LAST_SHIFTED = SHIFTED + 0xFFFF

# Bidirectional marks, embeddings, overrides and isolates reorder what stands around them on the screen.
REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def acts_on_terminal(character: str) -> bool:
    """Whether a character could do something else than stand in its cell."""
    if " " <= character <= "~":
        return False
    return character in REORDERING or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp", "Cf")


def visible_character(character: str) -> str:
    """One visible glyph for one character; itself where it is harmless."""
    character = unshifted(character)
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


def shifted(character: str) -> str:
    """The stand-in of one character in an editor; itself where it needs none."""
    stays = character in "\n\t" or ord(character) > 0xFFFF or not acts_on_terminal(character)
    return character if stays else chr(ord(character) + SHIFTED)


def unshifted(character: str) -> str:
    """The character that `shifted` was given."""
    if not SHIFTED <= ord(character) <= LAST_SHIFTED:
        return character
    original = chr(ord(character) - SHIFTED)
    return original if acts_on_terminal(original) else character


def for_editor(text: str) -> str:
    """`text` as an editor can hold it: what acts on a terminal or splits lines moved into private use."""
    return "".join(map(shifted, text))


def from_editor(text: str) -> str:
    """The exact text again."""
    return text if text.isascii() else "".join(map(unshifted, text))


GLYPHS = {" ": BLANK, "\n": NEWLINE, "\t": TAB}


def token_glyph(token: str) -> str:
    """How one token stands on a label: blanks, line ends and the boundary ("") have glyphs of their own."""
    glyph = "".join(GLYPHS.get(c) or visible_character(c) for c in token) or BOUNDARY
    return "◌" + glyph if unicodedata.combining(glyph[0]) else glyph
