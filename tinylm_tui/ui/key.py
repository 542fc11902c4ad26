"""What a key of the lab is. Imports nothing, so that the table of keys can be printed without a screen."""

from __future__ import annotations

from dataclasses import dataclass

EVERYWHERE = "anywhere"


@dataclass(frozen=True)
class Key:
    """`keys` as Textual names them, `shown` as a person reads them, `action` the method action_… that runs.

    `label` is for the footer, which shows the key only where `footer` is true; `help` is the whole sentence.
    `typing` keys also work while somebody types into a field.
    """

    where: str
    keys: str
    shown: str
    action: str
    label: str
    help: str
    footer: bool = False
    typing: bool = False
