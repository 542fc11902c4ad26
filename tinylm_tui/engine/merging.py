"""A row of tokens in which neighbours are merged, and the counts that say which pair stands most often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from tinylm_tui.engine.progress import Work
from tinylm_tui.engine.tokenizer import BOUNDARY, Ids

Pair = tuple[int, int]
Places = NDArray[np.int64]
Weights = NDArray[np.int32]

GONE = -2  # stands where the second token of a merged pair stood


@dataclass(frozen=True, eq=False)
class Merged:
    """Where a pair became one token, n times in a block of places, and what stood beside it. Arrays (n,).

    `left` and `right` are the neighbours' ids; BOUNDARY also where the neighbour is a pair merged in the same block:
    `touching`, (n − 1,), tells which stand right before the next. One merged in the block before is a neighbour like
    any other.
    """

    places: Places
    left: Ids
    right: Ids
    touching: NDArray[np.bool_]


class Row:
    """A stream of ids, (N,), from boundary to boundary. Each place knows the places before and after it.

    A merge costs what the rarer of its two tokens occurs, not the length of the row: `places` holds for each token
    where it may stand, in order. What a later merge took away is dropped when it is next looked at.

    The stream is the row's own from now on. Who listens to `work` may end it anywhere, also in the middle of a merge:
    such a row is of no use.
    """

    def __init__(self, stream: Ids, work: Work) -> None:
        self.work = work
        self.ids = stream
        self.before, self.after = np.empty(len(stream), np.int64), np.empty(len(stream), np.int64)
        for here in work.blocks(len(stream)):
            self.before[here] = np.arange(here.start - 1, here.stop - 1)
            self.after[here] = np.arange(here.start + 1, here.stop + 1)
        self.places = _places(stream, work)

    def stream(self) -> Ids:
        """What is left of the row."""
        left: Ids = self.ids[self.ids != GONE]
        return left

    def merge(self, pair: Pair, joined: int) -> Iterator[Merged]:
        """Writes `joined`, a new id, wherever the pair stands, from left to right and no token twice.

        a a a becomes aa a. Each block of places is looked for when it is asked for, so after the blocks before it
        were written. Raises KeyError where one of the two never stood in the row.
        """
        rarer = pair[0] if len(self.places[pair[0]]) < len(self.places[pair[1]]) else pair[1]
        places, kept, found = self.places[rarer], [], []
        for here in self.work.blocks(len(places)):
            block = places[here]
            kept.append(block[self.ids[block] == rarer])
            found.append(self._apart(*pair, self._firsts(*pair, kept[-1], rarer)))
            if len(found[-1]):
                yield self._write(found[-1], joined)
        self.places[rarer], firsts = self._joined(kept), self._joined(found)
        if len(firsts):
            self.places[joined] = firsts

    def _firsts(self, left: int, right: int, places: Places, token: int) -> Places:
        """Where the pair stands, when one of the two, `token`, stands at these places."""
        firsts = places if token == left else self.before[places]
        whole = self.ids[self.after[firsts]] == right if token == left else self.ids[firsts] == left
        found: Places = firsts[whole]
        return found

    def _apart(self, left: int, right: int, firsts: Places) -> Places:
        """Of two pairs that share a token, the first."""
        if left != right or len(firsts) < 2:
            return firsts
        number = np.arange(len(firsts))
        begins = np.concatenate(([True], firsts[1:] != self.after[firsts[:-1]]))  # where a run of the token begins
        within = number - np.maximum.accumulate(np.where(begins, number, 0))  # how far into its run
        apart: Places = firsts[within % 2 == 0]
        return apart

    def _write(self, firsts: Places, joined: int) -> Merged:
        """Writes `joined` over the token at each of these places and the token after it."""
        seconds = self.after[firsts]
        before, after = self.before[firsts], self.after[seconds]
        touching = before[1:] == seconds[:-1]
        merged = Merged(firsts, self.ids[before], self.ids[after], touching)
        if touching.any():
            merged.left[1:][touching] = merged.right[:-1][touching] = BOUNDARY
        self.ids[firsts], self.ids[seconds] = joined, GONE
        self.after[firsts], self.before[after] = after, firsts
        return merged

    def _joined(self, blocks: list[Places]) -> Places:
        if len(blocks) == 1:
            return blocks[0]
        joined, end = np.empty(sum(map(len, blocks)), np.int64), 0
        for block in blocks:
            end += len(block)
            joined[end - len(block) : end] = block
            self.work.went(len(block))
        return joined


def _places(stream: Ids, work: Work) -> dict[int, Places]:
    """Where each token stands, in order: counted first, then sorted into as much room as each needs."""
    size = int(stream.max()) + 1
    counts = np.zeros(size, np.int64)
    for here in work.blocks(len(stream)):
        counts += _counted(stream[here], size)
    room = np.cumsum(counts) - counts  # where the places of each token begin
    ends, places = room + counts, np.empty(len(stream), np.int64)
    for here in work.blocks(len(stream)):
        order, counts = _sorted(stream[here]), _counted(stream[here], size)
        begins = np.cumsum(counts) - counts
        places[np.arange(len(order)) + np.repeat(room - begins, counts)] = here.start + order
        room += counts
    tokens = np.flatnonzero(np.diff(ends, prepend=0))
    return dict(zip(tokens.tolist(), np.split(places, ends[tokens[:-1]]), strict=True))


def _counted(block: Ids, size: int) -> NDArray[np.int64]:
    """How often each token stands there. UNKNOWN counts as a boundary: neither is ever merged."""
    return np.bincount(np.maximum(block, BOUNDARY), minlength=size)


def _sorted(block: Ids) -> Places:
    """The order of the tokens there; 16 bits are sorted by radix, much faster than 32."""
    small = np.maximum(block, BOUNDARY)
    return np.argsort(small.astype(np.int16) if small.max() < 1 << 15 else small, kind="stable")


class PairCounts:
    """How often each pair of neighbours stands in a row whose places have weights, and which pair most often.

    A heap holds every pair that stands twice or more at its count or above it: counts that fell are mended when
    they come to the top, so a merge costs only what it changes.
    """

    def __init__(self, row: Row, weights: Weights) -> None:
        self.weights = weights
        self.counts = _count(row, weights)
        self._heap = [(-count, pair) for pair, count in self.counts.items() if count > 1]
        heapify(self._heap)

    def most(self) -> tuple[Pair, int] | None:
        """The most frequent pair and its count, of equals the one with the smallest ids; None: none stands twice."""
        while self._heap:
            held, pair = heappop(self._heap)
            count = self.counts.get(pair, 0)
            if count == -held:
                return pair, count
            if count > 1:
                heappush(self._heap, (-count, pair))
        return None

    def follow(self, pair: Pair, joined: int, blocks: Iterable[Merged]) -> None:
        """Counts what the merge of `pair` to `joined` changes, block by block."""
        for merged in blocks:
            weights = self.weights[merged.places]
            for beside, count in _totals(merged.left, weights):
                self._move((beside, pair[0]), (beside, joined), count)
            for beside, count in _totals(merged.right, weights):
                self._move((pair[1], beside), (joined, beside), count)
            if merged.touching.any():
                self._move((pair[1], pair[0]), (joined, joined), int(weights[1:][merged.touching].sum(dtype=np.int64)))
        del self.counts[pair]  # it never comes back

    def _move(self, old: Pair, new: Pair, count: int) -> None:
        self.counts[old] -= count
        self.counts[new] = count = self.counts.get(new, 0) + count
        if count > 1:
            heappush(self._heap, (-count, new))


def _count(row: Row, weights: Weights) -> dict[Pair, int]:
    """Every pair of neighbours that are no boundaries, with the sum of the weights of its places."""
    counts: dict[Pair, int] = {}
    for left in row.places.keys() - {BOUNDARY}:
        for here in row.work.blocks(len(row.places[left])):
            places = row.places[left][here]
            for right, count in _totals(row.ids[row.after[places]], weights[places]):
                counts[left, right] = counts.get((left, right), 0) + count
    return counts


def _totals(tokens: Ids, weights: Weights) -> list[tuple[int, int]]:
    """The sum of the weights of each token but the boundary."""
    sums = np.bincount(tokens, weights)  # float64, exact up to 2⁵³
    sums[BOUNDARY] = 0
    found = np.flatnonzero(sums)
    return list(zip(found.tolist(), sums[found].astype(np.int64).tolist(), strict=True))
