"""How many weights a model has, in letters and with the values filled in."""

from __future__ import annotations

from tinylm_tui.lab.settings import Settings


def formula(settings: Settings, size: int) -> tuple[str, str]:
    """The count of weights in letters and in numbers, for a vocabulary of `size` tokens."""
    return FORMULAS[settings.model](settings, size)


def _bigram(s: Settings, V: int) -> tuple[str, str]:
    return "V×V", f"{V}×{V}"


def _average(s: Settings, V: int) -> tuple[str, str]:
    E = s.width
    return "V×E + E×V", f"{V}×{E} + {E}×{V}"


def _mlp(s: Settings, V: int) -> tuple[str, str]:
    """Each matrix with its biases: one row more."""
    W, E, H = s.context, s.width, s.hidden
    return "V×E + (W×E + 1)×H + (H + 1)×V", f"{V}×{E} + {W * E + 1}×{H} + {H + 1}×{V}"


def _gpt(s: Settings, V: int) -> tuple[str, str]:
    """Embeddings, blocks, final LayerNorm and, untied, the head."""
    T, L, D = s.context, s.layers, s.width
    letters = "V×D + T×D + L×(12×D×D + 13×D) + 2×D"
    numbers = f"{V}×{D} + {T}×{D} + {L}×(12×{D}×{D} + 13×{D}) + 2×{D}"
    return (letters, numbers) if s.tie_head else (letters + " + V×D", numbers + f" + {V}×{D}")


FORMULAS = {"bigram": _bigram, "average": _average, "mlp": _mlp, "gpt": _gpt}
