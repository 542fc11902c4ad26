"""Generate: what the model writes, at a temperature, alone or on from a prompt."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip
from textual.widgets import Input

from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.writing import Request, write
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dials import stepped
from tinylm_tui.ui.drawing.readout import figure, token_words
from tinylm_tui.ui.drawing.samples import sample_lines
from tinylm_tui.ui.ink import line, wrapped
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.canvas import Canvas

PROBABILITIES = (0.01, 0.05, 0.2, 0.5, 0.9)


class GeneratePane(Pane):
    """The samples large; prompt above, dials beside."""

    BINDINGS = bindings_for("generate")
    main = "#samples"

    def compose(self) -> ComposeResult:
        self.temperature, self.dice = 1.0, 0
        with Vertical(classes="column"):
            prompt = Input(placeholder="p: write a beginning, the model goes on", id="prompt")
            prompt.border_title = "prompt"
            prompt.cursor_blink = False
            yield prompt
            yield Canvas(self._samples, id="samples", focusable=True)
        side = Canvas(self._side)
        side.add_class("side")
        yield side

    @property
    def prompt(self) -> str:
        """What stands in the prompt."""
        return self.query_one("#prompt", Input).value

    def _samples(self, width: int, height: int) -> list[Strip]:
        s = self.snapshot
        length = 200 if s.corpus.reading == "text" else 40
        request = Request(height, length, self.temperature, self.prompt, self.dice)
        try:
            samples = write(s.params, s.corpus.tokenizer, request, s.settings)
        except LabError as error:
            return wrapped(visible(str(error)), width, self.look.style("bad"))
        return sample_lines(samples, s.corpus.tokenizer, width, self.look)

    def _side(self, width: int, height: int) -> list[Strip]:
        look = self.look
        shades = [(f" {p:.0%} ", look.by_probability(p)) for p in PROBABILITIES]
        last = token_words(self.prompt[-1:])
        if self.prompt:
            reminder = self._what_counts(last)
        else:
            reminder = "Each text starts at the boundary and ends when the model draws the boundary again."
        return [
            figure("temperature  + -", f"{self.temperature:.2f}", width, look),
            figure("dice  g", str(self.dice), width, look),
            Strip.blank(0),
            line(("brighter = likelier", look.style("dim"))),
            line(*shades),
            Strip.blank(0),
            *wrapped(self._effect(), width, look.style("dim")),
            Strip.blank(0),
            *wrapped(reminder, width, look.style("text")),
        ]

    def _what_counts(self, last: str) -> str:
        settings = self.snapshot.settings
        if settings.model == "bigram":
            return f"Only the last letter, {last}, counts: a bigram forgets all before it."
        return f"It reads the boundary and your {len(self.prompt)} letters; the last {settings.context} tokens count."

    def _effect(self) -> str:
        if self.temperature == 0:
            return "Temperature 0: always the likeliest letter, so every word is the same."
        if self.temperature < 1:
            return "Below 1 the likely gets likelier: safe and samey."
        if self.temperature > 1:
            return "Above 1 everything evens out: bold and odd."
        return "At 1 the model's own probabilities are used."

    @on(Input.Changed)
    def prompt_changed(self) -> None:
        self.redraw()

    @on(Input.Submitted)
    def prompt_done(self) -> None:
        self.focus_main()

    def action_prompt(self) -> None:
        self.query_one("#prompt").focus()

    def action_again(self) -> None:
        self.dice += 1
        self.redraw()

    def action_temperature(self, direction: int) -> None:
        self.temperature = stepped(self.temperature, direction, 0.1, 0.0, 5.0)
        self.redraw()
