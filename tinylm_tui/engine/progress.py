"""How long work tells how far it is, and hears whether to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Told = Callable[[int, int], bool]  # how much is done, of how much; False stops it

BLOCK = 1 << 17  # places worked on at once, at most: some milliseconds; more would not fit in a processor's cache
_SILENT = 1 << 16  # places worked on between two reports, at least
_EACH = 1000  # places that could be gone through in the time that each block takes, however small it is
_WHOLE = 1000


class Ended(Exception):
    """Who is told how far the work is wants it to end."""


def always(done: int, of: int) -> bool:
    """Nobody listens, nobody stops it."""
    return True


def part(told: Told, begins: float, ends: float) -> Told:
    """Tells `told` of a part of the work, which begins and ends at these shares of the whole, in thousandths."""
    return lambda done, of: told(round(_WHOLE * (begins + (ends - begins) * done / max(1, of))), _WHOLE)


class Work:
    """Long work: it goes through so many places (of a text), a block at a time, and then makes so many steps.

    A block of places counts as much as a step. Places gone through beyond those foreseen are told, but not counted.
    """

    def __init__(self, told: Told = always, steps: int = 0, places: int = 0) -> None:
        self.told, self.of = told, steps + places // BLOCK
        self.steps = 0  # made until now
        self._places, self._foreseen = 0, places
        self._silent = 0  # places gone through since the last report

    @property
    def done(self) -> int:
        """How much is done, of `of`."""
        return self.steps + min(self._places, self._foreseen) // BLOCK

    def went(self, places: int) -> None:
        """So many places were gone through: tells of it now and then. Raises Ended as `tell` does."""
        self._places += places
        self._silent += places + _EACH
        if self._silent >= _SILENT:
            self.tell()

    def tell(self) -> None:
        """Tells how far it is. Raises Ended where who is told of it wants that."""
        self._silent = 0
        if not self.told(self.done, self.of):
            raise Ended

    def blocks(self, n: int) -> Iterator[slice]:
        """n places, in order, a block at a time; after each it went through them. Raises Ended as `tell` does."""
        for start in range(0, n, BLOCK):
            here = slice(start, min(n, start + BLOCK))
            yield here
            self.went(here.stop - here.start)
