"""Corpus: the text the model learns from: edit it, choose one, open one, teach it more."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import OptionList, TextArea

from tinylm_tui.engine.reading import READINGS
from tinylm_tui.lab import kept
from tinylm_tui.lab.commands import Change, Load, Teach
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.editing import OWN, edited_corpus, edited_name, edited_reading
from tinylm_tui.lab.errors import LabError
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.drawing.figures import corpus_figures
from tinylm_tui.ui.ink import wrapped
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.canvas import Canvas
from tinylm_tui.ui.widgets.editor import Editor
from tinylm_tui.ui.widgets.starter_list import StarterList
from tinylm_tui.ui.words import intro

LONG = 10_000  # characters of a text whose loading takes so long that it is said
RECOUNT_AFTER = 0.25  # seconds without a key


class CorpusPane(Pane):
    """The editor large; starter texts and counts beside it."""

    BINDINGS = bindings_for("corpus")
    main = "#starters"
    keeps: ClassVar = {"own": kept.flag, "editor.cursor_location": kept.place}  # the text is kept beside

    def compose(self) -> ComposeResult:
        self.counted: Corpus | str = self.snapshot.corpus  # what the editor's text comes to, or why it does not
        self._known, self._model_text = self.snapshot.corpus_version, self.snapshot.corpus.text
        self._recount: Timer | None = None
        self._was_edited = False
        self.own = False  # whether the editor was emptied for a new text
        with Vertical(classes="column"):
            yield Canvas(self._intro, id="intro")
            yield Editor(self.snapshot.corpus.text)
        with Vertical(classes="side"):
            yield StarterList()
            yield Canvas(self._figures)

    @property
    def editor(self) -> Editor:
        """Where the text stands."""
        return self.query_one(Editor)

    @property
    def starters(self) -> StarterList:
        """The texts that come with the lab."""
        return self.query_one(StarterList)

    def on_mount(self) -> None:
        self.starters.point_at(self.snapshot.corpus.name)
        self._mark()

    def show(self) -> None:
        """Follow the model's text when it changed; an edit that is not loaded yet stays."""
        if self._known != self.snapshot.corpus_version:
            self._known = self.snapshot.corpus_version
            self._follow()
        self.redraw()

    def _follow(self) -> None:
        editor, corpus = self.editor, self.snapshot.corpus
        if editor.edited and corpus.text == self._model_text:  # the same text, cut in another way
            self._count()
            return
        editor.put(corpus.text)
        self.own = False
        self.counted, self._model_text = corpus, corpus.text
        self.starters.point_at(corpus.name)
        self._mark()
        self._was_edited = False
        self.refresh_bindings()  # there is nothing to load any more

    def _intro(self, width: int, height: int) -> list[Strip]:
        return wrapped(intro(self.snapshot), width, self.look.style("dim"))

    def _figures(self, width: int, height: int) -> list[Strip]:
        about = [*wrapped(self.starters.pointed_at.about, width, self.look.style("dim")), Strip.blank(0)]
        if isinstance(self.counted, str):
            return [*about, *wrapped(visible(self.counted), width, self.look.style("bad"))]
        edited, model = self.editor.edited, self.snapshot.settings.model
        figures = corpus_figures(self.counted, model, width, self.look, edited=edited)
        return [*about[: max(0, height - len(figures))], *figures]

    def _mark(self) -> None:
        """The editor's border says which text it is and whether it differs from the model's."""
        editor = self.editor
        state = "edited, not yet loaded: ctrl+l" if editor.edited else editor.note or "loaded"
        name = visible(self.snapshot.corpus.name)
        editor.border_title = Content(f"{name} ({state})")
        editor.border_subtitle = "esc: leave" if editor.has_focus else "e: edit"

    @on(TextArea.Changed)
    def typed(self) -> None:
        edited = self.editor.edited
        if edited != self._was_edited:  # the footer is made anew, which takes longer than all else that a key costs
            self._was_edited = edited
            self._mark()
            self.refresh_bindings()
        if self._recount:
            self._recount.stop()
        self._recount = self.set_timer(RECOUNT_AFTER, self._count)

    def _count(self) -> None:
        try:
            self.counted = edited_corpus(self.editor.exact, self.snapshot.corpus, self.snapshot.settings)
        except LabError as error:
            self.counted = str(error)
        self.redraw()

    @on(OptionList.OptionHighlighted)
    def highlighted(self) -> None:
        self.redraw()

    @on(OptionList.OptionSelected)
    def action_load_starter(self) -> None:
        one = self.starters.pointed_at
        self._load(one.name, one.text(), one.reading)

    def on_descendant_focus(self) -> None:
        self._mark()

    def on_descendant_blur(self) -> None:
        self._mark()

    def action_edit(self) -> None:
        self.editor.focus()

    def action_new_text(self) -> None:
        editor = self.editor
        editor.empty()
        self.own = True
        editor.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to load while the text is the model's own."""
        if action == "load_text" and not self.editor.edited:
            return False
        return super().check_action(action, parameters)

    def action_load_text(self) -> None:
        text, s = self.editor.exact, self.snapshot
        name = edited_name(s.corpus.name) if self.editor.edited else s.corpus.name
        self._load(OWN if self.own else name, text, edited_reading(text, s.corpus, s.settings.reading))
        self.own = False
        self.focus_main()

    def _load(self, name: str, text: str, reading: str) -> None:
        if len(text) > LONG:
            self.lab.tell(f"loading {name} …")
        self.lab.send(Load(name, text, reading))

    def action_change_reading(self) -> None:
        here = READINGS.index(self.snapshot.corpus.reading)
        self.lab.send(Change("reading", READINGS[(here + 1) % len(READINGS)]))

    def action_teach(self) -> None:
        if self.editor.edited:
            self.lab.tell("load the edited text first (ctrl+l), or take the edits back in the editor (ctrl+z)")
            return
        hint = "Words to add to the text. The model keeps what it has learnt; train on and watch it shift."
        self.app.push_screen(Question("Teach it more", hint), self._teach)

    def _teach(self, answer: str | None) -> None:
        if answer is not None:
            self.lab.send(Teach(answer))
