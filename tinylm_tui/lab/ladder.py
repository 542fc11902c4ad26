"""The ladder: one text, one seed, one budget of steps, and every model from counting to attention, one after another.

What differs between the rungs is then what each model can see and what it makes of it. Knows no process, no screen.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tinylm_tui.engine.tokenizer import BOUNDARY, Ids
from tinylm_tui.lab.climbing import Climber, Counting, Training
from tinylm_tui.lab.climbing_task import Clock, Task
from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.errors import SettingError, TextError
from tinylm_tui.lab.learners.streams import LEAST_HELD, Streams
from tinylm_tui.lab.numbers import shorten
from tinylm_tui.lab.run import suited
from tinylm_tui.lab.rungs import LadderReport, Rung, State
from tinylm_tui.lab.scoring import Part
from tinylm_tui.lab.settings import MODELS, Settings, setting
from tinylm_tui.lab.writing import prompt_ids

__all__ = ["Ladder", "LadderReport", "Rung", "State"]

HELD_OUT = 0.1  # kept from training where the run at hand keeps nothing
MOST_STEPS = 10_000_000
OF_THE_TEXT = ("reading", "tokenizer", "vocabulary", "split_words")
OF_ALL = ("seed", "held_out")
WINDOWS = ("average", "mlp")
# One example a step, as the average usually learns, would be no budget to compare by: the others see dozens.
IN_BATCHES = {"batch": "64", "learn_rate": "2"}
STOPPED = "it was stopped before its end"
NOT_BEGUN = "the ladder was stopped before this one began"
NOTHING_HELD = "nothing is held out: the text is too short for that"
TOO_WIDE = "nothing is held out: too little of it would be left behind a window of {}"
AS_ASKED = "nothing is held out, as asked"


class Ladder:
    """Rungs counts, bigram, average, mlp and gpt. `work` goes on with them, `report` tells how far they are.

    Every model has its usual settings, except for the seed, the held-out part and the tokens of `settings`, which are
    the same for all, for the batches of the average, and for `overrides`: `context=5` for all that have one,
    `mlp.hidden=32` for one model. A learn rate that decays has done so at the last step.
    """

    def __init__(
        self, corpus: Corpus, settings: Settings, steps: int, prompt: str, overrides: Sequence[str] = (),
        clock: Clock = time.perf_counter,
    ) -> None:  # fmt: skip
        """Raises SettingError for overrides or a budget that cannot be, TextError for a text too short for any.

        Raises LabError for a prompt with characters that the text does not have.
        """
        if not 1 <= steps <= MOST_STEPS:
            raise SettingError(f"a ladder takes from 1 to {MOST_STEPS:,} steps, not {steps:,}")
        self.corpus, self._clock = corpus, clock
        shared = _shared(settings, overrides)
        models = [_settings_of(model, shared, corpus, steps, overrides) for model in MODELS]
        self._task = _task(corpus, models, steps, prompt, clock)
        self._held_out = shared.held_out if self._task.held else 0.0
        models = [replace(one, held_out=self._held_out) for one in models]
        self._climbers: list[Climber] = [Counting(self._task), *(Training(self._task, one) for one in models)]
        self._left = list(self._climbers)
        self._work: Iterator[None] = iter(())
        self._seconds = 0.0

    @property
    def running(self) -> bool:
        """Whether there is work left."""
        return bool(self._left)

    @property
    def done(self) -> int:
        """How many rungs are at their end."""
        return len(self._climbers) - len(self._left)

    @property
    def asked(self) -> tuple[int, int]:
        """How many tokens all models are measured on: of the training part, and of the held-out part."""
        return self._task.asked.count, self._task.held.count if self._task.held else 0

    def work(self, seconds: float) -> None:
        """Go on for about so long: at least one piece of work, which is a step or a part of a measurement."""
        began = self._clock()
        while self._left:
            self._go_on()
            if self._clock() - began >= seconds:
                break
        self._seconds += self._clock() - began

    def _go_on(self) -> None:
        """One piece of work."""
        if self._left[0].state == "waiting":
            self._work = self._left[0].climb()
        try:
            next(self._work)
        except StopIteration:
            self._left.pop(0)

    def stop(self, why: str = STOPPED) -> None:
        """End it; what is done stays in the report."""
        for climber in self._left:
            climber.end("stopped", why if climber.state == "running" else NOT_BEGUN)
        self._left, self._work = [], iter(())

    def report(self) -> LadderReport:
        """The ladder as it is now."""
        task = self._task
        return LadderReport(
            rungs=tuple(climber.rung() for climber in self._climbers), text=self.corpus.name, prompt=task.prompt,
            steps=task.steps, seed=task.seed, held_out=self._held_out,
            characters_per_token=self.corpus.characters_per_token, tokenizer=self.corpus.tokenizer.kind,
            running=self.running, seconds=self._seconds, left_out=task.left_out,
        )  # fmt: skip


def override_of(override: str) -> tuple[str, str, str]:
    """`mlp.hidden=32` → its model, or "" for all, its setting and its value. Raises SettingError."""
    name, equals, value = override.partition("=")
    if not equals:
        raise SettingError(f"a setting is written NAME=VALUE or MODEL.NAME=VALUE, not {shorten(override)!r}")
    model, _, name = name.strip().rpartition(".")
    if model and model not in MODELS:
        raise SettingError(f"there is no model {shorten(model)!r}; there are {', '.join(MODELS)}")
    row = setting(name)
    if name in (*OF_THE_TEXT, "model") or (model and name in OF_ALL):
        raise SettingError(f"{name} is the same for all models of a ladder, so it cannot be set for one of them")
    if model and model not in row.models:
        raise SettingError(f"{name} means nothing to the model {model}")
    row.parse(value)
    return model, name, value


def _shared(settings: Settings, overrides: Sequence[str]) -> Settings:
    """What all rungs have in common. Raises SettingError for an override that none could have."""
    usual = settings.held_out == MODELS[settings.model]["held_out"]  # then nobody has asked for it
    shared = replace(settings, held_out=(settings.held_out or HELD_OUT) if usual else settings.held_out)
    for model, name, value in map(override_of, overrides):
        if not model and name in OF_ALL:
            shared = shared.changed(name, value)
    return shared


def _settings_of(model: str, shared: Settings, corpus: Corpus, steps: int, overrides: Sequence[str]) -> Settings:
    """The settings of one rung; what is told of all models comes before what is told of this one."""
    one = Settings().changed("model", model)
    one = replace(one, **{name: getattr(shared, name) for name in (*OF_THE_TEXT, *OF_ALL)})
    if model in setting("decay_steps").models:
        one = replace(one, decay_steps=steps, threads="one")  # one seed, one result, whatever the machine
    one = suited(one, corpus)
    if model == "average":
        for name, value in IN_BATCHES.items():
            one = one.changed(name, value)
    for told, name, value in sorted(map(override_of, overrides), key=lambda parted: parted[0] != ""):
        if told in ("", model) and model in setting(name).models and name not in OF_ALL:
            one = one.changed(name, value)
    return one


def _task(corpus: Corpus, models: Sequence[Settings], steps: int, prompt: str, clock: Clock) -> Task:
    """What all rungs share: the parts of the text, by the seed, and the prompt. Raises LabError."""
    given = [BOUNDARY, *prompt_ids(corpus.tokenizer, prompt)]
    windows = [one.context for one in models if one.model in WINDOWS]
    train, held, why = _parts(corpus, models[0], windows)
    asked = _asked(corpus, train, windows)
    if asked is None:
        raise TextError("too little is left to learn from: a smaller held_out or more text would do")
    return Task(corpus, train, asked, held, why, prompt, given, steps, models[0].seed, clock)


def _parts(corpus: Corpus, settings: Settings, windows: Sequence[int]) -> tuple[Ids, Part | None, str]:
    """What is learnt from, what is kept from it, and why nothing is."""
    if settings.held_out:
        streams = Streams(corpus, settings)
        train, held = streams.joined(), _asked(corpus, streams.held, windows)
        if held and 2 * held.count >= LEAST_HELD:
            return train, held, ""
        why = TOO_WIDE.format(max(windows)) if len(streams.held) else NOTHING_HELD
    else:
        why = AS_ASKED
    return Streams(corpus, replace(settings, held_out=0.0)).joined(), None, why


def _asked(corpus: Corpus, stream: Ids, windows: Sequence[int]) -> Part | None:
    """What is asked of all models that can learn from so much text; a window that is too long for it is refused."""
    for asked in (windows, [window for window in windows if window < len(stream)]):
        try:
            return Part.of(stream, asked, corpus.tokenizer)
        except ValueError:
            continue
    return None
