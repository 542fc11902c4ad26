"""A model's weights by part: `block0.attention.w_qkv` is `w_qkv` of the part `block0.attention`.

Each part of the transformer has a file of its own, with two functions:
    forward(p, x)           → y, and a trace of what it computed
    backward(p, g, trace, dy) → dx, and writes the gradients of its weights p into g, under the same names
"""

from __future__ import annotations

from collections.abc import Mapping

from tinylm_tui.engine.parameters import Array

Part = Mapping[str, Array]


def part(arrays: Part, prefix: str) -> Part:
    """The arrays whose names begin with `prefix` and a dot, by the rest of their names. No copies."""
    start = prefix + "."
    return {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}


def by_part(arrays: Part) -> dict[str, dict[str, Array]]:
    """All parts at once, by the first of their names: `block0` → its arrays. A name without a dot is no part."""
    parts: dict[str, dict[str, Array]] = {}
    for name, array in arrays.items():
        first, dot, rest = name.partition(".")
        if dot:
            parts.setdefault(first, {})[rest] = array
    return parts
