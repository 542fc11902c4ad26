"""What other sizes would make of the model, before anything is allocated: its weights, its memory, or why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tinylm_tui.engine.gpt_config import count
from tinylm_tui.engine.reading import units_of
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.learners.streams import parts
from tinylm_tui.lab.learners.units import joined
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.settings import Settings, setting


@dataclass(frozen=True)
class Plan:
    """A model that could be made."""

    settings: Settings
    vocabulary: int
    restarts: bool  # whether the model would start over
    pairs: tuple[tuple[str, str], ...]  # what has to be told to the trainer; empty where nothing changes

    @property
    def weights(self) -> int:
        """How many weights it would have."""
        return count(model_of(self.settings).shapes(self.settings, self.vocabulary))

    @property
    def memory(self) -> int | None:
        """About how many bytes training would take, where that is known."""
        return model_of(self.settings).memory(self.settings, self.vocabulary)


def plan(settings: Settings, corpus: Corpus, wanted: Mapping[str, str]) -> Plan:
    """What `wanted`, settings as text with the model among them, would make of this run on this text.

    Raises SettingError or TextError, with the reason, where no model comes of it.
    """
    pairs = changes(settings, wanted)
    new = settings
    for name, value in pairs:
        new = new.changed(name, value)
    restarts = any(setting(name).restarts for name, _ in pairs)
    model_of(new).refuse(new, corpus.tokenizer, tokens_to_learn_from(corpus, new.held_out, new.seed))
    return Plan(new, corpus.size, restarts, pairs)


def changes(settings: Settings, wanted: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The pairs of `wanted` that differ from what the settings are, the model first: it brings values of its own."""
    model = wanted["model"]
    base = settings.changed("model", model)
    first = [("model", model)] if base.model != settings.model else []
    rest = [(name, value) for name, value in wanted.items() if name != "model"]
    return tuple(first + [(name, value) for name, value in rest if setting(name).parse(value) != getattr(base, name)])


@lru_cache(1)  # asked at every key, and a long text takes a moment to cut
def tokens_to_learn_from(corpus: Corpus, held_out: float, seed: int) -> int:
    """How many tokens of the text are left when a part is kept to check on: what a run would find."""
    ids = corpus.tokenizer.encode_units(units_of(corpus.text, corpus.reading))
    units, _ = parts(ids, Settings(held_out=held_out, seed=seed), running=corpus.running)
    return len(joined(units, running=corpus.running))
