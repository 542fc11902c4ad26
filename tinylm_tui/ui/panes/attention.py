"""Attention: which token looks at which, in every head, live while it trains and while it writes."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

from textual import on
from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.engine import gpt, trick
from tinylm_tui.lab import kept
from tinylm_tui.lab.views import attention_patterns, first_word, read_text
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dials import WARMEST
from tinylm_tui.ui.drawing.attention import map_page
from tinylm_tui.ui.drawing.attention_frame import head_line, no_attention, notes
from tinylm_tui.ui.drawing.attention_growing import growing_lines, room_for
from tinylm_tui.ui.drawing.head import Head, head_of
from tinylm_tui.ui.drawing.heads import heads_page
from tinylm_tui.ui.drawing.numbers import numbers_page
from tinylm_tui.ui.drawing.place import NONE, Place
from tinylm_tui.ui.drawing.trick import NAMES, trick_page
from tinylm_tui.ui.panes.growing import SPEEDS, GrowingPane
from tinylm_tui.ui.widgets.canvas import Canvas

Mode = Literal["map", "heads", "numbers", "trick"]
TRICK_TOKENS = 48  # the beginning of a longer text is enough: no row depends on what comes after it

KEPT_HERE = {
    "text": kept.maybe(kept.text()), "mode": kept.one_of(*get_args(Mode)), "head": kept.place,
    "cursor": kept.maybe(kept.place), "step": kept.whole(0, len(NAMES) - 1), "dice": kept.whole(),
    "temperature": kept.number(0, WARMEST), "speed": kept.one_of(*SPEEDS),
}  # fmt: skip


class AttentionPane(GrowingPane):
    """A map of one head; all heads at a glance; one look in numbers; and the trick behind it, step by step.

    Each of them on the text that was typed, or on one that the model writes on from there.
    """

    BINDINGS = bindings_for("attention")
    main = "#attention-map"
    keeps: ClassVar = KEPT_HERE

    def compose(self) -> ComposeResult:
        self.mode: Mode = "map"
        self.head = (0, 0)  # layer, head
        self.cursor: tuple[int, int] | None = None  # query, key; None: the last letter, looking at the one before it
        self.step = 0  # of the trick
        self.place: Place | None = None
        self.above = 0  # lines over the map
        yield Canvas(self._page, id="attention-map", focusable=True)

    @property
    def keys_without_use(self) -> frozenset[str]:
        """Without attention there is nothing to look at."""
        return frozenset() if self.looks_back else frozenset({"show", "play"})

    def trace(self) -> gpt.Trace:
        """All that the model computes on the text in view."""
        return self.traced(self.growing.ids if self.growing else tuple(self.read().ids.tolist()))

    def grown(self) -> None:
        """The cursor goes along with the newest token."""
        self.cursor = None
        self.redraw()

    def show(self) -> None:
        """Another model may have fewer layers or heads, and other tokens."""
        self.keep_growing()
        s = self.snapshot.settings
        self.head = (min(self.head[0], s.layers - 1), min(self.head[1], s.heads - 1))
        self.redraw()
        self.offer_keys()

    def at(self, tokens: int) -> tuple[int, int]:
        """The cursor, inside the map of so many tokens."""
        query, key = self.cursor or (tokens - 1, tokens - 2)
        return min(max(query, 0), tokens - 1), min(max(key, 0), tokens - 1)

    # ---- the page

    def _page(self, width: int, height: int) -> list[Strip]:
        s, look = self.snapshot, self.look
        if not self.looks_back:
            tokenizer = s.corpus.tokenizer
            ids = read_text(tokenizer, first_word(s.corpus.text), len(s.corpus.text)).ids
            return no_attention(s.settings, [tokenizer.token(int(i)) for i in ids], width, look)
        trace = self.trace()
        head = head_of(trace, self.letters, *self.head)
        top = self._top(head, width)
        self.above = len(top)
        return [*top, *self._below(head, trace, width, height - len(top))]

    def _top(self, head: Head, width: int) -> list[Strip]:
        """Which head on which text, with what should be known of it."""
        s, look = self.snapshot, self.look
        if self.growing:
            told = self.told(self.growing)
            return growing_lines(told, s.corpus.tokenizer, s.settings, self.head, s.step, width, look)
        said = notes(self.read(), s.settings, s.step, width, look)
        return [head_line(s.settings, self.head, head.letters, width, look), *said]

    def _below(self, head: Head, trace: gpt.Trace, width: int, height: int) -> list[Strip]:
        look, cursor = self.look, self.at(len(head.letters))
        if self.mode == "heads":
            return heads_page(attention_patterns(trace), self.head, width, height, look)
        if self.mode == "numbers":
            return numbers_page(head, cursor, width, height, look)
        if self.mode == "trick":
            head, query = head.beginning(TRICK_TOKENS), min(cursor[0], TRICK_TOKENS - 1)
            return trick_page(trick.steps(head.q, head.k, head.v), self.step, head, query, width, height, look)
        before = (self.place.top, self.place.left) if self.place else (0, 0)
        room = NONE
        if self.growing:
            s = self.snapshot
            room = room_for(len(head.letters), s.settings.context, s.corpus.tokenizer.tokens)
        page, self.place = map_page(head, cursor, width, height, look, before, room=room)
        return page

    def leave(self) -> None:
        """Esc: it stops writing, then the map comes back, then the text that was typed."""
        if not self.pause() and (self.mode != "map" or not self.stop_growing()):
            super().leave()

    def focus_main(self) -> None:
        """Esc comes here too: then back to the map."""
        if self.query_one(self.main).has_focus and self.mode != "map":
            self.change_mode("map")
        super().focus_main()

    # ---- keys

    def change_mode(self, mode: Mode) -> None:
        """Show something else of the same text; the same key again goes back to the map."""
        self.mode = "map" if self.mode == mode else mode
        self.redraw()

    def action_show(self, mode: Mode) -> None:
        if not self.refuses():
            self.change_mode(mode)

    def action_move(self, rows: int, columns: int) -> None:
        """In the map the cursor; among the heads the chosen one; in the trick left and right are the steps."""
        if not self.looks_back:
            return
        if self.mode == "heads":
            self.choose(rows, columns)
            return
        if self.mode == "trick":
            self.step, columns = min(max(self.step + columns, 0), len(NAMES) - 1), 0
        tokens = self.trace().ids.shape[1]
        query, key = self.at(tokens)
        if self.mode == "numbers":  # there the keys stand below each other, and the text runs from left to right
            rows, columns = columns, rows
        self.cursor = (min(max(query + rows, 0), tokens - 1), min(max(key + columns, 0), tokens - 1))
        self.redraw()

    def choose(self, layers: int, heads: int) -> None:
        """Another head, round and round."""
        s = self.snapshot.settings
        self.head = ((self.head[0] + layers) % s.layers, (self.head[1] + heads) % s.heads)
        self.redraw()

    def action_choose(self, layers: int, heads: int) -> None:
        if not self.refuses():
            self.choose(layers, heads)

    def action_open(self) -> None:
        """Enter: from the heads to the one under the cursor, from the map to its numbers, in the trick one step on."""
        if self.refuses():
            return
        if self.mode == "trick":
            self.step = (self.step + 1) % len(NAMES)
            self.redraw()
        else:
            self.change_mode("map" if self.mode == "heads" else "numbers")

    @on(Canvas.Clicked, "#attention-map")
    def click(self, event: Canvas.Clicked) -> None:
        cell = self.place.at(event.x, event.y - self.above) if self.place and self.mode == "map" else None
        if cell and self.looks_back:
            self.cursor = cell
            self.redraw()
