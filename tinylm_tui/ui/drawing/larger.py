"""From this build to GPT-2: the same parts in larger numbers, and what else it has."""

from __future__ import annotations

from textual.strip import Strip

from tinylm_tui.engine.gpt_config import GPT2_SMALL
from tinylm_tui.lab.settings import Settings, setting
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.ink import beside, line, pad, wrapped
from tinylm_tui.ui.look import Look

TABLE = 38  # columns
GPT2_COLUMN = 13
WORDS, GAP = 31, 3
SIZES = ("layers", "heads", "width", "context")


def larger_lines(snapshot: Snapshot, width: int, height: int, look: Look) -> list[Strip]:
    """The table, and what its words mean: beside it, or under it where they fit."""
    if width >= TABLE + GAP + WORDS:
        words, table = wrapped(meant(snapshot), WORDS, look.style("dim")), _tables(snapshot, width - GAP - WORDS, look)
        return beside(_low(table, height), _low([Strip.blank(0), *words], height), width - GAP - WORDS, GAP)
    lines, words = _tables(snapshot, width, look), [Strip.blank(0), *wrapped(meant(snapshot), width, look.style("dim"))]
    return lines + words if len(lines) + len(words) <= height else _low(lines, height)


def _low(lines: list[Strip], height: int) -> list[Strip]:
    """Without the empty lines where there is no room for all."""
    return lines if len(lines) <= height else [one for one in lines if one.cell_length]


def _tables(snapshot: Snapshot, width: int, look: Look) -> list[Strip]:
    """The sizes, then what else GPT-2 has or needs and what of it is here."""
    lines = [_columns(("from this build to", "here", "GPT-2"), ("title", "dim", "dim"), width, look)]
    for row in sizes(snapshot):
        figures = "bright" if row[0] == "weights" else "text"
        lines.append(_columns(row, ("dim", figures, figures), width, look))
    lines += [line((pad(times(snapshot), width, right=True), look.style("dim"))), Strip.blank(0)]
    lines.append(_columns(("GPT-2 also has or needs", "", ""), ("title", "dim", "dim"), width, look))
    return lines + [_columns((what, mine, ""), ("dim", "text", "dim"), width, look) for what, mine in extras(snapshot)]


def _columns(texts: tuple[str, str, str], roles: tuple[str, str, str], width: int, look: Look) -> Strip:
    """A name, what is here, and what GPT-2 has."""
    name, here, last = texts
    middle = width - GPT2_COLUMN - len(name)
    return line(
        (name, look.style(roles[0])),
        (pad(here, middle, right=True), look.style(roles[1])),
        (pad(last, GPT2_COLUMN, right=True), look.style(roles[2])),
    )


def sizes(s: Snapshot) -> list[tuple[str, str, str]]:
    """(what, here, in GPT-2): the counts of weights are computed from the sizes."""
    big = GPT2_SMALL
    rows = [(name, value, f"{getattr(big, name):,}") for name, value in zip(SIZES, _own(s.settings), strict=True)]
    return [
        *rows,
        ("vocabulary", f"{s.corpus.size:,}", f"{big.vocabulary:,}"),
        ("weights", f"{s.params.count:,}", f"{big.weights:,}"),
    ]


def _own(s: Settings) -> tuple[str, str, str, str]:
    """The model's layers, heads, width and context, in a word where it has none."""
    if s.model == "bigram":
        return "0", "0", "none", "1"
    if s.model == "gpt":
        return f"{s.layers:,}", f"{s.heads:,}", f"{s.width:,}", f"{s.context:,}"
    return {"average": "0", "mlp": "1 hidden"}[s.model], "0", f"{s.width:,}", f"{s.context:,}"


def times(s: Snapshot) -> str:
    """How many times as many weights GPT-2 has."""
    return f"{GPT2_SMALL.weights / s.params.count:,.0f} times as many"


def extras(s: Snapshot) -> list[tuple[str, str]]:
    """What GPT-2 has or its training needs beyond larger numbers, and what this build has of it."""
    own, gpt, adamw = s.settings, s.settings.model == "gpt", s.settings.model in setting("weight_decay").models
    return [
        ("byte-level BPE", "of characters" if s.corpus.tokenizer.kind == "bpe" else "no"),
        ("tied head", "yes" if gpt and own.tie_head else "no"),
        ("scaled initialisation", "yes" if gpt else "no"),
        ("warm-up", f"{own.warmup:,} steps" if adamw and own.warmup else "no"),
        ("decay", f"to {own.decay_to:g}" if adamw and own.decay_steps else "no"),
        ("weight decay", f"{own.weight_decay:g}" if adamw and own.weight_decay else "no"),
        ("dropout", "no"),
    ]


def meant(s: Snapshot) -> str:
    """What the words of the table mean."""
    here = HERE[s.corpus.tokenizer.kind]
    return f"Byte-level BPE: tokens are frequent pieces of text, made of bytes; here {here}. {MEANT}"


HERE = {
    "characters": "they are characters",
    "alphabet": "they are 27 symbols",
    "bpe": "they are made of characters",
}
MEANT = (
    "Tied head: the token embedding reads off the scores. Scaled initialisation: what writes into the stream starts "
    "smaller by the factor √(2·layers). Warm-up, decay: the learn rate rises at first, falls later. Weight decay: each "
    "step pulls the matrices a little to zero. Dropout: in training a random tenth of the activations is set to 0."
)
