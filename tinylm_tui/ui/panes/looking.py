"""What a gpt computes on a text: the text that a person types, read as the model reads it, and its trace."""

from __future__ import annotations

import numpy as np

from tinylm_tui.engine import gpt
from tinylm_tui.engine.parameters import Array
from tinylm_tui.lab.models import article
from tinylm_tui.lab.views import ReadText, first_word, gpt_trace, read_text
from tinylm_tui.lab.writing import prompt_ids
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.panes.base import Pane


class LookingPane(Pane):
    """A screen over all that a gpt computes on a text."""

    text: str | None = None  # what the person typed; None: the first word of the corpus
    _read: tuple[object, ReadText] | None = None
    _traces: tuple[tuple[object, gpt.Trace], ...] = ()  # the last two: a text that slides is looked at in both places

    def text_typed(self) -> None:
        """There is another text."""
        raise NotImplementedError

    @property
    def looks_back(self) -> bool:
        """Whether the model has attention at all."""
        return self.snapshot.settings.model == "gpt"

    @property
    def typed(self) -> str:
        """The text that is looked at."""
        return self.text if self.text is not None else first_word(self.snapshot.corpus.text)

    def read(self) -> ReadText:
        """The text as the model reads it, cut into tokens once."""
        s, text = self.snapshot, self.typed
        asked = (s.corpus_version, s.settings.context, text)
        if self._read is None or self._read[0] != asked:
            self._read = (asked, read_text(s.corpus.tokenizer, text, s.settings.context))
        return self._read[1]

    def beginning(self) -> tuple[int, ...]:
        """The text that was typed, behind the boundary (or a blank); nothing else where none was."""
        text = self.text or ""
        return tuple(read_text(self.snapshot.corpus.tokenizer, text, len(text) + 1).ids.tolist())

    def traced(self, ids: tuple[int, ...]) -> gpt.Trace:
        """All that the model computes on the last tokens of a text that fit: once for each snapshot and text."""
        s = self.snapshot
        window = ids[-s.settings.context :]
        asked = (s.version, s.corpus_version, window)
        known = next((trace for key, trace in self._traces if key == asked), None)
        if known is None:
            known = gpt_trace(s.params, s.corpus.size, s.settings, np.array(window, dtype=np.int32))
            self._traces = ((asked, known), *self._traces[:1])
        return known

    def expected(self, ids: tuple[int, ...]) -> Array:
        """(V,), the scores of what comes after a text."""
        after: Array = self.traced(ids).logits[0, -1]
        return after

    def expected_before(self, ids: tuple[int, ...]) -> Array:
        """(V,), the scores out of which the last token of a text came; it must have two."""
        if len(ids) > self.snapshot.settings.context:  # the first token that was seen then is no longer in the window
            return self.expected(ids[:-1])
        before: Array = self.traced(ids).logits[0, -2]
        return before

    # ---- keys

    def refuses(self) -> bool:
        """Whether there is no attention to watch; then it is said."""
        if not self.looks_back:
            self.lab.tell(f"{article(self.snapshot.settings.model)} has no attention to look at; M chooses a gpt")
        return not self.looks_back

    def action_type_text(self) -> None:
        s = self.snapshot
        if self.refuses():
            return
        hint = f"Type a text; nothing means the boundary alone. The last {s.settings.context} tokens are used."
        question = Question("Look at", hint, check=lambda text: prompt_ids(s.corpus.tokenizer, text))
        self.app.push_screen(question, self._typed)

    def _typed(self, answer: str | None) -> None:
        if answer is not None:
            self.text = answer
            self.text_typed()
