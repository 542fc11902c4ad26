"""Columns of named figures: what stands beside the curve, the editor and the samples."""

from __future__ import annotations

from textual.strip import Strip

from tinylm_tui.lab.corpus import Corpus
from tinylm_tui.lab.learners.gpt import schedule_of
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.drawing.readout import figure
from tinylm_tui.ui.drawing.state import loss_text
from tinylm_tui.ui.ink import line
from tinylm_tui.ui.look import Look

READ_AS = {"words": "words", "lines": "lines", "text": "one running text"}


def training_figures(snapshot: Snapshot, width: int, look: Look) -> list[Strip]:
    """How well it does, beside what it could do at best and what knowing nothing would give."""
    blocks = [_losses(snapshot), _compared(snapshot), _dials(snapshot)]
    lines: list[Strip] = []
    for block in blocks:
        lines += [*([Strip.blank(0)] if lines else []), *[figure(name, value, width, look) for name, value in block]]
    return lines


def _losses(s: Snapshot) -> list[tuple[str, str]]:
    name = "loss, nats" if s.exact_loss or not s.step else "loss, 50 batches"
    rows = [
        (name, loss_text(s.loss)), ("  bits a token", loss_text(s.bits)), ("  perplexity", loss_text(s.perplexity)),
    ]  # fmt: skip
    if s.floor is not None:
        rows.append(("  above the floor", f"{s.loss - s.floor:+.4f}"))
    return rows


def _compared(s: Snapshot) -> list[tuple[str, str]]:
    least = [("exact floor", f"{s.floor:.4f}")] if s.floor is not None else []
    held_out = [("held out", loss_text(s.held_out))] if s.held_out is not None else []
    return [*least, *held_out, ("knowing nothing", f"{s.corpus.uniform:.4f}"), ("start", loss_text(s.start_loss))]


def _dials(s: Snapshot) -> list[tuple[str, str]]:
    batch = "every pair" if not s.settings.batch else f"{s.settings.batch} drawn"
    pace = f"{s.settings.pace:,}/s" if s.settings.pace else "full speed"
    now = [] if s.exact_loss else [("  at this step", f"{schedule_of(s.settings).learn_rate(s.step):.2g}")]
    return [
        ("learn rate  + -", f"{s.settings.learn_rate:g}"),
        *now,
        ("batch  b" if s.exact_loss else "batch", batch),
        ("pace  f", pace),
        ("steps a second", f"{s.speed:,.0f}"),
    ]


def corpus_figures(corpus: Corpus, model: str, width: int, look: Look, *, edited: bool) -> list[Strip]:
    """What can be counted in the text, and what follows for the model."""
    if model == "bigram":
        weights = [figure("weights", f"{corpus.size:,} × {corpus.size:,} = {corpus.size**2:,}", width, look)]
    else:  # its weights depend on its sizes, which the Model screen shows; and its floor is another
        weights = []
    floor = "exact floor, nats" if model == "bigram" else "a bigram's floor, nats"
    title = "not yet loaded" if edited else "in the model"
    return [
        line((f"{title}", look.style("amber" if edited else "title"))),
        figure("characters", f"{corpus.size - 1:,}", width, look),
        figure("words", f"{corpus.words:,}", width, look),
        figure("token pairs", f"{corpus.pairs:,}", width, look),
        figure("read as  w", READ_AS[corpus.reading], width, look),
        *weights,
        figure("knowing nothing", f"{corpus.uniform:.4f}", width, look),
        figure(floor, f"{corpus.floor:.4f}", width, look),
    ]
