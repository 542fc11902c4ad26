"""The line that is the same on every screen: what is trained on what, how far, how well, how fast."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import visible

GAP = "  "


def loss_text(loss: float) -> str:
    """A loss in seven columns, however large."""
    return f"{loss:7.4f}" if loss < 100 else f"{loss:7.3g}"


def speed_text(snapshot: Snapshot) -> str:
    """Measured steps a second."""
    return f"{snapshot.speed:>7,.0f}/s"


def state(snapshot: Snapshot, width: int, look: Look) -> list[Strip]:
    """One line; from the right end, what does not fit is left out."""
    s = snapshot
    name = pad(visible(s.corpus.name), min(14, max(5, cell_len(s.corpus.name))))
    running = ("▶ training", "good") if s.running else ("‖ paused  ", "dim")
    parts = [
        (name, "title"),
        (f"{s.settings.model}", "text"),
        (f"{s.params.count:,} weights", "dim"),
        (f"step {s.step:>7,}", "text"),
        (f"loss {loss_text(s.loss)} nats", "text"),
        (running[0], running[1]),
        (speed_text(s), "dim"),
    ]
    pieces: list[Piece] = [(" ", look.style("dim"))]
    used = 1
    for text, role in parts:
        if used + cell_len(text) + len(GAP) > width:
            break
        pieces.append((text + GAP, look.style(role)))
        used += cell_len(text) + len(GAP)
    return [line(*pieces)]
