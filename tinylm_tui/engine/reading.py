"""How a text is cut into units before it becomes tokens: words, lines, or one running stream."""

from __future__ import annotations

READINGS = ("words", "lines", "text")


def guess_reading(text: str) -> str:
    """`words` where no line holds more than one word, otherwise `text`."""
    one_word_a_line = all(len(line.split()) <= 1 for line in text.splitlines())
    return "words" if one_word_a_line else "text"


def units_of(text: str, reading: str) -> list[str]:
    """The units of `text`; a boundary will stand before the first and after each.

    `words` splits at white space, `lines` takes each line that is not blank, without the white space at its
    ends, and `text` is one single unit in which blanks and line ends are characters like any other.
    Raises ValueError for another reading.
    """
    if reading == "words":
        return text.split()
    if reading == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if reading == "text":
        return [text] if text else []
    raise ValueError(f"no reading {reading!r}; there are {', '.join(READINGS)}")
