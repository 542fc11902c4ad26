"""The line that is the same on every screen: what is trained on what, how far, how well, how fast."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import visible

GAP = "  "
LEFT_OUT_FIRST = ("speed", "weights", "model", "name", "running", "loss", "step")


def loss_text(loss: float) -> str:
    """A loss in seven columns, however large."""
    return f"{loss:7.4f}" if loss < 100 else f"{loss:7.3g}"


def speed_text(snapshot: Snapshot) -> str:
    """Measured steps a second."""
    return f"{snapshot.speed:>7,.0f}/s"


def state(snapshot: Snapshot, width: int, look: Look) -> list[Strip]:
    """One line; what does not fit is left out, the least telling first."""
    s = snapshot
    parts = {
        "name": (pad(visible(s.corpus.name), min(14, max(5, cell_len(s.corpus.name)))), "title"),
        "model": (s.settings.model, "text"),
        "weights": (f"{s.params.count:,} weights", "dim"),
        "step": (f"step {s.step:>9,}", "text"),
        "loss": (f"loss {loss_text(s.loss)} nats", "text"),
        "running": ("▶ training", "good") if s.running else ("‖ paused  ", "dim"),
        "speed": (speed_text(s), "dim"),
    }
    for least in LEFT_OUT_FIRST:
        if 1 + sum(cell_len(text) + len(GAP) for text, _ in parts.values()) > width:
            del parts[least]
    pieces: list[Piece] = [(" ", look.style("dim")), *[(text + GAP, look.style(role)) for text, role in parts.values()]]
    return [line(*pieces)]
