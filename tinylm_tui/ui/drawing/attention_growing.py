"""What stands over attention while the model writes: how it goes on, the text so far, and its newest token."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.lab.growing import LONGEST, Growing, Newest, Odds
from tinylm_tui.lab.settings import Settings
from tinylm_tui.ui.drawing.attention_frame import which_head
from tinylm_tui.ui.drawing.place import Room, longest_name
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import token_glyph

FEWEST, MORE = 6, 4  # tokens that a map has room for from the start, and how many more each time it is full
NAMED, SHORTER = 11, 9  # columns of the newest token with its position, on a wide and on a narrow terminal
NARROW, ROOMY = 60, 90  # columns up to which it gets fewer, and from which temperature is spelt out
WITH_WARMTH = 41  # columns that "drawn at" and the temperature with its keys take
AGAIN = "a: from the start, with the same dice"
ENDED = (
    f"the end: it drew the boundary   {AGAIN}   D: other dice   b: back",
    f"the end: the boundary   {AGAIN}   D: other dice",
    f"the end   {AGAIN}",
)
ENOUGH = (
    f"{LONGEST} tokens are written, that is enough   {AGAIN}   D: other dice",
    f"{LONGEST} tokens: enough   {AGAIN}   D: other dice",
    f"{LONGEST} tokens: enough   {AGAIN}",
)


@dataclass(frozen=True)
class Told:
    """The text that grows, and how it is being played. `newest` is None as long as nothing is drawn."""

    growing: Growing
    newest: Newest | None
    playing: bool
    speed: int  # tokens a second


def room_for(tokens: int, context: int, vocabulary: tuple[str, ...]) -> Room:
    """What a growing map of so many tokens has room for: it is drawn smaller only now and then."""
    most = min(context, FEWEST + MORE * math.ceil(max(0, tokens - FEWEST) / MORE))
    return Room(most, longest_name(vocabulary))


def growing_lines(
    told: Told, tokenizer: Tokenizer, settings: Settings, head: tuple[int, int], step: int, width: int, look: Look
) -> list[Strip]:
    """Four lines, always: nothing below them moves."""
    return [
        _state(told, settings, head, width, look),
        _text(told.growing, tokenizer, settings.context, width, look),
        _newest(told, tokenizer, settings.context, width, look),
        line((pad(note(told, tokenizer, settings.context, step, width), width).rstrip(), look.style("text"))),
    ]


def _state(told: Told, settings: Settings, head: tuple[int, int], width: int, look: Look) -> Strip:
    """Which head; writing or waiting, how fast, with which dice: as much as fits, each with its key."""
    groups = [
        ("writing" if told.playing else "waiting", "a"),
        (f"{told.speed} a second", "z"),
        (f"dice {told.growing.seed}", "D"),
    ]
    return line(*_fitting(which_head(settings, head, look), groups, width, look))


def _fitting(pieces: list[Piece], groups: Sequence[tuple[str, str]], width: int, look: Look) -> list[Piece]:
    """The pieces, and after them those groups (words and key) that still fit."""
    room = width - sum(len(words) for words, _ in pieces)
    for words, key in groups:
        needed = 3 + len(words) + 1 + len(key)
        if needed <= room:
            pieces = [*pieces, (f"   {words} ", look.style("text")), (key, look.style("amber"))]
            room -= needed
    return pieces


def _text(growing: Growing, tokenizer: Tokenizer, context: int, width: int, look: Look) -> Strip:
    """The text so far, from its end backwards as much as fits: given, drawn, and the newest token marked.

    What the model no longer sees, because its context is full, is faint.
    """
    ids, given = growing.ids, len(growing.given)
    pieces: list[Piece] = []
    for i, token in enumerate(ids):
        drawn = "text" if i >= given else "dim"
        role = "cursor" if i == len(ids) - 1 >= given else "faint" if i < len(ids) - context else drawn
        pieces.append((token_glyph(tokenizer.token(token)), look.style(role)))
    strip = line(("text ", look.style("dim")), *pieces)
    if strip.cell_length <= width:
        return strip
    cut = line(("text …", look.style("dim")))
    return Strip.join([cut, strip.crop(strip.cell_length - width + cut.cell_length)])


def _newest(told: Told, tokenizer: Tokenizer, context: int, width: int, look: Look) -> Strip:
    """The newest token, its probability and surprise; what it was drawn with, where that may be another one.

    Where there is no room for both, that stands instead of the surprise.
    """
    dim, text = look.style("dim"), look.style("text")
    warmth = [(f"{'temperature' if width >= ROOMY else 'temp.'} {told.growing.temperature:.2f}", "+ -")]
    if told.newest is None:
        return line(*_fitting([("nothing written yet", dim)], warmth, width, look))
    n, position = told.newest, f" ({len(told.growing.window(context))})"
    plain = n.odds.temperature == told.growing.temperature == 1
    room = SHORTER if width < NARROW or (width < ROOMY and not plain) else NAMED
    glyph = pad(token_glyph(tokenizer.token(n.token)), room - len(position)).rstrip()
    pieces = [
        ("newest ", dim), (pad(glyph + position, room), look.style("amber")),
        ("  probability ", dim), (f"{n.probability:>7.2%}", text),
    ]  # fmt: skip
    if plain or width >= ROOMY:
        pieces += [("  surprise ", dim), (f"{n.bits:>5.2f} bits", text)]
    if not plain:
        pieces += _drawn_with(n.odds, width - sum(len(words) for words, _ in pieces), look)
    return line(*_fitting(pieces, warmth, width, look))


def _drawn_with(odds: Odds, room: int, look: Look) -> list[Piece]:
    """In so many words as leave room for the temperature of what comes next, if any do."""
    words = "  drawn at" if room >= WITH_WARMTH else "  at"
    return [(f"{words} {odds.temperature:.2f}: ", look.style("dim")), (f"{odds.chance:>7.2%}", look.style("text"))]


def note(told: Told, tokenizer: Tokenizer, context: int, step: int, width: int) -> str:
    """Why the text stops or waits here, what should be known of it, or else what the keys do."""
    growing, tokens = told.growing, len(told.growing.ids)
    halt = growing.halt(tokenizer, context)
    if halt == "ended":
        return _first_that_fits(ENDED, width)
    if halt == "long":
        return _first_that_fits(ENOUGH, width)
    if halt == "full":
        return f"all {context} places of the context are taken; a: on, the oldest token falls out"
    if tokens > context:
        return f"{tokens} tokens; the model sees the last {context}, each step one place further left"
    if step == 0:
        return "not trained yet: random weights write nonsense; space trains"
    return f".: next token   b: back   a: {'pause' if told.playing else 'play'}   esc: leave it"


def _first_that_fits(wordings: Sequence[str], width: int) -> str:
    return next((words for words in wordings if len(words) <= width), wordings[-1])
