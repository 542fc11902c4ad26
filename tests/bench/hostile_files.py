"""Files made to hurt: each must be refused with one sentence, soon, and without much memory.

    python tests/bench/hostile_files.py [--json]

Opens every kind in a process of its own and reports what it took: seconds, the memory beyond what the process had
before (MiB), and the sentence. The exit status is 1 where one was opened, needed more than 64 MiB, or came out with
anything but a RunFileError. Times decide nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import resource
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from saved_seeds import Parts, file_of, seeds

# isort: split
import numpy as np

from tinylm_tui.lab import store
from tinylm_tui.lab.errors import RunFileError
from tinylm_tui.lab.tensor_file import checksum

MOST_MIB = 64
STEP = '"step": 60'
OTHERS = "bceinovz"  # as many as the text has
DEEP = "[" * 100_000


def opened_header(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The header and the arrays of a file."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def with_header(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The file with a header that was changed."""
    header, blob = opened_header(data)
    change(header)
    return file_of(json.dumps(header).encode(), blob)


def with_state(data: bytes, **changes: Any) -> bytes:
    """The file with other values in its state, under a right checksum."""
    parts = Parts.of(data)
    parts.state.update(changes)
    return parts.sealed()


def with_settings(data: bytes, **changes: Any) -> bytes:
    """The file with other settings, under a right checksum."""
    parts = Parts.of(data)
    parts.state["settings"].update(changes)
    return parts.sealed()


def with_arrays(data: bytes, state: dict[str, Any] | None = None, **arrays: np.ndarray) -> bytes:
    """The file with other arrays, under a right checksum."""
    parts = Parts.of(data)
    parts.arrays.update(arrays)
    parts.state.update(state or {})
    return parts.sealed()


def with_text(data: bytes, change: Callable[[str], str]) -> bytes:
    """The file with another text of its state, under a right checksum."""
    parts = Parts.of(data)
    return parts.sealed(change(json.dumps(parts.state)))


def flipped(data: bytes, place: int) -> bytes:
    """One bit is another."""
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


def many_tensors(count: int) -> bytes:
    """A header of so many empty arrays."""
    entries = {f"t{i}": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for i in range(count)}
    return file_of(json.dumps(entries).encode(), b"")


def doubled(data: bytes) -> bytes:
    """A header that names its first array twice."""
    header, blob = opened_header(data)
    inner = json.dumps(header)[1:]
    name = next(name for name in header if name != "__metadata__")
    return file_of(f"{{{json.dumps(name)}: {json.dumps(header[name])}, {inner}".encode(), blob)


def merging(data: bytes, count: int, text: int) -> bytes:
    """Byte-pair tokens each twice as long as the one before, on a text of so many letters."""
    merges = [[1 + i, 1 + i] for i in range(count)]
    state = {"kind": "bpe", "letters": ["a"], "merges": merges, "split_words": False}
    return with_arrays(data, {"tokenizer": state, "reading": "text"}, text=np.full(text, ord("a"), np.uint8))


def long_tokens(data: bytes) -> bytes:
    """Many byte-pair tokens, each of half a million letters of four bytes, with weights for all of them."""
    doubling = [[1, 1], *([i, i] for i in range(3, 20))]
    state = {"kind": "bpe", "letters": ["😀", "😁"], "merges": [*doubling, *[[20, 20]] * 1_900], "split_words": False}
    parts = Parts.of(data)
    parts.state |= {"tokenizer": state, "reading": "text"}
    for name in ("reference", "learner.good"):
        parts.arrays.pop(name, None)
    size = 3 + len(state["merges"])
    parts.arrays |= {
        "text": np.resize(np.frombuffer("😀😁".encode(), np.uint8), 4_000_000),
        "weights": np.zeros(size * size, np.float32),
    }
    return parts.sealed()


def in_one_place(data: bytes, one: str, other: str) -> bytes:
    """An array that is said to be where another is; the checksum fits what is read from there."""
    header, blob = opened_header(data)
    arrays = Parts.of(data).arrays
    header[other]["data_offsets"] = header[one]["data_offsets"]
    text = header["__metadata__"]["tinylm"]
    header["__metadata__"]["sha256"] = checksum(text, {**arrays, other: arrays[one]}.items())
    return file_of(json.dumps(header).encode(), blob)


def sparse(file: Path, begin: bytes, size: int) -> None:
    """A file that begins so, and takes no room on the disk."""
    with file.open("wb") as opened:
        opened.write(begin)
        opened.truncate(size)


def large_and_damaged(file: Path, gpt: bytes) -> None:
    """A header that fits a file of 255 MB in every way but the checksum."""
    header, blob = opened_header(gpt)
    size = 255_000_000
    last = max(header, key=lambda name: header[name].get("data_offsets", [0])[0])
    more = (size - 20_000 - len(blob)) // 8 * 8
    header[last]["data_offsets"][1] += more
    header[last]["shape"][0] += more // (np.dtype(np.uint8).itemsize if header[last]["dtype"] == "U8" else 4)
    begin = file_of(json.dumps(header).encode(), b"")
    sparse(file, begin, len(begin) + len(blob) + more)


def kinds(bigram: bytes, gpt: bytes, bpe: bytes) -> dict[str, bytes | Callable[[Path], object]]:
    """Every kind by its name: its bytes, or what puts it there."""
    header = opened_header(gpt)[0]
    first = next(name for name in header if name != "__metadata__")
    wrong_letters = np.resize(np.frombuffer(b"anna ben ", np.uint8), 20_000_000)

    def entry(name: str, **values: Any) -> bytes:
        return with_header(gpt, lambda header: header[name].update(values))

    return {
        "empty": b"",
        "another kind of file": b"# a text\n" * 1000,
        "a pickle": pickle.dumps([1, 2, 3]),
        "cut short": gpt[: len(gpt) // 2],
        "something behind it": gpt + b"x",
        "a bit flipped in the arrays": flipped(gpt, len(gpt) - 50),
        "a bit flipped in the header": flipped(gpt, 40),
        "a header of 2⁶³ bytes": struct.pack("<Q", 1 << 63) + gpt[8:],
        "a header of 200 MB": lambda file: sparse(file, struct.pack("<Q", 200_000_000) + b"{", 250_000_000),
        "a header of blanks, 1 MB": file_of(b" " * 1_000_000, b""),
        "a header of brackets": file_of(DEEP.encode(), b""),
        "a header of small lists, 1 MB": file_of(b"[" + b"[],[]," * 160_000 + b"[]]", b""),
        "a header of small objects, 1 MB": file_of(b'{"a":[' + b"{}," * 330_000 + b"{}]}", b""),
        "no metadata": with_header(gpt, lambda header: header.pop("__metadata__")),
        "metadata of another program": with_header(gpt, lambda h: h.update(__metadata__={"format": "pt"})),
        "a name twice": doubled(gpt),
        "arrays that overlap": entry(first, data_offsets=[4, 4 + header[first]["data_offsets"][1]]),
        "two arrays in one place, and a gap": in_one_place(gpt, "weights", "learner.good"),
        "an array of 2⁶² numbers": entry("weights", shape=[1 << 62], data_offsets=[0, 1 << 64]),
        "an array of −1 numbers": entry("weights", shape=[-1], data_offsets=[0, -4]),
        "an array of many axes": entry("weights", shape=[1] * 1000),
        "an array of objects": entry("weights", dtype="object"),
        "200,000 tensors": many_tensors(200_000),
        "as many tensors as a header holds": many_tensors(15_000),
        "weights that are not finite": with_arrays(gpt, weights=np.full_like(Parts.of(gpt).arrays["weights"], np.nan)),
        "weights for another model": with_arrays(gpt, weights=np.zeros(7, np.float32)),
        "no weights": with_arrays(gpt, weights=np.zeros(0, np.float32)),
        "moments for another model": with_arrays(gpt, **{"learner.adamw.mean": np.zeros(3, np.float32)}),
        "a mean of squares below 0": with_arrays(
            gpt, **{"learner.adamw.square": -np.ones_like(Parts.of(gpt).arrays["weights"])}
        ),
        "tokens of another text": with_arrays(gpt, **{"learner.train": np.full(100, 99, np.int32)}),
        "a text that is no UTF-8": with_arrays(gpt, text=np.full(30, 255, np.uint8)),
        "20 million characters, other letters": with_arrays(bigram, text=wrong_letters),
        "a later format": with_state(gpt, format=3),
        "settings for a gpt of 300 million weights": with_settings(gpt, layers=24, width=1024, heads=1, context=1024),
        "settings for a large mlp": with_settings(gpt, model="mlp", width=1024, hidden=4096, context=1024),
        "settings that do not exist": with_settings(gpt, color="red"),
        "settings that are lists": with_settings(gpt, seed=[[1] * 10_000]),
        "a state of brackets": with_text(gpt, lambda text: DEEP),
        "a state with NaN": with_state(gpt, start_loss=float("nan")),
        "a state with a number of 4,000 digits": with_text(gpt, lambda text: text.replace(STEP, STEP + "0" * 4000)),
        "a state with a number of 9,000 digits": with_text(gpt, lambda text: text.replace(STEP, STEP + "0" * 9000)),
        "a state with a name twice": with_text(gpt, lambda text: text[:-1] + ', "step": 7}'),
        "a name of 900,000 letters": with_state(gpt, name="x" * 900_000),
        "100,000 last losses": with_state(gpt, learner={**Parts.of(gpt).state["learner"], "recent": [0] * 100_000}),
        "dice beyond their bounds": with_state(gpt, learner={"batches": {"bit_generator": "PCG64", "state": 2**200}}),
        "merges to 2⁴⁰ letters": merging(bpe, 40, 1000),
        "1,900 tokens half as long as the text": long_tokens(bpe),
        "2,500 merges": with_state(bpe, tokenizer={"kind": "bpe", "letters": ["a"], "merges": [[1, 1]] * 2500}),
        "letters of another text": with_state(bigram, tokenizer={"kind": "characters", "letters": list(OTHERS)}),
        "255 MB, damaged": lambda file: large_and_damaged(file, gpt),
        "4 GB": lambda file: sparse(file, gpt[:2000], 4_000_000_000),
        "a folder": lambda file: file.mkdir(),
        "a pipe": lambda file: os.mkfifo(file),
        "a device": lambda file: file.symlink_to("/dev/zero"),
        "links in a ring": lambda file: file.symlink_to(file),
    }  # fmt: skip


def measured(file: Path) -> dict[str, Any]:
    """What opening a file took, and how it ended."""
    before, began = _peak(), time.perf_counter()
    try:
        store.load(file)
        ended, sentence = "opened", ""
    except RunFileError as error:
        ended, sentence = "refused", str(error)
    except BaseException as error:
        ended, sentence = "failed", repr(error)
    seconds = time.perf_counter() - began
    return {"ended": ended, "seconds": round(seconds, 3), "MiB": round(_peak() - before, 1), "sentence": sentence}


def _peak() -> float:
    """The most memory that this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(file: Path) -> dict[str, Any]:
    """`measured` in a process of its own, which begins with the memory of this one."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(read)
            with os.fdopen(write, "w") as pipe:
                json.dump(measured(file), pipe)
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return json.loads(told) if told else {"ended": "killed", "seconds": 0.0, "MiB": 0.0, "sentence": ""}


def put(what: bytes | Callable[[Path], object], file: Path) -> None:
    """Make the file."""
    if isinstance(what, bytes):
        file.write_bytes(what)
    else:
        what(file)


def main() -> int:
    """Runs it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    files = seeds()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for i, (name, what) in enumerate(kinds(files[0], files[9], files[2]).items()):
            file = Path(folder) / f"{i}.safetensors"
            put(what, file)
            found[name] = apart(file)
    bad = [name for name, one in found.items() if one["ended"] != "refused" or one["MiB"] > MOST_MIB]
    if options.json:
        print(json.dumps({"kinds": found, "bad": bad}))
    else:
        for name, one in found.items():
            print(f"{one['ended']:8} {one['seconds']:6.3f} s {one['MiB']:6.1f} MiB  {name}: {one['sentence']}")
        print(f"{len(found)} kinds, not as they should be: {bad or 'none'}")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
