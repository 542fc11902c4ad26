"""A text that was edited and is not loaded yet: what it is called, how it is read, and what it comes to."""

from __future__ import annotations

from tinylm_tui.engine.reading import guess_reading, units_of
from tinylm_tui.lab.corpus import Corpus, corpus_of, make_corpus, refuse_unusable
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.settings import Settings

OWN = "my text"  # the name of a text that was begun in an empty editor
EDITED = "edited "  # before the name of a text that the person changed


def edited_name(before: str) -> str:
    """The name of what an edit makes of a text: the same for an edit of an edit, and for a text of one's own."""
    return before if before.startswith((EDITED, OWN)) else f"{EDITED}{before}"


def edited_reading(text: str, before: Corpus, told: str) -> str:
    """How an edited text is to be read: as told, or as before, unless it has got another shape."""
    same_shape = guess_reading(text) == guess_reading(before.text)
    return before.reading if told == "auto" and same_shape else told


def edited_corpus(text: str, before: Corpus, settings: Settings) -> Corpus:
    """An edited text, counted. Raises TextError or SettingError where nothing can be learnt from it.

    Byte pairs are learnt when it is loaded: until then those of the text before are used.
    """
    cut, reading = cut_of(settings), edited_reading(text, before, settings.reading)
    if cut.tokenizer != "bpe":
        return make_corpus("", text, reading, cut)
    reading = guess_reading(text) if reading == "auto" else reading
    refuse_unusable(text)
    tokenizer = before.tokenizer.extended("".join(units_of(text, reading)))
    return corpus_of("", text, reading, tokenizer)
