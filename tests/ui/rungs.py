"""Ladders for the tests of what is drawn of them: records made by hand, nothing trained."""

import math
from dataclasses import replace

from tinylm_tui.lab.rungs import LadderReport, Rung
from tinylm_tui.lab.settings import Settings

SEES = {
    "counts": "the last token",
    "bigram": "the last token",
    "average": "the last 5 tokens, in no order",
    "mlp": "the last 10 tokens, in order",
    "gpt": "the last 32 tokens at most, in order",
}
STEPS = 1000
PREDICTED = {"bigram": 25_527, "average": 64, "mlp": 64, "gpt": 1_024}


def new_rung(name, train=None, held=None, floor=None, **more):
    """A rung that is done, unless `more` says otherwise; its curves fall from 6 bits to a little above its end."""
    settings = None if name == "counts" else Settings().changed("model", name)
    steps = tuple(range(0, STEPS + 1, 50)) if settings and train is not None else ()
    fall = [math.exp(-step / 150) for step in steps]
    done = {
        "sees": SEES[name], "settings": settings, "weights": 1234, "steps": STEPS if settings else 0,
        "speed": 8123.4 if settings else None, "note": "", "sample": "the " + name, "state": "done",
        "curve_steps": steps, "curve_train": tuple(train + (6 - train) * f for f in fall),
        "curve_held": tuple(held + (6 - held) * f for f in fall) if held is not None else (),
        "predicted": PREDICTED.get(name),
    }  # fmt: skip
    return Rung(name=name, train_bits=train, held_bits=held, floor_bits=floor, **done | more)


def waiting(name):
    """One whose turn has not come."""
    nothing = {"weights": None, "speed": None, "steps": 0, "sample": "", "state": "waiting", "predicted": None}
    return new_rung(name, **nothing)


DONE = (
    new_rung("counts", 3.175, 3.422, 3.175),
    new_rung("bigram", 3.209, 3.431, 3.175),
    new_rung("average", 3.019, 3.290, 1.367),
    new_rung("mlp", 2.407, 2.731, 0.115),
    new_rung("gpt", 1.921, 2.581),
)


def new_report(rungs=DONE, **more):
    """A ladder of those rungs."""
    usual = {
        "text": "story", "prompt": "the ", "steps": STEPS, "seed": 0, "held_out": 0.1, "characters_per_token": 1.0,
        "tokenizer": "characters", "running": False, "seconds": 20.4,
    }  # fmt: skip
    return LadderReport(rungs=tuple(rungs), **usual | more)


def halfway():
    """The mlp is at step 400, the gpt waits."""
    mlp = DONE[3]
    begun = replace(
        mlp, state="running", steps=400, train_bits=None, held_bits=None, floor_bits=None, sample="",
        curve_steps=mlp.curve_steps[:9], curve_train=mlp.curve_train[:9], curve_held=mlp.curve_held[:9],
    )  # fmt: skip
    return new_report([*DONE[:3], begun, waiting("gpt")], running=True)
