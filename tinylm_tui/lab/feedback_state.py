"""What feedback did, ready for JSON and back, and whether what a file says of it can be so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tinylm_tui.lab.proof import finite, mapping, refuse, whole
from tinylm_tui.lab.snapshot import FeedbackReport, MovedPair, RatedWord

LONGEST = 8_000  # characters of a report in JSON; a longer one, of many or long words, is not kept
WHAT = "feedback"


def report_state(report: FeedbackReport | None) -> list[Any] | None:
    """For JSON; None for none, and for one that is too long."""
    if report is None:
        return None
    rated = [[word.text, word.sign, word.before, word.after] for word in report.rated]
    moved = [[pair.current, pair.next, pair.before, pair.after] for pair in report.moved]
    state = [report.rounds, rated, moved, report.divergence]
    return state if len(json.dumps(state)) <= LONGEST else None


def report_of(state: list[Any] | None) -> FeedbackReport | None:
    """The report again, from a plausible state."""
    if state is None:
        return None
    rounds, rated, moved, divergence = state
    words, pairs = (RatedWord(*one) for one in rated), (MovedPair(*one) for one in moved)
    return FeedbackReport(rounds, tuple(words), tuple(pairs), float(divergence))


def refuse_feedback(saved: object, size: int, lengths: Mapping[str, int], rounds: int, most: int) -> None:
    """Raises RunFileError unless it can be of a run with V = `size` tokens and arrays of these `lengths`.

    Early files lack it. There were so many `rounds`, of which `most` can be undone.
    """
    state = mapping(saved, WHAT)
    if set(state) - {"report", "undo", "moved"} or not isinstance(state.get("moved", False), bool):
        raise refuse(WHAT)
    undo = _list(state.get("undo", []), min(most, rounds))
    if len(undo) * lengths["weights"] != lengths.get("undo", 0) or (undo and "reference" not in lengths):
        raise refuse(WHAT)
    for report in (state.get("report"), *undo):
        if report is not None:
            _refuse_report(_list(report, 4), size, rounds)


def _refuse_report(report: list[Any], size: int, rounds: int) -> None:
    if len(report) != 4:
        raise refuse(WHAT)
    whole(report[0], WHAT, 1, rounds)
    for text, sign, *logs in (_row(one) for one in _list(report[1], LONGEST)):
        if not isinstance(text, str) or not whole(sign, WHAT, -1, 1) or any(finite(log, WHAT) > 0 for log in logs):
            raise refuse(WHAT)
    for current, following, *shares in (_row(one) for one in _list(report[2], LONGEST)):
        whole(current, WHAT, 0, size - 1)
        whole(following, WHAT, 0, size - 1)
        if not all(0 <= finite(share, WHAT) <= 1 for share in shares):
            raise refuse(WHAT)
    if finite(report[3], WHAT) < 0:
        raise refuse(WHAT)


def _list(value: object, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise refuse(WHAT)
    return value


def _row(value: object) -> list[Any]:
    row = _list(value, 4)
    if len(row) != 4:
        raise refuse(WHAT)
    return row
