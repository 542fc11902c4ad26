"""The mlp on a text: mini-batches, AdamW with warm-up and decay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tinylm_tui.engine.adamw import Moments
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.learners import adam
from tinylm_tui.lab.learners.base import Learner
from tinylm_tui.lab.learners.recent import Moment
from tinylm_tui.lab.learners.window_models import MLP
from tinylm_tui.lab.learners.windows import WindowLearner
from tinylm_tui.lab.settings import Settings


class MLPLearner(WindowLearner):
    """Embeddings of a window side by side, one tanh layer, and the scores."""

    kind = MLP

    def __init__(self, corpus: Corpus, settings: Settings, params: Parameters | None = None) -> None:
        super().__init__(corpus, settings, params)
        self.moments = Moments.zeros(self.params)

    def _update(self, step: int) -> None:
        adam.move(self.params, self._grads, self.moments, self.settings, step)

    def _moment(self, step: int) -> Moment:
        moment = super()._moment(step)
        state = moment.state | {"adamw_steps": self.moments.steps}
        return replace(moment, state=state, arrays=adam.copied(self.moments))

    def _take_back(self, moment: Moment) -> None:
        """And what AdamW remembered: gradients of exploding weights would make its steps tiny for long."""
        super()._take_back(moment)
        adam.take_back(self.moments, moment.arrays, moment.state)

    def go_on_from(self, old: Learner) -> None:
        """And AdamW remembers what it knew."""
        super().go_on_from(old)
        assert isinstance(old, MLPLearner)
        places = old.corpus.tokenizer.places_in(self.corpus.tokenizer)
        adam.transplanted_moments((old.moments, old.params), places, (self.moments, self.params), self.model.axes)

    def arrays(self) -> dict[str, Array]:
        return super().arrays() | adam.arrays_of(self.moments)

    def state(self) -> dict[str, Any]:
        return super().state() | {"adamw_steps": self.moments.steps}

    def restore(self, arrays: dict[str, Array], state: dict[str, Any]) -> None:
        super().restore(arrays, state)
        adam.restore(self.moments, arrays, state)
