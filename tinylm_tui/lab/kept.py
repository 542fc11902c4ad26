"""What somebody typed and chose, as plain JSON and back: each value is taken only where it is one that could be kept.

A note may be written by anybody. So a value of another type or out of its range is left out, and the others stay.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, is_dataclass
from numbers import Integral
from operator import attrgetter
from pathlib import Path
from typing import Any, NoReturn

Kind = Callable[[object], Any]  # the value as it is used; raises ValueError where it is none of this kind
Kinds = Mapping[str, Kind]  # by the attribute that has the value, perhaps one of an attribute: "dials.dice"

MOST = 1 << 53  # places, throws of the dice, numbers of tokens
LINE = 10_000  # characters of a text of one line
PAGE = 200_000  # characters of a pasted text


def refuse() -> NoReturn:
    """Raises ValueError."""
    raise ValueError("no such value can be kept")


def whole(low: int = 0, high: int = MOST) -> Kind:
    """A whole number from `low` to `high`."""
    return lambda value: value if type(value) is int and low <= value <= high else refuse()


def number(low: float, high: float) -> Kind:
    """A number from `low` to `high`."""
    return lambda value: float(value) if type(value) in (int, float) and low <= value <= high else refuse()  # type: ignore[arg-type, operator]


def text(most: int = LINE) -> Kind:
    """A text of at most so many characters."""
    return lambda value: value if isinstance(value, str) and len(value) <= most else refuse()


def one_of(*values: object) -> Kind:
    """One of these, of the same type."""
    return lambda value: value if any(type(value) is type(one) and value == one for one in values) else refuse()


flag = one_of(*(False, True))


def maybe(kind: Kind) -> Kind:
    """The same, or None."""
    return lambda value: None if value is None else kind(value)


def several(kind: Kind, most: int, least: int = 0) -> Kind:
    """So many of a kind, as a tuple."""

    def take(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            refuse()
        return tuple(map(kind, value))

    return take


def row(*kinds: Kind) -> Kind:
    """One of each, as a tuple."""

    def take(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) != len(kinds):
            refuse()
        return tuple(kind(one) for kind, one in zip(kinds, value, strict=True))

    return take


place = row(whole(), whole())


def plain(value: object) -> Any:
    """For JSON: sequences, sets and dataclasses become lists, paths texts; whole numbers of numpy whole numbers."""
    if is_dataclass(value) and not isinstance(value, type):
        value = astuple(value)
    if isinstance(value, Path):
        return str(value.absolute())
    if isinstance(value, (set, frozenset)):
        return [plain(one) for one in sorted(value)]
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return int(value) if isinstance(value, Integral) and not isinstance(value, bool) else value


def kept_of(owner: object, kinds: Kinds) -> dict[str, Any]:
    """The values that `owner` has of these, for JSON; without those that could not be taken back."""
    found = {}
    for name, kind in kinds.items():
        value = plain(attrgetter(name)(owner))
        with suppress(ValueError):  # a text that is too long, for one
            kind(value)
            found[name] = value
    return found


def give_back(owner: object, kinds: Kinds, kept: Mapping[str, object]) -> None:
    """Put the values that were kept where they were; what is missing or will not do leaves the one that is there."""
    for name, kind in kinds.items():
        if name in kept:
            with suppress(ValueError):
                value = kind(kept[name])
                way, _, last = name.rpartition(".")
                setattr(attrgetter(way)(owner) if way else owner, last, value)


def taken(kind: Kind, value: object) -> Any:
    """The value as it is used; None where it is none of this kind."""
    with suppress(ValueError):
        return kind(value)
    return None


def mark_of(tokens: Sequence[str]) -> int:
    """What tells a vocabulary from others: ids mean something in their own only."""
    return zlib.crc32("\0".join(tokens).encode("utf-8", "surrogatepass"))
