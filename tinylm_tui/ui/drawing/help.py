"""The `?` page of a screen, and the table that sets this model beside larger ones."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.ui.ink import line, pad, paragraphs, wrapped
from tinylm_tui.ui.keys import EVERYWHERE, keys_of
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.words import COMPARED, explained

KEY_WIDTH = 13


def help_lines(tab: str, model: str, tokenizer: Tokenizer, width: int, look: Look) -> list[Strip]:
    """What the screen is, then its keys, then the keys of everywhere."""
    width = min(width, 72)
    return [
        *paragraphs(explained(tab, model, tokenizer), width, look.style("text")),
        *_keys("Keys here", tab, width, look),
        *_keys("Keys anywhere", EVERYWHERE, width, look),
    ]


def _keys(title: str, where: str, width: int, look: Look) -> list[Strip]:
    lines = [Strip.blank(0), line((title, look.style("title")))]
    for key in keys_of(where):
        first, *more = wrapped(key.help, width - KEY_WIDTH, look.style("text"))
        lines.append(Strip.join([line((pad(key.shown, KEY_WIDTH), look.style("amber"))), first]))
        lines += [Strip.join([line((" " * KEY_WIDTH, look.style("dim"))), rest]) for rest in more]
    return lines


def comparison_lines(rows: Sequence[tuple[str, ...]], width: int, look: Look) -> list[Strip]:
    """The table, one row a property, then what it means."""
    width = min(width, 72)
    first, rest = 13, (width - 13) // 3
    lines = []
    for n, (name, *values) in enumerate(rows):
        role = "title" if n == 0 else "text"
        cells = [(pad(value, rest - 1) + " ", look.style(role)) for value in values]
        lines.append(line((pad(name, first), look.style("dim")), *cells))
    return [*lines, Strip.blank(0), *paragraphs(COMPARED, width, look.style("dim"))]
