"""How surprising a text is, token by token, and what it comes to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from tinylm_tui.engine.examples import Places
from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.progress import Told, always
from tinylm_tui.engine.surprise import perplexity, total_bits
from tinylm_tui.engine.tokenizer import BOUNDARY, UNKNOWN, Ids
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.readers import Reader
from tinylm_tui.lab.tokens import Piece, pieces_of

LONGEST = 20_000  # characters of a text that are read


@dataclass(frozen=True)
class Figures:
    """What a text comes to: over `tokens` tokens that stand for `characters` characters."""

    tokens: int
    characters: int
    bits: float
    perplexity: float
    impossible: int  # of the tokens: those that the reader gave no chance at all
    other_bits: float  # of all the others together
    other_characters: int

    @property
    def bits_per_character(self) -> float:
        """All bits, spread over the characters."""
        return self.bits / self.characters


@dataclass(frozen=True, eq=False)
class Expected:
    """What was expected at one token: the probability of each (V,), and the one that came, of rank 1 if likeliest."""

    probabilities: Array
    came: int
    nats: float

    @property
    def bits(self) -> float:
        """The surprise of what came."""
        return self.nats / math.log(2)

    @property
    def rank(self) -> int:
        """The place of what came among all tokens by falling probability; equal ones rank by id."""
        p, came = self.probabilities, self.probabilities[self.came]
        return 1 + int((p > came).sum() + (p[: self.came] == came).sum())

    def best(self, most: int) -> list[tuple[int, float]]:
        """The likeliest tokens with their probabilities."""
        order = np.argsort(-self.probabilities, kind="stable")[:most]
        return [(int(i), float(self.probabilities[i])) for i in order]


@dataclass(frozen=True, eq=False)
class Surprise:
    """A text as a reader takes it: the tokens it knows, `places` (N,) among all pieces, and what the last n cost."""

    reader: Reader
    pieces: Sequence[Piece]
    origins: Sequence[int]  # where each piece begins in the text as it was given; −1 for a boundary before it
    places: Places
    nats: Array  # (n,)
    characters: int  # of the text, as long as it was given
    read: int  # of them, how many were read at most

    @cached_property
    def stream(self) -> Ids:
        """The tokens read, (N,)."""
        return np.array([self.pieces[i].id for i in self.places], dtype=np.int32)

    @property
    def first(self) -> int:
        """The place in the stream of the first token asked for."""
        return len(self.places) - len(self.nats)

    @cached_property
    def by_piece(self) -> dict[int, float]:
        """The surprise in bits of each piece asked for."""
        return dict(zip(self.places[self.first :].tolist(), (self.nats / math.log(2)).tolist(), strict=True))

    @property
    def unknown(self) -> str:
        """The characters left out, because the reader has never seen them: each once."""
        return "".join(dict.fromkeys(piece.text for piece in self.pieces if piece.id == UNKNOWN))

    @property
    def missing(self) -> frozenset[int]:
        """Where in the text these characters stand."""
        return frozenset(origin for piece, origin in zip(self.pieces, self.origins, strict=True) if piece.id == UNKNOWN)

    def figures(self, least: int = 0) -> Figures | None:
        """What the tokens from place `least` of the stream on come to; None where there are none."""
        skipped = max(0, least - self.first)
        nats, ids = self.nats[skipped:], self.stream[self.first + skipped :]
        if not len(nats):
            return None
        lengths, possible = self.reader.corpus.tokenizer.lengths[ids], ~np.isinf(nats)
        return Figures(
            len(nats), int(lengths.sum()), total_bits(nats), perplexity(nats), int((~possible).sum()),
            total_bits(nats[possible]), int(lengths[possible].sum()),
        )  # fmt: skip

    def expected(self, piece: int) -> Expected | None:
        """What was expected at a piece; None where it was not asked for."""
        place = int(np.searchsorted(self.places, piece))
        if piece not in self.by_piece:
            return None
        probabilities = _expected(self, place)
        return Expected(probabilities, self.pieces[piece].id, float(self.nats[place - self.first]))

    def same_tokens(self, other: Surprise) -> bool:
        """Whether both were asked about the same tokens, so that not only bits a character can be compared."""
        ours, theirs = self.reader.corpus.tokenizer, other.reader.corpus.tokenizer
        return ours.tokens == theirs.tokens and np.array_equal(self.stream, other.stream)


@lru_cache(4)
def _expected(surprise: Surprise, place: int) -> Array:
    """Kept, because a screen asks again whenever it draws."""
    return surprise.reader.expected(surprise.stream, place)


def read(reader: Reader, text: str, most: int = LONGEST, told: Told = always) -> Surprise:
    """The beginning of a text, `most` characters of it, as a reader takes it. Raises Stopped where `told` ends it.

    Words and lines are parted by boundaries, as the text that the model learnt from. One running text is taken for a
    piece of a longer one: that it ends is asked for where it is the whole of that text.
    """
    corpus = reader.corpus
    pieces = pieces_of(corpus.tokenizer, text, corpus.reading, most)
    goes_on = corpus.running and corpus.tokenizer.bounded and text != corpus.text
    if goes_on and len(pieces) > 1 and pieces[-1].id == BOUNDARY:
        pieces = pieces[:-1]
    places = _known(pieces, bounded=corpus.tokenizer.bounded)
    stream = np.array([pieces[i].id for i in places], dtype=np.int32)
    return Surprise(reader, pieces, _origins(pieces, text, corpus), places, reader.nats(stream, told), len(text), most)


def _known(pieces: Sequence[Piece], *, bounded: bool) -> Places:
    """The pieces without unknown characters, and without words of which nothing is left then."""
    places: list[int] = []
    for i, piece in enumerate(pieces):
        empty = bounded and piece.id == BOUNDARY and places and pieces[places[-1]].id == BOUNDARY
        if piece.id != UNKNOWN and not empty:
            places.append(i)
    return np.array(places, dtype=np.int64)


def _origins(pieces: Sequence[Piece], text: str, corpus: Corpus) -> list[int]:
    """Where each piece begins in `text`. One boundary (or blank) stands for all white space between words."""
    if corpus.reading == "text":
        return [piece.start - corpus.tokenizer.bounded for piece in pieces]
    origins, place = [], _after_white_space(text, 0)
    for i, piece in enumerate(pieces):
        opens = i == 0 and corpus.tokenizer.bounded
        origins.append(-1 if opens else place)
        place += 0 if opens else len(piece.text)
        following = _after_white_space(text, origins[-1])
        if corpus.reading == "words" or "\n" in text[max(0, origins[-1]) : following]:
            place = max(place, following)
    return origins


def _after_white_space(text: str, place: int) -> int:
    while 0 <= place < len(text) and text[place].isspace():
        place += 1
    return place
