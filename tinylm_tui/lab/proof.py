"""What somebody's file says, taken only where it is what it should be: a number in its bounds, named parts."""

from __future__ import annotations

from typing import Any

from tinylm_tui.lab.errors import RunFileError

MOST_COUNTED = 1 << 53  # steps, rounds, places: more nobody has waited for
LARGEST = 1e300


def refuse(what: str) -> RunFileError:
    """The error for a part of a file that cannot be so."""
    return RunFileError(f"its {what} cannot be that of a run: it is damaged, or made by another program")


def mapping(value: object, what: str) -> dict[str, Any]:
    """`value`, where it is named parts. Raises RunFileError."""
    if not isinstance(value, dict):
        raise refuse(what)
    return value


def whole(value: object, what: str, low: int = 0, high: int = MOST_COUNTED) -> int:
    """`value`, where it is a whole number from `low` to `high`. Raises RunFileError."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise refuse(what)
    return value


def finite(value: object, what: str) -> float:
    """`value`, where it is a number. Raises RunFileError."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not -LARGEST < value < LARGEST:
        raise refuse(what)
    return float(value)
