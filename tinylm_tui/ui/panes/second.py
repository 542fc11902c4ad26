"""Who reads a text beside the model of the run: the counts of its text, or a saved run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from tinylm_tui.lab import kept, store
from tinylm_tui.lab.confining import confined
from tinylm_tui.lab.errors import LabError
from tinylm_tui.lab.readers import Counted, Reader, reader_of
from tinylm_tui.lab.snapshot import Snapshot
from tinylm_tui.ui.places import open_path
from tinylm_tui.ui.visible import visible

Beside = Path | Literal["counts", "nobody"]


def beside(value: object) -> Beside:
    """One that was kept, where it is (still) a saved run. Raises ValueError."""
    if value == "counts" or value == "nobody":
        return value
    name = str(kept.text()(value))
    try:
        path = open_path(Path(name).name if confined() else name)
    except LabError:
        kept.refuse()
    return path if path.is_file() and path.suffix == store.SUFFIX else kept.refuse()


class SecondReader:
    """Keeps the run that it read last."""

    def __init__(self) -> None:
        self._file: tuple[Path, float, Reader, str] | None = None  # when it was written, and what it holds

    def of(self, s: Snapshot, beside: Beside) -> list[tuple[str, str, Reader]]:
        """Name, title and reader of whoever it is, if anybody. Raises LabError for a file that is no run."""
        if beside == "nobody":
            return []
        if isinstance(beside, Path):
            _, _, reader, what = self._read(beside)
            name = visible(beside.stem)
            return [(name, f"{name}: {what}", reader)]
        return [("counts", f"counts of {visible(s.corpus.name)}", Counted(s.corpus))]

    def has(self, path: Path) -> bool:
        """Whether this file has been read, as it is now."""
        return self._file is not None and self._file[:2] == (path, written(path))

    def _read(self, path: Path) -> tuple[Path, float, Reader, str]:
        if self._file is None or not self.has(path):
            at, run = written(path), store.load(path)
            reader = reader_of(run.corpus, run.params, run.settings)
            self._file = (path, at, reader, f"{run.settings.model}, step {run.step:,}")
        return self._file


def written(path: Path) -> float:
    """When a file was written last; 0 where it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
