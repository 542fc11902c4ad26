"""What the command line prints: records as JSON or in words, and complaints, each in one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, NoReturn

BAD_INPUT = 2


def fail(sentence: str) -> NoReturn:
    """Say what was wrong, in one line, and leave with status 2."""
    print(f"tinylm: {printable(sentence)}", file=sys.stderr)
    sys.exit(BAD_INPUT)


def printable(text: str) -> str:
    """Text for the terminal: nothing in it can act as a control sequence, and the encoding can say it."""
    from tinylm_tui.ui.visible import visible

    encoding = sys.stdout.encoding or "ascii"
    return visible(text).encode(encoding, "replace").decode(encoding)


def emit(record: dict[str, Any], as_json: bool, told: Callable[[dict[str, Any]], str]) -> None:
    """One record on standard output, as JSON or in words, at once."""
    line = json.dumps(record) if as_json else "\n".join(map(printable, told(record).split("\n")))
    print(line, flush=True)
