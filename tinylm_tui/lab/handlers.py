"""How each command is carried out on a trainer: between two steps, and without losing anything when it cannot be."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tinylm_tui.engine.progress import Told
from tinylm_tui.lab import commands as c
from tinylm_tui.lab import store
from tinylm_tui.lab.autosave import Autosave
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import cut_of, shortage
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.ladder import Ladder
from tinylm_tui.lab.recipes import fresh_run
from tinylm_tui.lab.run import Run, suited, untouched
from tinylm_tui.lab.snapshot import Busy
from tinylm_tui.lab.writing import spoken

if TYPE_CHECKING:
    from tinylm_tui.lab.trainer import Trainer

CUTTING = "making tokens of the text"
READ_AS = {"words": "a list of words", "lines": "a list of lines", "text": "one running text"}
BACK = "ctrl+z brings the one before back."
BREATH = 0.05  # seconds of long work between two looks at whether to stop


def _reporting(trainer: Trainer, what: str) -> Told:
    """What long work tells its progress to; it also hears whether to stop."""
    last = trainer.clock()

    def told(done: int, of: int) -> bool:
        nonlocal last
        if (now := trainer.clock()) - last < BREATH:
            return True
        last, trainer.busy = now, Busy(what, done, of)
        trainer.version += 1
        return trainer.breathe()

    return told


def _say_start(trainer: Trainer, text: str) -> None:
    """What has begun, what the text did not give, and how to go back."""
    short = shortage(trainer.run.corpus.tokenizer, cut_of(trainer.run.settings))
    trainer.say(" ".join(filter(None, (f"{text}.", short, BACK))))


def _load(trainer: Trainer, command: c.Load) -> None:
    settings, reading = trainer.run.settings, trainer.run.corpus.reading
    told = _reporting(trainer, CUTTING)
    corpus = make_corpus(command.name, command.text, command.reading, cut_of(settings), told)
    trainer.replace_run(Run(corpus, suited(settings, corpus) if untouched(trainer.run) else settings))
    guessed = "" if reading in (command.reading, corpus.reading) else f", now read as {READ_AS[corpus.reading]}"
    told_how = f"{guessed} (w changes that)" if guessed else ""
    _say_start(trainer, f"{command.name} is loaded{told_how}; the model starts over at step 0")


def _begin(trainer: Trainer, command: c.Begin) -> None:
    run = fresh_run(command.name, command.text, command.reading, command.pairs, _reporting(trainer, CUTTING))
    trainer.replace_run(run)
    _say_start(trainer, f"model {run.settings.model} on {command.name}: {run.params.count:,} weights, at step 0")


def _teach(trainer: Trainer, command: c.Teach) -> None:
    before, suits = trainer.run.corpus.words, untouched(trainer.run)
    new_letters = trainer.run.teach(command.words)
    if suits:
        trainer.run.configure([("learn_rate", f"{suited(trainer.run.settings, trainer.run.corpus).learn_rate:g}")])
    added = trainer.run.corpus.words - before
    letters = f", with the new letters {', '.join(map(spoken, new_letters))}" if new_letters else ""
    trainer.say(f"{added:,} more {'word' if added == 1 else 'words'}{letters}; the model keeps what it has learnt")


def _restart(trainer: Trainer, command: c.Restart) -> None:
    trainer.replace_run(Run(trainer.run.corpus, trainer.run.settings))
    trainer.say(f"back at step 0 with the same first weights (seed {trainer.run.settings.seed}). {BACK}")


def _steps(trainer: Trainer, command: c.Steps) -> None:
    # A key pressed again before its step is made asks for one more, not for the same one.
    begun = trainer.target if trainer.running and trainer.target is not None else trainer.run.step
    trainer.start(begun + command.count)


def _change(trainer: Trainer, command: c.Change) -> None:
    before = copy.copy(trainer.run)
    if trainer.run.change(command.name, command.value, _reporting(trainer, CUTTING)):
        trainer.previous = before
        trainer.pause()
        value = getattr(trainer.run.settings, command.name)
        _say_start(trainer, f"{command.name} is {value}; the model starts over at step 0")
    trainer.keep_pace()


def _configure(trainer: Trainer, command: c.Configure) -> None:
    before = copy.copy(trainer.run)
    if trainer.run.configure(command.pairs, _reporting(trainer, CUTTING)):
        trainer.previous = before
        trainer.pause()
        run = trainer.run
        _say_start(trainer, f"model {run.settings.model}: {run.params.count:,} weights; it starts at step 0")


def _nudge(trainer: Trainer, command: c.Nudge) -> None:
    run = trainer.run
    loss = run.loss()
    before, after = run.nudge(command.current, command.next, command.amount)
    trainer.say(
        f"score {command.amount:+g}: probability {before:.2%} → {after:.2%}, loss {loss:.6f} → {run.loss():.6f} nats"
    )


def _back(trainer: Trainer, command: c.Back) -> None:
    if trainer.previous is None:
        raise LabError("nothing was replaced yet, so there is nothing to bring back")
    trainer.replace_run(trainer.previous)
    if trainer.keeper:
        trainer.keeper.brought_back()
    run = trainer.run
    trainer.say(f"the {run.settings.model} on {run.corpus.name} is back, at step {run.step:,}; again for the other one")


def _save(trainer: Trainer, command: c.Save) -> None:
    before = store.save(trainer.run, command.path)
    kept = f"; the file before is kept as {before.name}" if before else ""
    trainer.say(f"saved step {trainer.run.step:,} to {command.path}{kept}")


def _open(trainer: Trainer, command: c.Open) -> None:
    run, note = store.opened(command.path)
    replaced, trouble = _replaced(command.replaced)
    trainer.replace_run(run)
    if command.first:
        trainer.previous = replaced
    trainer.say((note or f"opened {command.called or command.path} at step {run.step:,}") + trouble)


def _replaced(path: str) -> tuple[Run | None, str]:
    """The run in a file that is there to be brought back; where it cannot be, why."""
    try:
        return (store.opened(path).run if path else None), ""
    except LabError as error:
        return None, f". The one before it cannot be brought back: {error}"


def _start_ladder(trainer: Trainer, command: c.StartLadder) -> None:
    run = trainer.run
    ladder = Ladder(run.corpus, run.settings, command.steps, command.prompt, command.overrides, trainer.clock)
    trainer.beside.begin(ladder)


def _keep(trainer: Trainer, command: c.Keep) -> None:
    trainer.keeper = Autosave(command.path, trainer.clock, trainer.changes)


HANDLERS: dict[type, Callable[[Trainer, Any], None]] = {
    c.Train: lambda trainer, command: trainer.start(command.until, announced=True),
    c.Steps: _steps,
    c.Pause: lambda trainer, command: trainer.pause(),
    c.Restart: _restart,
    c.Change: _change,
    c.Configure: _configure,
    c.Load: _load,
    c.Begin: _begin,
    c.Teach: _teach,
    c.Nudge: _nudge,
    c.Feedback: lambda trainer, command: trainer.run.apply_feedback(command.ratings),
    c.UndoFeedback: lambda trainer, command: trainer.run.undo_feedback(),
    c.Save: _save,
    c.Keep: _keep,
    c.Open: _open,
    c.Back: _back,
    c.StartLadder: _start_ladder,
    c.StopLadder: lambda trainer, command: trainer.beside.stop(),
    c.Stop: lambda trainer, command: None,  # heard in the middle of the work; there is none under way
}
