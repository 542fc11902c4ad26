"""Is the gradient right? What the backward pass computes, against differences of the loss, in float64.

Every form of the gradient that the lab has is held to the same differences: the plain one that is read on screen, and
the one that training runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinylm_tui.engine import average, bigram, gpt, window_mlp
from tinylm_tui.engine.counts import PairShares
from tinylm_tui.engine.examples import Examples, last_windows
from tinylm_tui.engine.fast import average as fast_average
from tinylm_tui.engine.fast import gpt as fast
from tinylm_tui.engine.fast import window_mlp as fast_mlp
from tinylm_tui.engine.fast.buffers import Workspace
from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.engine.gradcheck import finer_difference, relative_errors
from tinylm_tui.engine.linear import rows
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.progress import Told
from tinylm_tui.engine.softmax import cross_entropy
from tinylm_tui.engine.tokenizer import Ids
from tinylm_tui.lab.anatomy import beginning
from tinylm_tui.lab.errors import SettingError
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.snapshot import Snapshot

LIMIT = 1e-6  # up to this relative error a gradient counts as right
WEIGHTS = 200  # how many of the model's weights are checked, drawn at random
TOKENS = 64  # on at most so many tokens of the text
MOST_WEIGHTS = 40_000_000  # a larger model's float64 copy and gradients would take more than a gigabyte

Gradient = Callable[[Parameters], Parameters]


@dataclass(frozen=True, eq=False)
class Case:
    """Float64 weights, a loss of them, and the forms in which its gradient is computed, by name."""

    params: Parameters
    loss: Callable[[Parameters], float]
    gradients: dict[str, Gradient]


@dataclass(frozen=True)
class Check:
    """What a check found: the largest relative error over `weights` of `total` weights, of every form."""

    error: float
    weights: int
    total: int
    tokens: int  # of the text that the loss was taken on
    step: int  # of the model that was checked

    @property
    def passed(self) -> bool:
        """Whether the gradient counts as right. An error that is no number does not."""
        return self.error <= LIMIT


def gpt_case(params: Parameters, config: GPTConfig, inputs: Ids, targets: Ids) -> Case:
    """The mean surprise over inputs, targets (B, T): the plain backward pass, and the fast one."""

    def loss(params: Parameters) -> float:
        return cross_entropy(rows(gpt.forward(params, config, inputs)[0]), targets.reshape(-1))[0]

    def by_training(params: Parameters) -> Parameters:
        batch, tokens = inputs.shape
        workspace = Workspace.of(config, batch, tokens, np.float64)
        return fast.loss_and_grads(params, inputs, targets, workspace)[1]

    plain: Gradient = lambda params: gpt.loss_and_grads(params, config, inputs, targets)[1]  # noqa: E731
    return Case(params, loss, {"plain": plain, "fast": by_training})


def bigram_case(params: Parameters, inputs: Ids, targets: Ids) -> Case:
    """The mean surprise over inputs, targets (N,): pair by pair, and over counted pairs at once."""

    def loss(params: Parameters) -> float:
        return cross_entropy(bigram.forward(params, inputs)[0], targets)[0]

    def by_pairs(params: Parameters) -> Parameters:
        logits, trace = bigram.forward(params, inputs)
        return bigram.backward(params, trace, cross_entropy(logits, targets)[1])

    def by_counts(params: Parameters) -> Parameters:
        counts = np.zeros(params["W"].shape, dtype=np.int64)
        np.add.at(counts, (inputs, targets), 1)
        return bigram.full_batch(params, PairShares.of(counts, np.float64))[1]

    return Case(params, loss, {"mini-batch": by_pairs, "full batch": by_counts})


def average_case(params: Parameters, inputs: Ids, targets: Ids) -> Case:
    """The mean surprise over windows inputs (B, W), targets (B,): the plain backward pass, and the fast one."""

    def by_training(params: Parameters) -> Parameters:
        shares = fast_average.shares_of(inputs, len(params["embedding"]), np.float64)
        workspace = fast_average.Workspace.of(params, len(targets))
        return fast_average.loss_and_grads(params, shares, targets, workspace)[1]

    def loss(params: Parameters) -> float:
        return cross_entropy(average.forward(params, inputs)[0], targets)[0]

    plain: Gradient = lambda params: average.loss_and_grads(params, inputs, targets)[1]  # noqa: E731
    return Case(params, loss, {"plain": plain, "fast": by_training})


def mlp_case(params: Parameters, inputs: Ids, targets: Ids) -> Case:
    """The same for the mlp."""

    def by_training(params: Parameters) -> Parameters:
        return fast_mlp.loss_and_grads(params, inputs, targets, fast_mlp.Workspace.of(params, len(targets)))[1]

    def loss(params: Parameters) -> float:
        return cross_entropy(window_mlp.forward(params, inputs)[0], targets)[0]

    plain: Gradient = lambda params: window_mlp.loss_and_grads(params, inputs, targets)[1]  # noqa: E731
    return Case(params, loss, {"plain": plain, "fast": by_training})


WINDOW_CASES = {"average": average_case, "mlp": mlp_case}


def errors_of(case: Case, indices: Array, told: Told = lambda done, of: True) -> dict[str, float] | None:
    """The largest relative error of each form over the weights at `indices` (n,); None where `told` stopped it."""
    numeric = np.empty(len(indices))
    with np.errstate(all="ignore"):
        for done, index in enumerate(indices):
            if not told(done, len(indices)):
                return None
            numeric[done] = finer_difference(case.loss, case.params, int(index))
        return {name: _largest(gradient(case.params), numeric, indices) for name, gradient in case.gradients.items()}


def _largest(grads: Parameters, numeric: Array, indices: Array) -> float:
    largest = float(max(grads.flat.max(), -grads.flat.min()))
    return float(relative_errors(grads.flat[indices], numeric, largest).max())


def check(snapshot: Snapshot, told: Told = lambda done, of: True) -> Check | None:
    """Check the model of this moment on the beginning of its text; None where `told` stopped it.

    What the loss asks for are tokens drawn at random: a model that knows the text by heart would have no gradient
    there, and nothing could be compared. Raises SettingError for a model too large for it.
    """
    if snapshot.params.count > MOST_WEIGHTS:
        raise SettingError(
            f"a gradient check makes copies of all weights, in float64; {snapshot.params.count:,} are too many for it: "
            f"it takes up to {MOST_WEIGHTS:,}"
        )
    case, tokens = case_of(snapshot)
    count = case.params.count
    indices = np.random.default_rng(0).choice(count, min(WEIGHTS, count), replace=False)
    errors = errors_of(case, indices, told)
    return None if errors is None else Check(worst(errors), len(indices), count, tokens, snapshot.step)


def worst(errors: dict[str, float]) -> float:
    """The largest of them; no number where one is none."""
    return float(np.max(list(errors.values())))


def case_of(snapshot: Snapshot) -> tuple[Case, int]:
    """The model of this moment in float64 on the beginning of its text, and how many tokens that is."""
    s, params = snapshot.settings, snapshot.params.copy(np.float64)
    if s.model in WINDOW_CASES:
        inputs = _windows(snapshot)
        return WINDOW_CASES[s.model](params, inputs, _drawn(snapshot, len(inputs))), len(inputs)
    most = TOKENS if s.model == "bigram" else min(TOKENS, s.context)
    inputs = beginning(snapshot.corpus, most)
    targets = _drawn(snapshot, len(inputs))
    if s.model == "bigram":
        return bigram_case(params, inputs, targets), len(inputs)
    config = config_of(s, snapshot.corpus.size)
    return gpt_case(params, config, inputs[None], targets[None]), len(inputs)


def _drawn(snapshot: Snapshot, count: int) -> Ids:
    """Tokens (count,), each equally likely."""
    return np.random.default_rng(1).integers(0, snapshot.corpus.size, count).astype(np.int32)


def _windows(snapshot: Snapshot) -> Ids:
    """The first windows of the text, (B, W); of a text too short for one, what there is, filled up on the left."""
    window, bounded = snapshot.settings.context, snapshot.corpus.tokenizer.bounded
    stream = beginning(snapshot.corpus, TOKENS + window)
    try:
        examples = Examples.of(stream, window, bounded=bounded)
    except ValueError:
        return last_windows([stream.tolist()], window, bounded=bounded)
    return examples.take(np.arange(min(TOKENS, examples.count)))[0]


def gradient_check(model: str = "bigram", seed: int = 0) -> dict[str, float]:
    """The largest relative error over every weight of a small model, for each form of its gradient."""
    small = {"bigram": _small_bigrams, "average": _small_averages, "mlp": _small_mlps, "gpt": _small_gpts}
    return small[model](np.random.default_rng(seed))


def _small_bigrams(rng: np.random.Generator) -> dict[str, float]:
    size = 12
    params = Parameters(rng.standard_normal(size * size), bigram.shapes(size))
    inputs, targets = rng.integers(0, size, (2, 40)).astype(np.int32)
    return _errors_everywhere(bigram_case(params, inputs, targets))


def _small_averages(rng: np.random.Generator) -> dict[str, float]:
    """Five tokens in a window and seven in the vocabulary: many windows have a token twice."""
    params = Parameters(rng.standard_normal(2 * 7 * 4), average.shapes(7, 4))
    inputs, targets = rng.integers(0, 7, (20, 5)).astype(np.int32), rng.integers(0, 7, 20).astype(np.int32)
    return _errors_everywhere(average_case(params, inputs, targets))


def _small_mlps(rng: np.random.Generator) -> dict[str, float]:
    params = window_mlp.start(7, 5, 4, 6, rng).copy(np.float64)
    params.flat += 0.3 * rng.standard_normal(params.count)
    inputs, targets = rng.integers(0, 7, (20, 5)).astype(np.int32), rng.integers(0, 7, 20).astype(np.int32)
    return _errors_everywhere(mlp_case(params, inputs, targets))


def _small_gpts(rng: np.random.Generator) -> dict[str, float]:
    """Tied and untied, with weights far enough from the start that every part of the model matters."""
    errors: dict[str, float] = {}
    for name, tie in (("tied", True), ("untied", False)):
        config = GPTConfig(vocabulary=7, layers=2, heads=2, width=8, context=5, tie_head=tie)
        params = gpt.start(config, rng).copy(np.float64)
        params.flat += 0.3 * rng.standard_normal(params.count)
        inputs, targets = rng.integers(0, 7, (2, 4, 5)).astype(np.int32)
        found = _errors_everywhere(gpt_case(params, config, inputs, targets))
        errors |= {f"{name} {form}": error for form, error in found.items()}
    return errors


def _errors_everywhere(case: Case) -> dict[str, float]:
    errors = errors_of(case, np.arange(case.params.count))
    assert errors is not None, "nobody stopped it"
    return errors
