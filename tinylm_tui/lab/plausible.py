"""Whether what a file says of a run can be so: asked before a text is cut or a model is made from it.

A file may come from anybody. What stands here is cheap: it looks at the state and at the lengths of the arrays, and
makes nothing of their size. The parts that the learners keep stand in `plausible_learner`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinylm_tui.engine.gpt_config import count
from tinylm_tui.engine.reading import READINGS
from tinylm_tui.lab.corpus import MOST_CHARACTERS
from tinylm_tui.lab.errors import RunFileError
from tinylm_tui.lab.feedback_state import refuse_feedback
from tinylm_tui.lab.history import CAPACITY
from tinylm_tui.lab.marks import KINDS, MOST
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.plausible_learner import AS_LONG_AS_WEIGHTS, LEARNER_ARRAYS, refuse_learner
from tinylm_tui.lab.proof import finite, mapping, refuse, whole
from tinylm_tui.lab.run import CURVES
from tinylm_tui.lab.settings import MOST_TOKENS, TOKENIZERS, Settings, parse_pairs
from tinylm_tui.lab.tensor_file import Stored
from tinylm_tui.lab.tuning import MOST_UNDO

# Every array that a run can have, with its kind of numbers.
ARRAYS = {
    "weights": "float32",
    "text": "uint8",
    "reference": "float32",
    "undo": "float32",
    **LEARNER_ARRAYS,
    **{f"{curve}.steps": "int64" for curve in CURVES},
    **{f"{curve}.{end}": "float64" for curve in CURVES for end in ("low", "high")},
}
MOST_NAME = 4096  # characters
SPARE_TEXT = 4_000_000  # characters that all byte-pair tokens may have together beside three times those of the text
LETTERS_OF_ALPHABET = 27


def settings_in(state: Mapping[str, Any]) -> Settings:
    """The settings that were saved. Raises LabError where they are none."""
    saved = mapping(state.get("settings"), "settings")
    if not all(isinstance(value, (str, int, float)) for value in saved.values()):
        raise refuse("settings")
    return parse_pairs([f"{name}={value}" for name, value in saved.items()])


def tokenizer_in(state: Mapping[str, Any]) -> dict[str, Any]:
    """What brings the tokenizer back; format 1 knew characters only."""
    old = {"kind": "characters", "letters": state.get("letters")}
    return old if state.get("format") == 1 else mapping(state.get("tokenizer"), "tokenizer")


def refuse_implausible(state: Mapping[str, Any], stored: Mapping[str, Stored]) -> int:
    """V. Raises LabError unless `state` and the lengths of the `stored` arrays can be those of one run."""
    lengths = {name: array.length for name, array in stored.items()}
    settings = settings_in(state)
    if missing := {"weights", "text"}.difference(lengths):
        raise RunFileError(f"it lacks its {' and its '.join(sorted(missing))}")
    _refuse_state(state)
    size = _vocabulary(tokenizer_in(state), lengths["text"])
    _refuse_weights(settings, size, lengths)
    changed = _last_mark(state.get("marks", []), state["step"])
    refuse_learner(mapping(state.get("learner"), "learner"), settings, lengths, (changed, state["step"]))
    refuse_feedback(state.get("feedback", {}), size, lengths, state["feedback_rounds"], MOST_UNDO)
    _refuse_curves(mapping(state.get("curves"), "curves"), lengths)
    _refuse_lowest(mapping(state.get("lowest", {}), "lowest loss"), state["step"])
    return size


def _refuse_state(state: Mapping[str, Any]) -> None:
    name = state.get("name")
    if not isinstance(name, str) or len(name) > MOST_NAME:
        raise refuse("name")
    if state.get("reading") not in READINGS:
        raise refuse("reading")
    whole(state.get("step"), "step")
    whole(state.get("feedback_rounds"), "rounds of feedback")
    finite(state.get("start_loss"), "first loss")


def _vocabulary(saved: Mapping[str, Any], text: int) -> int:
    """V, for a text of so many bytes."""
    if not 0 < text <= 4 * MOST_CHARACTERS:
        raise refuse("text")
    if saved.get("kind") not in TOKENIZERS:
        raise refuse("tokenizer")
    letters, merges = saved.get("letters"), saved.get("merges", [])
    if not isinstance(letters, list) or not all(isinstance(c, str) and len(c) == 1 for c in letters):
        raise refuse("letters")
    if not isinstance(merges, list) or len(letters) + len(merges) > MOST_TOKENS:
        raise refuse("tokens")
    if saved.get("kind") == "alphabet":
        return LETTERS_OF_ALPHABET
    _refuse_long(len(letters), merges, text)
    return 1 + len(letters) + len(merges)


def _refuse_long(letters: int, merges: list[Any], text: int) -> None:
    """Tokens are parts of the text they were learnt from: otherwise 40 merges could ask for 2⁴⁰ characters."""
    lengths = [0, *[1] * letters]
    for pair in merges:
        if not isinstance(pair, list) or len(pair) != 2:
            raise refuse("tokens")
        lengths.append(sum(lengths[whole(part, "tokens", 1, len(lengths) - 1)] for part in pair))
    if sum(lengths) > SPARE_TEXT + 3 * text:
        raise refuse("tokens")


def _refuse_weights(settings: Settings, size: int, lengths: Mapping[str, int]) -> None:
    """The model that the settings ask for has as many weights as there are: so nobody's 24 layers are ever made."""
    wanted = count(model_of(settings).shapes(settings, size))
    if lengths["weights"] != wanted:
        raise RunFileError(f"its settings make {wanted:,} weights, and it holds {lengths['weights']:,}")
    for name in ("reference", *AS_LONG_AS_WEIGHTS):
        if lengths.get(name, wanted) != wanted:
            raise refuse(f"array {name}")


def _refuse_curves(curves: Mapping[str, Any], lengths: Mapping[str, int]) -> None:
    if set(curves) != {name for name in CURVES if f"{name}.steps" in lengths}:
        raise refuse("curves")
    for name, saved in curves.items():
        points = lengths[f"{name}.steps"]
        if not points == lengths.get(f"{name}.low") == lengths.get(f"{name}.high") or points > CAPACITY:
            raise refuse("curves")
        state = mapping(saved, "curves")
        stride = whole(state.get("stride"), "curves", 1)
        whole(state.get("in_last"), "curves", min(1, points), stride if points else 0)
        if set(state) != {"stride", "in_last"} or stride & (stride - 1):  # it only ever doubles
            raise refuse("curves")


def _refuse_lowest(saved: Mapping[str, Any], step: int) -> None:
    """Early files lack it, and it is empty before the first held-out loss."""
    if saved and set(saved) != {"step", "value", "since"}:
        raise refuse("lowest loss")
    if saved:
        whole(saved["step"], "lowest loss", 0, step)
        finite(saved["value"], "lowest loss")
        whole(saved["since"], "lowest loss")


def _last_mark(saved: object, step: int) -> int:
    """The step of the last change that was no training, 0 without one. Early files lack them."""
    if not isinstance(saved, list) or len(saved) > MOST:
        raise refuse("marks")
    for mark in saved:
        if not isinstance(mark, list) or len(mark) != 2 or mark[1] not in KINDS:
            raise refuse("marks")
        whole(mark[0], "marks", 0, step)
    return max((mark[0] for mark in saved), default=0)
