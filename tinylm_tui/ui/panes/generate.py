"""Generate: what the model writes, at a temperature, alone or on from a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip
from textual.widgets import Input

from tinylm_tui.engine.sampling import Sample
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.memorised import SHORTEST, memorised
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.lab.writing import Request, prompt_ids, write
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dials import stepped
from tinylm_tui.ui.drawing.readout import figure, piece, token_words
from tinylm_tui.ui.drawing.samples import sample_lines
from tinylm_tui.ui.ink import line, wrapped
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.canvas import Canvas

PROBABILITIES = (0.01, 0.05, 0.2, 0.5, 0.9)
UNIT, RUNNING = 40, 200  # tokens at most: of a word or a line, of a running text
FEWEST_LINES = 3  # that a running text takes, unless it ends early
RULES = {
    "words": "A text counts that is a word of the list.",
    "lines": "A text counts that is a line of the list.",
    "text": f"A text counts if what was drawn, {SHORTEST} characters or more, stands there just so.",
}
ORDERS = {"average": ", without their order", "mlp": ", in their order"}


@dataclass(frozen=True, eq=False)
class Page:
    """Texts as they are drawn; how many are in view as a whole, and how many of those stand in the corpus."""

    asked: object  # what they were drawn for
    lines: list[Strip]
    whole: int
    known: int


def arranged(asked: object, samples: Sequence[Sample], corpus: Corpus, width: int, height: int, look: Look) -> Page:
    """The page of these samples, those that stand in the text of `corpus` marked."""
    lines: list[Strip] = []
    whole = known = 0
    for sample in samples:
        found = memorised(corpus, sample)
        lines += sample_lines([sample], corpus.tokenizer, width, look, known=[0] if found else [])
        if len(lines) <= height:
            whole, known = whole + 1, known + found
    return Page(asked, lines[:height], whole, known)


class GeneratePane(Pane):
    """The samples large; prompt above, dials beside."""

    BINDINGS = bindings_for("generate")
    main = "#samples"

    def compose(self) -> ComposeResult:
        self.temperature, self.dice = 1.0, 0
        self.warmth = 1.0  # the temperature to go back to from greedy
        self._page: Page | None = None
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
        try:
            return self.page(width, height).lines
        except LabError as error:
            return wrapped(visible(str(error)), width, self.look.style("bad"))

    def page(self, width: int, height: int) -> Page:
        """The texts of the model of this moment, as many as fit. Raises LabError for a prompt it cannot read.

        Drawn once for each moment, prompt, temperature, throw of the dice and size.
        """
        s = self.snapshot
        asked = (s.version, s.corpus_version, self.prompt, self.temperature, self.dice, width, height)
        if self._page is None or self._page.asked != asked:
            length = RUNNING if s.corpus.running else UNIT
            many = height if length == UNIT else 1 + height // FEWEST_LINES
            request = Request(many if self.temperature else 1, length, self.temperature, self.prompt, self.dice)
            samples = write(s.params, s.corpus.tokenizer, request, s.settings)
            self._page = arranged(asked, samples, s.corpus, width, height, self.look)
        return self._page

    def _side(self, width: int, height: int) -> list[Strip]:
        look = self.look
        shades = [(f" {p:.0%} ", look.by_probability(p)) for p in PROBABILITIES]
        return [
            figure("temperature  + - G", f"{self.temperature:.2f}", width, look),
            figure("dice  g", str(self.dice), width, look),
            Strip.blank(0),
            line(("brighter = likelier", look.style("dim"))),
            line(*shades),
            Strip.blank(0),
            *self._counted(width),
            Strip.blank(0),
            *wrapped(self._effect(), width, look.style("dim")),
            Strip.blank(0),
            *wrapped(what_counts(self.snapshot, self.prompt), width, look.style("text")),
        ]

    def _counted(self, width: int) -> list[Strip]:
        """How many of the texts in view stand in the corpus, and by which rule."""
        corpus = self.snapshot.corpus
        rule = wrapped(RULES["text" if corpus.running else corpus.reading], width, self.look.style("dim"))
        try:
            page = self.page(*self.query_one("#samples", Canvas).size)
        except LabError:
            return rule
        count = f"= {page.known} of {page.whole} stand in the text"
        return [*wrapped(count, width, self.look.style("amber")), *rule]

    def _effect(self) -> str:
        if self.temperature == 0:
            likeliest = f"always the likeliest {piece(self.snapshot.corpus.tokenizer)}"
            return f"Temperature 0 is greedy: {likeliest}, so there is one text."
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

    def action_greedy(self) -> None:
        if self.temperature:
            self.warmth, self.temperature = self.temperature, 0.0
        else:
            self.temperature = self.warmth
        self.redraw()


def what_counts(snapshot: Snapshot, prompt: str) -> str:
    """What of a prompt the model sees; without one, where its texts begin and end."""
    tokenizer, settings = snapshot.corpus.tokenizer, snapshot.settings
    if not prompt:
        if not tokenizer.bounded:
            return f"No token means the end here: each text begins after a blank and gets {RUNNING} tokens."
        return "Each text starts at the boundary and ends when the model draws the boundary again."
    try:
        ids = prompt_ids(tokenizer, prompt)
    except LabError:
        return ""
    if settings.model == "bigram":
        last = token_words(tokenizer.token(ids[-1]))
        return f"Only the last {piece(tokenizer)}, {last}, counts: a bigram forgets all before it."
    start = "the boundary" if tokenizer.bounded else "a blank"
    read = f"It reads {start} and your {len(ids)} {piece(tokenizer)}{'s' * (len(ids) != 1)}"
    return f"{read}; the last {settings.context} tokens count{ORDERS.get(settings.model, '')}."
