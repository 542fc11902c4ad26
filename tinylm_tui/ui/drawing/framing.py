"""Which part of the plane is in view, so that points move and the frame stands still, and where a point falls in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine.parameters import Array

MARGIN = 0.1  # of the cloud's extent, left free on every side of a new frame
LEAST_FILLED = 0.6  # a frame that the cloud fills less than this is too large
LARGEST_ZOOM, CLOSER, ZOOMED = 32.0, 1.5, 4.0
HELD = 0.7  # of a zoomed picture: while the cursor's token is in this middle part, the picture stands still
FAR = 10_000  # dots: whatever lies further outside is as good as there
GLIDE = 0.25  # of the way to a new frame for each picture, so that the eye can follow


@dataclass(frozen=True)
class Box:
    """The range of each axis: left to right, bottom to top."""

    left: float
    right: float
    bottom: float
    top: float

    @classmethod
    def around(cls, points: Array) -> Box:
        """The cloud (V, 2) with a margin. An axis without extent gets one of its own."""
        sides = []
        for low, high in zip(points.min(axis=0).tolist(), points.max(axis=0).tolist(), strict=True):
            margin = MARGIN * (high - low) or 0.5 * abs(high) or 0.5
            sides += [low - margin, high + margin]
        return cls(*sides)

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def holds(self, x: float, y: float) -> bool:
        """Whether that place is in it."""
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    def zoomed(self, times: float, centre: tuple[float, float]) -> Box:
        """The part of it, so many times smaller, around `centre`, moved so that it stays inside."""
        x_half, y_half = (self.right - self.left) / times / 2, (self.top - self.bottom) / times / 2
        x = min(max(centre[0], self.left + x_half), self.right - x_half)
        y = min(max(centre[1], self.bottom + y_half), self.top - y_half)
        return Box(x - x_half, x + x_half, y - y_half, y + y_half)


def followed(before: Box, points: Array) -> tuple[Box, bool]:
    """The frame for the next picture of a moving cloud (V, 2), and whether it is at rest.

    It stays while the cloud is inside and fills it well; otherwise it glides, and no point is ever outside.
    """
    wanted = Box.around(points)
    x, x_rests = _side((before.left, before.right), (wanted.left, wanted.right))
    y, y_rests = _side((before.bottom, before.top), (wanted.bottom, wanted.top))
    return Box(*x, *y), x_rests and y_rests


def _side(before: tuple[float, float], wanted: tuple[float, float]) -> tuple[tuple[float, float], bool]:
    """The same for one axis."""
    inset = (wanted[1] - wanted[0]) * MARGIN / (1 + 2 * MARGIN)
    low, high = wanted[0] + inset, wanted[1] - inset
    inside = before[0] <= low and high <= before[1]
    if inside and high - low >= LEAST_FILLED * (before[1] - before[0]):
        return before, True
    start, end = (a + GLIDE * (b - a) for a, b in zip(before, wanted, strict=True))
    return (min(start, low), max(end, high)), False


@dataclass
class Camera:
    """How close one looks, and where."""

    zoom: float = 1.0
    centre: tuple[float, float] | None = None  # None: wherever the cursor's token is

    def move(self, direction: int) -> None:
        """A step closer (1) or back (−1); 0 goes close, or back to the whole."""
        if direction:
            self.zoom = min(max(self.zoom * CLOSER**direction, 1.0), LARGEST_ZOOM)
        else:
            self.zoom = 1.0 if self.zoom > 1 else ZOOMED
        self.centre = None

    def box(self, whole: Box, at: tuple[float, float]) -> Box:
        """What is in view of the whole: it follows `at`, but not before that leaves the middle."""
        box = whole.zoomed(self.zoom, self.centre or at)
        if self.centre is None or not whole.zoomed(self.zoom / HELD, self.centre).holds(*at):
            self.centre = at
            box = whole.zoomed(self.zoom, at)
        return box


@dataclass(frozen=True)
class Frame:
    """A box drawn in so many columns and rows; a cell has 2 × 4 dots."""

    box: Box
    columns: int
    rows: int

    def covers(self, column: int, row: int) -> bool:
        """Whether that cell is one of its own."""
        return 0 <= column < self.columns and 0 <= row < self.rows

    def places(self, points: Array) -> Array:
        """Where each point (V, 2) falls, in dots from the upper left corner, (V, 2)."""
        b = self.box
        x = (points[:, 0] - b.left) / (b.right - b.left) * (2 * self.columns - 1)
        y = (b.top - points[:, 1]) / (b.top - b.bottom) * (4 * self.rows - 1)
        return np.asarray(np.stack((x, y), axis=1))

    def dots(self, points: Array) -> Array:
        """The dot of each point, (V, 2) integers; outside of the frame they go on, up to a limit."""
        return np.asarray(np.rint(np.clip(self.places(points), -FAR, FAR)).astype(np.int64))

    def holds(self, dots: Array) -> Array:
        """Which dots (V, 2) are in view, (V,)."""
        return np.asarray(((dots >= 0) & (dots < (2 * self.columns, 4 * self.rows))).all(axis=1))


def nearest_towards(places: Array, i: int, right: int, down: int) -> int:
    """The point that lies nearest to point i in one of the four directions; i itself where none does. places (V, 2).

    What lies aside counts double, so that a cursor goes where the arrow points.
    """
    way = places - places[i]
    along = way @ np.array([right, down])
    aside = np.abs(way @ np.array([down, right]))
    cost = np.where(along > 0, along + 2 * aside, np.inf)
    best = int(cost.argmin())
    return best if np.isfinite(cost[best]) else i


def nearest_to(places: Array, x: float, y: float) -> int:
    """The point nearest to a place in the picture."""
    return int(np.square(places - np.array([x, y])).sum(axis=1).argmin())
