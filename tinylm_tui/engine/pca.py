"""Principal components: the few directions in which a cloud of vectors spreads most.

Pearson 1901, "On Lines and Planes of Closest Fit to Systems of Points in Space"; Hotelling 1933. A component is
defined up to its sign, and two of equal variance up to a turn between them. So a film of many frames needs a rule
that ties each to the one before: `matched` for sign and order, `turned` for the speed of a turn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine.parameters import Array

NOTHING = 1e-24  # of the mean square: the rounding that subtracting the mean leaves of vectors that are all the same


@dataclass(frozen=True, eq=False)
class Components:
    """The principal components of V vectors with E numbers each; K = min(V, E) of them, most variance first."""

    axes: Array  # (K, E), unit vectors at right angles, the largest number of each positive
    variances: Array  # (K,), the variance along each
    total: float  # the variance in all E dimensions; 0 where all vectors are the same
    centred: Array  # (V, E), the vectors seen from their mean

    def pair(self, first: int) -> Array:
        """Axes `first` and `first` + 1, (2, E); zeros for one that does not exist."""
        axes = np.zeros((2, self.axes.shape[1]))
        found = self.axes[first : first + 2]
        axes[: len(found)] = found
        return axes

    def along(self, axes: Array) -> tuple[Array, Array]:
        """Where the vectors lie along the axes (A, E), and the share of all variance that each shows: (V, A), (A,)."""
        points = self.centred @ axes.T
        shares = (points * points).mean(axis=0) / self.total if self.total else np.zeros(len(axes))
        return points, shares


def principal_components(X: Array) -> Components:
    """The components of the rows of X (V, E), float64 throughout.

    The eigenvectors of the covariance C = XᵀX/V of the centred rows; its eigenvalues are the variances. With more
    numbers than rows the same from the singular values of X, which is cheaper there: X = U·S·A, so C = AᵀS²A/V.
    """
    X = X.astype(np.float64)  # (V, E)
    mean_square = float((X * X).mean())
    X = X - X.mean(axis=0)
    if X.shape[1] <= len(X):
        variances, vectors = np.linalg.eigh(X.T @ X / len(X))  # ascending; (E,), (E, E)
        variances, axes = np.maximum(variances[::-1], 0), vectors.T[::-1]
    else:
        _, s, axes = np.linalg.svd(X, full_matrices=False)  # (V,), (V, E)
        variances = s * s / len(X)
    total = float((X * X).sum()) / len(X)
    if total <= NOTHING * X.shape[1] * mean_square:
        X, variances, total = np.zeros_like(X), np.zeros_like(variances), 0.0
    return Components(_largest_positive(axes), variances, total, X)


def _largest_positive(axes: Array) -> Array:
    """Each row (K, E) with the sign that makes its number furthest from 0 positive: a rule without memory."""
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)  # (K, 1)
    return np.where(largest < 0, -axes, axes)


def matched(axes: Array, before: Array) -> tuple[Array, bool]:
    """Two axes (2, E) in the order and with the signs that lie closest to those `before` (2, E); whether swapped.

    Closest: the largest sum of |cosine| between each axis and the one it follows. What is kept is exactly the
    principal axes, and never more than a quarter turn from those before.
    """
    cosines = before @ axes.T  # (2, 2)
    swapped = bool(abs(cosines[0, 1]) + abs(cosines[1, 0]) > abs(cosines[0, 0]) + abs(cosines[1, 1]))
    axes = axes[::-1] if swapped else axes
    against = (before * axes).sum(axis=1, keepdims=True) < 0  # (2, 1)
    return np.where(against, -axes, axes), swapped


def turned(before: Array, wanted: Array, most: float) -> Array:
    """The axes `before` (2, E) turned towards those `wanted` (2, E) by an angle of at most `most` radians or so.

    `wanted` itself where that is near enough. Otherwise each axis goes the same share of its way along the great
    circle, and both are put at right angles again by the nearest pair that is: U·W of the singular values U·S·W.
    """
    cosines = np.clip((before * wanted).sum(axis=1), -1, 1)  # (2,)
    angles = np.where(wanted.any(axis=1) & before.any(axis=1), np.arccos(cosines), 0)
    if angles.max() <= most:
        return wanted
    share = most / angles.max()
    sines = np.where(angles > 0, np.sin(angles), 1)[:, None]
    a, b = (np.where(angles > 0, np.sin(t * angles), t)[:, None] / sines for t in (1 - share, share))
    U, _, W = np.linalg.svd(a * before + b * wanted, full_matrices=False)
    return np.asarray(U @ W)
