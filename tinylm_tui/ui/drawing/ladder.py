"""The Ladder screen as a whole: what is compared, the table, the curves, and the rung under the cursor in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.ui.drawing.ladder_curves import END, curves, hue
from tinylm_tui.ui.drawing.ladder_detail import detail
from tinylm_tui.ui.drawing.ladder_table import WIDE, lines_per_rung, sample_width, table
from tinylm_tui.ui.drawing.rating import word_of
from tinylm_tui.ui.ink import Piece, beside, fitted, line, pad, paragraphs
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import visible

if TYPE_CHECKING:
    from tinylm_tui.lab.rungs import LadderReport, Rung

HEAD, HEADING = 2, 2  # lines above the table: the title and the progress; the names of its columns
LEAST_CURVES = 11  # lines below which curves say nothing
BESIDE, GAP = 36, 3  # columns of the words beside the curves, and the air between
WORDS = 5  # lines of words under a narrow table
BAR = 24


@dataclass(frozen=True)
class View:
    """A report, and what the person chose to see of it."""

    report: LadderReport
    chosen: int = 0
    held: bool = True  # the held-out part's curves, or the training part's
    curves: bool = False  # the curves, where table and curves do not both fit

    @property
    def rung(self) -> Rung:
        """The one under the cursor."""
        return self.report.rungs[self.chosen]


@dataclass(frozen=True)
class Shape:
    """What fits on a screen of this size, and where the table's rows are."""

    width: int
    height: int
    rungs: int

    @property
    def per_rung(self) -> int:
        """Lines for each rung."""
        return lines_per_rung(self.width, self.height)

    @property
    def under(self) -> int:
        """The lines under the table."""
        return self.height - HEAD - HEADING - self.rungs * self.per_rung - 1

    @property
    def both(self) -> bool:
        """Whether table and curves fit together."""
        return self.under >= LEAST_CURVES + (0 if self.width >= WIDE else WORDS + 1)

    def rung_at(self, y: int, *, table_shown: bool) -> int | None:
        """Which rung's row is at line y."""
        row = (y - HEAD - HEADING) // self.per_rung
        return row if table_shown and y >= HEAD + HEADING and row < self.rungs else None


def ladder_page(view: View, width: int, height: int, look: Look) -> list[Strip]:
    """The whole screen."""
    shape = Shape(width, height, len(view.report.rungs))
    head = [_title(view, width, look), _progress(view.report, width, look)]
    if view.curves and not shape.both:
        return [*head, *_curves_alone(view, width, height - HEAD, look)]
    rows = table(view.report, view.chosen, width, shape.per_rung, look)
    return [*head, *rows, Strip.blank(0), *_under(view, shape, look)][:height]


def _under(view: View, shape: Shape, look: Look) -> list[Strip]:
    """What stands under the table: words, curves, or both."""
    width, room, shown = shape.width, shape.under, sample_width(shape.width, shape.per_rung)
    if not shape.both:
        return detail(view.report, view.rung, width, room, look, shown=shown)
    if width >= WIDE:
        left = width - BESIDE - GAP
        words = detail(view.report, view.rung, BESIDE, room, look, shown=shown)
        return beside(_curves(view, left, room, look), words, left, GAP)
    words = detail(view.report, view.rung, width, WORDS, look, shown=shown)
    words += [Strip.blank(0)] * (WORDS + 1 - len(words))
    return [*words, *_curves(view, width, room - len(words), look)]


def _curves_alone(view: View, width: int, height: int, look: Look) -> list[Strip]:
    words = detail(view.report, view.rung, width, 2, look, shown=cell_len(view.rung.sample))
    return [*_curves(view, width, height - len(words), look), *words]


def _curves(view: View, width: int, height: int, look: Look) -> list[Strip]:
    """A line that says which curves, then the picture."""
    part, other = ("held-out", "training") if view.held else ("training", "held-out")
    name = f"bits a character, {part} part"
    told = [f"  t: {other} part", f"  {END} measured at the end"]
    room = width - len(name) - len(told[0])
    title = line((name, look.style("title")), ("".join(told[: 1 + (room >= len(told[1]))]), look.style("dim")))
    picture = curves(view.report, view.rung.name, width, height - 1, look, held=view.held)
    if picture:
        return [title, *picture]
    return [title, *paragraphs([_nothing(view)], width, look.style("dim"))]


def _nothing(view: View) -> str:
    if view.held and not view.report.held_out:
        return "Nothing is held out of this text, so there is only the training part: t shows it."
    return "The curves begin with the first measurement."


# ---- the two lines on top


def _title(view: View, width: int, look: Look) -> Strip:
    """The text, and as much of what was asked for as there is room for."""
    r = view.report
    title = f"The ladder on {pad(visible(r.text), min(20, cell_len(visible(r.text))))}"
    held = f"{r.held_out:.0%} held out" if r.held_out else "nothing held out"
    longer = [f"{r.characters_per_token:.2f} characters a token"] if r.tokenizer == "bpe" else []
    parts = [f"{r.seconds:,.0f} s", f"{r.steps:,} steps each", held, *longer, f"seed {r.seed}"]
    while parts and cell_len(title) + 2 + cell_len(told := ", ".join(parts)) > width:
        parts.pop()
    return line((title, look.style("title")), (f"  {told}" if parts else "", look.style("dim")))


def _progress(report: LadderReport, width: int, look: Look) -> Strip:
    running = next((rung for rung in report.rungs if rung.state == "running"), None)
    if not report.running or running is None:
        words = "Equal steps, not equal examples: each has its own batch."
        return fitted(line((words, look.style("dim"))), width)
    share = min(1.0, running.steps / max(1, report.steps))
    waiting = sum(rung.state == "waiting" for rung in report.rungs)
    parts: list[Piece] = [
        (pad(running.name, 8), hue(running.name, bold=True)),
        ("█" * round(BAR * share), look.style("towards")),
        ("·" * (BAR - round(BAR * share)), look.style("faint")),
        (_doing(running, report.steps), look.style("text")),
        (f"  then {waiting} more" if waiting else f"  the last of {len(report.rungs)}", look.style("dim")),
        ("  x stops", look.style("dim")),
    ]
    return fitted(line(*parts), width)


def _doing(rung: Rung, steps: int) -> str:
    """What the running rung does now; of the same width throughout."""
    of = f"{steps:,}"
    if rung.settings is not None and rung.steps < steps:
        return f" {rung.steps:>{len(of)},} of {of} steps"
    words = "counts" if rung.settings is None else "is measured"
    return pad(f" {words}", 11 + 2 * len(of))


def empty_page(steps: int, prompt: str, text: str, width: int, look: Look) -> list[Strip]:
    """Before the first ladder: what will be here, and how it begins."""
    asked = f"“{word_of(prompt)}”" if prompt else "none"
    return [
        line(("The ladder", look.style("title")), ("  from counting to attention", look.style("dim"))),
        Strip.blank(0),
        *paragraphs(
            [
                f"Here five models will stand side by side on {visible(text)}: counts, bigram, average, mlp, gpt. All "
                f"but counts make {steps:,} steps, each with its own batch. Beside what a model reaches on the "
                "training part stands the least that any could reach that sees only what this one sees (a gpt has "
                "none).",
                "All have the same tokens, and losses are in bits a character.",
            ],
            min(width, 76),
            look.style("text"),
        ),
        Strip.blank(0),
        line(("g", look.style("amber")), ("  starts it; the lab's own model stays as it is", look.style("text"))),
        line(("n", look.style("amber")), (f"  how many steps: {steps:,}", look.style("text"))),
        line(("p", look.style("amber")), (f"  a beginning for what they write: {asked}", look.style("text"))),
        line(("P", look.style("amber")), ("  presets: ready experiments, some of them ladders", look.style("text"))),
    ]
