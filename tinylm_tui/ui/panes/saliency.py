"""Saliency: which earlier tokens moved a guess, measured in two ways, live while it trains."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.strip import Strip

from tinylm_tui.engine.progress import Told
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab import kept, moving
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.moving import Moved
from tinylm_tui.lab.views import ReadText, beginning_of, read_text
from tinylm_tui.ui.bindings import bindings_for
from tinylm_tui.ui.dialogs.question import Question as OneLine
from tinylm_tui.ui.drawing.saliency import View, saliency_page, without_saliency
from tinylm_tui.ui.drawing.tokens import left_out
from tinylm_tui.ui.ink import wrapped
from tinylm_tui.ui.panes.reckoning import Question, ReckoningPane
from tinylm_tui.ui.visible import visible
from tinylm_tui.ui.widgets.canvas import Canvas

BEGINNING = 40  # characters of the corpus that are looked at, if no other text is typed
LONGEST = 2_000  # tokens of a text that can be walked through: the last ones
SCROLL = 5  # rows that a key scrolls


class SaliencyPane(ReckoningPane):
    """A text, a place in it, and what moved the guess there."""

    BINDINGS = bindings_for("saliency")
    main = "#saliency-page"
    keeps: ClassVar = {
        "text": kept.maybe(kept.text()), "position": kept.maybe(kept.whole()), "rank": kept.maybe(kept.whole()),
        "back": kept.whole(),
    }  # fmt: skip

    def compose(self) -> ComposeResult:
        self.text: str | None = None  # what the person typed; None: the beginning of the corpus
        self.position: int | None = None  # of the last token that is read; None: the last but one
        self.rank: int | None = None  # of the token asked about, from 0 on; None: the one that really comes
        self.back = 0  # rows scrolled towards the beginning
        self.most_back = 0
        yield Canvas(self._page, id="saliency-page", focusable=True)

    @property
    def moves(self) -> bool:
        """Whether more than one token can move a guess of this model."""
        return self.snapshot.settings.model != "bigram"

    @property
    def keys_without_use(self) -> frozenset[str]:
        """Of a bigram there is nothing to see."""
        return frozenset() if self.moves else frozenset({"type_text", "move"})

    def show(self) -> None:
        if self.moves:
            self.ask()
        self.redraw()
        self.offer_keys()

    def rehearse(self) -> None:
        """Without the figures: they are put off until somebody looks."""

    # ---- question and answer

    def read(self) -> ReadText:
        """The text as the model reads it."""
        return read_on(self.snapshot.corpus, self.text)

    def at(self, tokens: int) -> int:
        """The place of the last token that is read, inside a text of so many."""
        return min(max(tokens - 2 if self.position is None else self.position, 0), tokens - 1)

    def question(self) -> Question:
        ids = self.read().ids
        return Question(self.snapshot, (self.text, self.at(len(ids)), self.rank))

    def cost(self, question: Question) -> int:
        s = question.snapshot
        return moving.work(s.params, s.settings, question.chosen[1] + 1)

    def reckon(self, question: Question, told: Told) -> Moved:
        s, (text, position, rank) = question.snapshot, question.chosen
        ids = read_on(s.corpus, text).ids
        return moving.moved(
            s.params, s.corpus.tokenizer, s.settings, ids[: position + 1], came_of(ids, position), rank
        )  # fmt: skip

    # ---- the page

    def _page(self, width: int, height: int) -> list[Strip]:
        if not self.moves:
            return without_saliency(width, self.look)
        asked = self.answered
        if not isinstance(self.answer, Moved) or asked is None:
            words = self.answer if isinstance(self.answer, str) else "working it out…"
            return wrapped(visible(words), width, self.look.style("text"))
        if asked.snapshot.corpus_version != self.snapshot.corpus_version:
            return wrapped("working it out…", width, self.look.style("text"))
        return self._answered(self.answer, asked, width, height)

    def _answered(self, found: Moved, asked: Question, width: int, height: int) -> list[Strip]:
        s, (text, position, _) = asked.snapshot, asked.chosen
        read = read_on(s.corpus, text)
        view = View(
            read.ids, position, found, s.corpus.tokenizer.tokens, came_of(read.ids, position), s.settings.model, s.step,
            self._note(read, found, asked),
        )  # fmt: skip
        page, self.most_back = saliency_page(view, width, height, self.look, self.back)
        return page

    def _note(self, read: ReadText, found: Moved, asked: Question) -> str:
        """What should be known about what is in view."""
        if self.busy and not asked.about(self.question()):
            return "working it out… esc stops it"
        notes, used = [], len(found.ids)
        if read.unknown:
            notes.append(left_out(read.unknown))
        if used <= asked.chosen[1]:
            why = "the context of this model" if used == asked.snapshot.settings.context else "for the time it takes"
            notes.append(f"the last {used} tokens are used, {why}")
        if asked.snapshot.step == 0:
            notes.append("not trained yet: space trains")
        return "; ".join(notes)

    # ---- keys

    def action_move(self, direction: int) -> None:
        if not self.moves:
            return
        tokens = len(self.read().ids)
        self.position, self.rank, self.back = min(max(self.at(tokens) + direction, 0), tokens - 1), None, 0
        self.show()

    def action_target(self, direction: int) -> None:
        """To the token that is one rank likelier, or less likely, than the one asked about."""
        if self.moves and isinstance(self.answer, Moved):
            here = self.answer.rank if self.rank is None else self.rank
            self.rank = min(max(here + direction, 0), len(self.answer.probabilities) - 1)
            self.show()

    def action_really(self) -> None:
        self.rank = None
        self.show()

    def action_scroll(self, direction: int) -> None:
        self.back = min(max(self.back - direction * SCROLL, 0), self.most_back)
        self.redraw()

    def action_type_text(self) -> None:
        if not self.moves:
            self.lab.tell("in a bigram only the last token moves the next; M chooses a model that sees more")
            return
        hint = "Type a text; nothing means the beginning of the corpus. The model does not learn it."
        self.app.push_screen(OneLine("What moved the next token after", hint, self.text or ""), self._typed)

    def _typed(self, answer: str | None) -> None:
        if answer is not None:
            self.text, self.position, self.rank, self.back = answer or None, None, None, 0
            self.show()

    def leave(self) -> None:
        """Esc stops what is under way, and brings back what it was to replace."""
        if self.busy and self.answered:
            self.text, self.position, self.rank = self.answered.chosen
        self.stop()
        self.redraw()
        super().leave()


def read_on(corpus: Corpus, text: str | None) -> ReadText:
    """A text as the model reads it; None: the beginning of the corpus."""
    return read_text(corpus.tokenizer, beginning_of(corpus, BEGINNING) if text is None else text, LONGEST)


def came_of(ids: Ids, position: int) -> int | None:
    """The token that comes after a place, where the text goes on."""
    return int(ids[position + 1]) if position + 1 < len(ids) else None
