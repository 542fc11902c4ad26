"""The lab: what the keys do that work everywhere. The frame they work in is `shell`."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.strip import Strip
from textual.widgets import Input

from tinylm_tui.lab.commands import Back, Change, Configure, Load, Open, Pause, Restart, Save, Steps, Stop, Train
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.files import read_text
from tinylm_tui.lab.settings import setting
from tinylm_tui.ui import keys, words
from tinylm_tui.ui.dialogs.choices import Choices
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.dialogs.reading import Reading
from tinylm_tui.ui.dialogs.sizes import Sizes
from tinylm_tui.ui.dials import value_text
from tinylm_tui.ui.drawing.help import comparison_lines, help_lines
from tinylm_tui.ui.holding import Holding
from tinylm_tui.ui.keeping import Keeping
from tinylm_tui.ui.messages import Arrived
from tinylm_tui.ui.places import open_hint, open_path, run_path, save_hint
from tinylm_tui.ui.presenting import Presenting
from tinylm_tui.ui.shell import Shell
from tinylm_tui.ui.visible import visible

if TYPE_CHECKING:
    from tinylm_tui.ui.panes.math import MathPane

COPY = "a copy of {}, which another lab has open,"
PACES = (10, 100, 1000, 0)


class LabApp(Shell):
    """The keys of everywhere: training, help, and the dialogs."""

    run_name = ""  # under which the run was last saved or opened
    _unsaved: str | None = None  # what the banner says of the run

    @property
    def field(self) -> str:
        """The field or editor that the person types in on the screen in view; empty where keys are keys."""
        return self.focused.id or "" if self.typing and self.focused and len(self.screen_stack) == 1 else ""

    @field.setter
    def field(self, name: str) -> None:
        for field in self.pane(self.tab).query("Input, TextArea"):
            if name and field.id == name:
                self.screen.set_focus(field)
                if isinstance(field, Input):  # it selects its text, and a letter would replace that
                    field.call_later(setattr, field, "cursor_position", len(field.value))

    @cached_property
    def holding(self) -> Holding:
        """The saved run that this lab has open."""
        return Holding()

    @cached_property
    def presenting(self) -> Presenting:
        """The presets: which one is under way, and which was taken."""
        return Presenting(self)

    @cached_property
    def keeping(self) -> Keeping:
        """What this lab keeps for the next one."""
        return Keeping(self)

    def _banner(self, width: int, height: int) -> list[Strip]:
        return self.keeping.banner(width, height)

    @on(Arrived)
    def kept(self, message: Arrived) -> None:
        """Whether the run could be saved; and what was typed and chosen may have waited for its run."""
        self.keeping.arrived(message.snapshot)
        self.presenting.arrived(message.snapshot)
        if message.snapshot.unsaved != self._unsaved:
            self._unsaved = message.snapshot.unsaved
            self.call_later(self.show_banner)  # once this is the app's snapshot, of which the banner tells

    def exit(self, *args: Any, **kwargs: Any) -> None:
        """Note where the person is, then leave."""
        self.keeping.note()
        super().exit(*args, **kwargs)

    async def trace(self, token: int) -> None:
        """Open the Math screen on a token."""
        await self.action_tab("math")
        cast("MathPane", self.pane("math")).trace(token)

    def action_toggle_training(self) -> None:
        self.send(Pause() if self.snapshot.running else Train())

    def action_train_steps(self, count: int) -> None:
        self.send(Steps(count))

    def action_start_over(self) -> None:
        self.send(Restart())

    def action_bring_back(self) -> None:
        self.send(Back())

    def action_change_pace(self) -> None:
        now = self.snapshot.settings.pace
        following = next((pace for pace in PACES if pace > now), 0) if now else PACES[0]
        self.tell(f"pace: {f'{following:,} steps a second' if following else 'full speed'}")
        self.send(Change("pace", str(following)))

    def action_leave_field(self) -> None:
        if self.snapshot.busy and not self.typing:
            self.send(Stop())
            return
        self.pane(self.tab).leave()

    async def action_quit_lab(self) -> None:
        await self.pacing.settle()
        self.exit(0)

    def action_help_quit(self) -> None:
        """Ctrl+c, which ends most programs: Textual would name another key than everything else here does."""
        self.tell("esc, then q leaves the lab" if self.typing or len(self.screen_stack) > 1 else "q leaves the lab")

    def action_explain(self) -> None:
        tab, s = keys.screen_of(self.tab), self.snapshot
        about = tab.id, s.settings.model, s.corpus.tokenizer
        self.push_screen(Reading(f"{tab.title} in plain words", lambda w, h: help_lines(*about, w, self.look)))

    def action_compare(self) -> None:
        rows, look = words.comparison(self.snapshot), self.look
        self.push_screen(Reading("This model and larger ones", lambda w, h: comparison_lines(rows, w, look)))

    # ---- dialogs

    def action_choose_model(self) -> None:
        dialog = Sizes(lambda: self.snapshot, self.look)
        self.push_screen(dialog, lambda pairs: self.send(Configure(pairs)) if pairs else None)

    def action_presets(self) -> None:
        self.presenting.choose()

    def action_settings(self) -> None:
        self.push_screen(Choices(self.snapshot.settings), self._change_setting)

    def _change_setting(self, name: str | None) -> None:
        if name is None:
            return
        now = getattr(self.snapshot.settings, name)
        question = Question(name, setting(name).help + ".", value_text(now), setting(name).parse)
        self.push_screen(question, lambda value: None if value is None else self.send(Change(name, value)))

    def action_save_run(self) -> None:
        name = self.run_name or Path(self.snapshot.corpus.name).stem
        self.push_screen(Question("Save this run", save_hint(), visible(name), run_path), self._save)

    def _save(self, name: str | None) -> None:
        if name is None:
            return
        path = run_path(name)
        if not self.holding.take(path):
            self.tell(f"another lab has {path.stem} open: save under another name", "error")
            return
        self.run_name = name
        self.send(Save(str(path)))

    def action_open_file(self) -> None:
        self.push_screen(Question("Open", open_hint(), "", open_path), self._open)

    def opened(self, path: Path) -> None:
        """A run is open now: held against other labs, or, where one of them has it, a copy under another name."""
        self.run_name = path.stem if self.holding.take(path) else f"{path.stem}-copy"

    def _open(self, answer: str | None) -> None:
        if answer is None:
            return
        path = open_path(answer)
        if path.suffix == ".safetensors":
            self.opened(path)
            self.send(Open(str(path), "" if self.run_name == path.stem else COPY.format(path.stem)))
            return
        try:
            self.send(Load(path.name, read_text(path)))
        except LabError as error:
            self.tell(str(error), "error")
