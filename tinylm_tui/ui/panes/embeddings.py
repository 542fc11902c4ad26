"""Embeddings: the vector of each token as a point, live, with who is near whom; and the numbers behind it."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

from textual import on
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.engine.tokenizer import Tokenizer
from tinylm_tui.lab import kept
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.views import token_counts, token_named
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.drawing.embeddings import (
    Shown,
    no_embeddings,
    not_finite,
    picture_origin,
    picture_page,
    picture_size,
)
from tinylm_tui.ui.drawing.framing import LARGEST_ZOOM, Camera, Frame, nearest_to, nearest_towards
from tinylm_tui.ui.drawing.scatter import name_of
from tinylm_tui.ui.drawing.scene import Film
from tinylm_tui.ui.drawing.vectors import vectors_page
from tinylm_tui.ui.panes.filming import PAIRS, FilmingPane
from tinylm_tui.ui.widgets.canvas import Canvas

Mode = Literal["picture", "numbers"]


def meant(tokenizer: Tokenizer, answer: str) -> int:
    """The token that somebody typed, perhaps by its glyph in the picture. Raises LabError."""
    by_glyph = {name_of(token): token for token in tokenizer.tokens}
    return token_named(tokenizer, by_glyph.get(answer, answer))


class EmbeddingsPane(FilmingPane):
    """The picture with a cursor on one token; the table of numbers."""

    BINDINGS = bindings_for("embeddings")
    main = "#embeddings-picture"
    keeps: ClassVar = {
        "mode": kept.one_of(*get_args(Mode)), "cursor": kept.whole(), "number": kept.whole(),
        "pair": kept.whole(0, PAIRS - 1), "camera.zoom": kept.number(1, LARGEST_ZOOM),
    }  # fmt: skip

    def compose(self) -> ComposeResult:
        self.mode: Mode = "picture"
        self.cursor, self.number = 1, 0  # the token, and the column of the table
        self.first = (0, 0)  # row and column of the table in view
        self.camera = Camera()
        self.film = Film()
        self.frame: Frame | None = None
        yield Canvas(self._page, id="embeddings-picture", focusable=True)

    # ---- what is in view

    def shown(self) -> Shown:
        """All that the page is drawn from."""
        s = self.snapshot
        self.cursor = min(self.cursor, len(self.X) - 1)
        zoom, name = self.camera.zoom, self.name or ""
        return Shown(name, self.X, self.letters, token_counts(s.corpus), self.scene(), self.cursor, zoom, s.step)

    def _page(self, width: int, height: int) -> list[Strip]:
        if self.name is None:
            return no_embeddings(width, self.look)
        if not self.can_be_drawn:
            return not_finite(self.name, width, self.look)
        if self.mode == "numbers":
            names = [name_of(token) for token in self.letters]
            at = (min(self.cursor, len(self.X) - 1), min(self.number, self.X.shape[1] - 1))
            page, self.first = vectors_page(self.X, names, at, self.first, width, height, self.look)
            return page
        shown = self.shown()
        at = shown.scene.points[self.cursor].tolist()
        self.frame = Frame(self.camera.box(shown.scene.box, at), *picture_size(width, height))
        return picture_page(shown, self.frame, width, height, self.look)

    @property
    def keys_without_use(self) -> frozenset[str]:
        """Without vectors there is nothing to look at."""
        return frozenset() if self.can_be_drawn else frozenset({"find", "zoom", "show"})

    def focus_main(self) -> None:
        """Esc comes here too: then back to the picture."""
        if self.query_one(self.main).has_focus and self.mode != "picture":
            self.action_show()
        super().focus_main()

    # ---- keys

    def choose(self, token: int) -> None:
        """Put the cursor on a token."""
        self.cursor = token
        self.redraw()

    def action_move(self, right: int, down: int) -> None:
        """In the picture to the nearest token that way, in the table to the next row or column."""
        if not self.can_be_drawn:
            return
        if self.mode == "numbers":
            self.number = min(max(self.number + right, 0), self.X.shape[1] - 1)
            self.choose(min(max(self.cursor + down, 0), len(self.X) - 1))
        elif self.frame:
            self.choose(nearest_towards(self.frame.places(self.scene().points), self.cursor, right, down))

    def action_step(self, direction: int) -> None:
        if self.can_be_drawn:
            self.choose((self.cursor + direction) % len(self.X))

    def action_show(self) -> None:
        self.mode = "picture" if self.mode == "numbers" else "numbers"
        self.redraw()

    def action_zoom(self, direction: int) -> None:
        """0: close to the cursor's token, or all of it again; otherwise a step closer or back."""
        self.camera.move(direction)
        self.redraw()

    def action_find(self) -> None:
        if self.name is None:
            self.lab.tell("a bigram has no vectors to look among; M chooses a model that has")
            return
        tokenizer = self.snapshot.corpus.tokenizer
        hint = "Type one token as it stands in the text." + (" Nothing: the boundary." if tokenizer.bounded else "")
        question = Question("Find a token", hint, check=lambda text: meant(tokenizer, text))
        self.app.push_screen(question, self._found)

    def _found(self, answer: str | None) -> None:
        if answer is None:
            return
        try:
            self.choose(meant(self.snapshot.corpus.tokenizer, answer))
        except LabError:  # the text was replaced while the question was open
            return

    @on(Canvas.Clicked, "#embeddings-picture")
    def click(self, event: Canvas.Clicked) -> None:
        x, y = event.x - picture_origin()[0], event.y - picture_origin()[1]
        if self.frame and self.can_be_drawn and self.mode == "picture" and self.frame.covers(x, y):
            self.choose(nearest_to(self.frame.places(self.scene().points), 2 * x + 1, 4 * y + 2))
