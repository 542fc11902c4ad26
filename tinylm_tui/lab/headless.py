"""Training without a screen: the same loop, told what to print."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import Any

from tinylm_tui.lab import recipes
from tinylm_tui.lab.corpus import Corpus, make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.ladder import OF_THE_TEXT, Ladder
from tinylm_tui.lab.recipes import Recipe, text_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.rungs import Rung
from tinylm_tui.lab.settings import Settings, parse_pairs, parted

REPORTS = 10  # progress lines in one training, and more where they would be far apart
SILENT = 3.0  # seconds without a line at most
RUNG_SLICE = 0.2  # seconds of work between two looks at whether a rung is done


def find_corpus(name_or_path: str, settings: Settings) -> Corpus:
    """A starter text by its name, or a file. Raises TextError."""
    name, text, reading = text_of(name_or_path)
    return make_corpus(name, text, reading if settings.reading == "auto" else settings.reading, cut_of(settings))


def fresh_run(source: Recipe | str, pairs: Sequence[str], first: Sequence[str] = ()) -> Run:
    """A run on a starter text, a file or a recipe, with settings `NAME=VALUE`.

    The settings of a recipe stand between the `first` ones and `pairs`; the later one counts. The learn rate suits the
    text unless one is set. Raises TextError or SettingError.
    """
    if isinstance(source, Recipe):
        told = [*parted(first), *source.pairs, *parted(pairs)]
        return recipes.fresh_run(source.name, source.text, source.reading, told)
    return recipes.fresh_run(*text_of(source), parted([*first, *pairs]))


def ladder_on(source: Recipe | str, pairs: Sequence[str], usual: int, steps: int | None, prompt: str | None) -> Ladder:
    """A ladder on a starter text, a file or a recipe. `pairs` are overrides, or settings of the text itself.

    `steps` and `prompt` are those of the recipe where they are None, and without one `usual` and none. Raises LabError.
    """
    for_text = [pair for pair in pairs if pair.partition("=")[0].strip() in OF_THE_TEXT]
    overrides = [pair for pair in pairs if pair not in for_text]
    recipe = source if isinstance(source, Recipe) else Recipe(*text_of(source), ())
    settings = parse_pairs([*(f"{name}={value}" for name, value in recipe.pairs), *for_text])
    reading = recipe.reading if settings.reading == "auto" else settings.reading
    corpus = make_corpus(recipe.name, recipe.text, reading, cut_of(settings))
    if prompt is None:
        prompt = recipe.prompt
    return Ladder(corpus, settings, steps or recipe.steps or usual, prompt, [*recipe.overrides, *overrides])


def climb(ladder: Ladder) -> Iterator[dict[str, Any]]:
    """Go up a ladder at full speed; a record for each rung when it is done, then the closing one."""
    done = 0
    while ladder.running:
        ladder.work(RUNG_SLICE)
        yield from map(rung_record, ladder.report().rungs[done : ladder.done])
        done = ladder.done
    report, (train, held) = ladder.report(), ladder.asked
    yield {
        "event": "done", "text": report.text, "tokenizer": report.tokenizer, "steps": report.steps,
        "seed": report.seed, "held_out": report.held_out, "characters_per_token": report.characters_per_token,
        "train_tokens": train, "held_out_tokens": held, "prompt": report.prompt, "seconds": round(report.seconds, 3),
    }  # fmt: skip


def rung_record(rung: Rung) -> dict[str, Any]:
    """One rung for JSON, losses in bits a character.

    `held_out_bits` is null where nothing is held out, and where `never` is true: then something stands there that the
    counts have never seen, and it is infinite.
    """
    never = rung.held_bits == inf
    return {
        "rung": rung.name, "state": rung.state, "sees": rung.sees, "weights": rung.weights, "steps": rung.steps,
        "steps_per_second": None if rung.speed is None else round(rung.speed, 1), "train_bits": rung.train_bits,
        "held_out_bits": None if never else rung.held_bits, "never": never, "floor_bits": rung.floor_bits,
        "note": rung.note, "sample": rung.sample,
    }  # fmt: skip


def train(run: Run, steps: int, stopped: Callable[[], bool] = lambda: False) -> Iterator[dict[str, Any]]:
    """Train `steps` steps at full speed, or until it is `stopped`; yield progress, then the closing record.

    Raises Diverged.
    """
    began, first = time.perf_counter(), run.step
    every, told = max(1, steps // REPORTS), began
    for done in range(1, steps + 1):
        run.train_step()
        ends = done == steps or stopped()
        if done % every == 0 or ends or time.perf_counter() - told > SILENT:
            told = time.perf_counter()
            run.check()
            yield {"step": run.step, "loss": run.loss(), "held_out": run.learner.held_out_loss()}
        if ends:
            break
    seconds = time.perf_counter() - began
    yield closing_record(run, (run.step - first) / seconds if seconds else 0.0)


def closing_record(run: Run, speed: float) -> dict[str, Any]:
    """How it ended; `loss` is over every pair of the text for a bigram, the mean of the last batches for a gpt."""
    return {
        "event": "done", "steps": run.step, "loss": run.loss(), "held_out": run.learner.held_out_loss(whole=True),
        "uniform": run.corpus.uniform, "floor": run.floor, "weights": run.params.count,
        "vocabulary": run.corpus.size, "bits_per_character": run.corpus.bits_per_character(run.loss()),
        "characters_per_token": run.corpus.characters_per_token, "steps_per_second": round(speed, 1),
    }  # fmt: skip
