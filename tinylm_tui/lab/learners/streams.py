"""Which part of a text is learnt from, and which is kept to check on."""

from __future__ import annotations

import numpy as np

from tinylm_tui.engine.parameters import Array
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.learners.units import added_units, joined, split, units_in
from tinylm_tui.lab.settings import Settings


class Streams:
    """`units` are learnt from, `held` (N,) is kept apart: by the seed. What is taught later is learnt from."""

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        assert corpus.ids is not None, "a run's own corpus keeps its ids"
        self.corpus = corpus
        rng = np.random.default_rng([settings.seed, 2])
        self.units, self.held = split(corpus.ids, settings.held_out, rng, running=corpus.running)
        self.taught = False  # words were added: the split is no longer the one that the seed gives

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
        self.held, self.taught = places[old.held], True

    def arrays(self) -> dict[str, Array]:
        """What the seed does not bring back."""
        return {"train": self.joined(), "held": self.held} if self.taught else {}

    def restore(self, arrays: dict[str, Array]) -> None:
        """Put back what `arrays` gave. Raises ValueError for streams of another text."""
        if "train" not in arrays:
            return
        train, held = arrays["train"], arrays["held"]
        for stream in (train, held):
            if stream.ndim != 1 or (len(stream) and not 0 <= stream.min() <= stream.max() < self.corpus.size):
                raise ValueError("the saved streams hold tokens that the text does not have")
        self.units = [train] if self.corpus.running else units_in(train[1:])
        self.held, self.taught = held, True
