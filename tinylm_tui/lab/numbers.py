"""Numbers as people type them."""

from __future__ import annotations

import math
import unicodedata

from tinylm_tui.lab.errors import SettingError


def parse_number(name: str, text: str, low: float, high: float) -> float:
    """The number in `text`, between `low` and `high`. Raises SettingError with what would do."""
    plain = unicodedata.normalize("NFKC", text.strip())
    wanted = f"{name} takes a number from {low:.10g} to {high:.10g}"  # .10g: a seed's whole range, and no 1e+06
    try:
        value = float(plain)
    except ValueError:
        hint = "; write the decimal point as ." if "," in plain else ""
        raise SettingError(f"{wanted}, not {shorten(text)!r}{hint}") from None
    if not math.isfinite(value) or not low <= value <= high:
        raise SettingError(f"{wanted}, not {shorten(plain)}")
    return value


def parse_whole(name: str, text: str, low: int, high: int) -> int:
    """The whole number in `text`, between `low` and `high`. Raises SettingError with what would do."""
    value = parse_number(name, text, low, high)
    if value != int(value):
        raise SettingError(f"{name} takes a whole number, not {shorten(text)}")
    return int(value)


def shorten(text: str, most: int = 24) -> str:
    """`text`, cut so that it fits into a sentence."""
    return text if len(text) <= most else text[: most - 1] + "…"
