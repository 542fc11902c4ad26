"""Columns of named figures: what stands beside the curve, the editor and the samples."""

from __future__ import annotations

import numpy as np
from textual.strip import Strip

from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.learners.adam import schedule_of
from tinylm_tui.lab.models import WINDOWS
from tinylm_tui.lab.settings import setting
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.drawing.curve_uprights import changes_of
from tinylm_tui.ui.drawing.readout import figure
from tinylm_tui.ui.drawing.state import loss_text
from tinylm_tui.ui.ink import line, pad
from tinylm_tui.ui.look import Look

CUT_AS = {"characters": "characters", "alphabet": "27 symbols", "bpe": "byte pairs"}
FLOOR = {True: "exact floor, nats", False: "bigram's floor, nats"}
FULL_SPEED = "full speed"
READ_AS = {"words": "words", "lines": "lines", "text": "one running text"}


def training_figures(snapshot: Snapshot, width: int, look: Look) -> list[Strip]:
    """How well it does, beside what it could do at best and what knowing nothing would give."""
    blocks = [_losses(snapshot), _compared(snapshot), _dials(snapshot)]
    lines: list[Strip] = []
    for block in blocks:
        lines += [*([Strip.blank(0)] if lines else []), *[figure(name, value, width, look) for name, value in block]]
    return lines


def _losses(s: Snapshot) -> list[tuple[str, str]]:
    token = [("  bits a token", loss_text(s.bits))] if s.corpus.characters_per_token != 1 else []
    rows = [
        (_loss_name(s), loss_text(s.loss)),
        *token,
        ("  bits a character", loss_text(s.bits_per_character)),
        ("  perplexity", loss_text(s.perplexity)),
    ]
    if s.floor is not None:
        rows.append(("  above the floor", f"{s.loss - s.floor:+.4f}"))
    return rows


def _loss_name(s: Snapshot) -> str:
    """What the loss is a mean of."""
    return f"loss, {s.batches} batch{'es' * (s.batches > 1)}" if s.batches else "loss, nats"


def _compared(s: Snapshot) -> list[tuple[str, str]]:
    least = [("exact floor", f"{s.floor:.4f}")] if s.floor is not None else []
    held_out = [("held out", loss_text(s.held_out))] if s.held_out is not None else []
    turned = [("  lowest at step", f"{s.turned:,}")] if s.turned is not None else []
    return [
        *least, *held_out, *turned, *_changed(s),
        ("knowing nothing", f"{s.corpus.uniform:.4f}"), ("start", loss_text(s.start_loss)),
    ]  # fmt: skip


def _changed(s: Snapshot) -> list[tuple[str, str]]:
    """The newest of what training did not do, which the curve marks by a line down."""
    return [(f"{said} at step", f"{step:,}") for step, said in changes_of(s.marks[-1:]).items()]


def _dials(s: Snapshot) -> list[tuple[str, str]]:
    pace = f"{s.settings.pace:,}/s" if s.settings.pace else FULL_SPEED
    decays = s.settings.model in setting("decay_to").models
    named = "  decayed to" if decayed(s) else "  at this step"
    now = [(named, f"{schedule_of(s.settings).learn_rate(s.step):.2g}")] if decays else []
    drawn = [("epoch", "none: drawn at random")] if s.settings.batch else []  # a bigram may take all pairs
    epoch = [("epoch", f"{s.epoch:,.2f}")] if s.epoch is not None else drawn
    return [
        ("learn rate  + -", f"{s.settings.learn_rate:g}"),
        *now,
        ("batch  b" if s.settings.model == "bigram" else "batch", _batch(s)),
        *epoch,
        ("pace  f", pace),
        ("steps a second", f"{s.speed:,.0f}" if s.running else "–"),
    ]


def decayed(s: Snapshot) -> bool:
    """Whether the learn rate has come down to where it stays, so that the one set counts no more."""
    ends = s.settings.decay_steps if s.settings.model in setting("decay_steps").models else 0
    return bool(ends) and s.step >= max(ends, s.settings.warmup)


def _batch(s: Snapshot) -> str:
    if not s.settings.batch:
        return "every pair"
    if s.settings.model in WINDOWS:
        return f"{s.settings.batch} example{'s' * (s.settings.batch != 1)}"
    return f"{s.settings.batch} drawn"


def corpus_figures(corpus: Corpus, model: str, width: int, look: Look, *, edited: bool) -> list[Strip]:
    """What can be counted in the text, and what follows for the model."""
    rows = [*_pieces(corpus), ("words", f"{corpus.words:,}"), ("token pairs", f"{corpus.pairs:,}")]
    rows.append(("read as  w", READ_AS[corpus.reading]))
    if model == "bigram":  # the weights of others depend on their sizes, which the Model screen shows
        rows.append(("weights", f"{corpus.size:,} × {corpus.size:,} = {corpus.size**2:,}"))
    rows += [("knowing nothing", f"{corpus.uniform:.4f}"), (FLOOR[model == "bigram"], f"{corpus.floor:.4f}")]
    where = "not yet loaded" if edited else "in the model"
    title = pad(f"{where}: {CUT_AS[corpus.tokenizer.kind]}", width).rstrip()
    head = line((title, look.style("amber" if edited else "title")))
    return [head, *[figure(name, value, width, look) for name, value in rows]]


def _pieces(corpus: Corpus) -> list[tuple[str, str]]:
    """How many different characters there are, and how many tokens with the boundary before and after merging."""
    characters = len(corpus.tokenizer.letters)
    if not corpus.tokenizer.bounded:
        used = int(np.count_nonzero(corpus.counts.sum(axis=0) + corpus.counts.sum(axis=1)))
        return [("symbols used", f"{used} of {corpus.size}")]
    if corpus.tokenizer.kind != "bpe":
        return [("characters used", f"{characters:,}")]
    return [
        ("tokens merged", f"{characters + 1:,} → {corpus.size:,}"),
        ("characters a token", f"{corpus.characters_per_token:.3f}"),
    ]
