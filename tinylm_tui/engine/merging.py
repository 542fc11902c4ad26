"""A row of tokens in which neighbours are merged, and the counts that say which pair stands most often."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from tinylm_tui.engine.tokenizer import BOUNDARY, Ids

Pair = tuple[int, int]
Places = NDArray[np.int64]

GONE = -2  # stands where the second token of a merged pair stood


@dataclass(frozen=True, eq=False)
class Merged:
    """Where a pair became one token, n times, and what stood beside it. All arrays (n,).

    `left` and `right` are the neighbours' ids; BOUNDARY also where the neighbour is a pair merged in the same go:
    `touching` tells that of the left one.
    """

    places: Places
    left: Ids
    right: Ids
    touching: NDArray[np.bool_]


class Row:
    """A stream of ids, (N,), from boundary to boundary. Each place knows the places before and after it.

    A merge costs what the rarer of its two tokens occurs, not the length of the row: `places` holds for each token
    where it may stand, in order. What a later merge took away is dropped when it is next looked at.
    """

    def __init__(self, stream: Ids) -> None:
        self.ids = stream.copy()
        self.before = np.arange(-1, len(stream) - 1)
        self.after = np.arange(1, len(stream) + 1)
        self.places = _places(stream)

    def stream(self) -> Ids:
        """What is left of the row."""
        left: Ids = self.ids[self.ids != GONE]
        return left

    def merge(self, pair: Pair, joined: int) -> Merged:
        """Writes `joined`, a new id, wherever the pair stands, from left to right and no token twice.

        a a a becomes aa a. Raises KeyError where one of the two never stood in the row.
        """
        firsts = self._apart(*pair)
        seconds = self.after[firsts]
        before, after = self.before[firsts], self.after[seconds]
        touching = np.zeros(len(firsts), dtype=bool)
        np.equal(before[1:], seconds[:-1], out=touching[1:])
        merged = Merged(firsts, self.ids[before], self.ids[after], touching)
        merged.left[touching] = BOUNDARY
        merged.right[:-1][touching[1:]] = BOUNDARY
        self.ids[firsts], self.ids[seconds] = joined, GONE
        self.after[firsts], self.before[after] = after, firsts
        if len(firsts):
            self.places[joined] = firsts
        return merged

    def _apart(self, left: int, right: int) -> Places:
        """The places of `left` before `right`, in order; of two that share a token, the first."""
        firsts = self._side_by_side(left, right)
        if left != right or len(firsts) < 2:
            return firsts
        number = np.arange(len(firsts))
        begins = np.concatenate(([True], firsts[1:] != self.after[firsts[:-1]]))  # where a run of the token begins
        within = number - np.maximum.accumulate(np.where(begins, number, 0))  # how far into its run
        apart: Places = firsts[within % 2 == 0]
        return apart

    def _side_by_side(self, left: int, right: int) -> Places:
        if len(self.places[left]) < len(self.places[right]):
            firsts = self._where(left)
            found: Places = firsts[self.ids[self.after[firsts]] == right]
        else:
            firsts = self.before[self._where(right)]
            found = firsts[self.ids[firsts] == left]
        return found

    def _where(self, token: int) -> Places:
        places = self.places[token]
        self.places[token] = places[self.ids[places] == token]
        return self.places[token]


def _places(stream: Ids) -> dict[int, Places]:
    """Where each token stands, in order."""
    small = stream.astype(np.int16) if stream.max() < 1 << 15 else stream  # 16 bits are sorted by radix, much faster
    order = np.argsort(small, kind="stable")
    tokens, starts = np.unique(small[order], return_index=True)
    return dict(zip(tokens.tolist(), np.split(order, starts[1:]), strict=True))


class PairCounts:
    """How often each pair of neighbours stands in a row whose places have weights, and which pair most often.

    A heap holds every pair that stands twice or more at its count or above it: counts that fell are mended when
    they come to the top, so a merge costs only what it changes.
    """

    def __init__(self, row: Row, weights: NDArray[np.int64]) -> None:
        self.weights = weights
        self.counts = _count(row, weights)
        self._heap = [(-count, pair) for pair, count in self.counts.items() if count > 1]
        heapify(self._heap)

    def most(self) -> tuple[Pair, int] | None:
        """The most frequent pair and its count, of equals the one with the smallest ids; None: none stands twice."""
        while self._heap:
            count, pair = heappop(self._heap)
            if self.counts[pair] == -count:
                return pair, -count
            self._offer(pair)
        return None

    def follow(self, pair: Pair, joined: int, merged: Merged) -> None:
        """Counts what the merge of `pair` to `joined` changed."""
        weights = self.weights[merged.places]
        for beside, count in _totals(merged.left, weights):
            self._move((beside, pair[0]), (beside, joined), count)
        for beside, count in _totals(merged.right, weights):
            self._move((pair[1], beside), (joined, beside), count)
        if merged.touching.any():
            self._move((pair[1], pair[0]), (joined, joined), int(weights[merged.touching].sum()))
        del self.counts[pair]  # it never comes back

    def _move(self, old: Pair, new: Pair, count: int) -> None:
        self.counts[old] -= count
        self.counts[new] = count
        self._offer(new)

    def _offer(self, pair: Pair) -> None:
        if self.counts[pair] > 1:
            heappush(self._heap, (-self.counts[pair], pair))


def _count(row: Row, weights: NDArray[np.int64]) -> dict[Pair, int]:
    """Every pair of neighbours that are no boundaries, with the sum of the weights of its places."""
    letters = [token for token in row.places if token != BOUNDARY]
    beside = ((left, row.ids[row.after[row.places[left]]], weights[row.places[left]]) for left in letters)
    return {(left, right): count for left, rights, w in beside for right, count in _totals(rights, w)}


def _totals(tokens: Ids, weights: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The sum of the weights of each token but the boundary."""
    sums = np.bincount(tokens, weights)  # float64, exact up to 2⁵³
    sums[BOUNDARY] = 0
    found = np.flatnonzero(sums)
    return list(zip(found.tolist(), sums[found].astype(np.int64).tolist(), strict=True))
