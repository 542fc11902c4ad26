"""The model and its sizes, chosen together: what they would make is in view before anything is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.strip import Strip

from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.models import WINDOWS
from tinylm_tui.lab.planning import Plan, plan
from tinylm_tui.lab.settings import MODELS, Settings
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.dialogs.base import Dialog
from tinylm_tui.ui.dials import dialled, value_text
from tinylm_tui.ui.drawing.sizes import SUMMARY, field_lines, plan_lines, refusal_lines
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.widgets.canvas import Canvas

FIELDS = {
    "bigram": ("model", "learn_rate"),
    "average": ("model", "context", "width", "batch", "learn_rate"),
    "mlp": ("model", "context", "width", "hidden", "batch", "learn_rate"),
    "gpt": ("model", "layers", "heads", "width", "context", "batch", "tie_head", "learn_rate"),
}
PRESETS: dict[str, dict[str, dict[str, str]]] = {
    "bigram": {},  # its size is that of the text's vocabulary
    "average": {
        "tiny": {"context": "3", "width": "8"},
        "default": {"context": "5", "width": "32"},
        "big": {"context": "10", "width": "128"},
    },
    "mlp": {
        "tiny": {"context": "5", "width": "4", "hidden": "16"},
        "default": {"context": "10", "width": "8", "hidden": "64"},
        "big": {"context": "16", "width": "32", "hidden": "256"},
    },
    "gpt": {
        "tiny": {"layers": "2", "heads": "2", "width": "32", "context": "16"},
        "default": {"layers": "2", "heads": "4", "width": "64", "context": "32"},
        "big": {"layers": "4", "heads": "4", "width": "128", "context": "64"},
    },
}
LADDERS = {
    "layers": tuple(range(1, 25)),
    "width": (8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024),
    "context": (4, 8, 16, 32, 64, 128, 256, 512, 1024),
    "batch": (1, 2, 4, 8, 12, 16, 32, 64, 128, 256, 512),
}
WINDOW_LADDERS = {
    "width": (1, 2, 4, 8, 16, 32, 64, 128, 256),
    "context": (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 32, 48, 64),
    "hidden": (8, 16, 32, 50, 64, 100, 128, 200, 256, 512, 1024),
}
TYPED = "0123456789.e-"
LONGEST = 9  # characters typed into one field
MOST_HEADS = 32

Pairs = tuple[tuple[str, str], ...]


class Sizes(Dialog[Pairs]):
    """Gives back the settings to change, as they go into one Configure; esc leaves everything as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k,shift+tab", "move(-1)", "field before"),
        Binding("down,j,tab", "move(1)", "next field"),
        Binding("left,h", "turn(-1)", "less"),
        Binding("right,l,space", "turn(1)", "more"),
        Binding("t", "preset('tiny')", "tiny"),
        Binding("d", "preset('default')", "default"),
        Binding("b", "preset('big')", "big"),
        Binding("backspace", "rub_out", "rub out"),
        Binding("enter", "take", "take it"),
    ]

    def __init__(self, snapshot: Callable[[], Snapshot], look: Look) -> None:
        super().__init__()
        self._snapshot, self._look = snapshot, look
        now = snapshot().settings
        # What was chosen for a model is there again after a look at another one.
        self.values = {model: _texts(now.changed("model", model)) for model in MODELS}
        self.model = now.model
        self.field = "model"
        self.typed = False  # whether the value of the field is being typed

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "The model and its sizes"
            box.border_subtitle = self._keys()
            yield Canvas(self._draw, id="sizes", focusable=True)

    def _keys(self) -> str:
        sizes = "  t tiny  d default  b big" if PRESETS[self.model] else ""
        return f"↑↓ go  ←→ turn  0-9 set{sizes}  enter ok  esc leave"

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the model chosen, with their values as text."""
        return self.values[self.model]

    def plan(self) -> Plan:
        """What the values in view would make. Raises LabError with the reason where they will not do."""
        now = self._snapshot()
        return plan(now.settings, now.corpus, self.fields)

    def _draw(self, width: int, height: int) -> list[Strip]:
        rows = field_lines(self.fields, self.field, self.typed, width, self._look)
        room = max(map(len, FIELDS.values())) - len(rows)
        try:
            told = plan_lines(self.plan(), width, self._look)
        except LabError as error:
            told = refusal_lines(str(error), width, self._look)
        told += [Strip.blank(0)] * (SUMMARY - len(told))
        return [*rows, *[Strip.blank(0)] * room, Strip.blank(0), *told]

    def redraw(self) -> None:
        """Draw again."""
        self.query_one(".box").border_subtitle = self._keys()
        self.query_one(Canvas).redraw()

    # ---- keys

    def action_move(self, direction: int) -> None:
        names = list(self.fields)
        self._go_to(names[(names.index(self.field) + direction) % len(names)])

    def _go_to(self, name: str) -> None:
        self.field, self.typed = name, False
        self.redraw()

    def action_turn(self, direction: int) -> None:
        self.typed = False
        if self.field == "model":
            models = list(MODELS)
            self.model = models[(models.index(self.model) + direction) % len(models)]
        else:
            self.fields[self.field] = turned(self.field, self.fields, direction)
        self.redraw()

    def action_preset(self, name: str) -> None:
        """Sizes for the model that is chosen; none fit a bigram."""
        self.typed = False
        self.fields.update(PRESETS[self.model].get(name, {}))
        self.redraw()

    def on_key(self, event: events.Key) -> None:
        """Digits and what else numbers are made of: the first one typed replaces the value."""
        if event.character is None or event.character not in TYPED or self.field in ("model", "tie_head"):
            return
        event.stop()
        before = self.fields[self.field] if self.typed else ""
        self.fields[self.field] = (before + event.character)[:LONGEST]
        self.typed = True
        self.redraw()

    def action_rub_out(self) -> None:
        if self.field not in ("model", "tie_head"):
            self.fields[self.field], self.typed = self.fields[self.field][:-1], True
            self.redraw()

    def action_take(self) -> None:
        """Only what will do is taken; the reason why not is in view already."""
        try:
            pairs = self.plan().pairs
        except LabError:
            return
        self.dismiss(pairs)

    @on(Canvas.Clicked)
    def click(self, event: Canvas.Clicked) -> None:
        names = list(self.fields)
        if event.y < len(names):
            self._go_to(names[event.y])


def _texts(settings: Settings) -> dict[str, str]:
    """The fields of a model with their values as a person would write them."""
    return {name: value_text(getattr(settings, name)) for name in FIELDS[settings.model]}


def turned(name: str, fields: dict[str, str], direction: int) -> str:
    """The next value above or below: along a ladder, for heads along what divides the width."""
    if name == "tie_head":
        return "no" if fields[name] == "yes" else "yes"
    now = _number(fields[name])
    if name == "learn_rate":
        return f"{dialled(now, direction):.10g}"
    ladders = LADDERS | (WINDOW_LADDERS if fields.get("model") in WINDOWS else {})
    ladder = ladders.get(name) or divisors(int(_number(fields["width"])))
    beyond = [x for x in ladder if (x > now if direction > 0 else x < now)]
    return str((beyond[0] if direction > 0 else beyond[-1]) if beyond else ladder[-1 if direction > 0 else 0])


def divisors(width: int) -> tuple[int, ...]:
    """How many heads a width can be shared among."""
    return tuple(n for n in range(1, MOST_HEADS + 1) if width % n == 0) or (1,)


def _number(text: str) -> float:
    """What stands in a field, or 0 where that is no number yet."""
    try:
        return float(text)
    except ValueError:
        return 0.0
