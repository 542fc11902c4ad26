"""Where runs are kept, and what a person's answer to "which file?" means."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_data_path

from tinylm_tui.lab.confining import confined, inside
from tinylm_tui.lab.errors import RunFileError, TextError
from tinylm_tui.lab.numbers import shorten
from tinylm_tui.lab.presets import Preset, keep_preset, kept_presets
from tinylm_tui.lab.store import SUFFIX
from tinylm_tui.ui.visible import visible

PRIVATE = 0o700
CANNOT_BE = (OSError, ValueError, RuntimeError)  # too long, a loop; a character no name can have; no such ~user


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error).rstrip(".").lower()


def data_folder() -> Path:
    """Where a person's own files lie. Raises RunFileError where the system knows no such place."""
    folder = user_data_path("tinylm", appauthor=False)
    if not folder.is_absolute():  # without a home it is "~/…", and a folder of the name ~ would come into being
        raise RunFileError("there is no folder to save in: this account has no home. Type a path, or set HOME.")
    return folder


def own_folder(name: str) -> Path:
    """A folder for a person's own files, which nobody else may look into, made when it is missing.

    Raises RunFileError where it cannot be made.
    """
    data = data_folder()
    folder = data / name
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        for each in (data, folder):
            each.mkdir(exist_ok=True, mode=PRIVATE)
            _shut(each)
    except OSError as error:
        raise RunFileError(f"there is no folder to save in: {error.strerror} ({folder}). Type a path.") from None
    return folder


def _shut(folder: Path) -> None:
    """An earlier version left it open to be looked into. A link leads to a folder that is somebody's own affair."""
    if os.name == "posix" and not folder.is_symlink() and folder.stat().st_mode & 0o077:
        with suppress(PermissionError):  # another person's folder
            folder.chmod(PRIVATE)


def runs_folder() -> Path:
    """The folder for saved runs, made when it is missing. Raises RunFileError when it cannot be made."""
    return own_folder("runs")


def sessions_folder() -> Path:
    """Where each lab keeps what the next one can go on with. Raises RunFileError when it cannot be made."""
    return own_folder("sessions")


def presets_file() -> Path:
    """The file of a person's own presets, beside the folder of runs; it need not be there."""
    return user_data_path("tinylm", appauthor=False) / "presets.txt"


def saved_presets() -> tuple[Preset, ...]:
    """A person's own presets. Raises TextError where their file cannot be read."""
    return kept_presets(presets_file())


def save_preset(name: str, line: str) -> None:
    """Keep a line of settings under a name. Raises LabError."""
    runs_folder()  # makes the folder that both lie in
    keep_preset(presets_file(), name, line)


def own_run_path(answer: str) -> Path:
    """The file of that name in the folder of runs, to save or to open, and never one elsewhere. Raises RunFileError."""
    name = answer.strip()
    return inside(runs_folder(), name, "" if name.endswith(SUFFIX) else SUFFIX)


def _own_run(answer: str) -> Path:
    """The run of that name that is there. Raises RunFileError or TextError."""
    path = own_run_path(answer)
    if not path.exists():
        raise TextError(f"you have no saved run {shorten(answer.strip())}")
    return path


def run_path(answer: str) -> Path:
    """The file to save to: a bare name goes to the folder of runs. Raises RunFileError."""
    if confined():
        return own_run_path(answer)
    name = answer.strip()
    if not name or "\0" in name:
        raise RunFileError("a name is needed, for instance: first-try")
    try:
        path = Path(name).expanduser()
        if path.name in ("", "..") or (len(path.parts) > 1 and path.is_dir()):
            raise RunFileError(f"{shorten(name)} is a folder: name a file in it")
        path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
        path = path if len(path.parts) > 1 else runs_folder() / path
        if not path.parent.is_dir():
            raise RunFileError(f"there is no folder {path.parent}: make it first, or choose another")
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise RunFileError(f"{path.parent} cannot be written to: choose another folder")
    except CANNOT_BE as error:
        raise RunFileError(f"{shorten(name)} cannot be a file ({_why(error)}): choose another name") from None
    return path


def saved_runs(most: int = 8) -> list[str]:
    """The names of the runs saved last, the newest first; none where there is no folder for them."""
    try:
        files = [file for file in runs_folder().glob(f"*{SUFFIX}") if _can_be_opened(file)]
        files.sort(key=lambda file: -file.stat().st_mtime)
    except (RunFileError, OSError):
        return []
    return [file.stem for file in files[:most]]


def _can_be_opened(file: Path) -> bool:
    """Whether `open_path` would take its name: a link that leads nowhere will not do, nor a guest's out of here."""
    with suppress(RunFileError):
        return file.is_file() and (not confined() or inside(file.parent, file.name) == file)
    return False


def save_hint() -> str:
    """What can be typed where a run is to be saved."""
    answer = "A name." if confined() else "A name, or a path."
    return f"{answer} The file holds everything: weights, settings, text, step."


def open_hint() -> str:
    """What can be typed where a file is to be opened."""
    if confined():
        return f"A run that you saved here, by its name; texts are on Corpus (1).{_saved()}"
    start = "A text (.txt) to learn from, or a saved run (.safetensors): its path, or the name of a saved run."
    return f"{start}{_saved()}"


def reader_hint() -> str:
    """What can be typed where a run is to read a text."""
    by = "that you saved here, by its name" if confined() else "(.safetensors), by its name or path"
    return f"The second reader: a saved run {by}.{_saved()}"


def _saved() -> str:
    names = ", ".join(saved_runs())
    return f" Saved: {visible(names)}." if names else ""


def open_path(answer: str) -> Path:
    """The file to open: a path as it is, or the name of a saved run. Raises TextError when there is none."""
    if confined():
        return _own_run(answer)
    name = answer.strip()
    if not name or "\0" in name:
        raise TextError("type the path of a file")
    try:
        path = Path(name).expanduser()
        candidates = [path]
        if len(path.parts) == 1:
            candidates += [runs_folder() / path, runs_folder() / f"{path.name}{SUFFIX}"]
        found = next((candidate for candidate in candidates if candidate.exists()), None)
    except CANNOT_BE as error:
        raise TextError(f"{shorten(name)} cannot be a file ({_why(error)})") from None
    if found is None:
        raise TextError(f"there is no file {path}, and no saved run of that name")
    if found.is_dir():
        raise TextError(f"{found} is a folder: name a file in it")
    return found
