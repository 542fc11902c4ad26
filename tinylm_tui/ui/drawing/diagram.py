"""The block diagram of a model: the residual stream straight through it, and what reads it and adds to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from tinylm_tui.engine.gpt_config import GPTConfig
from tinylm_tui.lab.anatomy import block_weights, part_weights
from tinylm_tui.lab.settings import Settings
from tinylm_tui.ui.ink import Piece, line, pad
from tinylm_tui.ui.look import Look

NORMS = 15  # columns of the stream's norms
BOX = 35  # columns of the drawing itself
SHAPES, COUNTS = 17, 11
FULL = NORMS + BOX + SHAPES + COUNTS
BARS = 14  # columns of the bars beside the norms, where there is room
STREAM = "┃"


@dataclass(frozen=True)
class Row:
    """One line: the drawing in (text, role) pieces, the shape of the weights, and how many they are.

    `needed` tells which rows a low screen leaves out: 0 always stays, the largest goes first.
    """

    drawing: tuple[tuple[str, str], ...]
    shape: str = ""
    count: str = ""
    role: str = "text"
    needed: int = 0
    mark: str = ""  # "in", "out": where the stream enters and leaves the blocks


def gpt_diagram(config: GPTConfig, norms: Sequence[float], width: int, height: int, look: Look) -> list[Strip]:
    """The whole model. norms (layers + 1,): the stream after the embedding, then after each block."""
    rows = fitting(_gpt_rows(config), height)
    bars = BARS if width >= FULL + BARS else 0
    beside = _norm_labels(norms, rows, bars)
    return [_strip(row, label, bars, width, look) for row, label in zip(rows, beside, strict=True)]


def norm_note(tokens: int, width: int, look: Look) -> Strip:
    """What the norms are, in one line."""
    told = f"mean norm: length √Σx² of the stream, mean over the text's first {tokens} tokens"
    return line((told if width >= FULL else "", look.style("dim")))


def bigram_diagram(size: int, width: int, height: int, look: Look) -> list[Strip]:
    """One matrix."""
    return [_strip(row, ("", ""), 0, width, look) for row in fitting(_bigram_rows(size), height)]


def window_diagram(settings: Settings, size: int, width: int, height: int, look: Look) -> list[Strip]:
    """The average or the mlp."""
    rows = _average_rows(settings, size) if settings.model == "average" else _mlp_rows(settings, size)
    return [_strip(row, ("", ""), 0, width, look) for row in fitting(rows, height)]


def fitting(rows: Sequence[Row], height: int) -> list[Row]:
    """As many rows as there is room for; those that say least go first."""
    kept = list(rows)
    while len(kept) > height and any(row.needed for row in kept):
        kept.remove(max(kept, key=lambda row: row.needed))
    return kept


def _gpt_rows(c: GPTConfig) -> list[Row]:
    weights = part_weights(c)
    stream, air = (("  ", "text"), (STREAM, "towards")), 6
    matrices = f"{c.vocabulary}×{c.width}"
    return [
        Row((("  up to ", "dim"), (f"{c.context} token ids", "text")), "shape", "weights", "dim"),
        Row((("  │", "dim"),), needed=5),
        Row((("  ▼ ", "dim"), ("token embedding", "text")), matrices, f"{weights['token']:,}"),
        Row((("  + ", "bright"), ("position embedding", "text")), f"{c.context}×{c.width}", f"{weights['position']:,}"),
        Row(stream, needed=air + 1),
        Row((*stream, (f" residual stream, {c.width} wide", "dim")), needed=2, mark="in"),
        *_block_rows(c, weights),
        Row(stream, needed=2, mark="out"),
        Row(stream, needed=air + 2),
        Row((*stream, (" final ", "text"), ("LayerNorm", "text")), f"2 of {c.width}", f"{weights['final_norm']:,}"),
        Row((("  │", "dim"),), needed=air + 3),
        Row((("  ▼ ", "dim"), (_head_name(c), "text")), matrices, f"{weights['head']:,}"),
        Row((("  │", "dim"),), needed=4),
        Row((("  ▼ ", "dim"), (f"softmax: {c.vocabulary:,} probabilities", "text")),
            "all of it", f"{c.weights:,}", "bright"),
    ]  # fmt: skip


def _head_name(c: GPTConfig) -> str:
    return "head: the token embedding" if c.tie_head else "head, a matrix of its own"


def _block_rows(c: GPTConfig, weights: dict[str, int]) -> list[Row]:
    """The box that stands for all blocks."""
    times, one = f" ×{c.layers} ", block_weights(c)
    heads = f"{c.heads} head{'s' * (c.heads != 1)}"
    title = " block "
    top = (("╭─", "faint"), ("╂", "towards"), ("─" * (BOX - 6 - len(title)) + title + "──╮", "faint"))
    bottom = (("╰─", "faint"), ("╂", "towards"), ("─" * (BOX - 6 - len(times)) + times + "──╯", "faint"))
    norm = f"2 of {c.width}"
    return [
        Row(top),
        Row(_inside("", ""), needed=8),
        *_sublayer(f"attention: {heads} of {c.head_width}", norm, weights["norm1"],
                   f"4 of {c.width}×{c.width}", weights["attention"]),
        Row(_inside("", ""), needed=3),
        Row(_inside("", ""), needed=10),
        *_sublayer("MLP with GELU", norm, weights["norm2"], f"{c.width}→{c.hidden}→{c.width}", weights["mlp"]),
        Row(_inside("", ""), needed=8),
        Row(bottom, f"{c.layers} × {one:,}", f"{c.layers * one:,}"),
    ]  # fmt: skip


def _sublayer(name: str, norm_shape: str, norm: int, shape: str, count: int) -> list[Row]:
    """Reads the stream through a LayerNorm on the way out, and adds to it on the way back."""
    inner = BOX - 5  # columns between the stream and the right edge of the box
    reads = "━▶ LayerNorm ".ljust(inner - 2, "━") + "┓ "
    adds = f"◀━ {name} ".ljust(inner - 2, "━") + "┛ "
    waits = " " * (inner - 2) + "┃ "
    return [
        Row(_inside(reads, "┣"), norm_shape, f"{norm:,}", "dim"),
        Row(_inside(waits, STREAM), needed=9),
        Row(_inside(adds, "+"), shape, f"{count:,}", "dim"),
    ]


def _inside(text: str, node: str) -> tuple[tuple[str, str], ...]:
    """A line within the box: the stream's node, then the branch."""
    node_role = "bright" if node == "+" else "towards"
    words = text.strip("━▶◀┓┛┃ ")
    before, _, after = text.partition(words) if words else (text, "", "")
    return (
        ("│ ", "faint"), (node or STREAM, node_role), (before, "towards"), (words, "text"), (after, "towards"),
        (" " * (BOX - 4 - len(text)) + "│", "faint"),
    )  # fmt: skip


def _bigram_rows(size: int) -> list[Row]:
    inner = BOX - 4
    return [
        Row((("  one token id, the last", "text"),), "shape", "weights", "dim"),
        Row((("  │", "dim"),), needed=2),
        Row((("  ▼ ", "dim"), (f"one-hot: {size:,} numbers, one is 1", "text"))),
        Row((("╭─", "faint"), ("┴", "towards"), ("─" * inner + "╮", "faint"))),
        Row((("│ ", "faint"), (pad("× W: it picks one row", inner + 1), "text"), ("│", "faint")),
            f"{size:,}×{size:,}", f"{size * size:,}"),
        Row((("╰─", "faint"), ("┬", "towards"), ("─" * inner + "╯", "faint"))),
        Row((("  ▼ ", "dim"), (f"a score for each of {size:,} tokens", "text"))),
        Row((("  │", "dim"),), needed=2),
        Row((("  ▼ ", "dim"), (f"softmax: {size:,} probabilities", "text")), "all of it", f"{size * size:,}", "bright"),
    ]  # fmt: skip


def _arrow(text: str, needed: int, shape: str = "", count: int | None = None, role: str = "text") -> list[Row]:
    """A line down, left out on a low screen, and what stands at its end."""
    counted = "" if count is None else f"{count:,}"
    return [Row((("  │", "dim"),), needed=needed), Row((("  ▼ ", "dim"), (text, role)), shape, counted)]


def _window_rows(s: Settings, size: int) -> list[Row]:
    W, E = s.context, s.width
    return [
        Row((("  ids of the last ", "dim"), (f"{W} token{'s' * (W != 1)}", "text")), "shape", "weights", "dim"),
        *_arrow("lookup: a row of embedding each", 4, f"{size:,}×{E}", size * E),
    ]


def _all_rows(s: Settings, size: int, weights: int) -> list[Row]:
    drawing = (("  ▼ ", "dim"), (f"softmax: {size:,} probabilities", "text"))
    return [Row((("  │", "dim"),), needed=2), Row(drawing, "all of it", f"{weights:,}", "bright")]


def _average_rows(s: Settings, size: int) -> list[Row]:
    E = s.width
    return [
        *_window_rows(s, size),
        *_arrow(f"average of the {s.context}: {E} numbers", 3, "order is gone"),
        *_arrow(f"× output: {size:,} logits", 2, f"{E}×{size:,}", E * size),
        *_all_rows(s, size, 2 * size * E),
    ]


def _mlp_rows(s: Settings, size: int) -> list[Row]:
    W, E, H = s.context, s.width, s.hidden
    hidden, output = (W * E + 1) * H, (H + 1) * size
    return [
        *_window_rows(s, size),
        *_arrow(f"side by side: {W * E:,} numbers", 3, f"{W}×{E}, in order"),
        *_arrow(f"× hidden.w + bias, tanh: {H:,}", 2, f"{W * E:,}×{H} + {H}", hidden),
        *_arrow(f"× output.w + bias: {size:,} logits", 2, f"{H}×{size:,} + {size:,}", output),
        *_all_rows(s, size, size * E + hidden + output),
    ]


def _norm_labels(norms: Sequence[float], rows: Sequence[Row], bars: int) -> list[tuple[str, str]]:
    """(label, bar) for each row: the first norm where the stream enters the blocks, the last where it leaves them."""
    labels = [("", "")] * len(rows)
    marks = {row.mark: n for n, row in enumerate(rows) if row.mark}
    first, last = marks.get("in", 0), marks.get("out", len(rows) - 1)
    labels[0] = ("mean norm", "")
    shown = _shown(len(norms) - 1, last - first)
    longest = max(*norms, 1e-30)
    for place, n in [(first, 0), *zip(range(last - len(shown) + 1, last + 1), shown, strict=True)]:
        name = f"after {n}" if n else "at first"
        labels[place] = (f"{name:<9}{short(norms[n]):>5}", "▆" * round(norms[n] / longest * (bars - 1)))
    return labels


def _shown(layers: int, places: int) -> list[int]:
    """The blocks to name, by number from 1: all of them, or every second, third … and always the last."""
    every = -(-layers // max(1, places))
    return list(range(layers, 0, -every))[::-1]


def short(value: float) -> str:
    """A length in five columns."""
    for decimals in (3, 2, 1):
        if value < 10 ** (4 - decimals) - 0.5 * 10**-decimals:
            return f"{value:.{decimals}f}"
    return f"{value:.0f}" if value < 99999.5 else f"{value:.0e}"


def _strip(row: Row, label: tuple[str, str], bars: int, width: int, look: Look) -> Strip:
    pieces: list[Piece] = []
    if width >= FULL:
        pieces += [(pad(label[0], NORMS), look.style("text"))]
        pieces += [(pad(label[1], bars), look.style("towards"))] if bars else []
    drawn = sum(len(text) for text, _ in row.drawing)
    pieces += [(text, look.style(role)) for text, role in row.drawing]
    pieces += [(" " * (BOX - drawn), look.style("dim"))]
    if width >= BOX + SHAPES + COUNTS:
        pieces += [(pad("  " + row.shape, SHAPES), look.style("dim"))]
    pieces += [(pad(row.count, COUNTS, right=True), look.style(row.role))]
    return line(*pieces)
