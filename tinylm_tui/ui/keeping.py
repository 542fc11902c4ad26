"""The lab keeps what it has: where the person is, and what they type; the trainer keeps the run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.strip import Strip

from tinylm_tui.lab.autosave import replaced_of
from tinylm_tui.lab.commands import Keep, Open
from tinylm_tui.lab.confining import confined
from tinylm_tui.lab.errors import RunFileError
from tinylm_tui.lab.kept import give_back, kept_of, text
from tinylm_tui.lab.note import Note
from tinylm_tui.lab.session import Left, Session
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.dialogs.going_on import GoingOn, ago
from tinylm_tui.ui.ink import line
from tinylm_tui.ui.keys import screens
from tinylm_tui.ui.messages import number_of
from tinylm_tui.ui.places import sessions_folder
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.editor import Editor

if TYPE_CHECKING:
    from tinylm_tui.ui.app import LabApp

NOTED_EVERY = 2.5  # seconds: what is typed is lost for so long at most
ANOTHER = "another lab in this folder is still open, begun {}: once it has ended, a login can go on with it"
LAB = "lab"  # where the note has what belongs to no screen
OF_THE_LAB = {"run_name": text(), "field": text()}
OPENING = 10.0  # seconds that keys wait for a run being opened, at most


@dataclass(frozen=True)
class Awaited:
    """What is to be gone on with, and by which the moment before its run is told."""

    left: Left
    corpus_version: int
    notice: int


class Keeping:
    """The session of a running lab. Without a folder to keep things in, the lab runs, and says that nothing is kept."""

    def __init__(self, app: LabApp) -> None:
        self._app = app
        self.session: Session | None = None
        self._trouble = ""
        self._left_out = ""  # what is too long to be kept
        self._gone_on: Left | None = None  # with what; not offered again once this lab has kept it itself
        self._awaited: Awaited | None = None  # what was typed and chosen is put back once its run has come

    def begin(self, *, offer: bool, otherwise: Callable[[], object] = lambda: None) -> None:
        """Once every screen is there; `offer` to go on with what an earlier lab left, and `otherwise` what follows."""
        try:
            self.session = Session(sessions_folder())
        except RunFileError as error:
            self._trouble = str(error)
            self._app.show_banner()
            otherwise()
            return
        self._app.send(Keep(str(self.session.run_file)))
        self._app.set_interval(NOTED_EVERY, lambda: self._app.run_worker(self._note_beside(), group="note"))
        self.note()  # without one nobody would find a run that is saved sooner than the first
        if offer and (left := self.session.left()):
            self._app.push_screen(GoingOn(left, time.time()), lambda chosen: self._chosen(left, chosen, otherwise))
        else:
            otherwise()
        if confined() and (since := self.session.another_since()):  # one whose line is dead may live for minutes
            self._app.tell(ANOTHER.format(ago(time.time() - since)))

    def _chosen(self, left: list[Left], chosen: int | None, otherwise: Callable[[], object]) -> None:
        if chosen is not None and chosen >= 0:
            self._app.hold_keys(OPENING)  # what is typed now is for what is there then
            self._app.call_later(self._go_on, left[chosen])
            return
        for one in left if chosen is not None else ():
            one.decline()
        otherwise()

    async def _go_on(self, left: Left) -> None:
        self._gone_on, before = left, self._app.snapshot
        if left.run_file:
            self._awaited = Awaited(left, before.corpus_version, number_of(before))
            called, replaced = f"{left.note.text} where you left it,", str(left.replaced or "")
            self._app.send(Open(str(left.run_file), called, first=True, replaced=replaced))
        if left.note.tab in (screen.id for screen in screens()):  # the note may be of another version
            await self._app.action_tab(left.note.tab)
        if not left.run_file:
            self._put_back(left.note)

    def arrived(self, snapshot: Snapshot) -> None:
        """A moment has come: if it is of the run that is gone on with, what was typed and chosen on it comes back.

        So it does where that run cannot be opened; then it all stays on offer.
        """
        awaited = self._awaited
        if awaited is None:
            return
        come, refused = snapshot.corpus_version != awaited.corpus_version, number_of(snapshot) != awaited.notice
        if come or refused:
            self._awaited = None
            self._gone_on = self._gone_on if come else None
            self._app.call_later(self._put_back, awaited.left.note)  # once the screen in view has seen the run

    def _put_back(self, note: Note) -> None:
        app, corpus = self._app, self._app.pane("corpus")
        corpus.show()  # out of view it has not seen the run, and would put the run's text over the draft later
        if note.draft is not None:
            corpus.query_one(Editor).rewrite(note.draft)
        for screen in screens():
            app.pane(screen.id).restore(note.screens.get(screen.id, {}))
        app.pane(app.tab).show()
        give_back(app, OF_THE_LAB, note.screens.get(LAB, {}))
        app.release_keys()

    def note(self) -> None:
        """Write down where the person is, and what they typed and chose, if that has changed."""
        if self.session and not self._awaited:
            before = self.trouble
            self.session.note(self._now())
            self._noted(before)

    async def _note_beside(self) -> None:
        """The same, in a thread: no key waits for the disk."""
        if self.session and not self._awaited:
            before, self.session.newest = self.trouble, self._now()
            await asyncio.to_thread(self.session.write)
            self._noted(before)

    def _now(self) -> Note:
        app, s = self._app, self._app.snapshot
        editors = app.pane("corpus").query(Editor)
        draft = editors.first().exact if editors and editors.first().edited else None
        note = Note(app.tab, draft, s.corpus.name, s.settings.model, s.step, screens=self._kept())
        self._left_out = note.left_out or next(filter(None, (app.pane(screen.id).left_out for screen in screens())), "")
        return note

    def _noted(self, trouble_before: str) -> None:
        if self._gone_on and self._is_kept_anew(self._gone_on):
            self._gone_on.decline()
            self._gone_on = None
        if self.trouble != trouble_before:
            self._app.show_banner()

    def _kept(self) -> dict[str, dict[str, Any]]:
        """What every screen keeps."""
        kept = {screen.id: self._app.pane(screen.id).kept() for screen in screens()}
        return {**{name: values for name, values in kept.items() if values}, LAB: kept_of(self._app, OF_THE_LAB)}

    def _is_kept_anew(self, left: Left) -> bool:
        """Whether this lab has kept all of it itself: both files, for why one is not saved is told a moment later."""
        assert self.session is not None
        run, replaced = self.session.run_file, replaced_of(self.session.run_file)
        kept = (left.run_file is None or run.exists()) and (left.replaced is None or replaced.exists())
        return kept and not self.trouble

    def end(self) -> None:
        """The lab is closed: its place among the living is given up."""
        if self.session is not None:
            self.session.end()

    @property
    def trouble(self) -> str:
        """Why something is not kept; empty where all is."""
        noted = self.session.trouble if self.session else self._trouble
        return self._app.snapshot.unsaved or noted or self._left_out

    def banner(self, width: int, height: int) -> list[Strip]:
        """One line that says so."""
        return [line((f" not kept: {visible(self.trouble)}", self._app.look.style("bad")))] if self.trouble else []
