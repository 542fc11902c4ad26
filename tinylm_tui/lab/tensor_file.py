"""A safetensors file, read by hand and distrusted: nothing is allocated before the header was found plausible.

The file is eight bytes with the length of the header, the header in JSON, and the bytes of all arrays one behind the
other. What stands in the header decides how much is read, so every number in it is checked against the file first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

import numpy as np

from tinylm_tui.engine.parameters import Array
from tinylm_tui.lab.errors import RunFileError

LENGTH = 8  # bytes that tell the header's length
MOST_HEADER = 1_000_000  # bytes; the longest that a run makes has a fifth of that
PIECE = 1 << 20  # bytes of an array that are read at one time where it is only looked through
KINDS = {"F32": "float32", "F64": "float64", "I32": "int32", "I64": "int64", "U8": "uint8"}


@dataclass(frozen=True)
class Stored:
    """One array of `length` numbers, (length,), and the place of its first byte in the file."""

    kind: np.dtype[Any]
    length: int
    begin: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.length * self.kind.itemsize


def strict_json(text: str) -> Any:
    """What JSON says. Raises RunFileError where it names anything twice, has NaN or Infinity, or is no JSON."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise RunFileError("what it says of itself cannot be read: it is damaged, or no run") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RunFileError("it says one thing twice: it is damaged, or no run")
    return found


def _no_number(name: str) -> NoReturn:
    raise RunFileError(f"it has {name} where a number belongs")


def header_of(file: BinaryIO, size: int) -> dict[str, Any]:
    """The header of an open file of `size` bytes, which is then at the first byte of its arrays.

    Raises RunFileError where it cannot be a header.
    """
    length = int.from_bytes(file.read(LENGTH), "little")
    if size < LENGTH or not 2 <= length <= min(MOST_HEADER, size - LENGTH):
        raise RunFileError("it does not begin as a run does: it is damaged, cut short, or another kind of file")
    try:
        header = strict_json(file.read(length).decode())
    except UnicodeDecodeError:
        raise RunFileError("it does not begin as a run does: it is damaged, or another kind of file") from None
    if not isinstance(header, dict):
        raise RunFileError("it does not begin as a run does")
    return header


def metadata_of(header: Mapping[str, Any]) -> dict[str, str]:
    """The texts in a header. Raises RunFileError where they are none."""
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise RunFileError("it holds arrays, and nothing that says what run they are")
    return metadata


def arrays_of(header: Mapping[str, Any], known: Mapping[str, str], begin: int, size: int) -> dict[str, Stored]:
    """Where each array stands in a file of `size` bytes whose arrays begin at `begin`.

    `known` has the kind of number of each name that there may be. Raises RunFileError unless every array is one row of
    numbers, named there and of that kind, and all of them together fill the file with no gap and no overlap.
    """
    names = [name for name in header if name != "__metadata__"]
    if unknown := [name for name in names if name not in known]:
        raise RunFileError(f"it holds {len(unknown):,} of {len(names):,} arrays that no run has")
    found = {name: _stored(name, header[name], known[name], begin) for name in names}
    end = begin
    for stored in sorted(found.values(), key=lambda stored: (stored.begin, stored.size)):
        if stored.begin != end:
            raise RunFileError("its arrays overlap, or there are gaps between them")
        end += stored.size
    if end != size:
        raise RunFileError(f"it should have {end:,} bytes and has {size:,}: it is cut short, or something was added")
    return found


def _stored(name: str, entry: Any, kind: str, begin: int) -> Stored:
    match entry:
        case {"dtype": str(dtype), "shape": [int(length)], "data_offsets": [int(first), int(last)], **more} if not more:
            stored = Stored(np.dtype(kind), length, begin + first)
            if KINDS.get(dtype) == kind and length >= 0 and first >= 0 and last - first == stored.size:
                return stored
    raise RunFileError(f"its array {name} is not what a run has there")


def read(file: BinaryIO, stored: Stored) -> Array:
    """The array (length,), which cannot be written to. Raises RunFileError where the file ends before it does."""
    file.seek(stored.begin)
    data = file.read(stored.size)
    if len(data) != stored.size:
        raise RunFileError("it became shorter while it was read")
    return np.frombuffer(data, dtype=stored.kind)


def checksum(state: str, arrays: Iterable[tuple[str, Array]]) -> str:
    """SHA-256, in hexadecimal, over the state and over the name, kind, shape and bytes of every array, by name."""
    digest = hashlib.sha256(state.encode())
    for name, array in sorted(arrays, key=lambda pair: pair[0]):
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def checksum_in(file: BinaryIO, state: str, arrays: Mapping[str, Stored]) -> str:
    """The same of a file, of which no more than a piece is in memory at one time."""
    digest = hashlib.sha256(state.encode("utf-8", "surrogatepass"))
    for name, stored in sorted(arrays.items()):
        digest.update(f"{name} {stored.kind} {(stored.length,)}".encode())
        for piece in pieces(file, stored):
            digest.update(piece)
    return digest.hexdigest()


def pieces(file: BinaryIO, stored: Stored) -> Iterator[bytes]:
    """The bytes of an array, some whole numbers at a time. Raises RunFileError where the file ends before it does."""
    file.seek(stored.begin)
    left = stored.size
    while left:
        piece = file.read(min(left, PIECE))
        left -= len(piece)
        if len(piece) < PIECE and left:
            raise RunFileError("it became shorter while it was read")
        yield piece
