"""The list of the starter texts."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tinylm_tui.lab.starters import STARTERS, Starter


class StarterList(OptionList):
    """In the order of `STARTERS`, with the cursor on one of them."""

    def __init__(self) -> None:
        super().__init__(*[Option(Content(one.name)) for one in STARTERS], id="starters")
        self.border_title = "starter texts"
        self.border_subtitle = "enter: load"

    @property
    def pointed_at(self) -> Starter:
        """The one under the cursor."""
        return STARTERS[self.highlighted or 0]

    def point_at(self, name: str) -> None:
        """Put the cursor on the text of that name, where it is one of them."""
        names = [one.name for one in STARTERS]
        if name in names:
            self.highlighted = names.index(name)
