"""The note beside a kept run: where the person was, and what they typed and chose. Anybody may have written it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tinylm_tui.lab import kept

FORMAT = 1  # of what the screens keep; a later one may mean something else by the same names
LONGEST_DRAFT = 2_000_000  # characters
MOST_BYTES = 32_000_000  # of the file: a draft of the longest, each character written as an escape
DEEPEST = 40  # lists and mappings inside each other: it is written again where the stack is in use already
TYPED = ("text", "prompt", "trees", "ratings")  # what costs work: a note of these alone is offered to go on with

Screens = Mapping[str, Mapping[str, Any]]  # by the id of the screen, what it kept


@dataclass(frozen=True)
class Note:
    """Where the person was. `draft` is what stands in the editor and is not loaded; None where there is nothing."""

    tab: str = ""
    draft: str | None = None
    text: str = ""  # the name of the text in the model
    model: str = ""
    step: int = 0
    declined: bool = False  # the person did not want to go on with it
    screens: Screens = field(default_factory=dict)

    def json(self) -> str:
        """For the file."""
        draft = None if self.left_out else self.draft
        return json.dumps({**asdict(self), "draft": draft, "format": FORMAT})

    @property
    def left_out(self) -> str:
        """What of it is too long for the file; empty where nothing is."""
        long = self.draft is not None and len(self.draft) > LONGEST_DRAFT
        return f"the text in the editor is longer than {LONGEST_DRAFT:,} characters" if long else ""

    @property
    def typed(self) -> bool:
        """Whether something stands in it that would be missed without a run."""
        return self.draft is not None or any(screen.get(name) for screen in self.screens.values() for name in TYPED)


def read_note(file: Path) -> Note | None:
    """The note in a file; None where it is none, whatever the file holds. Raises OSError."""
    if not file.is_file() or file.stat().st_size > MOST_BYTES:
        return None
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return _note(told)
    except (ValueError, RecursionError, KeyError):
        return None


def _note(told: Any) -> Note:
    """Without its name, model and step it is no note; the rest is taken as far as it will do. Raises ValueError."""
    if not isinstance(told, dict) or is_deep(told):
        kept.refuse()
    name = kept.text()
    return Note(
        tab=name(told["tab"]), draft=kept.taken(kept.text(LONGEST_DRAFT), told.get("draft")), text=name(told["text"]),
        model=name(told["model"]), step=kept.whole()(told["step"]), declined=kept.flag(told["declined"]),
        screens=_screens(told),
    )  # fmt: skip


def is_deep(value: object) -> bool:
    """Whether more lists and mappings stand inside each other than a screen ever keeps."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
    return any(isinstance(one, (list, dict)) for one in level)


def _inside(one: object) -> Iterable[Any]:
    if isinstance(one, dict):
        return one.values()
    return one if isinstance(one, list) else ()


def _screens(told: Mapping[str, Any]) -> Screens:
    """Early notes have none. Each screen looks through its own values when it takes them back."""
    screens = told.get("screens")
    if told.get("format") != FORMAT or not isinstance(screens, dict):
        return {}
    return {name: values for name, values in screens.items() if isinstance(values, dict)}
