"""What the picture of an embedding shows of one moment, and how it follows from the moment before.

The axes drawn are the principal components with the signs and in the order that lie closest to the axes before. Where
two components of nearly equal variance change places even that would be a jump; so the axes turn by at most TURN a
picture and come to rest on the components. The shares are always those of the axes as drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import radians

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.pca import Components, matched, principal_components, turned
from tinylm_tui.ui.drawing.framing import Box, followed

TURN = radians(10)


@dataclass(frozen=True, eq=False)
class Scene:
    """One picture: V tokens along two axes."""

    components: Components
    axes: Array  # (2, E), across and up
    numbers: tuple[int, int]  # which component each axis is, from 1
    points: Array  # (V, 2)
    shares: Array  # (2,), of all variance, along the axes as drawn
    box: Box
    at_rest: bool  # whether the axes are the components, and the frame stands still

    @property
    def spread(self) -> bool:
        """Whether there is anything to spread out."""
        return self.components.total > 0


def first_scene(X: Array, first: int) -> Scene:
    """The picture of X (V, E) along components `first` and the one after (from 0), with nothing before it."""
    components = principal_components(X)
    axes = components.pair(first)
    points, shares = components.along(axes)
    return Scene(components, axes, (first + 1, first + 2), points, shares, Box.around(points), at_rest=True)


def next_scene(before: Scene, X: Array | None = None) -> Scene:
    """The picture after `before`: of another moment X (V, E), or of the same one when none is given."""
    components = before.components if X is None else principal_components(X)
    first = min(before.numbers) - 1
    wanted, swapped = matched(components.pair(first), before.axes)
    axes = turned(before.axes, wanted, TURN)
    points, shares = components.along(axes)
    box, stands = followed(before.box, points)
    numbers = (first + 2, first + 1) if swapped else (first + 1, first + 2)
    return Scene(components, axes, numbers, points, shares, box, stands and axes is wanted)


class Film:
    """The pictures of a run, each following from the one before it."""

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._of: tuple[object, int, int] = (None, 0, 0)  # the run and the choice of axes, its step, the moment

    def at(self, X: Array, first: int, run: object, step: int, moment: int) -> Scene:
        """The picture of X (V, E) now. It begins anew for another run, other axes, or an earlier step."""
        key, before = (run, X.shape, first), self._scene
        if before is None or self._of[0] != key or step < self._of[1]:
            self._scene = first_scene(X, first)
        elif self._of[2] != moment:
            self._scene = next_scene(before, X)
        self._of = (key, step, moment)
        assert self._scene is not None
        return self._scene

    @property
    def moving(self) -> bool:
        """Whether a turn or a glide is not over yet."""
        return self._scene is not None and not self._scene.at_rest

    def go_on(self) -> None:
        """The next picture of the same moment."""
        if self._scene is not None:
            self._scene = next_scene(self._scene)
