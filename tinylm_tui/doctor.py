"""`tinylm doctor`: whether the lab will do well here, one line for each thing it needs, and what would help.

Looks only: the one thing it writes is a small file in the folders of the lab, to see whether that is possible, and it
takes that away again. A terminal is asked questions only where standard input and output are one.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tinylm_tui import __version__
from tinylm_tui.terminal_questions import Answers, ask

State = Literal["ok", "note", "bad"]
WIDTH, HEIGHT = 80, 24  # what every screen is made for
SPARE = 200_000_000  # bytes on the disk: some saved runs
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
BETWEEN_WORDS: Any = {"break_long_words": False, "break_on_hyphens": False}
FEWEST = {"many": "256 or more", "few": "16", "none": "none"}


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, whether it is well, what was found, and what would do where it is not.

    `note`: the lab runs, but something is less good than it could be. `bad`: something will not work.
    """

    about: str
    state: State
    found: str
    would_do: str = ""


def doctor(options: argparse.Namespace) -> int:
    """`tinylm doctor`: status 1 when something will not work."""
    from tinylm_tui.cli_output import emit

    findings = list(examine(os.environ, ask()))
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for finding in findings:
        emit(asdict(finding), options.json, lambda record: in_words(record, width))
    return int(any(finding.state == "bad" for finding in findings))


def in_words(record: Mapping[str, Any], width: int | None = None) -> str:
    """A finding in one line; in a terminal of that many columns in as many as it needs, broken between words only."""
    mark = {"ok": "ok", "note": "note", "bad": "NOT OK"}[record["state"]]
    would_do = f". What would do: {record['would_do']}" if record["would_do"] else ""
    told, start = f"{record['found']}{would_do}", f"{mark:<7} {record['about']:<9} "
    if width is None:
        return f"{start}{told}"
    behind = " " * len(start)
    return textwrap.fill(told, width, initial_indent=start, subsequent_indent=behind, **BETWEEN_WORDS)


def examine(environ: Mapping[str, str], answers: Answers | None) -> Iterator[Finding]:
    """Everything that is looked at, in the order in which it is told. `answers` is None where there is no terminal."""
    yield versions()
    if answers is None:
        found = "standard input and output are no terminal, so none was looked at"
        yield Finding("terminal", "note", found, "tinylm doctor in the terminal that the lab is to live in")
    else:
        yield from terminal(environ, answers)
    yield connection(environ)
    yield cores(_cores())
    yield from blas(environ)
    yield from folders()


def versions() -> Finding:
    """Of the lab and of what it stands on."""
    from importlib.metadata import version

    parts = ", ".join(f"{name} {version(name)}" for name in ("numpy", "textual", "safetensors"))
    system = f"{platform.system()} {platform.machine()}"
    return Finding("versions", "ok", f"tinylm {__version__}, Python {platform.python_version()}, {parts}, {system}")


def terminal(environ: Mapping[str, str], answers: Answers) -> Iterator[Finding]:
    """Its name, size, colours, characters, and whether it answers."""
    yield _name(environ)
    yield _size(answers)
    yield _colours(environ)
    yield _characters(environ, answers)
    yield _cursor(answers)


def _name(environ: Mapping[str, str]) -> Finding:
    name = environ.get("TERM", "")
    if name.lower() in ("", "dumb", "unknown"):
        found = "TERM does not name a terminal that can place text"
        return Finding("terminal", "bad", found, "TERM=xterm-256color in front of the command")
    return Finding("terminal", "ok", f"TERM is {name}")


def _size(answers: Answers) -> Finding:
    found = f"{answers.width} columns, {answers.height} rows"
    if answers.width < WIDTH or answers.height < HEIGHT:
        return Finding("size", "note", found, f"a window of {WIDTH} by {HEIGHT} or more, or smaller letters")
    return Finding("size", "ok", found)


def _colours(environ: Mapping[str, str]) -> Finding:
    from tinylm_tui.ui.terminal import look_of_terminal

    depth = look_of_terminal(environ).depth
    found = f"{FEWEST[depth]} colours" if depth != "none" else "no colours"
    if depth == "many":
        return Finding("colours", "ok", found)
    would_do = "NO_COLOR taken away" if environ.get("NO_COLOR") else "TERM=xterm-256color, where the terminal has them"
    return Finding("colours", "note", f"{found}: maps are drawn in other characters instead", would_do)


def _characters(environ: Mapping[str, str], answers: Answers) -> Finding:
    from tinylm_tui.surroundings import needs_ascii

    if needs_ascii(environ):
        found = "the locale or the font promises no more than ASCII, so the lab draws with that"
        return Finding("UTF-8", "note", found, "LANG=C.UTF-8, where the terminal shows UTF-8")
    if answers.cells not in (None, 1):
        found = f"the locale says UTF-8, but the terminal needs {answers.cells} places for one character"
        return Finding("UTF-8", "bad", found, "the terminal set to UTF-8, or tinylm --ascii")
    return Finding("UTF-8", "ok", "the locale says UTF-8" + (", and the terminal shows it" if answers.cells else ""))


def _cursor(answers: Answers) -> Finding:
    if answers.seconds is None:
        found = f"the terminal does not say where its cursor is (asked for {answers.patience:g} s)"
        return Finding("answers", "note", f"{found}: over a slow connection pictures may pile up", "another terminal")
    return Finding("answers", "ok", f"the terminal says where its cursor is, after {1000 * answers.seconds:.0f} ms")


def connection(environ: Mapping[str, str]) -> Finding:
    """Near, or far away."""
    caller, *_ = [*environ.get("SSH_CONNECTION", "").split(), ""]
    return Finding("reached", "ok", f"over ssh, from {caller}" if caller else "not over ssh")


def _cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cores(count: int) -> Finding:
    """The screen and the trainer are a process each."""
    if count < 2:
        return Finding("cores", "note", "1 core for the screen and the trainer together", "a second core")
    shared = "where many labs share them, tinylm --duty 0.3 leaves each trainer 30 % of one"
    return Finding("cores", "ok", f"{count} cores: enough for the screen and the trainer of one lab; {shared}")


def blas(environ: Mapping[str, str]) -> Iterator[Finding]:
    """What multiplies matrices, and in how many threads."""
    import numpy as np

    built: Any = np.show_config(mode="dicts")
    library = built.get("Build Dependencies", {}).get("blas", {})
    name = f"{library.get('name', 'unknown')} {library.get('version', '')}".strip()
    kind = environ.get("OPENBLAS_CORETYPE")
    yield Finding("BLAS", "ok", f"{name}, " + (f"OPENBLAS_CORETYPE {kind}" if kind else "OPENBLAS_CORETYPE not set"))
    many = [f"{name}={environ[name]}" for name in THREADS if environ.get(name, "1") != "1"]
    if many:
        found = f"{', '.join(many)}: slower where others work too, and a seed may not give the same run again"
        yield Finding("threads", "note", found, f"{many[0].partition('=')[0]} taken away, or set to 1")
    else:
        yield Finding("threads", "ok", "one BLAS thread: one seed, one run")


def folders() -> Iterator[Finding]:
    """Where saved runs go, and what the next lab goes on with."""
    from tinylm_tui.ui.places import runs_folder, sessions_folder

    yield _folder("runs", runs_folder)
    yield _folder("sessions", sessions_folder)


def _folder(about: str, place: Callable[[], Any]) -> Finding:
    from tinylm_tui.lab.errors import RunFileError

    would_do = "space on that disk, permission to write there, or XDG_DATA_HOME set to another folder"
    try:
        folder = place()
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(folder).free
    except RunFileError as error:
        return Finding(about, "bad", str(error).rstrip("."), would_do)
    except OSError as error:
        return Finding(about, "bad", f"{folder} cannot be written to: {error.strerror or error}", would_do)
    found = f"{folder} can be written to, {free / 1e9:,.1f} GB are free"
    return Finding(about, "ok", found) if free >= SPARE else Finding(about, "note", found, "more space on that disk")
