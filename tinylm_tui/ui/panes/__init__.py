"""The screens behind the tabs, one file each: compose, keys, short handlers."""

from tinylm_tui.ui.panes.ablation import AblationPane
from tinylm_tui.ui.panes.attention import AttentionPane
from tinylm_tui.ui.panes.base import Pane
from tinylm_tui.ui.panes.corpus import CorpusPane
from tinylm_tui.ui.panes.embeddings import EmbeddingsPane
from tinylm_tui.ui.panes.feedback import FeedbackPane
from tinylm_tui.ui.panes.generate import GeneratePane
from tinylm_tui.ui.panes.heatmap import HeatmapPane
from tinylm_tui.ui.panes.ladder import LadderPane
from tinylm_tui.ui.panes.lens import LensPane
from tinylm_tui.ui.panes.math import MathPane
from tinylm_tui.ui.panes.model import ModelPane
from tinylm_tui.ui.panes.saliency import SaliencyPane
from tinylm_tui.ui.panes.steps import StepsPane
from tinylm_tui.ui.panes.surprise import SurprisePane
from tinylm_tui.ui.panes.tokens import TokensPane
from tinylm_tui.ui.panes.train import TrainPane

PANES: dict[str, type[Pane]] = {
    "corpus": CorpusPane,
    "train": TrainPane,
    "generate": GeneratePane,
    "steps": StepsPane,
    "heatmap": HeatmapPane,
    "math": MathPane,
    "feedback": FeedbackPane,
    "attention": AttentionPane,
    "model": ModelPane,
    "tokens": TokensPane,
    "embeddings": EmbeddingsPane,
    "ladder": LadderPane,
    "surprise": SurprisePane,
    "saliency": SaliencyPane,
    "lens": LensPane,
    "ablation": AblationPane,
}
