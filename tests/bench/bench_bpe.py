"""Learning byte-pair merges and encoding with them, beside Hugging Face `tokenizers` where it is installed.

    python tests/bench/bench_bpe.py TEXT [--rounds N] [--vocabulary V]...

TEXT is a file of about 1 MB. Both get the same pieces, by the same pattern; theirs learns on all its threads and on
one, from the text as a whole and in pieces of lines, and the fastest of its ways counts. Paired rounds; medians.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

from machine import describe  # first: one BLAS thread before numpy looks

# isort: split
from paired import best, ratio, rounds

from tinylm_tui.engine.bpe import PIECE, BPETokenizer, learn_merges

try:
    import tokenizers as hf
except ImportError:
    hf = None

TO_REACH = {512: 1.5, 4096: 2.5}
OURS = "ours"


def theirs(units: Sequence[str], vocabulary: int, threads: bool = True) -> hf.Tokenizer:
    """Trained by Hugging Face `tokenizers`; id 0 is kept free, as for the boundary."""
    os.environ["TOKENIZERS_PARALLELISM"] = "true" if threads else "false"
    tokenizer = hf.Tokenizer(hf.models.BPE())
    tokenizer.pre_tokenizer = hf.pre_tokenizers.Split(hf.Regex(PIECE.pattern), "isolated")
    asked = {"vocab_size": vocabulary, "min_frequency": 2, "show_progress": False}
    trainer = hf.trainers.BpeTrainer(special_tokens=["<no text has this>"], **asked)
    tokenizer.train_from_iterator(units, trainer)
    return tokenizer


def lines_of(text: str) -> list[str]:
    """The text in stretches that begin with a line end after a word, so that the pieces stay the same."""
    cuts = [0, *(k for k in range(1, len(text)) if text[k] == "\n" and not text[k - 1].isspace()), len(text)]
    return [text[a:b] for a, b in pairwise(cuts)]


def candidates(text: str, vocabulary: int) -> dict[str, Callable[[], object]]:
    """Every way to the merges."""
    ways: dict[str, Callable[[], object]] = {OURS: lambda: learn_merges([text], vocabulary)}
    if hf is None:
        return ways
    lines = lines_of(text)
    for units, how in (([text], "whole text"), (lines, "lines")):
        ways[f"theirs, {how}, all threads"] = lambda units=units: theirs(units, vocabulary)
        ways[f"theirs, {how}, one thread"] = lambda units=units: theirs(units, vocabulary, threads=False)
    return ways


def learning(text: str, vocabulary: int, count: int) -> BPETokenizer:
    """Prints what learning took, and whether the merges are the same."""
    ways = candidates(text, vocabulary)
    times = rounds(ways, 0.1, count)
    print(f"\n{vocabulary} tokens, {count} paired rounds")
    for name in ways:
        beside = "" if name == OURS else f"   ours takes {ratio(times, OURS, name):.2f} of it"
        print(f"  {name:<32} {median(times[name]):7.1f} ms  ({min(times[name]):.1f} to {max(times[name]):.1f}){beside}")
    tokenizer = learn_merges([text], vocabulary).tokenizer
    if hf is not None:
        fastest = best(times, [name for name in ways if name != OURS])
        wanted = f", to reach {TO_REACH[vocabulary]}" if vocabulary in TO_REACH else ""
        print(f"  ours / the fastest of theirs ({fastest}): {ratio(times, OURS, fastest):.2f}{wanted}")
        print(f"  the same {len(tokenizer.merges)} merges: {tokenizer.merges == merges_of(theirs([text], vocabulary))}")
    return tokenizer


def merges_of(tokenizer: hf.Tokenizer) -> tuple[tuple[int, int], ...]:
    """The merges as pairs of ids."""
    model = json.loads(tokenizer.to_str())["model"]
    return tuple((model["vocab"][left], model["vocab"][right]) for left, right in model["merges"])


def encoding(text: str, tokenizer: BPETokenizer) -> None:
    """Prints how fast the text becomes ids: when no word is known, when all are, and line by line."""
    new = BPETokenizer(tokenizer.letters, tokenizer.merges, tokenizer.split_words)
    lines = text.splitlines()
    print(f"encoding with {tokenizer.size} tokens, split_words {tokenizer.split_words}:")
    for name, work in {
        "no word known": lambda: new.encode(text),
        "again": lambda: new.encode(text),
        f"{len(lines)} lines as units": lambda: new.encode_units(lines),
    }.items():
        took = seconds(work)
        print(f"  {name:<24} {took * 1e3:7.1f} ms, {len(text) / took / 1e6:5.1f} million characters a second")
    print(f"  one short prompt         {seconds(lambda: new.encode('Some words, quite unseen?')) * 1e3:7.2f} ms")


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def whole(text: str, vocabulary: int) -> None:
    """Prints what learning takes where tokens may cross words: one piece, the whole text."""
    took = min(seconds(lambda: learn_merges([text], vocabulary, split_words=False)) for _ in range(3))
    print(f"\n{vocabulary} tokens without a split into words: {took:.2f} s (best of 3)")
    encoding(text, learn_merges([text], vocabulary, split_words=False).tokenizer)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("text", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--vocabulary", type=int, action="append")
    chosen = parser.parse_args()
    read = chosen.text.read_text(encoding="utf-8")
    print(describe(), f"tokenizers {hf.__version__ if hf else 'not installed'}", sep=", ")
    print(f"{chosen.text.name}: {len(read):,} characters")
    for size in chosen.vocabulary or TO_REACH:
        encoding(read, learning(read, size, chosen.rounds))
        whole(read, size)
