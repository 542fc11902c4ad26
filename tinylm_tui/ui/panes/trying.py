"""Trying other tokens on the text of a run: learnt in a thread beside the screen, stopped at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual import on, work
from textual.timer import Timer
from textual.worker import Worker, WorkerState, get_current_worker

from tinylm_tui.engine.reading import units_of
from tinylm_tui.engine.tokenizer import CharTokenizer
from tinylm_tui.lab import kept
from tinylm_tui.lab.commands import Configure
from tinylm_tui.lab.corpus import Corpus, make_corpus
from tinylm_tui.lab.cutting import CHARACTERS, Cut, cut_of
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.numbers import parse_whole
from tinylm_tui.lab.settings import MOST_TOKENS, TOKENIZERS, setting
from tinylm_tui.lab.tokens import Story
from tinylm_tui.ui.dialogs.question import Question
from tinylm_tui.ui.drawing.tokens_page import Progress
from tinylm_tui.ui.panes.base import Pane

REPORT = 0.1  # seconds between two looks at how far it is
THEIRS = "these are the model's tokens already; b, v and n try others"
VOCABULARY = (
    "How many different tokens to stop at: the boundary, the characters of the text, and one more for each merge. "
    "100 to 300 suit a short text."
)


def cut_kept(*tokenizers: str) -> kept.Kind:
    """A cut by one of these."""
    parts = kept.row(kept.one_of(*tokenizers), kept.whole(2, MOST_TOKENS), kept.flag)
    return lambda value: Cut(*parts(value))


class TryingPane(Pane):
    """A screen that can cut the run's text anew while the run keeps the tokens it has."""

    wanted: Cut  # the byte pairs to try next
    tried: Cut | None = None  # what is shown in place of the run's own tokens
    note = ""  # one sentence about it
    progress: Progress | None = None  # of the try under way
    _asked: tuple[Cut, Worker[Story | str]] | None = None
    _reports: Timer | None = None

    @property
    def shown(self) -> Cut:
        """The tokens in view, as they can be asked for: of the run, of a try, or of a moment before its last merge."""
        return self.tried or cut_of(self.snapshot.settings)

    def found(self, cut: Cut, result: Story | str) -> None:
        """What a try came to, or why it cannot be."""
        raise NotImplementedError

    def back(self) -> None:
        """From what was tried to the tokens of the run."""
        raise NotImplementedError

    # ---- for the next lab

    def kept(self) -> dict[str, Any]:
        """Of a try only which tokens were asked for: it is made again."""
        return {**super().kept(), "tried": kept.plain(self.tried)}

    def restore(self, told: Mapping[str, object]) -> None:
        super().restore(told)
        if tried := kept.taken(cut_kept(*TOKENIZERS), told.get("tried")):
            self.attempt(tried)

    # ---- keys

    def action_byte_pairs(self) -> None:
        if self.progress:
            self.stop_try()
            self.redraw()
        elif (self.tried or cut_of(self.snapshot.settings)).tokenizer == "bpe":
            self.lab.tell("these are byte pairs; v tries another vocabulary size, w another cut into words")
        else:
            self.attempt(self.wanted)

    def action_characters(self) -> None:
        self.attempt(CHARACTERS)

    def action_split_words(self) -> None:
        self.attempt(Cut("bpe", self.wanted.vocabulary, not self.wanted.split_words))

    def action_vocabulary(self) -> None:
        question = Question("Vocabulary size", VOCABULARY, str(self.wanted.vocabulary), self._refuse_small)
        self.app.push_screen(question, self._vocabulary)

    def _refuse_small(self, answer: str) -> None:
        """Raises SettingError for a vocabulary without room for every character, and says what this text can have."""
        corpus = self.snapshot.corpus
        least = CharTokenizer.of("".join(units_of(corpus.text, corpus.reading))).size
        parse_whole("a vocabulary for this text", answer, least, MOST_TOKENS)

    def _vocabulary(self, answer: str | None) -> None:
        if answer is not None:
            self.attempt(Cut("bpe", int(str(setting("vocabulary").parse(answer))), self.wanted.split_words))

    def action_use(self) -> None:
        """The model starts over on the tokens that were tried."""
        if self.progress:
            self.lab.tell("the text is still being cut; esc stops that")
        elif (shown := self.shown) == cut_of(self.snapshot.settings):
            self.lab.tell(THEIRS)
        elif shown.tokenizer == "bpe":
            pairs = (("vocabulary", str(shown.vocabulary)), ("split_words", str(shown.split_words).lower()))
            self.lab.send(Configure((("tokenizer", "bpe"), *pairs)))
        else:
            self.lab.send(Configure((("tokenizer", shown.tokenizer),)))

    def attempt(self, cut: Cut) -> None:
        """Look at the text in these tokens; the model keeps the ones it has."""
        if cut.tokenizer == "bpe":
            self.wanted = cut
        self.stop_try()
        if cut == cut_of(self.snapshot.settings):
            self.back()
        elif cut != self.tried:
            self.note = ""
            self.begin_try(cut)
        self.redraw()

    # ---- in a thread

    def begin_try(self, cut: Cut) -> None:
        """Cut the text of the run in another way; nothing else may be under way."""
        self.progress = Progress()
        self._asked = (cut, self._tell_story(self.snapshot.corpus, cut, self.progress))
        self._reports = self.set_interval(REPORT, self.redraw)

    def stop_try(self) -> bool:
        """Stop the try under way; whether there was one."""
        if self._asked is None:
            return False
        self._asked[1].cancel()
        self._end_try()
        return True

    def _end_try(self) -> None:
        self._asked = self.progress = None
        if self._reports:
            self._reports.stop()

    @work(thread=True, exclusive=True)
    def _tell_story(self, corpus: Corpus, cut: Cut, progress: Progress) -> Story | str:
        """The text in other tokens, or why that cannot be; in a thread of its own."""
        worker = get_current_worker()

        def told(done: int, of: int) -> bool:
            progress.done, progress.of = done, of
            return not worker.is_cancelled

        try:
            return Story(make_corpus(corpus.name, corpus.text, corpus.reading, cut, told).without_ids())
        except LabError as error:
            return str(error)
        except MemoryError:
            return "there is not enough memory to cut this text; a smaller vocabulary would do"

    @on(Worker.StateChanged)
    def story_told(self, event: Worker.StateChanged) -> None:
        if self._asked and event.worker is self._asked[1] and event.state == WorkerState.SUCCESS:
            cut, result = self._asked[0], event.worker.result
            self._end_try()
            if result is not None:
                self.found(cut, result)
            self.redraw()
