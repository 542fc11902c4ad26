"""What the tests of the Attention screen share: a small model, what the engine says that must stand there, a head."""

import numpy as np
from hypothesis import strategies as st

from tinylm_tui.engine import gpt
from tinylm_tui.engine.softmax import softmax
from tinylm_tui.lab.learners.gpt import config_of
from tinylm_tui.lab.writing import Request, write
from tinylm_tui.ui.drawing.head import Head
from tinylm_tui.ui.look import Look

from .stage import open_lab

WIDE, NARROW, SMALLEST = (120, 36), (80, 24), (60, 20)
SMALL = {"model": "gpt", "layers": 2, "heads": 3, "width": 12, "context": 8, "batch": 4, "learn_rate": 0.02}


def attention(size=NARROW, steps=40, **choices):
    return open_lab("attention", size=size, steps=steps, **{**SMALL, **choices})


def trace_of(lab, ids):
    """What the engine computes on these tokens with the weights that the trainer really has."""
    run = lab.run
    window = np.array([ids[-run.settings.context :]], dtype=np.int32)
    return gpt.forward(run.params, config_of(run.settings, run.corpus.size), window)[1]


def blocks(lab, text):
    """The attention of each block on a text."""
    ids = [0, *lab.run.corpus.tokenizer.encode(text)]
    return [block.attention for block in trace_of(lab, ids).blocks]


def page(lab):
    return " ".join(lab.drawn("#attention-map").split())


def top(lab):
    return lab.drawn("#attention-map").split("\n")[0]


async def typed(lab, text):
    await lab.press("t")
    await lab.answer(text)


def written(lab, prompt="", seed=0, length=40, temperature=1.0):
    """The ids that `tinylm sample` writes with the weights that the trainer really has."""
    request = Request(1, length, temperature, prompt, seed)
    run = lab.run
    return write(run.params, run.corpus.tokenizer, request, run.settings)[0].ids


def seed_that(lab, prompt, holds):
    """The first dice whose text holds."""
    return next(seed for seed in range(200) if holds(written(lab, prompt, seed)))


def long_enough(ids):
    """A text that is still going on after ten tokens."""
    return 0 not in ids[1:11]


def words(lab, ids):
    tokenizer = lab.run.corpus.tokenizer
    return "".join(tokenizer.token(i) or "·" for i in ids)


# ---- for the drawings alone

LOOKS = [Look(), Look("few"), Look("none"), Look("many", ascii=True), Look("none", ascii=True)]
ANY_LOOK = st.sampled_from(LOOKS)
TOKENS = st.integers(1, 70)


def head(tokens, d=16, seed=0, letters=None):
    """A head with random queries, keys and values on a text of so many tokens."""
    q, k, v = np.random.default_rng(seed).standard_normal((3, tokens, d))
    scores = q @ k.T / d**0.5
    pattern = softmax(np.where(np.tri(tokens, dtype=bool), scores, -np.inf))
    return Head(letters or ["", *"abcdefghijklmnopqrstuvwxyz" * 3][:tokens], q, k, v, scores, pattern)


def text_of(strips):
    return "\n".join(strip.text.rstrip() for strip in strips)
