"""Names in a picture of curves: each whole, and none over another."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Frame:
    """The room inside the axes, and at which heights names stand in it already: each gets a line of its own."""

    columns: int
    lines: int
    bottom: float
    top: float
    taken: list[float] = field(default_factory=list)

    @property
    def line(self) -> float:
        """How much of the height is one line."""
        return (self.top - self.bottom) / max(1, self.lines)

    def takes(self, name: str, y: float, columns: int) -> bool:
        """Whether a name fits whole into so many columns at this height, and beside no other; then it has its place."""
        if len(name) > columns or any(abs(y - other) < 1.2 * self.line for other in self.taken):
            return False
        self.taken.append(y)
        return True
