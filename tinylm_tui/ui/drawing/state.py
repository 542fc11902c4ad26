"""The line that is the same on every screen: what is trained on what, how far, how well, how fast."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from tinylm_tui.lab.snapshot import Busy, Snapshot
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.visible import visible

GAP = "  "
LEFT_OUT_FIRST = ("speed", "weights", "model", "name", "running", "loss", "step")


def loss_text(loss: float) -> str:
    """A loss in seven columns, however large."""
    return f"{loss:7.4f}" if loss < 100 else f"{loss:7.3g}"


def speed_text(snapshot: Snapshot) -> str:
    """Measured steps a second, while it trains."""
    return f"{f'{snapshot.speed:,.0f}' if snapshot.running else '–':>7}/s"


def state(snapshot: Snapshot, width: int, look: Look) -> list[Strip]:
    """One line; what does not fit is left out, the least telling first."""
    s = snapshot
    name = (pad(visible(s.corpus.name), min(14, max(5, cell_len(s.corpus.name)))), "title")
    parts = {"name": name, **(_working(s.busy) if s.busy else _standing(s))}
    for least in LEFT_OUT_FIRST:
        if 1 + sum(cell_len(text) + len(GAP) for text, _ in parts.values()) > width:
            parts.pop(least, None)
    pieces: list[Piece] = [(" ", look.style("dim")), *[(text + GAP, look.style(role)) for text, role in parts.values()]]
    return [line(*pieces)]


def _standing(s: Snapshot) -> dict[str, tuple[str, str]]:
    return {
        "model": (s.settings.model, "text"),
        "weights": (f"{s.params.count:,} weights", "dim"),
        "step": (f"step {s.step:>9,}", "text"),
        "loss": (f"loss {loss_text(s.loss)} nats", "text"),
        "running": ("▶ training", "good") if s.running else ("‖ paused  ", "dim"),
        **({"ladder": ("ladder runs", "amber")} if s.ladder and s.ladder.running else {}),
        "speed": (speed_text(s), "dim"),
    }


def _working(busy: Busy) -> dict[str, tuple[str, str]]:
    """Long work takes the place of all the rest: nothing else happens meanwhile."""
    share = min(1.0, busy.done / max(1, busy.of))
    return {"busy": (f"{busy.what} {share:>4.0%}", "amber"), "stops": ("esc stops", "dim")}
