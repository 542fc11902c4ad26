"""The page of the Ablation screen: the grid large; under it what the parts that are off are missed for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from tinylm_tui.lab.ablation import Effect, Measured, Off, Table
from tinylm_tui.lab.settings import Settings
from tinylm_tui.ui.drawing.ablation import Lattice, Parts, cost_legend, lattice, place_lattice
from tinylm_tui.ui.drawing.head import within
from tinylm_tui.ui.drawing.missing import attention_line, side_maps
from tinylm_tui.ui.drawing.written import sample_pairs
from tinylm_tui.ui.ink import Piece, beside, line, pad, paragraphs, wrapped
from tinylm_tui.ui.look import Look

WIDE, TALL = 104, 22  # columns and lines from which the small maps stand beside the grid
SIDE, BETWEEN = 40, 3
LEAST_UNDER = 9  # lines kept under the grid: legend, table, the part, loss, attention, two of samples
BAR = 16
ROOMY = 70  # columns from which the line at the top is a whole sentence
WITH_HEADS = "A GPT has heads and MLPs to switch off. Press M to choose one; the text stays."
NO_PARTS = {
    "bigram": (
        "A bigram has no parts to switch off: it is one matrix. On the Heatmap (key 4) a single weight of it can be "
        "changed with + and -.",
        WITH_HEADS,
    ),
    "average": (
        "An average has no parts to switch off: a mean of {context} vectors, and one matrix. Without either nothing is "
        "left of it.",
        WITH_HEADS,
    ),
    "mlp": (
        "An mlp has no heads: its one hidden layer of {hidden} numbers is all there is between the window and the "
        "scores, and without it the model would say the same whatever it sees.",
        WITH_HEADS,
    ),
}


@dataclass
class Progress:
    """How far the table is. The thread that measures writes it, the screen reads it now and then."""

    done: int = 0
    of: int = 1


@dataclass(frozen=True, eq=False)
class Shown:
    """All that the page is drawn from."""

    parts: Parts
    effect: Effect | None  # the last one measured; perhaps of an earlier step, or of other parts off
    table: Table | None
    progress: Progress | None  # of a table under way
    problem: str  # why nothing could be measured; empty where it could
    tokens: Sequence[str]  # of the vocabulary
    prompt: str
    dice: int
    step: int


def ablation_page(
    s: Shown, width: int, height: int, look: Look, before: tuple[int, int]
) -> tuple[list[Strip], Lattice, int]:
    """The page, how its grid lies, and in which line that begins. `before`: first layer and column of the last."""
    wide = width >= WIDE and height >= TALL
    left = width - SIDE - BETWEEN if wide else width
    place = place_lattice(s.parts, left, height - 1 - LEAST_UNDER, before)
    top = [state_line(s.parts.off, width, look)]
    drawn = [*lattice(s.parts, place, look), *_about(s, left, look), *_effect(s, left, look)]
    room = height - len(top) - len(drawn)
    drawn += sample_pairs(s.effect, s.prompt, s.dice, left, room, look) if room > 1 else []
    if wide:
        drawn = beside(drawn, side_maps(s.effect, s.parts, s.tokens, SIDE, height - 1, look), left, BETWEEN)
    return within([*top, *drawn], width, height), place, len(top)


def listed(off: Off) -> str:
    """The parts that are off, in words."""
    heads = [f"head {layer + 1}.{head + 1}" for layer, head in sorted(off.heads)]
    return ", ".join([*heads, *[f"MLP {layer + 1}" for layer in sorted(off.mlps)]])


def state_line(off: Off, width: int, look: Look) -> Strip:
    """What is off, and that the run does not know of it."""
    here = "here only: the run itself is never changed" if width >= ROOMY else "here only; the run stays whole"
    if not off:
        all_on = "all parts are on; " if width >= ROOMY else "all on; "
        return line((all_on, look.style("text")), (f"x: one off, {here}", look.style("dim")))
    names = listed(off)
    room = max(10, width - len(here) - 7)
    shown = (pad(names, min(room, len(names))), look.style("bad"))
    return line(("off: ", look.style("dim")), shown, (f"  {here}", look.style("dim")))


def _about(s: Shown, width: int, look: Look) -> list[Strip]:
    """The legend, what the table is of, and the part under the cursor."""
    return [cost_legend(width, look), _table_line(s, width, look), *part_lines(s, width, look)]


def _table_line(s: Shown, width: int, look: Look) -> Strip:
    """How far the table is, or of what it is, or which key makes it."""
    if s.progress:
        done = round(BAR * s.progress.done / s.progress.of)
        pieces: list[Piece] = [
            ("cost of each part ", look.style("text")), ("█" * done, look.style("towards")),
            ("·" * (BAR - done), look.style("faint")),
            (f" {s.progress.done:>3} of {s.progress.of}", look.style("text")), ("  esc stops it", look.style("dim")),
        ]  # fmt: skip
        return line(*pieces)
    if s.table is None:
        return line(("g ", look.style("amber")), ("measures what each part costs, each off alone", look.style("dim")))
    said = f"costs at {step_of(s.table.snapshot.step, s.step)}: each part off alone"
    return line((said + fitting_words(s.table.measured, width - len(said)), look.style("dim")))


def fitting_words(measured: Measured, room: int) -> str:
    """What a loss is a mean over, in as many words as there is room for."""
    if measured.held_out:
        said = [f", over {measured.tokens:,} held-out tokens", f", {measured.tokens:,} held out"]
    else:
        said = [
            f", over the first {measured.tokens:,} tokens; none held out",
            f", first {measured.tokens:,}; none held out",
        ]
    return next((one for one in said if len(one) <= room), "")


def step_of(step: int, now: int) -> str:
    """Of which step a figure is, and that the run has gone on since, where it has."""
    return f"step {step:,}" if step == now else f"step {step:,} (now {now:,})"


def part_lines(s: Shown, width: int, look: Look) -> list[Strip]:
    """The part under the cursor: what it is called, and the figure that justifies it. Two lines."""
    layer, column = s.parts.cursor
    name = f"layer {layer + 1}, head {column + 1}" if column < s.parts.heads else f"the MLP of layer {layer + 1}"
    state = "off" if s.parts.is_off(layer, column) else "on"
    said = wrapped(_does(s.parts, layer, column), width - len(name) - len(state) - 4, look.style("text"))[:2]
    head = line((name, look.style("amber")), (f": {state}. ", look.style("text")))
    rest = [Strip.join([line((" " * head.cell_length, look.style("dim"))), one]) for one in said[1:]]
    return [Strip.join([head, *said[:1]]), *(rest or [Strip.blank(0)])]


def _does(p: Parts, layer: int, column: int) -> str:
    """What a head does, in a word with its score; or how near it comes to a name."""
    if p.head_of(column) is None:
        return "An MLP looks at nothing: it works on each token by itself."
    head = p.scored(layer, column)
    if head is None:
        return ""
    if head.names:
        names = [f"{one.name} {one.share:.0%} (evenly {one.chance:.0%})" for one in head.names]
        return f"{names[0][0].upper()}{names[0][1:]}" + "".join(f", {one}" for one in names[1:])
    if not head.scores:
        return "No name: the text is too short to tell."
    best = max(head.scores, key=lambda one: one.share - one.chance)
    return f"No name. Nearest: {best.name} {best.share:.0%} (evenly {best.chance:.0%})"


def _effect(s: Shown, width: int, look: Look) -> list[Strip]:
    """The change in loss and in attention, of the last that was measured: two lines."""
    if s.problem:
        return wrapped(s.problem, width, look.style("bad"))[:2]
    if s.effect is None:
        return [line(("measuring …", look.style("dim"))), Strip.blank(0)]
    late = s.effect.off != s.parts.off
    return [loss_line(s.effect, s.step, width, look, late=late), attention_line(s.effect, s.parts, width, look)]


def loss_line(e: Effect, now: int, width: int, look: Look, *, late: bool = False) -> Strip:
    """The loss of the whole model, without the parts, and the change in nats and percent.

    `late`: something else is off by now, and is still being measured.
    """
    text, dim = look.style("text"), look.style("dim")
    head = "measuring …; before: " if late else f"{step_of(e.snapshot.step, now)}: "
    whole: list[Piece] = [(head, dim), ("loss ", dim), (f"{e.whole.loss:.4f}", text)]
    if e.without:
        share = f" ({e.added / e.whole.loss:+.1%})" if e.whole.loss and math.isfinite(e.added) else ""
        whole += [(" → ", dim), (f"{e.without.loss:.4f}", text), (" nats ", dim)]
        whole.append((f"{e.added:+.4f}{share}", look.style("bright" if e.added >= 0 else "away")))
    else:
        whole.append((" nats", dim))
    return line(*whole, (fitting_words(e.measured, width - line(*whole).cell_length), dim))


def no_parts(settings: Settings, width: int, look: Look) -> list[Strip]:
    """What a model without heads has instead."""
    words = [text.format(context=settings.context, hidden=settings.hidden) for text in NO_PARTS[settings.model]]
    return paragraphs(words, min(width, 76), look.style("text"))
