"""An app that ends with one sentence and a status, whatever happens to it."""

from __future__ import annotations

import sys

from tinylm_tui.ui import crash
from tinylm_tui.ui.in_turn import InTurn


class Ending(InTurn):
    """In place of Textual's own ends, which print pages or leave with status 0."""

    last_words = ""  # the sentence for the person, printed once the terminal is given back

    def fail(self, error: BaseException) -> None:
        """Remember an error nobody foresaw, for the end."""
        self.last_words = crash.keep(error)
        self._return_code = 1

    def _fatal_error(self) -> None:
        """In place of Textual's: it prints pages, with the values of all variables in them."""
        if self._exit:  # a screen that was still being put together when the end came: the end's status stands
            self._return_code = self._return_value or 0
        else:
            self.fail(self._exception or RuntimeError("unknown"))
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """In place of Textual's, which leaves with status 0."""
        self.fail(sys.exc_info()[1] or self._exception or RuntimeError("the keyboard cannot be read"))
        self._close_messages_no_wait()
