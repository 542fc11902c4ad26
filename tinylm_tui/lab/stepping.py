"""Writing one token at a time: a small tree of what was chosen.

A tree is a frozen value; every choice, undo or step aside gives another one. Where somebody goes back and chooses
otherwise, a branch begins, and both are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, log2
from typing import Literal

from tinylm_tui.engine.tokenizer import BOUNDARY, Tokenizer
from tinylm_tui.lab.candidates import Candidates, Moment

By = Literal["you", "dice", "greedy"]
START = -1  # the place before the first step


@dataclass(frozen=True)
class Step:
    """One choice, after the step of number `parent`. The probabilities are of the moment when it was made."""

    token: int
    parent: int
    by: By
    probability: float  # the model's own, at temperature 1
    chance: float  # with which the strategy would have drawn it; 0: it was cut away
    moment: Moment

    @property
    def bits(self) -> float:
        """−log2 of the model's own probability."""
        return -log2(self.probability) + 0.0 if self.probability > 0 else inf


@dataclass(frozen=True)
class Tree:
    """All steps in the order they were made. The person stands after step `at`, on the branch that ends in `tip`.

    `at` is `tip` or a step before it.
    """

    given: tuple[int, ...]  # the boundary (or a blank) and the prompt: nobody chose them here
    steps: tuple[Step, ...] = ()
    at: int = START
    tip: int = START

    def way(self, to: int) -> list[int]:
        """The numbers of the steps that lead to step `to`, first to last."""
        numbers = []
        while to != START:
            numbers.append(to)
            to = self.steps[to].parent
        return numbers[::-1]

    @cached_property
    def branch(self) -> list[int]:
        """The steps of the branch in view, first to last."""
        return self.way(self.tip)

    @cached_property
    def done(self) -> list[int]:
        """Those of them up to where the person stands."""
        return self.branch[: self.branch.index(self.at) + 1] if self.at != START else []

    @cached_property
    def ids(self) -> list[int]:
        """The text up to there, with what was given."""
        return [*self.given, *(self.steps[number].token for number in self.done)]

    @property
    def ends(self) -> int:
        """How many branches there are."""
        return len(self.steps) - len({step.parent for step in self.steps} - {START})

    def after(self, number: int) -> list[int]:
        """The numbers of the steps chosen right after step `number`, oldest first."""
        return [n for n, step in enumerate(self.steps) if step.parent == number]

    @property
    def next(self) -> int | None:
        """The step after `at` on the branch in view; None at its end."""
        place = len(self.done)
        return self.branch[place] if place < len(self.branch) else None

    def ended(self, tokenizer: Tokenizer) -> bool:
        """Whether the boundary was chosen: then nothing comes next."""
        return self.at != START and tokenizer.bounded and self.steps[self.at].token == BOUNDARY

    def bits(self, way: Sequence[int]) -> float:
        """The surprise of these steps together."""
        return sum((self.steps[number].bits for number in way), 0.0)

    def bits_per_character(self, way: Sequence[int], tokenizer: Tokenizer) -> float | None:
        """The same for each character that they stand for; None for no steps."""
        characters = sum(int(tokenizer.lengths[self.steps[number].token]) for number in way)
        return self.bits(way) / characters if way else None


def chosen(tree: Tree, candidates: Candidates, token: int, by: By, moment: Moment) -> Tree:
    """One step on. What was chosen here before is gone along again, with the figures it had then."""
    for number in tree.after(tree.at):
        if tree.steps[number].token == token:
            return entered(tree, number)
    place = candidates.place(token)
    own, chance = float(candidates.own[place]), float(candidates.chances[place])
    step = Step(token, tree.at, by, own, chance, moment)
    last = len(tree.steps)
    return replace(tree, steps=(*tree.steps, step), at=last, tip=last)


def entered(tree: Tree, number: int) -> Tree:
    """Standing after step `number`: the branch in view stays where it leads through it, else the newest one does."""
    if number == START or number in tree.branch:
        return replace(tree, at=number)
    tip = number
    while later := tree.after(tip):
        tip = later[-1]
    return replace(tree, at=number, tip=tip)


def moved(tree: Tree, places: int) -> Tree:
    """So many steps on along the branch in view, or back; never beyond its ends."""
    place = min(max(len(tree.done) + places, 0), len(tree.branch))
    return replace(tree, at=[START, *tree.branch][place])


def undone(tree: Tree) -> Tree:
    """The last choice taken back and forgotten; one that something follows is left as it is, and so is the start."""
    if tree.at == START or tree.after(tree.at):
        return tree
    gone, parent = tree.at, tree.steps[tree.at].parent

    def shifted(number: int) -> int:
        return number - (number > gone)

    steps = [replace(step, parent=shifted(step.parent)) for n, step in enumerate(tree.steps) if n != gone]
    at = shifted(parent)
    return replace(tree, steps=tuple(steps), at=at, tip=at)


# ---- the tree as a person sees it


@dataclass(frozen=True)
class Stretch:
    """Steps in a row from where a branch begins to where it ends or forks; `lasts` says of each fork above, and of
    this one, whether it is the last branch there."""

    steps: tuple[int, ...]
    lasts: tuple[bool, ...]
    forks: bool  # whether others begin at its end


def stretches(tree: Tree) -> list[Stretch]:
    """The whole tree from the top: each stretch, then what begins at its end, oldest branch first."""
    following: dict[int, list[int]] = {}
    for number, step in enumerate(tree.steps):
        following.setdefault(step.parent, []).append(number)
    found: list[Stretch] = []
    ahead: list[tuple[int, tuple[bool, ...]]] = _begun(following.get(START, []), ())
    while ahead:
        number, lasts = ahead.pop()
        steps = [number]
        while len(after := following.get(steps[-1], [])) == 1:
            steps += after
        found.append(Stretch(tuple(steps), lasts, bool(after)))
        ahead += _begun(after, lasts)
    return found


def _begun(numbers: Sequence[int], above: tuple[bool, ...]) -> list[tuple[int, tuple[bool, ...]]]:
    """The branches that begin at one place, the one to be shown first at the end."""
    several = len(numbers) > 1
    return [(n, (*above, n == numbers[-1]) if several else above) for n in reversed(numbers)]
