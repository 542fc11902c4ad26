"""What all screens share: they draw the app's snapshot, and they have a main thing to focus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.containers import Container
from textual.geometry import Size
from textual.reactive import Reactive

from tinylm_tui.lab.kept import Kinds, give_back, kept_of
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.bindings import TYPING_ACTIONS
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.widgets.canvas import Canvas

if TYPE_CHECKING:
    from tinylm_tui.ui.app import LabApp


class Pane(Container):
    """A screen behind a tab. A pure view: of `self.snapshot` and of what the person chose here."""

    _without_use: frozenset[str] = frozenset()  # as the footer knows them
    keeps: ClassVar[Kinds] = {}  # what the person typed and chose here, by the attribute that has it
    main: ClassVar[str]  # the selector of what has the focus when the screen opens
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)  # as in Canvas: nothing scrolls here

    @property
    def lab(self) -> LabApp:
        """The app this screen belongs to."""
        return cast("LabApp", self.app)

    @property
    def snapshot(self) -> Snapshot:
        """The newest moment."""
        return self.lab.snapshot

    @property
    def look(self) -> Look:
        """What the terminal can show."""
        return self.lab.look

    @property
    def letters(self) -> list[str]:
        """The text of each token; the boundary's is empty."""
        return list(self.snapshot.corpus.tokenizer.tokens)

    @property
    def keys_without_use(self) -> frozenset[str]:
        """The actions that the footer leaves out, because they mean nothing for what is in view."""
        return frozenset()

    def offer_keys(self) -> None:
        """Let the footer follow where other keys are of use than before."""
        if self._without_use != self.keys_without_use:
            self._without_use = self.keys_without_use
            self.refresh_bindings()

    def show(self) -> None:
        """Draw the newest moment."""
        self.redraw()
        self.offer_keys()

    def redraw(self) -> None:
        """Draw again what stands on this screen."""
        for canvas in self.query(Canvas):
            canvas.redraw()

    def rehearse(self) -> None:
        """Draw everything once, unseen: the first visit is then as quick as the later ones."""
        for canvas in self.query(Canvas):
            canvas.rehearse()

    def kept(self) -> dict[str, Any]:
        """What the person typed and chose here, for the note that the next lab goes on with."""
        return kept_of(self, self.keeps)

    @property
    def left_out(self) -> str:
        """What of it is too much to be kept, for the person; empty where nothing is."""
        return ""

    def restore(self, told: Mapping[str, object]) -> None:
        """Take back what was kept, value by value, once the run is there; what will not do stays as it is."""
        give_back(self, self.keeps, told)

    def focus_main(self) -> None:
        """Give the focus to the main thing."""
        self.screen.set_focus(self.query_one(self.main))

    def leave(self) -> None:
        """Esc: out of a field, and an end to whatever this screen has under way."""
        self.focus_main()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters typed into a field are text, not keys."""
        return not self.lab.typing or action in TYPING_ACTIONS
