"""The numbers and letters in a file, looked through piece by piece before any array is taken into memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

from tinylm_tui.engine.parameters import Array
from tinylm_tui.lab.errors import RunFileError
from tinylm_tui.lab.plausible_learner import TAUGHT
from tinylm_tui.lab.proof import refuse
from tinylm_tui.lab.tensor_file import Stored, pieces


def refuse_numbers(file: BinaryIO, stored: Mapping[str, Stored], size: int, step: int) -> None:
    """Raises RunFileError for numbers that no training of `step` steps makes, or tokens that no V = `size` has."""
    for name, array in stored.items():
        for piece in pieces(file, array):
            numbers = np.frombuffer(piece, dtype=array.kind)
            _refuse_piece(name, numbers, size)
            if name.endswith(".steps"):  # all of it is one piece
                _refuse_steps(numbers, step)


def _refuse_steps(steps: Array, last: int) -> None:
    if steps[0] < 0 or (np.diff(steps) < 0).any() or steps[-1] > last:
        raise refuse("curves")


def _refuse_piece(name: str, numbers: Array, size: int) -> None:
    if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        raise RunFileError(f"its array {name} has numbers that are not finite")
    if name.startswith("learner.") and name.endswith(".square") and (numbers < 0).any():  # a mean of squares
        raise refuse(f"array {name}")
    if name in TAUGHT and not 0 <= numbers.min() <= numbers.max() < size:
        raise RunFileError("it learns from tokens that its text does not have")


def refuse_foreign_letters(file: BinaryIO, text: Stored, tokenizer: Mapping[str, Any], reading: str) -> None:
    """Raises RunFileError where the text is none, or its letters are not those of the saved tokenizer.

    The alphabet is the same for every text. Of white space only cutting the text tells whether it is between words.
    """
    letters, found = set(tokenizer["letters"]), letters_in(file, text)
    if tokenizer["kind"] == "alphabet":
        return
    other = found - letters
    if not letters <= found or (other if reading == "text" else "".join(other).strip()):
        raise RunFileError("its letters are not those of its text")


def letters_in(file: BinaryIO, text: Stored) -> set[str]:
    """Every character of the text. Raises RunFileError where it is no UTF-8."""
    found: set[str] = set()
    rest = b""
    try:
        for piece in pieces(file, text):
            rest += piece
            end = _last_character(rest)
            found.update(rest[:end].decode("utf-8", "surrogatepass"))
            rest = rest[end:]
        return found.union(rest.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        raise refuse("text") from None


def _last_character(data: bytes) -> int:
    """The place where the last character begins: it may go on in the next piece."""
    begins = (place for place in range(len(data) - 1, max(-1, len(data) - 5), -1) if data[place] & 0xC0 != 0x80)
    return next(begins, len(data))
