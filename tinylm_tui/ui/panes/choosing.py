"""Choosing token after token: what the step by step page does with its tree, without what it draws."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from textual import work

from tinylm_tui.engine.strategies import Strategy
from tinylm_tui.engine.tokenizer import BOUNDARY
from tinylm_tui.lab.candidates import Candidates, Moment, Reader, thrown_dice
from tinylm_tui.lab.errors import LabError, TextError
from tinylm_tui.lab.kept import mark_of, taken, whole
from tinylm_tui.lab.kept_trees import plain_trees, trees, trees_left_out
from tinylm_tui.lab.stepping import By, Tree, chosen, undone
from tinylm_tui.lab.writing import prompt_ids
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.panes.generate import GeneratePane
from tinylm_tui.ui.panes.strategy import Dials, StrategyPane

MOST_TYPED = 500  # tokens at a time
OVER = "the text has ended: left goes back to an earlier step, u takes the boundary back"
WRITE_ON = "A token or a text: each of its tokens becomes a step. The boundary is taken in the table."
GOES_ON = "The text has ended. What you type takes the boundary back, and the text goes on with it."


class ChoosingPane(StrategyPane):
    """The prompt and the dials are those of Generate; what was written after each prompt is kept."""

    def begin(self) -> None:
        """Nothing written yet with the tokens of this model."""
        self.tokens = self.snapshot.corpus.tokenizer.tokens
        self.trees: dict[tuple[int, ...], Tree] = {}  # by what they begin with: a prompt, or nothing
        self.cursor: int | None = None  # the token it stands on; None: what is chosen here, else the likeliest
        self.reader = Reader()

    def kept(self) -> dict[str, Any]:
        """What was chosen; the ids mean something among these tokens only."""
        written = plain_trees(self.trees, self.written.given)
        return {"tokens": mark_of(self.tokens), "trees": written, "cursor": self.cursor}

    @property
    def left_out(self) -> str:
        return trees_left_out(self.trees)

    def restore(self, told: Mapping[str, object]) -> None:
        if self.tokens != self.snapshot.corpus.tokenizer.tokens:
            self.begin()
        if told.get("tokens") == mark_of(self.tokens):
            size = len(self.tokens)
            self.trees = taken(trees(size), told.get("trees")) or self.trees
            self.cursor = taken(whole(0, size - 1), told.get("cursor"))

    @property
    def samples(self) -> GeneratePane:
        """The page of samples, which has the prompt and the dials."""
        return cast(GeneratePane, self.lab.pane("generate"))

    @property
    def dials(self) -> Dials:
        return self.samples.dials

    @property
    def strategy(self) -> Strategy:
        """The dials for this model."""
        return self.dials.strategy(self.snapshot.corpus.size)[0]

    @property
    def moment(self) -> Moment:
        """Which weights are asked now."""
        return self.reader.moment(self.snapshot)

    @property
    def written(self) -> Tree:
        """What was written after this prompt."""
        given = (BOUNDARY, *self.prompt()[0])
        return self.trees.get(given, Tree(given))

    def prompt(self) -> tuple[list[int], list[str]]:
        """The ids of the prompt; none, and why, where the model cannot read it."""
        try:
            return prompt_ids(self.snapshot.corpus.tokenizer, self.samples.prompt), []
        except LabError as error:
            return [], [f"The prompt is left out: {error}."]

    def go_to(self, tree: Tree) -> None:
        """Stand somewhere else, or on something new."""
        self.trees[tree.given], self.cursor = tree, None
        self.redraw()

    @property
    def ended(self) -> bool:
        """Whether nothing can come next."""
        return self.written.ended(self.snapshot.corpus.tokenizer)

    def candidates(self) -> Candidates:
        """What may come next."""
        return self.reader.candidates(self.snapshot, self.written.ids, self.strategy)

    def under_cursor(self) -> int:
        """The token that the cursor stands on."""
        tree = self.written
        taken = None if tree.next is None else tree.steps[tree.next].token
        wanted = taken if self.cursor is None else self.cursor
        return int(self.candidates().ids[0]) if wanted is None else wanted

    # ---- choosing

    def choose(self, token: int, by: By) -> None:
        """One step on with this token."""
        self.go_to(chosen(self.written, self.candidates(), token, by, self.moment))

    def is_open(self) -> bool:
        """Whether something can be chosen here; it says why not. What was being written ends."""
        self.workers.cancel_node(self)
        if self.ended:
            self.lab.tell(OVER)
        return not self.ended

    def action_dice(self) -> None:
        if self.is_open():
            self.choose(thrown_dice(self.candidates(), self.dials.dice, len(self.written.done)), "dice")

    def action_likeliest(self) -> None:
        if self.is_open():
            self.choose(int(self.candidates().ids[0]), "greedy")

    def action_type_text(self) -> None:
        self.workers.cancel_node(self)  # what was being written ends
        hint = GOES_ON if self.ended else WRITE_ON
        self.app.push_screen(Question("Write on", hint, check=self._typed_ids), self._typed)

    def _typed_ids(self, text: str) -> list[int]:
        ids = prompt_ids(self.snapshot.corpus.tokenizer, text)
        if len(ids) > MOST_TYPED:
            raise TextError(f"that is {len(ids):,} tokens: up to {MOST_TYPED} at a time will do")
        return ids

    def _typed(self, answer: str | None) -> None:
        if not answer:
            return
        if self.ended:
            self.go_to(undone(self.written))
        self._write(answer)

    @work(exclusive=True)
    async def _write(self, text: str) -> None:
        """Step after step, and keys are answered between them; esc ends it, and so do other tokens of the model."""
        tokens = self.tokens
        for token in self._typed_ids(text):
            if self.tokens is not tokens or self.ended:
                return
            self.choose(token, "you")
            await asyncio.sleep(0)

    def stop_writing(self) -> bool:
        """End what is being written. Whether there was anything."""
        writing = any(worker.node is self and worker.is_running for worker in self.workers)
        self.workers.cancel_node(self)
        return writing
