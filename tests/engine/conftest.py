"""What the tests of the mathematics share: a small text, its pairs, and weights that mean nothing."""

import os

import numpy as np
import pytest
from hypothesis import settings

from tinylm_tui.engine.bigram import shapes
from tinylm_tui.engine.counts import pair_counts
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.tokenizer import CharTokenizer

settings.register_profile("tinylm", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=2000, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "tinylm"))

WORDS = ["anna", "ben", "nina", "bea", "eve", "abe", "na"]


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def words():
    return list(WORDS)


@pytest.fixture
def tokenizer():
    return CharTokenizer.of("".join(WORDS))


@pytest.fixture
def ids(tokenizer):
    return tokenizer.encode_units(WORDS)


@pytest.fixture
def counts(ids, tokenizer):
    return pair_counts(ids, tokenizer.size)


@pytest.fixture
def params(tokenizer, rng):
    """Random scores in float64."""
    return Parameters(rng.standard_normal(tokenizer.size**2), shapes(tokenizer.size))
