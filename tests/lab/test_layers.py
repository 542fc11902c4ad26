"""ui → lab → engine, and never the other way: each floor is imported with what stands above it made unimportable."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tinylm_tui

PACKAGE = Path(tinylm_tui.__file__).parent

WALL = """
import importlib, pkgutil, sys

class Wall:
    def find_spec(self, name, path=None, target=None):
        if any(name == wall or name.startswith(wall + ".") for wall in {walls!r}):
            raise ImportError(name + " is behind the wall")

sys.meta_path.insert(0, Wall())
floor = importlib.import_module({floor!r})
for module in pkgutil.walk_packages(floor.__path__, {floor!r} + "."):
    importlib.import_module(module.name)
"""

SCREEN = ["tinylm_tui.ui", "textual", "rich", "plotext"]
FILES = ["safetensors", "platformdirs", "multiprocessing"]


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


def imported_without(floor, walls):
    return python(WALL.format(floor=floor, walls=walls))


@pytest.mark.parametrize(
    ("floor", "walls"),
    [
        ("tinylm_tui.engine", ["tinylm_tui.lab", "tinylm_tui.cli", *SCREEN, *FILES]),
        ("tinylm_tui.lab", ["tinylm_tui.cli", *SCREEN]),
    ],
)
def test_a_floor_stands_without_those_above_it(floor, walls):
    result = imported_without(floor, walls)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("wall", ["tinylm_tui.engine", "safetensors", "numpy"])
def test_the_wall_keeps_out_what_it_should(wall):
    result = imported_without("tinylm_tui.lab", [wall])
    assert result.returncode == 1
    assert "is behind the wall" in result.stderr


def imports_of(floor):
    """The top-level names that the files of a floor import, wherever in the file."""
    names = set()
    for file in (PACKAGE / floor).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add((node.module or "").partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"tinylm_tui"}


def test_the_engine_needs_numpy_and_nothing_else():
    assert imports_of("engine") == {"numpy"}


def test_the_lab_needs_numpy_and_safetensors_and_nothing_else():
    assert imports_of("lab") == {"numpy", "safetensors"}


def test_the_screen_would_be_found_out():
    assert "textual" in imports_of("ui")


@pytest.mark.parametrize("floor", ["engine", "lab"])
def test_no_floor_imports_relatively_where_the_scan_would_miss_it(floor):
    assert "" not in imports_of(floor)


LOADED = "import sys, {module}; print(' '.join(sorted({{'numpy', 'textual', 'safetensors'}} & set(sys.modules))))"


def test_the_command_line_loads_neither_numpy_nor_textual_before_it_needs_them():
    assert python(LOADED.format(module="tinylm_tui.cli")).stdout.split() == []


def test_what_a_module_loads_is_seen():
    assert python(LOADED.format(module="tinylm_tui.lab.run")).stdout.split() == ["numpy"]


def test_one_thread_is_set_before_numpy_is_loaded():
    code = "import tinylm_tui, os, sys; print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules)"
    assert python(code).stdout.split() == ["1", "False"]
