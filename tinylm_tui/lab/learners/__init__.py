"""The models of the lab, each with what makes it learn. `learner_for` makes the one that the settings name."""

from __future__ import annotations

from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.learners.average import AverageLearner
from tinylm_tui.lab.learners.base import Learner, Look
from tinylm_tui.lab.learners.bigram import BigramLearner
from tinylm_tui.lab.learners.gpt import GPTLearner
from tinylm_tui.lab.learners.mlp import MLPLearner
from tinylm_tui.lab.learners.windows import WindowLearner
from tinylm_tui.lab.settings import Settings

AnyLearner = BigramLearner | AverageLearner | MLPLearner | GPTLearner

LEARNERS: dict[str, type[AnyLearner]] = {
    "bigram": BigramLearner,
    "average": AverageLearner,
    "mlp": MLPLearner,
    "gpt": GPTLearner,
}

__all__ = ["AverageLearner", "BigramLearner", "GPTLearner", "Learner", "Look", "MLPLearner", "WindowLearner",
           "learner_for"]  # fmt: skip


def learner_for(corpus: Corpus, settings: Settings, params: Parameters | None = None) -> AnyLearner:
    """The learner of `settings.model`, with fresh weights unless some are given.

    Raises TextError or SettingError where the model's sizes and the text do not fit.
    """
    return LEARNERS[settings.model](corpus, settings, params)
