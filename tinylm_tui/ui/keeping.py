"""The lab keeps what it has: where the person is, and what they type; the trainer keeps the run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.strip import Strip

from tinylm_tui.lab.commands import Keep, Open
from tinylm_tui.lab.errors import RunFileError
from tinylm_tui.lab.session import Left, Note, Session
from tinylm_tui.ui.dialogs.going_on import GoingOn
from tinylm_tui.ui.ink import line
from tinylm_tui.ui.keys import screens
from tinylm_tui.ui.places import sessions_folder
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.editor import Editor

if TYPE_CHECKING:
    from tinylm_tui.ui.app import LabApp

NOTED_EVERY = 2.5  # seconds: what is typed is lost for so long at most


class Keeping:
    """The session of a running lab. Without a folder to keep things in, the lab runs, and says that nothing is kept."""

    def __init__(self, app: LabApp) -> None:
        self._app = app
        self.session: Session | None = None
        self._trouble = ""
        self._gone_on: Left | None = None  # with what; not offered again once this lab has kept it itself
        self._draft: tuple[str, int] | None = None  # to be put into the editor once another text than this has come

    def begin(self, *, offer: bool) -> None:
        """Once every screen is there; `offer` to go on with what an earlier lab left."""
        try:
            self.session = Session(sessions_folder())
        except RunFileError as error:
            self._trouble = str(error)
            self._app.show_banner()
            return
        self._app.send(Keep(str(self.session.run_file)))
        self._app.set_interval(NOTED_EVERY, self.note)
        if offer and (left := self.session.left()):
            self._app.push_screen(GoingOn(left, time.time()), lambda chosen: self._chosen(left, chosen))

    def _chosen(self, left: list[Left], chosen: int | None) -> None:
        if chosen is None:
            return
        if chosen < 0:
            for one in left:
                one.decline()
            return
        self._app.call_later(self._go_on, left[chosen])

    async def _go_on(self, left: Left) -> None:
        self._gone_on = left
        if left.note.draft is not None:
            self._draft = left.note.draft, self._app.snapshot.corpus_version if left.run_file else -1
        if left.run_file:
            self._app.send(Open(str(left.run_file), f"{left.note.text} where you left it,"))
        if left.note.tab in (screen.id for screen in screens()):  # the note may be of another version
            await self._app.action_tab(left.note.tab)
        self.arrived()

    def arrived(self) -> None:
        """A snapshot has come: an edited text goes back into the editor once the run that it belongs to is there."""
        if self._draft and self._draft[1] != self._app.snapshot.corpus_version:
            draft, self._draft = self._draft[0], None
            self._app.pane("corpus").query_one(Editor).rewrite(draft)

    def note(self) -> None:
        """Write down where the person is, if that has changed."""
        if self.session is None:
            return
        before, app, s = self.session.trouble, self._app, self._app.snapshot
        editors = app.pane("corpus").query(Editor)
        draft = editors.first().exact if editors and editors.first().edited else None
        self.session.note(Note(app.tab, draft, s.corpus.name, s.settings.model, s.step))
        if self._gone_on and self.session.run_file.exists():
            self._gone_on.decline()
            self._gone_on = None
        if self.session.trouble != before:
            app.show_banner()

    def end(self) -> None:
        """The lab is closed: its place among the living is given up."""
        if self.session is not None:
            self.session.end()

    @property
    def trouble(self) -> str:
        """Why something is not kept; empty where all is."""
        return self._app.snapshot.unsaved or (self.session.trouble if self.session else "") or self._trouble

    def banner(self, width: int, height: int) -> list[Strip]:
        """One line that says so."""
        return [line((f" not kept: {visible(self.trouble)}", self._app.look.style("bad")))] if self.trouble else []
