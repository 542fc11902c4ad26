"""Trees of tokens and written texts as plain JSON and back, for the tokens of one vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from tinylm_tui.engine.sampling import Sample
from tinylm_tui.engine.tokenizer import BOUNDARY
from tinylm_tui.lab.candidates import Moment
from tinylm_tui.lab.kept import Kind, flag, number, one_of, refuse, row, several, whole
from tinylm_tui.lab.stepping import START, By, Step, Tree

MOST_STEPS = 1_000  # of all trees together
LONGEST = 10_000  # tokens of one text


def plain_trees(trees: Mapping[tuple[int, ...], Tree], first: tuple[int, ...]) -> list[Any]:
    """As many of the trees as are kept, the one that begins with `first` before all others."""
    plain: list[Any] = []
    room = MOST_STEPS
    for tree in sorted(trees.values(), key=lambda tree: tree.given != first):
        if tree.steps and len(tree.steps) <= room and len(tree.given) <= LONGEST:
            room -= len(tree.steps)
            steps = [[s.token, s.parent, s.by, s.probability, s.chance, s.moment.step, s.moment.weights]
                     for s in tree.steps]  # fmt: skip
            plain.append([list(tree.given), steps, tree.at, tree.tip])
    return plain


def trees_left_out(trees: Mapping[tuple[int, ...], Tree]) -> str:
    """Why `plain_trees` leaves some of them out; empty where it takes all."""
    written = [tree for tree in trees.values() if tree.steps]
    if sum(len(tree.steps) for tree in written) > MOST_STEPS:
        return f"some of the steps you chose one by one: they are more than {MOST_STEPS:,}"
    if any(len(tree.given) > LONGEST for tree in written):
        return f"the steps you chose after a prompt of more than {LONGEST:,} tokens"
    return ""


def trees(size: int) -> Kind:
    """Such trees, for V = `size` tokens, by what they begin with."""
    token, share = whole(0, size - 1), number(0, 1)
    step = row(token, whole(START), one_of(*get_args(By)), share, share, whole(), whole())
    tree = row(several(token, LONGEST, 1), several(step, MOST_STEPS, 1), whole(START), whole(START))

    def take(value: object) -> dict[tuple[int, ...], Tree]:
        found = [_tree(*parts) for parts in several(tree, MOST_STEPS)(value)]
        return {tree.given: tree for tree in found}

    return take


def _tree(given: tuple[int, ...], rows: tuple[Any, ...], at: int, tip: int) -> Tree:
    """Raises ValueError where it does not hang together."""
    steps = tuple(Step(token, parent, by, p, chance, Moment(*moment)) for token, parent, by, p, chance, *moment in rows)
    if any(step.parent >= number for number, step in enumerate(steps)) or max(at, tip) >= len(steps):
        refuse()
    tree = Tree(given, steps, at, tip)
    if at not in (START, *tree.branch):
        refuse()
    return tree


def plain_samples(samples: list[Sample]) -> list[Any]:
    """For JSON."""
    return [[list(s.ids), s.given, list(s.probabilities), s.ended] for s in samples]


def samples(size: int, most: int, longest: int) -> Kind:
    """Written texts, `most` at most, of at most `longest` tokens, for V = `size` tokens."""
    parts = row(several(whole(0, size - 1), longest, 1), whole(1), several(number(0, 1), longest), flag)

    def take(value: object) -> list[Sample]:
        found = [Sample(*one) for one in several(parts, most)(value)]
        for one in found:
            if one.given + len(one.probabilities) != len(one.ids) or (one.ended and one.ids[-1] != BOUNDARY):
                refuse()
        return found

    return take
