"""Ready experiments: one is chosen, begun, and gone on with once its text is in the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.widgets import Input

from tinylm_tui.lab.commands import Begin, Train
from tinylm_tui.lab.presets import Recipe, preset_line
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui import keys
from tinylm_tui.ui.dialogs.presets import Presets
from tinylm_tui.ui.messages import number_of

if TYPE_CHECKING:
    from tinylm_tui.ui.app import LabApp
    from tinylm_tui.ui.panes.ladder import LadderPane


class Presenting:
    """The preset that is under way, and the one that was taken last."""

    def __init__(self, app: LabApp) -> None:
        self._app = app
        self._under_way: tuple[Recipe, int, int] | None = None  # and the numbers of text and notice before it
        self._taken: tuple[str, Recipe | None] = ("", None)  # by its name, and what it says

    @property
    def _ladder(self) -> LadderPane:
        return cast("LadderPane", self._app.pane("ladder"))

    def choose(self) -> None:
        """Open the list; what is chosen there begins."""
        dialog = Presets(self._line, self._app.look, self._taken[0])

        def take(recipe: Recipe | None) -> None:
            if recipe is not None:
                self._taken = dialog.preset.name, recipe
                self._begin(recipe)

        self._app.push_screen(dialog, take)

    def _line(self) -> str:
        """The lab as it is, in one line: the text, the settings, and the screen in view."""
        app, taken = self._app, self._taken[1]
        s = app.snapshot
        if app.tab == "ladder":
            return self._ladder.line()
        goes_on = taken is not None and taken.text == s.corpus.text and taken.screen != "ladder"
        steps, prompt = (taken.steps, taken.prompt) if goes_on and taken else (None, "")
        return preset_line(s.settings, s.corpus, keys.tab_of(app.tab).id, steps, prompt)

    def _begin(self, recipe: Recipe) -> None:
        self._under_way = (recipe, self._app.snapshot.corpus_version, number_of(self._app.snapshot))
        self._app.send(Begin(recipe.name, recipe.text, recipe.reading, recipe.pairs))

    def arrived(self, snapshot: Snapshot) -> None:
        """Go on with a preset once its text is there; where it was refused, nothing else is touched."""
        if self._under_way is None:
            return
        recipe, text, notice = self._under_way
        begun = snapshot.corpus_version != text
        if begun:
            self._app.call_later(self.go_on_with, recipe)
        if begun or number_of(snapshot) != notice:
            self._under_way = None

    async def go_on_with(self, recipe: Recipe) -> None:
        """Its screen, its prompt, its steps."""
        app = self._app
        await app.action_tab(recipe.screen or app.tab)
        if app.tab == "generate" and recipe.prompt:
            app.query_one("#prompt", Input).value = recipe.prompt
        if app.tab == "ladder":
            self._ladder.begin(recipe.text, recipe.steps or self._ladder.steps, recipe.prompt, recipe.overrides)
        elif recipe.steps:
            app.send(Train(recipe.steps))
