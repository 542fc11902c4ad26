"""A run: a text, a model that learns it, and what changes the weights. Knows no clock, no process and no screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinylm_tui.engine.feedback import Rating
from tinylm_tui.engine.parameters import Parameters
from tinylm_tui.engine.progress import Told, always
from tinylm_tui.lab.corpus import Corpus, longer, make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.errors import Diverged
from tinylm_tui.lab.history import History, Lowest
from tinylm_tui.lab.learners import learner_for
from tinylm_tui.lab.learners.bigram import suitable_rate
from tinylm_tui.lab.marks import FEEDBACK, NUDGED, TAUGHT, Marks, marked
from tinylm_tui.lab.settings import MODELS, Settings, setting
from tinylm_tui.lab.tuning import Tuning, refuse_foreign, refuse_other_model

EXPLODED = 2.0  # a loss this many times the worse of "knowing nothing" and "the start" is no longer learning
CURVES = ("loss", "batch", "held_out")


def suited(settings: Settings, corpus: Corpus) -> Settings:
    """`settings` with the learn rate that suits the text, where the model's usual one may not."""
    if settings.model != "bigram":
        return settings
    return replace(settings, learn_rate=suitable_rate(corpus.counts))


def untouched(run: Run) -> bool:
    """Whether the learn rate is still the one that suits the text: nobody has chosen another."""
    return run.settings.learn_rate == suited(run.settings, run.corpus).learn_rate


class Run:
    """One model being trained on one text. `step` is how many updates its weights have had."""

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        """Raises TextError or SettingError where the model's sizes and the text do not fit."""
        self.corpus, self.settings = corpus, settings
        self.restart()

    def restart(self) -> None:
        """Back to step 0: the same seed gives the same first weights and the same batches again."""
        self._prepare(None)
        self.step = 0
        self.history = {name: History() for name in CURVES}
        self.lowest = Lowest()  # of the held-out losses
        self.marks: Marks = ()
        self.start_loss = self.loss()

    def _prepare(self, params: Parameters | None) -> None:
        """A learner on these weights, or on fresh ones, with nothing remembered."""
        self.learner = learner_for(self.corpus, self.settings, params)
        self.tuning = Tuning()

    @property
    def params(self) -> Parameters:
        """The weights."""
        return self.learner.params

    def loss(self) -> float:
        """The loss to show, in nats a token; see the learner for what it is taken over."""
        return self.learner.loss()

    @property
    def floor(self) -> float | None:
        """The least loss this kind of model can have on this text, in nats a token, where that is known exactly."""
        return self.learner.floor

    @property
    def turned(self) -> int | None:
        """The step at which the held-out loss was lowest, once a few later ones were higher; else None."""
        return self.lowest.turned

    def train_step(self) -> None:
        """One update. Raises Diverged, with the last good weights back in place, when the last one exploded."""
        with np.errstate(all="ignore"):
            look = self.learner.look(self.step)
            self._refuse_explosion(look.loss)
            for name, loss in look.curves.items():
                self.history[name].add(self.step, loss)
            if "held_out" in look.curves:
                self.lowest.add(self.step, look.curves["held_out"])
            self.learner.good.keep(self.params.flat, look.loss)
            self.learner.move(self.step)
        self.step += 1
        self.tuning.forget_undo()

    def check(self) -> None:
        """Raises Diverged, with the last good weights back in place, when the last update exploded."""
        finite = np.isfinite(self.params.flat).all()  # the mean of the last batches knows nothing of the last update
        self._refuse_explosion(self.loss() if finite else float("nan"))

    def _refuse_explosion(self, loss: float) -> None:
        if loss <= EXPLODED * max(self.start_loss, self.corpus.uniform) or not self.learner.good.known:
            return  # where no good ones are known, no update was made yet: these weights came like this
        exploded = self.step
        self.learner.good.put_back(self.params.flat)
        self.step = self.learner.went_back(exploded - 1)
        self._forget()
        raise taken_back(loss, exploded, self.step, self.settings)

    def _forget(self) -> None:
        """Leave the curves without the steps that were taken back."""
        dropped = [name for name, history in self.history.items() if history.forget(self.step)]
        if "held_out" in dropped:
            held = self.history["held_out"]
            self.lowest = Lowest.seen_in(held.curve(), held.stride)

    def change(self, name: str, value: str, told: Told = always) -> bool:
        """Change one setting. True when that meant starting over. Raises as `configure` does."""
        return self.configure([(name, value)], told)

    def configure(self, pairs: Sequence[tuple[str, str]], told: Told = always) -> bool:
        """Change several settings together, or none: True when that meant starting over.

        Raises SettingError or TextError, with nothing changed, where they are wrong or do not fit together, and
        Stopped where `told` ended it.
        """
        new, corpus = self.settings, self.corpus
        for name, value in pairs:
            new = new.changed(name, value)
        read_anew = any(name == "reading" for name, _ in pairs)
        if read_anew or cut_of(new) != cut_of(self.settings):
            reading = new.reading if read_anew else corpus.reading
            corpus = make_corpus(corpus.name, corpus.text, reading, cut_of(new), told)
        # A starter text brings its own reading, so the text can be cut anew although the setting stays "auto".
        different = new != self.settings or corpus.reading != self.corpus.reading
        restarts = different and any(setting(name).restarts for name, _ in pairs)
        if restarts:
            self.__dict__.update(Run(corpus, new).__dict__)
        else:
            self.learner.adopt(new)
        self.settings = new
        return restarts

    def teach(self, words: str) -> str:
        """Append `words` to the text and keep the weights. Returns the letters that are new, which start at 0.

        Raises TextError when there is nothing to add, and TextError or SettingError, with nothing changed, where the
        model cannot be had on the longer text.
        """
        corpus = longer(self.corpus, words)
        fresh = Run(corpus, self.settings)  # what is refused is refused here
        old, before = self.corpus, self.learner
        self.corpus = corpus
        self._prepare(before.grown(corpus))
        self.learner.go_on_from(before)
        self.start_loss = fresh.start_loss  # with the letters that there are now
        self.marks = marked(self.marks, self.step, TAUGHT)
        return old.tokenizer.unknown(corpus.tokenizer.letters)

    def nudge(self, current: int, next_: int, amount: float) -> tuple[float, float]:
        """Add `amount` to one score. Returns P(next | current) before and after.

        Raises LabError for an id outside the vocabulary or an amount no score should move by.
        """
        refuse_other_model(self.settings.model, "one weight of the map can be nudged in")
        refuse_foreign(self.corpus, (current, next_))
        before, after = self.tuning.nudge(self.params, current, next_, amount)
        self._moved_by_hand(NUDGED)
        return before, after

    def apply_feedback(self, ratings: Sequence[Rating]) -> None:
        """One gradient step on the rated words.

        Raises LabError when nothing was rated, or a word has letters of another text.
        """
        refuse_other_model(self.settings.model, "this feedback can move")
        refuse_foreign(self.corpus, [i for rating in ratings for i in rating.ids])
        self.tuning.apply(self.params, ratings, self.corpus, self.settings.feedback_rate)
        self._moved_by_hand(FEEDBACK)

    def _moved_by_hand(self, kind: str) -> None:
        """It is marked, and an explosion no longer goes back to before it."""
        self.learner.good.forget()
        self.marks = marked(self.marks, self.step, kind)

    def undo_feedback(self) -> None:
        """Take the last round of feedback back, exactly. Raises LabError where that is not possible."""
        self.tuning.undo(self.params)
        self.marks = self.marks[:-1]  # the last one, or it could not be taken back


def taken_back(loss: float, exploded: int, step: int, settings: Settings) -> Diverged:
    """After step `exploded` the loss was so high (nats) that the weights are those of `step` again: what to tell."""
    height = f"{loss:.2f} nats" if math.isfinite(loss) and loss < 1e6 else "beyond all measure"
    better = min(settings.learn_rate / 10, MODELS[settings.model]["learn_rate"])
    back = f"step {exploded} made the loss jump to {height}, so it was"
    if step < exploded - 1:
        back = f"after step {exploded:,} the loss was {height}: steps {step + 1:,} to {exploded:,} were"
    rate = f"The learn rate is {settings.learn_rate:.10g}: try {better:.10g}."
    return Diverged(f"{back} taken back and training paused. {rate}")
