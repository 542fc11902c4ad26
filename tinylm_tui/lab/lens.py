"""The logit lens on a text of the person's: what each layer would say at each place, and how the right token fares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinylm_tui.engine import lens
from tinylm_tui.engine.parameters import Array, Parameters
from tinylm_tui.engine.tokenizer import Ids, Tokenizer
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.views import ReadText, gpt_trace, read_text, token_name
from tinylm_tui.lab.writing import prompt_ids


@dataclass(frozen=True, eq=False)
class TextLens:
    """The lens on the T tokens of a text; what comes after the last of them the text does not say."""

    read: ReadText
    lens: lens.Lens
    ranks: Array  # (L + 1, T − 1), of the right token: 1 where it is on top
    chances: Array  # (L + 1, T − 1), its probability

    @property
    def rows(self) -> int:
        """L + 1, the points of the residual stream: after the embedding, and after each block."""
        return len(self.lens.logits)

    @property
    def places(self) -> int:
        """T, how many tokens there are."""
        return len(self.read.ids)

    def right(self, place: int) -> int | None:
        """The token that comes next in the text; None after its last one."""
        return int(self.read.ids[place + 1]) if place + 1 < self.places else None

    def is_right(self, row: int, place: int) -> bool:
        """Whether that layer would already say the right one."""
        return place + 1 < self.places and self.ranks[row, place] == 1


def text_lens(params: Parameters, tokenizer: Tokenizer, settings: Settings, text: str) -> TextLens:
    """The lens of a GPT on the last tokens of `text` that its context holds, the boundary among them.

    Unknown characters are left out, and stand in `read.unknown`.
    """
    read = read_text(tokenizer, text, settings.context)
    seen = lens.read(params, gpt_trace(params, tokenizer.size, settings, read.ids))
    targets: Ids = read.ids[1:]  # (T − 1,)
    chances = seen.probabilities[:, np.arange(len(targets)), targets]  # (L + 1, T − 1)
    return TextLens(read, seen, seen.ranks(targets), np.asarray(chances))


def row_name(row: int, rows: int) -> str:
    """Where in the model a row of the lens stands, in words: row 0 is the embedding, the last one the output."""
    if row == rows - 1:
        return "output"
    return f"after block {row}" if row else "after the embedding"


def lens_record(run: Run, text: str) -> dict[str, Any]:
    """Every figure of the Lens screen: layers[row][place], the embedding first. Raises LabError for unknown letters.

    What stands about the right token is null after the last token of the text.
    """
    tokenizer = run.corpus.tokenizer
    prompt_ids(tokenizer, text)  # raises for a letter that it does not know
    seen = text_lens(run.params, tokenizer, run.settings, text)
    names = [token_name(tokenizer, i) for i in range(tokenizer.size)]
    return {
        "tokens": [names[int(i)] for i in seen.read.ids],
        "layer_names": [row_name(row, seen.rows) for row in range(seen.rows)],
        "layers": [[_cell(seen, row, place, names) for place in range(seen.places)] for row in range(seen.rows)],
    }


def _cell(seen: TextLens, row: int, place: int, names: list[str]) -> dict[str, Any]:
    right = seen.right(place)
    return {
        "token": names[int(seen.lens.top[row, place])],
        "probability": float(seen.lens.sureness[row, place]),
        "right": None if right is None else names[right],
        "right_rank": None if right is None else int(seen.ranks[row, place]),
        "right_probability": None if right is None else float(seen.chances[row, place]),
    }


def lens_in_words(record: dict[str, Any]) -> str:
    """A record of the lens as a table: a line for each token, a column for each layer."""
    layers = record["layers"]
    width = 9 + max(len(repr(cell["token"])) for layer in layers for cell in layer)
    lines = ["what each layer would say next, with its probability; = where it is the right one"]
    lines.append(f"{'token':<12}" + "".join(f"{name:>{max(width, 20)}}" for name in record["layer_names"]))
    for place, token in enumerate(record["tokens"]):
        cells = [_said(layer[place]) for layer in layers]
        lines.append(f"{token!r:<12}" + "".join(f"{cell:>{max(width, 20)}}" for cell in cells))
    return "\n".join(lines)


def _said(cell: dict[str, Any]) -> str:
    mark = "=" if cell["right_rank"] == 1 else " "
    return f"{cell['token']!r}{mark}{cell['probability']:>7.1%}"
