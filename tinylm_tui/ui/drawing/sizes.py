"""The model chooser: its fields, what their values would make, and why they would not."""

from __future__ import annotations

from collections.abc import Mapping

from textual.strip import Strip

from tinylm_tui.lab.learners.gpt import MOST_MEMORY
from tinylm_tui.lab.models import WINDOWS
from tinylm_tui.lab.planning import Plan
from tinylm_tui.ui.drawing.formulas import formula
from tinylm_tui.ui.ink import line, pad, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import visible

NAME, VALUE = 12, 12
ROOMY = 60  # columns from which the formula stands in letters too
SUMMARY = 8  # lines under the fields, whatever they say: nothing moves while sizes change

ABOUT = {
    "bigram": "one matrix: the last token predicts the next",
    "average": "the mean of a window's vectors",
    "mlp": "a window's vectors and a hidden layer",
    "gpt": "a small transformer: it sees many tokens",
    "layers": "L: blocks, one after the other",
    "heads": "patterns of attention in each block",
    "batch": "examples in each step",
    "hidden": "H: tanh units",
    "tie_head": "scores read off with the token embedding",
    "learn_rate": "how far each step moves the weights",
}
ABOUT_GPT = {"width": "D: numbers in the stream for each token", "context": "T: tokens it sees at most"}
ABOUT_WINDOW = {"width": "E: numbers that stand for one token", "context": "W: tokens in the window it sees"}


def field_lines(values: Mapping[str, str], chosen: str, typed: bool, width: int, look: Look) -> list[Strip]:
    """A line for each field; the chosen one's value stands between arrows, or before a cursor while it is typed."""
    about = ABOUT | (ABOUT_WINDOW if values["model"] in WINDOWS else ABOUT_GPT)
    rows = []
    for name, value in values.items():
        how = ("typed" if typed else "turned") if name == chosen else ""
        rows.append(_field(name, value, about[value if name == "model" else name], how, width, look))
    return rows


def _field(name: str, value: str, about: str, chosen: str, width: int, look: Look) -> Strip:
    """One field; `chosen` is empty for one the cursor is not on, or how its value is being changed."""
    shown = {"": f"  {value} ", "typed": f"  {value}▏", "turned": f" ‹ {value} ›"}[chosen]
    return line(
        ("▸ " if chosen else "  ", look.style("amber")),
        (pad(name, NAME), look.style("bright" if chosen else "text")),
        (shown[0], look.style("text")),
        (shown[1:], look.style("cursor" if chosen else "text")),
        (" " * max(1, VALUE - len(shown)), look.style("dim")),
        (pad(about, max(0, width - NAME - VALUE - 3)), look.style("dim")),
    )


def plan_lines(plan: Plan, width: int, look: Look) -> list[Strip]:
    """The count of weights with its formula, the memory, and what taking it would do."""
    count = f"{plan.weights:,}"
    dim, room = look.style("dim"), width - NAME - 1
    letters, filled = formula(plan.settings, plan.vocabulary)
    roomy = width >= ROOMY
    sums = [*(wrapped(letters, room, dim) if roomy else []), *wrapped("= " + filled, room, dim)]
    lines = [
        line((pad("  weights", NAME), dim), (count, look.style("bright")), (f"   V = {plan.vocabulary:,} tokens", dim)),
        *[Strip.join([line((" " * NAME, dim)), part]) for part in sums],
    ]
    if plan.memory is not None:
        told = f"about {amount(plan.memory)} to train; {amount(MOST_MEMORY)} at most"
        lines.append(line((pad("  memory", NAME), dim), (told, look.style("text"))))
    gap = [Strip.blank(0)] if roomy else []
    return [*lines, *gap, *_consequence(plan, width, look)]


def _consequence(plan: Plan, width: int, look: Look) -> list[Strip]:
    if not plan.pairs:
        words, role = "Nothing is changed so far.", "dim"
    elif plan.restarts:
        words, role = "enter: the model starts over; the text stays.", "amber"
    else:
        words, role = "enter: takes effect at the next step; the model keeps what it has learnt.", "amber"
    return _indented(words, width, role, look)


def refusal_lines(reason: str, width: int, look: Look) -> list[Strip]:
    """Why these values will not do."""
    return _indented(visible(reason), width, "away", look)


def _indented(words: str, width: int, role: str, look: Look) -> list[Strip]:
    return [Strip.join([line(("  ", look.style(role))), one]) for one in wrapped(words, width - 3, look.style(role))]


def amount(count: float) -> str:
    """A number of bytes, in the unit that suits it."""
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count / 1e3:.3g} kB"
