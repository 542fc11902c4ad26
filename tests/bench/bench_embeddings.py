"""What a frame of the Embeddings screen costs: 300 tokens of width 64 at 120 × 36, over 100 different moments.

    python tests/bench/bench_embeddings.py

A frame is all that the screen does for a new snapshot: the principal components, the axes turned after those before,
the cosines, names placed, and the lines drawn. Prints figures with the machine; nothing here is a test.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

from machine import describe

# isort: split
import numpy as np

from tinylm_tui.engine.parameters import Array
from tinylm_tui.ui.drawing.embeddings import Shown, picture_page, picture_size
from tinylm_tui.ui.drawing.framing import Camera, Frame
from tinylm_tui.ui.drawing.scene import Film
from tinylm_tui.ui.drawing.vectors import vectors_page
from tinylm_tui.ui.look import Look

TOKENS, WIDTH, MOMENTS = 300, 64, 100
PAGE = (118, 31)  # what a terminal of 120 × 36 leaves for the page


def moments() -> list[Array]:
    """Embeddings as they train: a random start that grows and drifts."""
    rng = np.random.default_rng(0)
    X, drift = rng.standard_normal((2, TOKENS, WIDTH))
    return [(0.02 * X + 0.01 * k * drift / 10).astype(np.float32) for k in range(MOMENTS)]


def frames(zoom: int) -> list[float]:
    """Seconds for each picture."""
    names = ["", *(f"{chr(97 + k % 26)}{chr(97 + k * 7 % 26) * (k % 4)}" for k in range(TOKENS - 1))]
    film, camera, counts, look = Film(), Camera(), np.arange(TOKENS)[::-1], Look()
    for _ in range(zoom):
        camera.move(1)
    times = []
    for k, X in enumerate(moments()):
        began = time.perf_counter()
        scene = film.at(X, 0, "run", k, k)
        shown = Shown("embedding", X, names, counts, scene, k % TOKENS, camera.zoom, k)
        frame = Frame(camera.box(scene.box, scene.points[k % TOKENS].tolist()), *picture_size(*PAGE))
        picture_page(shown, frame, *PAGE, look)
        times.append(time.perf_counter() - began)
    return times


def tables() -> list[float]:
    """Seconds for each table of numbers."""
    names, times = [f"t{k}" for k in range(TOKENS)], []
    for k, X in enumerate(moments()):
        began = time.perf_counter()
        vectors_page(X, names, (k, k % WIDTH), (0, 0), *PAGE, Look())
        times.append(time.perf_counter() - began)
    return times


def report(what: str, times: list[float]) -> None:
    """Median and 95th percentile in milliseconds, the first frame left out."""
    times = sorted(times[1:])
    print(f"{what}: median {median(times) * 1e3:.1f} ms, p95 {times[int(0.95 * len(times))] * 1e3:.1f} ms")


if __name__ == "__main__":
    print(describe())
    report(f"picture, {TOKENS} tokens × {WIDTH}, {PAGE[0]} × {PAGE[1]}", frames(0))
    report("picture, zoomed in", frames(3))
    report("table of numbers", tables())
