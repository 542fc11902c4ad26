"""The average on a text: examples one by one or in batches, plain gradient descent."""

from __future__ import annotations

from tinylm_tui.engine.sgd import sgd_step
from tinylm_tui.lab.learners.window_models import Average
from tinylm_tui.lab.learners.windows import WindowLearner


class AverageLearner(WindowLearner):
    """Embeddings averaged over a window, and one matrix from there to the scores."""

    kind = Average

    def _update(self, step: int) -> None:
        sgd_step(self.params, self._grads, self.settings.learn_rate)
