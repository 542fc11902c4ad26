"""The table of the ladder: one row a rung, from counting to attention."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.style import Style
from textual.strip import Strip

from tinylm_tui.ui.drawing.ladder_curves import bits_figure, hue
from tinylm_tui.ui.drawing.samples import UNDERLINE, folded, glyph
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import visible

if TYPE_CHECKING:
    from tinylm_tui.lab.rungs import LadderReport, Rung

NAME, SEES, WEIGHTS, FIGURE, SPEED = 10, 17, 10, 9, 10
FIGURES = WEIGHTS + 3 * FIGURE + SPEED
GAP = 3  # columns before a sample in its rung's own line
WIDE = 104  # columns from which a sample stands in its rung's own line
BEST = "◀"
NONE = "–"
STATES = {"waiting": "waits", "running": "learns …", "done": "", "stopped": "stopped", "refused": "not possible here"}


def lines_per_rung(width: int, height: int) -> int:
    """A narrow table has the samples under the figures, where there is room for them."""
    return 2 if width < WIDE and height >= 18 else 1


def best_of(report: LadderReport) -> str:
    """The rung with the least on the held-out part; empty where none is measured yet."""
    measured = [(rung.held_bits, rung.name) for rung in report.rungs if _finite(rung.held_bits)]
    return min(measured, key=lambda pair: pair[0] or 0.0)[1] if measured else ""


def table(report: LadderReport, chosen: int, width: int, per_rung: int, look: Look) -> list[Strip]:
    """Two lines of heading, then the rungs."""
    best, room = best_of(report), sample_width(width, per_rung)
    lines = _heading(width, per_rung, look, held=bool(report.held_out))
    for i, rung in enumerate(report.rungs):
        row = _figures(rung, i == chosen, rung.name == best, width, look, held=bool(report.held_out))
        indent = (" " * (4 if per_rung == 2 else GAP), look.style("dim"))
        sample = [indent, *_sample(rung, room, report.prompt, look)] if room else []
        lines += [line(*row), line(*sample)] if per_rung == 2 else [line(*row, *sample)]
    return lines


def _sees_width(width: int) -> int:
    """The columns for what a rung sees: none on the narrowest screens, where it stands below."""
    return SEES if width >= NAME + SEES + FIGURES else 0


def _heading(width: int, per_rung: int, look: Look, *, held: bool) -> list[Strip]:
    dim, sees = look.style("dim"), _sees_width(width)
    unit = f"╭{' bits a character '.center(3 * FIGURE - 3, '─')}╮"
    above = pad(f"  {BEST} best held out" if held else "", NAME + sees + WEIGHTS + 1) + unit
    names = pad("", NAME) + pad("sees, tokens" if sees else "", sees) + f"{'weights':>{WEIGHTS}}"
    names += "".join(f"{name:>{FIGURE}}" for name in ("training", "held out", "floor")) + f"{'steps/s':>{SPEED}}"
    sample = "   it writes" if per_rung == 1 and width >= WIDE else ""
    return [line((pad(above, width), look.style("faint"))), line((pad(names + sample, width), dim))]


def _figures(rung: Rung, here: bool, best: bool, width: int, look: Look, *, held: bool) -> list[Piece]:
    """A rung's row of the table, without its sample."""
    role = "faint" if rung.state in ("waiting", "refused") else "text"
    sees = _sees_width(width)
    return [
        ("▸ " if here else "  ", look.style("amber")),
        (pad(rung.name, NAME - 3), look.style("cursor") if here else hue(rung.name, bold=True)),
        (" " + (pad(seen(rung), sees - 1) + " " if sees else ""), look.style("dim")),
        (pad(_weights(rung), WEIGHTS, right=True), look.style(role)),
        *_bits(rung, best, role, look, held=held),
        (f"{_speed(rung):>{SPEED - 1}}", look.style(role)),
    ]


def _bits(rung: Rung, best: bool, role: str, look: Look, *, held: bool) -> list[Piece]:
    """Training, held out with a mark where it is the best, floor: each a cell further left, for the mark."""
    train = _now(rung.train_bits, rung.curve_train, rung)
    held_out = bits_text(_now(rung.held_bits, rung.curve_held, rung), rung, look) if held else NONE
    role = "faint" if rung.train_bits is None else role  # what it shows itself on the way, and not yet measured
    return [
        (f"{bits_text(train, rung, look):>{FIGURE}}", look.style(role)),
        (f"{held_out:>{FIGURE}}", look.style("good" if best else role)),
        (BEST if best else " ", look.style("good")),
        (f"{_floor(rung, look):>{FIGURE - 1}}", look.style("dim")),
        (" ", look.style("dim")),
    ]


def _now(measured: float | None, curve: Sequence[float], rung: Rung) -> float | None:
    """What was measured at the end, or where the curve is on the way there, or was when it was stopped."""
    return curve[-1] if measured is None and curve and rung.state in ("running", "stopped") else measured


def seen(rung: Rung) -> str:
    """What it sees, in a few words."""
    settings = rung.settings
    if settings is None or rung.name == "bigram" or settings.context == 1:
        return "the last one"
    return f"{settings.context} in no order" if rung.name == "average" else f"{settings.context} in order"


def sample_width(width: int, per_rung: int) -> int:
    """The columns that a sample has in the table."""
    if per_rung == 2:
        return width - 4
    return width - NAME - _sees_width(width) - FIGURES - GAP if width >= WIDE else 0


def _sample(rung: Rung, width: int, prompt: str, look: Look) -> list[Piece]:
    """The beginning of what it wrote, or why there is nothing yet."""
    if rung.sample:
        first, *more = folded(sample_pieces(rung.sample, prompt, look.style("dim"), look), width - 1)
        return [*first, ("…" if more else "", look.style("faint"))]
    why = f": {rung.note}" if rung.state == "refused" and rung.note else ""
    return [(pad(visible(STATES[rung.state] + why), width), look.style("away" if why else "faint"))]


def sample_pieces(sample: str, prompt: str, style: Style, look: Look) -> list[Piece]:
    """A text letter by letter, the prompt underlined."""
    given = len(prompt) if sample.startswith(prompt) else 0
    return [(glyph(c), look.style("text") + UNDERLINE if i < given else style) for i, c in enumerate(sample)]


def bits_text(bits: float | None, rung: Rung, look: Look) -> str:
    """Three decimals; a dash for what there is not, a point for what is still to come."""
    if bits is not None and not math.isnan(bits):
        return bits_figure(bits, look)
    return "·" if rung.state in ("waiting", "running") else NONE


def _floor(rung: Rung, look: Look) -> str:
    """For a gpt none is known, before and after."""
    return NONE if rung.name == "gpt" and rung.floor_bits is None else bits_text(rung.floor_bits, rung, look)


def _weights(rung: Rung) -> str:
    if rung.weights is not None:
        return f"{rung.weights:,}"
    return "·" if rung.state in ("waiting", "running") else NONE


def _speed(rung: Rung) -> str:
    if _finite(rung.speed):
        return f"{rung.speed:,.0f}"
    return "·" if rung.state in ("waiting", "running") else NONE


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
