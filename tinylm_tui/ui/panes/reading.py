"""A text that the model reads, and a second reader beside it: which text and who, and what it is to each of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tinylm_tui.engine.progress import Told as Progress
from tinylm_tui.lab.errors import LabError, Stopped
from tinylm_tui.lab.readers import Reader, reader_of
from tinylm_tui.lab.surprising import LONGEST, Surprise, read
from tinylm_tui.ui.dialogs.paper import Paper
from tinylm_tui.ui.dialogs.question import Question as OneLine
from tinylm_tui.ui.drawing.surprise import Told
from tinylm_tui.ui.panes.reckoning import Question, ReckoningPane
from tinylm_tui.ui.panes.second import Beside, SecondReader
from tinylm_tui.ui.places import open_path, reader_hint

BEGINNING = 400  # characters of the corpus that are read, if no other text is typed
OF_A_FILE = 10**12  # multiplications that reading a saved run counts as: nobody knows its size before


@dataclass(frozen=True, eq=False)
class Answer:
    """What was read, and why the second reader could not."""

    readers: tuple[Told, ...]
    trouble: str = ""


class ReadingPane(ReckoningPane):
    """A screen over a text as its readers take it."""

    text: str | None = None  # what the person wrote; None: the beginning of the corpus
    beside: Beside = "counts"
    second: SecondReader

    def text_typed(self) -> None:
        """There is another text."""
        raise NotImplementedError

    def show(self) -> None:
        self.ask()
        self.redraw()

    def rehearse(self) -> None:
        """Without the text: reading it is put off until somebody looks."""

    # ---- question and answer

    def question(self) -> Question:
        return Question(self.snapshot, (self.text, self.beside))

    def cost(self, question: Question) -> int:
        text, beside = question.chosen
        if isinstance(beside, Path) and not self.second.has(beside):
            return OF_A_FILE
        s = question.snapshot
        characters = BEGINNING if text is None else min(len(text), LONGEST)
        return 2 * characters * (reader_of(s.corpus, s.params, s.settings).work + 1000)

    def reckon(self, question: Question, told: Progress) -> Answer:
        s, (text, beside) = question.snapshot, question.chosen
        most = BEGINNING if text is None else LONGEST
        text = s.corpus.text if text is None else text

        def heard(reader: Reader) -> Surprise:
            return read(reader, text, most, told)

        model = s.settings.model
        first = Told(model, f"{model}, step {s.step:,}", heard(reader_of(s.corpus, s.params, s.settings)))
        try:
            second = self.second.of(s, beside)
            return Answer((first, *[Told(name, title, heard(reader)) for name, title, reader in second]))
        except Stopped:
            raise
        except LabError as error:
            return Answer((first,), str(error))

    @property
    def shown(self) -> Surprise | None:
        """The text as this model takes it, where there is anything to guess in it."""
        if not isinstance(self.answer, Answer):
            return None
        surprise = self.answer.readers[0].surprise
        return surprise if len(surprise.nats) else None

    # ---- keys

    def action_type_text(self) -> None:
        hint = "Paste or write any text; nothing means the beginning of the corpus. The model does not learn it."
        self.app.push_screen(Paper("How surprising is", hint, self.text or ""), self._typed)

    def _typed(self, answer: str | None) -> None:
        if answer is not None:
            self.text = answer or None
            self.text_typed()
            self.show()

    def action_beside(self) -> None:
        """The counts of the text beside this model, or nobody."""
        self.beside = "counts" if self.beside == "nobody" else "nobody"
        self.show()

    def action_saved(self) -> None:
        self.app.push_screen(OneLine("Read it with", reader_hint(), "", open_path), self._chosen)

    def _chosen(self, answer: str | None) -> None:
        if answer is not None:
            self.beside = open_path(answer)
            self.show()

    def leave(self) -> None:
        """Esc stops what is under way, and brings back what it was to replace."""
        if self.busy and self.answered:
            self.text, self.beside = self.answered.chosen
        self.stop()
        self.redraw()
        super().leave()
