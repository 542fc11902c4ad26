"""Ladder: five models on one text, from counting to attention, trained beside the lab's own."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.lab import kept
from tinylm_tui.lab.commands import Configure, StartLadder, StopLadder
from tinylm_tui.lab.errors import SettingError
from tinylm_tui.lab.ladder import MOST_STEPS
from tinylm_tui.lab.numbers import numbers, parse_whole
from tinylm_tui.lab.presets import preset_line
from tinylm_tui.lab.rungs import LadderReport
from tinylm_tui.lab.settings import SETTINGS, Settings
from tinylm_tui.lab.writing import prompt_ids
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.dials import value_text
from tinylm_tui.ui.drawing.ladder import Shape, View, empty_page, ladder_page
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.widgets.canvas import Canvas

STEPS = 1000
MOST_OVERRIDES, LONGEST = 100, 200  # how many, and characters of each, that are kept
Overrides = tuple[str, ...]


class LadderPane(Pane):
    """One page: the table, the curves, and the chosen rung in words. It goes on while other screens are in view."""

    BINDINGS = bindings_for("ladder")
    main = "#ladder-page"
    keeps: ClassVar = {
        "steps": kept.whole(1, MOST_STEPS), "prompt": kept.text(), "held": kept.flag, "curves": kept.flag,
        "overrides": kept.several(kept.text(LONGEST), MOST_OVERRIDES),
    }  # fmt: skip

    def compose(self) -> ComposeResult:
        self.steps, self.prompt = STEPS, ""
        self.wanted: tuple[str, Overrides] = ("", ())  # what a preset asked for, and the text it asked it for
        self.cursor, self.held, self.curves = 0, True, False
        yield Canvas(self._page, id="ladder-page", focusable=True)

    @property
    def report(self) -> LadderReport | None:
        """What the trainer knows of the ladder; None before the first one."""
        return self.snapshot.ladder

    @property
    def overrides(self) -> Overrides:
        """What a preset asked for, as long as its text is the one in view."""
        text, overrides = self.wanted
        return overrides if text == self.snapshot.corpus.text else ()

    @overrides.setter
    def overrides(self, overrides: Overrides) -> None:
        self.wanted = self.snapshot.corpus.text, overrides

    @property
    def running(self) -> bool:
        """Whether a ladder is under way."""
        return self.report is not None and self.report.running

    @property
    def keys_without_use(self) -> frozenset[str]:
        """Before the first ladder there is nothing to look at; while one runs, none is begun."""
        if self.report is None:
            return frozenset({"stop", "open", "change_view"})
        return frozenset({"run", "steps"} if self.running else {"stop", "steps"})

    def _page(self, width: int, height: int) -> list[Strip]:
        if self.report is None:
            return empty_page(self.steps, self.prompt, self.snapshot.corpus.name, width, self.look)
        return ladder_page(self._view(self.report), width, height, self.look)

    def _view(self, report: LadderReport) -> View:
        return View(report, self.cursor, self.held and bool(report.held_out), self.curves)

    # ---- beginning and ending

    def begin(self, text: str, steps: int, prompt: str, overrides: Overrides) -> None:
        """Start what a preset asks for on its text, and keep it for the next time."""
        self.steps, self.prompt, self.wanted = steps, prompt, (text, overrides)
        self._start(overrides)

    def line(self) -> str:
        """The text, the settings and the next ladder in one line. Raises TextError for a text too long for one."""
        s = self.snapshot
        own = f"{s.settings.model}."  # what is told of the run's own model stands among its settings
        others = [override for override in self.overrides if not override.startswith(own)]
        return " ".join([preset_line(s.settings, s.corpus, "ladder", self.steps, self.prompt), *others])

    def _start(self, overrides: Overrides) -> None:
        self.cursor = 0
        self.lab.send(StartLadder(self.steps, self.prompt, overrides))

    def action_run(self) -> None:
        if self.running:
            self.lab.tell("this ladder is under way already; x stops it")
            return
        self._start(self.overrides)

    def action_stop(self) -> None:
        if self.running:
            self.lab.send(StopLadder())

    def leave(self) -> None:
        """Esc stops what is under way here."""
        self.action_stop()

    def action_steps(self) -> None:
        hint = "All but counts make as many steps, and each model with its own batch. How many?"
        self.app.push_screen(Question("Steps of the next ladder", hint, str(self.steps), parse_steps), self._take_steps)

    def _take_steps(self, answer: str | None) -> None:
        if answer is not None:
            self.steps = parse_steps(answer)
            self._begin_with(f"{self.steps:,} steps")

    def action_prompt(self) -> None:
        hint = "Every model goes on from the same beginning, with the same dice. Empty: from the boundary."
        tokenizer = self.snapshot.corpus.tokenizer
        question = Question("Prompt of the next ladder", hint, self.prompt, lambda text: prompt_ids(tokenizer, text))
        self.app.push_screen(question, self._take_prompt)

    def _take_prompt(self, answer: str | None) -> None:
        if answer is not None:
            self.prompt = answer
            self._begin_with("this prompt")

    def _begin_with(self, what: str) -> None:
        self.redraw()
        if self.report is not None:
            self.lab.tell(f"g starts a ladder with {what}")

    # ---- looking

    def action_move(self, direction: int) -> None:
        if self.report is not None:
            self.cursor = min(max(self.cursor + direction, 0), len(self.report.rungs) - 1)
            self.redraw()

    def action_change_part(self) -> None:
        self.held = not self.held
        if self.held and self.report is not None and not self.report.held_out:
            self.held = False
            self.lab.tell("nothing is held out of this text, so there is only the training part")
        self.redraw()

    def action_change_view(self) -> None:
        self.curves = not self.curves
        self.redraw()

    def action_open(self) -> None:
        if self.report is not None:
            rungs = self.report.rungs[self.cursor :]  # counts has no settings: the trained bigram after it does
            self.lab.send(Configure(pairs_of(next(rung.settings for rung in rungs if rung.settings))))

    @on(Canvas.Clicked)
    def click(self, event: Canvas.Clicked) -> None:
        if self.report is None:
            return
        shape = Shape(*event.canvas.size, len(self.report.rungs))
        rung = shape.rung_at(event.y, table_shown=shape.both or not self.curves)
        if rung is not None:
            self.cursor = rung
            self.redraw()


def parse_steps(text: str) -> int:
    """The number of steps that somebody typed. Raises SettingError."""
    try:
        return parse_whole("steps", text, 1, MOST_STEPS)
    except SettingError:
        raise SettingError(f"steps: {numbers(1, MOST_STEPS)}") from None


def pairs_of(settings: Settings) -> tuple[tuple[str, str], ...]:
    """What makes another run one with these settings; the pace and the text stay."""
    names = [row.name for row in SETTINGS if settings.model in row.models and row.name not in ("pace", "reading")]
    return tuple((name, value_text(getattr(settings, name))) for name in names)
