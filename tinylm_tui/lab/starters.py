"""The starter texts that come with the lab."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from tinylm_tui.lab.errors import TextError


@dataclass(frozen=True)
class Starter:
    """A text in `tinylm_tui/corpora/`, how it is read, and a line on what it is."""

    name: str
    reading: str
    about: str

    def text(self) -> str:
        """The whole text."""
        return files("tinylm_tui.corpora").joinpath(f"{self.name}.txt").read_text(encoding="utf-8")


STARTERS: tuple[Starter, ...] = (
    Starter("names", "words", "first names from all over the world"),
    Starter("animals", "words", "animals, each in one word"),
    Starter("places", "words", "countries, towns, rivers and islands"),
    Starter("sentences", "lines", "short sentences made from few words"),
    Starter("nonsense", "words", "an invented language with strict rules"),
    Starter("story", "text", "The Bell on the Far Bank, a story"),
)


def starter(name: str) -> Starter:
    """The starter text of that name. Raises TextError that lists them."""
    for one in STARTERS:
        if one.name == name:
            return one
    raise TextError(f"there is no starter text {name!r}; there are {', '.join(s.name for s in STARTERS)}")
