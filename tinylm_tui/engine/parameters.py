"""A model's weights: one flat vector, seen through named arrays.

Optimizer, snapshot, file and gradient check each handle the one vector; the mathematics uses the names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shapes = Mapping[str, tuple[int, ...]]


class Parameters(Mapping[str, Array]):
    """Named views into `flat`. Writing into a view writes into the vector."""

    def __init__(self, flat: Array, shapes: Shapes) -> None:
        """Raises ValueError when the shapes do not add up to the vector's length."""
        wanted = sum(map(prod, shapes.values()))
        if flat.shape != (wanted,):
            raise ValueError(f"the shapes need {wanted} numbers in one vector, got shape {flat.shape}")
        self.flat, self.shapes = flat, dict(shapes)
        ends = np.cumsum([prod(shape) for shape in shapes.values()])
        self._views = {
            name: flat[end - prod(shape) : end].reshape(shape)
            for (name, shape), end in zip(shapes.items(), ends, strict=True)
        }

    @classmethod
    def zeros(cls, shapes: Shapes, dtype: Any = np.float32) -> Parameters:
        """All weights zero."""
        return cls(np.zeros(sum(map(prod, shapes.values())), dtype=dtype), shapes)

    def __getitem__(self, name: str) -> Array:
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    @property
    def count(self) -> int:
        """How many weights there are."""
        return int(self.flat.size)

    def copy(self, dtype: Any = None) -> Parameters:
        """A separate copy, of another number type if asked."""
        return Parameters(self.flat.astype(dtype or self.flat.dtype), self.shapes)

    def frozen(self) -> Parameters:
        """A separate copy that cannot be written to."""
        flat = self.flat.copy()
        flat.flags.writeable = False
        return Parameters(flat, self.shapes)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.flat, self.shapes, self.flat.flags.writeable)


def _restored(flat: Array, shapes: Shapes, writeable: bool) -> Parameters:
    """Unpickling makes arrays writeable again; a frozen vector stays frozen on the other side of a pipe."""
    flat.flags.writeable = writeable
    return Parameters(flat, shapes)
