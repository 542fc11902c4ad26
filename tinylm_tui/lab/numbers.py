"""Numbers as people type them."""

from __future__ import annotations

import math
import unicodedata

from tinylm_tui.lab.errors import SettingError


def parse_number(name: str, text: str, low: float, high: float) -> float:
    """The number in `text`, between `low` and `high`. Raises SettingError with what would do."""
    value = _number(name, text, low, high)
    if not math.isfinite(value) or not low <= value <= high:
        raise SettingError(f"{name} takes {numbers(low, high)}, not {shorten(_plain(text))}")
    return value


def numbers(low: float, high: float) -> str:
    """What will do, in the words that are the same everywhere."""
    return f"a number from {low:,.10g} to {high:,.10g}"  # .10g: a seed's whole range, and no 1e+06


def parse_any(name: str, text: str, low: float, high: float) -> float:
    """The number in `text`, however large: who asks brings it between `low` and `high`.

    Raises SettingError with what would do where it is no number.
    """
    value = _number(name, text, low, high)
    if math.isnan(value):
        raise SettingError(f"{name} takes {numbers(low, high)}, not {shorten(_plain(text))}")
    return value


def parse_whole_any(name: str, text: str, low: int, high: int) -> int:
    """The whole number in `text`, however large. Raises SettingError with what would do where it is none."""
    value = parse_any(name, text, low, high)
    if math.isinf(value) or value != int(value):
        raise SettingError(f"{name} takes a whole number, not {shorten(text)}")
    return int(value)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text.strip())


def _number(name: str, text: str, low: float, high: float) -> float:
    """What `text` says, nan and infinity included. Raises SettingError."""
    plain = _plain(text)
    if not plain:
        raise SettingError(f"{name} takes {numbers(low, high)}; nothing was typed")
    try:
        return float(plain)
    except ValueError:
        hint = "; write the decimal point as ." if "," in plain else ""
        raise SettingError(f"{name} takes {numbers(low, high)}, not {shorten(text)!r}{hint}") from None


def parse_whole(name: str, text: str, low: int, high: int) -> int:
    """The whole number in `text`, between `low` and `high`. Raises SettingError with what would do."""
    value = parse_number(name, text, low, high)
    if value != int(value):
        raise SettingError(f"{name} takes a whole number, not {shorten(text)}")
    return int(value)


def shorten(text: str, most: int = 24) -> str:
    """`text`, cut so that it fits into a sentence."""
    return text if len(text) <= most else text[: most - 1] + "…"
