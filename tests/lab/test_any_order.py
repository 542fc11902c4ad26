"""Whatever a person does in the lab, in any order: what must always hold, holds.

`HYPOTHESIS_PROFILE=thorough` goes on for much longer.
"""

import multiprocessing
import pickle
import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tinylm_tui.engine.feedback import Rating
from tinylm_tui.lab import commands as c
from tinylm_tui.lab import store
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.learners.recent import KEPT_EVERY
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.presets import READY
from tinylm_tui.lab.recipes import parse_recipe
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import MODELS, SETTINGS, Settings
from tinylm_tui.lab.trainer import Trainer
from tinylm_tui.lab.tuning import MOST_UNDO

from .conftest import TEXT, Clock

TEXTS = [
    TEXT, "ab ba", "the cat sat on the mat. the dog sat on the log.", "a", "", " \n", "aaaa", "zoë\nüwe\n", "x" * 50,
    "one two\nthree\n\nfour five six\n" * 3, "\ud800 \x00 \x1b[31m", "ab" * 40 + "\nba\n",
]  # fmt: skip
VALUES = [
    "0", "1", "2", "3", "5", "8", "0.1", "0.5", "1e-3", "20.0", "1000000", "-1", "nan", "inf", "", "x", "yes", "no",
    "auto", "one", "two", "words", "lines", "text", "zero", "random", "characters", "alphabet", "bpe", *MODELS,
    "9" * 50, "\0", "٣", " 7 ", "1_0",
]  # fmt: skip
NAMES = [*[row.name for row in SETTINGS], "", "lr", "model "]
SIZES = (("layers", "1"), ("heads", "1"), ("width", "4"), ("hidden", "4"), ("context", "3"), ("threads", "one"))
SMALL = {model: (("model", model), *SIZES) for model in MODELS}
OVERRIDES = ("context=2", "width=4", "hidden=4", "layers=1", "heads=1", "batch=4", "gpt.threads=one")
NUMBERS = st.sampled_from([0.5, -3.0, 1.0, 0.0, 1000.0]) | st.sampled_from([1001.0, 1e30, float("nan"), float("inf")])
IDS = st.integers(0, 3) | st.integers(0, 3) | st.integers(-1, 12)
BESIDE = (c.Feedback, c.UndoFeedback, c.Nudge, c.Save, c.Pause, c.Stop, c.Train, c.Steps, c.StartLadder, c.StopLadder)
LIGHT = 20_000  # weights: a larger model is made, looked at and saved, and then seldom trained


def everything(run):
    """All of a run that a file keeps, to be compared."""
    arrays = {"weights": run.params.flat, **run.learner.arrays()}
    curves = {name: (*map(list, (h.curve().steps, h.curve().low, h.curve().high)), h.state())
              for name, h in run.history.items()}  # fmt: skip
    about = (run.step, run.settings, run.start_loss, run.corpus.text, run.corpus.reading, run.corpus.tokenizer.tokens)
    return {name: array.tobytes() for name, array in arrays.items()}, repr((about, curves, run.learner.state()))


class AnyOrder(RuleBasedStateMachine):
    """A lab without a screen, and a person who does anything."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="tinylm-any-order-"))
        self.saved = None
        self.answers = 0
        self.rated = None  # the weights before each round of feedback that can be undone; None where nobody knows

    def teardown(self):
        if self.saved:
            path, before = self.saved
            assert everything(store.load(path)) == before
        shutil.rmtree(self.folder)

    @initialize(text=st.sampled_from([TEXT, TEXTS[2]]), model=st.sampled_from(list(MODELS)))
    def open_the_lab(self, text, model):
        self.trainer = Trainer(Run(make_corpus("words", text), Settings(pace=0)), Clock(tick=0.001))
        self.trainer.handle(c.Configure(SMALL[model]))
        assert self.run.settings.model == model

    @property
    def run(self):
        return self.trainer.run

    def told(self, command):
        """Carry it out. Returns the new notice's kind, if there is one; where it is an error, nothing has changed."""
        run, before, number = self.run, everything(self.run), self.notice_number()
        self.trainer.handle(command)
        if not isinstance(command, BESIDE):
            self.rated = None
        notice = self.trainer.snapshot().notice
        kind = notice.kind if self.notice_number() > number else None
        if kind == "error":
            assert self.run is run
            assert everything(self.run) == before
        return kind

    def weights(self):
        return self.run.params.flat.tobytes()

    def notice_number(self):
        notice = self.trainer.snapshot().notice
        return notice.number if notice else 0

    # ---- what goes on with the run at hand

    @rule(count=st.integers(1, 4))
    def train_for_a_while(self, count):
        self.told(c.Train())
        self.work(count)

    @rule(steps=st.integers(1, 9))
    def make_some_steps(self, steps):
        before = self.run.step
        self.told(c.Pause())
        self.told(c.Steps(steps))
        self.work(9)
        assert self.run.step <= before + steps

    @rule(count=st.integers(1, 4))
    def train_wildly(self, count):
        self.told(c.Change("learn_rate", "100000"))
        self.train_for_a_while(count)

    @rule(count=st.integers(1, 4))
    def work(self, count):
        before, number, weights = self.run.step, self.notice_number(), self.weights()
        for _ in range(count if self.run.params.count <= LIGHT else 1):
            self.trainer.work(0.004)
        if self.weights() != weights:
            self.rated = []
        if self.run.step < before:
            assert self.run.step >= max(0, before - 1 - 2 * KEPT_EVERY)
            assert self.notice_number() > number
            assert "taken back" in self.trainer.snapshot().notice.text

    @rule(until=st.none() | st.integers(0, 60))
    def train(self, until):
        before = self.run.step
        refused = self.told(c.Train(until)) == "error"
        assert refused == (until is not None and until <= before)
        assert self.run.step == before

    @rule(command=st.one_of(st.just(c.Pause()), st.just(c.Stop()), st.builds(c.Steps, st.integers(1, 30))))
    def keep_the_step(self, command):
        before = self.run.step
        assert self.told(command) is None
        assert self.run.step == before

    @rule(words=st.sampled_from(["eva", "ünü zoë", "", "\n", "x y\nz", "aa " * 30, "\x00"]))
    def teach(self, words):
        before, size = self.run.step, self.run.corpus.size
        self.told(c.Teach(words))
        assert self.run.step == before
        assert self.run.corpus.size >= size

    @rule(amount=st.sampled_from([2.0, -2.0]))
    def nudge_a_little(self, amount):
        self.nudge(0, 1, amount)

    @rule(sign=st.sampled_from([1, -1]))
    def rate_a_word(self, sign):
        self.rate((Rating((0, 1, 0), sign),))

    @rule(current=IDS, next_=IDS, amount=NUMBERS)
    def nudge(self, current, next_, amount):
        before = self.run.step
        if self.told(c.Nudge(current, next_, amount)) == "information":
            self.rated = []
        assert self.run.step == before

    @rule(rated=st.lists(st.builds(Rating, st.lists(IDS, min_size=2, max_size=4).map(tuple), st.sampled_from([1, -1])),
                         max_size=3).map(tuple))  # fmt: skip
    def rate(self, rated):
        before, weights = self.run.step, self.weights()
        if self.told(c.Feedback(rated)) != "error" and self.rated is not None:
            self.rated = [*self.rated, weights][-MOST_UNDO:]
        assert self.run.step == before

    @rule()
    def undo(self):
        could = self.run.tuning.can_undo
        assert self.rated is None or could == bool(self.rated)
        assert (self.told(c.UndoFeedback()) == "error") == (not could)
        if self.rated:
            assert self.weights() == self.rated.pop()

    # ---- settings, one or several

    @rule(name=st.sampled_from(NAMES), value=st.sampled_from(VALUES))
    def change(self, name, value):
        self._changed(c.Change(name, value), [name])

    @rule(pairs=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=3).map(tuple))
    def configure(self, pairs):
        self._changed(c.Configure(pairs), [name for name, _ in pairs])

    @rule(model=st.sampled_from(list(MODELS)), cut=st.sampled_from(["characters", "alphabet", "bpe"]),
          vocabulary=st.sampled_from(["2", "15", "30"]))  # fmt: skip
    def another_model(self, model, cut, vocabulary):
        pairs = (*SMALL[model], ("tokenizer", cut), ("vocabulary", vocabulary))
        self._changed(c.Configure(pairs), [name for name, _ in pairs])

    def _changed(self, command, names):
        step = self.run.step
        self.told(command)
        restarting = {row.name for row in SETTINGS if row.restarts}
        assert self.run.step == step or (self.run.step == 0 and restarting & set(names) and not self.trainer.running)

    # ---- another run

    @rule(text=st.sampled_from(TEXTS), reading=st.sampled_from(["auto", "words", "lines", "text"]))
    def load(self, text, reading):
        self._replaced(c.Load("another", text, reading))

    @rule(pairs=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=3).map(tuple),
          preset=st.sampled_from(READY), text=st.none() | st.sampled_from(TEXTS))  # fmt: skip
    def begin(self, pairs, preset, text):
        recipe = parse_recipe(preset.line)
        if text is None:
            self._replaced(c.Begin(recipe.name, recipe.text[:400], recipe.reading, recipe.pairs))
        else:
            self._replaced(c.Begin("begun", text, "auto", pairs))

    @precondition(lambda self: self.run.step)
    @rule()
    def restart(self):
        self._replaced(c.Restart())

    def _replaced(self, command):
        run, step = self.run, self.run.step
        if self.told(command) == "error":
            return
        assert (self.trainer.previous, self.run.step, run.step) == (run, 0, step)
        assert not self.trainer.running

    @rule()
    def back(self):
        run, previous = self.run, self.trainer.previous
        before = everything(previous) if previous else None
        assert (self.told(c.Back()) == "error") == (previous is None)
        if previous:
            assert (self.run, self.trainer.previous) == (previous, run)
            assert everything(self.run) == before

    @rule(name=st.sampled_from(["a.safetensors", "b.safetensors"]))
    def save(self, name):
        assert self.told(c.Save(str(self.folder / name))) == "information"
        self.saved = self.folder / name, everything(self.run)

    @precondition(lambda self: self.saved)
    @rule()
    def open(self):
        run = self.run
        path, before = self.saved
        assert self.told(c.Open(str(path))) == "information"
        assert everything(self.run) == before
        assert self.trainer.previous is run

    @rule(name=st.sampled_from(["no/such/folder/x", "", "."]), data=st.binary(max_size=30))
    def use_files_that_will_not_do(self, name, data):
        assert self.told(c.Save(str(self.folder / name))) == "error"
        (self.folder / "c.safetensors").write_bytes(data)
        assert self.told(c.Open(str(self.folder / "c.safetensors"))) == "error"

    # ---- beside it

    @rule(steps=st.integers(0, 3), prompt=st.sampled_from(["", "a", "ξ"]),
          more=st.sampled_from([(), ("gpt.heads=3",), ("lr=1",), ("x",)]))  # fmt: skip
    def start_the_ladder(self, steps, prompt, more):
        before = self.trainer.beside.ladder
        kind = self.told(c.StartLadder(steps, prompt, OVERRIDES + more))
        assert (self.trainer.beside.ladder is before) == (kind == "error")

    @rule()
    def stop_the_ladder(self):
        under_way = self.trainer.beside.running
        assert (self.told(c.StopLadder()) == "error") == (not under_way)
        assert not self.trainer.beside.running

    # ---- what always holds

    @invariant()
    def weights_are_finite_and_of_the_right_shapes(self):
        run = self.run
        assert np.isfinite(run.params.flat).all()
        assert dict(run.params.shapes) == dict(model_of(run.settings).shapes(run.settings, run.corpus.size))
        assert run.corpus.counts.shape == (run.corpus.tokenizer.size,) * 2
        assert run.learner.settings == run.settings
        assert run.learner.corpus is run.corpus
        for stream in (run.learner.train, run.learner.held):
            assert not len(stream) or 0 <= stream.min() <= stream.max() < run.corpus.size

    @invariant()
    def one_trainer_and_one_ladder_at_most(self):
        assert multiprocessing.active_children() == []
        ladder = self.trainer.beside.ladder
        assert ladder is None or not ladder.running or ladder.corpus is self.run.corpus
        assert self.trainer.working == (self.trainer.running or self.trainer.beside.running)
        assert (self.trainer.wait() is None) == (not self.trainer.working)

    @invariant()
    def the_screen_gets_it_all(self):
        snapshot = self.trainer.snapshot()
        back = pickle.loads(pickle.dumps(snapshot))
        assert (back.step, back.settings, back.running) == (self.run.step, self.run.settings, self.trainer.running)
        assert np.array_equal(back.params.flat, self.run.params.flat)
        assert back.corpus.text == self.run.corpus.text
        if notice := snapshot.notice:
            assert len(notice.text.split()) > 2
            assert "\n" not in notice.text
            assert len(notice.text) < 500
            assert not {"Error", "Traceback", "object at"} & {w for w in ("Error", "Traceback", "object at")
                                                              if w in notice.text}  # fmt: skip
            assert notice.number >= self.answers
            self.answers = notice.number


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=2 * settings().max_examples, stateful_step_count=30, suppress_health_check=list(HealthCheck)
)
