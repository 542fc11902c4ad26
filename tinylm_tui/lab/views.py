"""What a model thinks, computed from a snapshot: the questions that screens and `inspect` ask of any model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tinylm_tui.engine import gpt
from tinylm_tui.engine.examples import last_windows
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.tokenizer import BOUNDARY, UNKNOWN, Ids, Tokenizer
from tinylm_tui.engine.window_journey import WindowJourney, average_journey, mlp_journey
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import TextError
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.numbers import shorten
from tinylm_tui.lab.settings import Settings


def first_word(text: str, most: int = 12) -> str:
    """The first word of a text, or as much of it as fits."""
    words = text.split(maxsplit=1)
    return words[0][:most] if words else ""


def beginning_of(corpus: Corpus, most: int) -> str:
    """The first word or line of a list, of a running text its beginning: up to the end of a word if there is one.

    At most so many characters.
    """
    begun = corpus.text.lstrip()[: 4 * most]
    if not corpus.running:
        begun = begun.split("\n")[0] if corpus.reading == "lines" else first_word(begun, most)
    text = " ".join(begun.split())
    return text if len(text) <= most else text[:most].rpartition(" ")[0] or text[:most]


def single_token_logits(params: Parameters, size: int, settings: Settings) -> Array:
    """(V, V): row = the token now, column = the score of each next one. For a bigram that is W itself.

    The others are shown each token as the first one after the boundary (or after blanks), and the boundary alone, as
    on the Math screen; with more before it, they may say something else.
    """
    return model_of(settings).single(params, settings, size)


def gpt_trace(params: Parameters, size: int, settings: Settings, ids: Ids) -> gpt.Trace:
    """Everything a GPT computes on the tokens ids (T,), T at most its context."""
    return gpt.forward(params, config_of(settings, size), ids[None])[1]


JOURNEYS = {"average": average_journey, "mlp": mlp_journey}


def window_journey(
    params: Parameters, tokenizer: Tokenizer, settings: Settings, ids: Ids, position: int
) -> WindowJourney:
    """One position of ids (T,) on its way through the average or the mlp."""
    return JOURNEYS[settings.model](params, ids.tolist(), position, settings.context, bounded=tokenizer.bounded)


def windows_of(tokenizer: Tokenizer, settings: Settings, ids: Ids) -> Ids:
    """What a window model sees from each position of ids (T,): (T, W)."""
    beginnings = [ids[: position + 1].tolist() for position in range(len(ids))]
    return last_windows(beginnings, settings.context, bounded=tokenizer.bounded)


def token_name(tokenizer: Tokenizer, i: int) -> str:
    """A token in a JSON answer: its text, or the word boundary."""
    return tokenizer.token(i) or "boundary"


def matrix_names(params: Parameters) -> list[str]:
    """The names of all weights that are matrices."""
    return [name for name, weights in params.items() if weights.ndim == 2]


TOKEN_AXES = {"embedding": (0,), "output": (1,), "output.w": (1,), "embedding.token": (0,), "head": (0,), "W": (0, 1)}


def token_axes(name: str) -> tuple[int, ...]:
    """The axes of the matrix of that name along which a token has its place: 0 for rows, 1 for columns."""
    return TOKEN_AXES.get(name, ())


EMBEDDINGS = ("embedding", "embedding.token")  # the average and the mlp name it so, a gpt so


def embedding_name(params: Parameters) -> str | None:
    """Under which name the model keeps a vector for each token; None for one that has none, like a bigram."""
    return next((name for name in EMBEDDINGS if name in params), None)


def embedding_of(params: Parameters) -> Array | None:
    """The vector of each token, (V, E), or None."""
    name = embedding_name(params)
    return params[name] if name else None


@lru_cache(1)
def token_counts(corpus: Corpus) -> Array:
    """How often each token stands in the text, (V,); a boundary counts once for each unit that it ends."""
    return np.asarray(corpus.counts.sum(axis=0))


def token_named(tokenizer: Tokenizer, text: str) -> int:
    """The id of the one token that `text` is. Raises TextError where it is none, or several."""
    if text in tokenizer.tokens:
        return tokenizer.tokens.index(text)
    ids = tokenizer.encode(text).tolist()
    if UNKNOWN in ids or not ids:
        raise TextError(f"the text has no token {shorten(text)!r}: type one that it has, as it stands there")
    if len(ids) > 1:
        parts = ", ".join(tokenizer.token(i) for i in ids[:8])
        raise TextError(f"that is {len(ids)} tokens here ({parts}): type one of them")
    return int(ids[0])


@dataclass(frozen=True, eq=False)
class ReadText:
    """A text as a model reads it: the boundary (or a blank), then its tokens, of all that the last ones that fit."""

    ids: Ids  # (T,), T at most the context, and at least 1
    tokens: int  # how many there would be with a context without end
    unknown: str  # characters of the text that the model has never seen; they are left out of ids


def read_text(tokenizer: Tokenizer, text: str, context: int) -> ReadText:
    """Read `text` with a context of so many tokens. An empty text is the boundary alone."""
    unknown = tokenizer.unknown(text)
    known = "".join(c for c in text if c not in unknown)
    ids = np.concatenate(([BOUNDARY], tokenizer.encode(known))).astype(np.int32)
    return ReadText(ids[-context:], len(ids), unknown)


def attention_patterns(trace: gpt.Trace) -> Array:
    """(layers, heads, T, T) of the one text in `trace`: row = the token looking, column = the token looked at."""
    return np.stack([block.attention.pattern[0] for block in trace.blocks])
