"""Which part of a text is learnt from, and which is kept to check on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.learners.units import added_units, joined, split, units_in
from tinylm_tui.lab.settings import Settings

LEAST_HELD = 50  # tokens: on fewer a loss would be chance


def parts(ids: Ids, settings: Settings, *, running: bool) -> tuple[list[Ids], Ids]:
    """The units to learn from and the stream kept to check on, by the seed.

    A part too small to be measured is not kept at all: then everything is learnt from, whatever the model.
    """
    units, held = parts_as_asked(ids, settings, running=running)
    if 0 < len(held) < LEAST_HELD:
        return parts_as_asked(ids, replace(settings, held_out=0.0), running=running)
    return units, held


def parts_as_asked(ids: Ids, settings: Settings, *, running: bool) -> tuple[list[Ids], Ids]:
    """The same with a part of any size: how runs were split before there was a least one."""
    return split(ids, settings.held_out, np.random.default_rng([settings.seed, 2]), running=running)


class Streams:
    """`units` are learnt from, `held` (N,) is kept apart: by the seed. What is taught later is learnt from."""

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        assert corpus.ids is not None, "a run's own corpus keeps its ids"
        self.corpus, self.settings = corpus, settings
        self.units, self.held = parts(corpus.ids, settings, running=corpus.running)
        self.stored = bool(settings.held_out and not len(self.held))  # a file keeps what is not split as asked

    def joined(self) -> Ids:
        """All that is learnt from, as one stream (N,)."""
        return joined(self.units, running=self.corpus.running)

    def shuffled(self, rng: np.random.Generator) -> Ids:
        """The same with its words or lines in another order; a running text stays as it is."""
        if self.corpus.running:
            return self.joined()
        return joined([self.units[i] for i in rng.permutation(len(self.units))])

    def go_on_from(self, old: Streams) -> None:
        """After words were taught: what was held out stays so, and what is new is learnt from."""
        places = old.corpus.tokenizer.places_in(self.corpus.tokenizer)
        self.units = [*[places[unit] for unit in old.units], *added_units(old.corpus, self.corpus)]
        if self.corpus.running:
            self.units = [np.concatenate(self.units)]
        self.held, self.stored = places[old.held], True

    def arrays(self) -> dict[str, Array]:
        """What the seed does not bring back."""
        return {"train": self.joined(), "held": self.held} if self.stored else {}

    def restore(self, arrays: dict[str, Array]) -> bool:
        """Put back what `arrays` gave: whether anything changed by it. Raises ValueError for streams of another text.

        A file without streams was split as asked, also where that kept a part too small to be measured.
        """
        if "train" not in arrays:
            return self._split_as_asked()
        train, held = arrays["train"], arrays["held"]
        for stream in (train, held):
            if stream.ndim != 1 or (len(stream) and not 0 <= stream.min() <= stream.max() < self.corpus.size):
                raise ValueError("the saved streams hold tokens that the text does not have")
        self.units = [train] if self.corpus.running else units_in(train[1:])
        self.held, self.stored = held, True
        return True

    def _split_as_asked(self) -> bool:
        if not self.stored:
            return False
        assert self.corpus.ids is not None, "a run's own corpus keeps its ids"
        self.units, self.held = parts_as_asked(self.corpus.ids, self.settings, running=self.corpus.running)
        self.stored = False
        return True
