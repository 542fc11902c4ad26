"""Make the pictures in assets/ from the running lab: python tests/screenshots.py

Drives the real app with its real trainer, without a terminal, and saves what it shows as SVG.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from textual.pilot import Pilot

from tinylm_tui.lab import process
from tinylm_tui.lab.headless import find_corpus
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings, parse_pairs
from tinylm_tui.lab.trainer import Trainer
from tinylm_tui.ui.app import LabApp
from tinylm_tui.ui.link import Link
from tinylm_tui.ui.look import Look

ASSETS = Path(__file__).parent.parent / "assets"
SIZE = (104, 33)
BIGRAM_SCENES = {
    "corpus": "1",
    "train": "2",
    "generate": "3 plus minus minus minus",
    "heatmap": "4 " + "down " * 14 + "right",
    "math": "5 " + "right " * 13,
    "feedback": "6 u d u d u a",
}
GPT_SCENES = {"attention": "7", "model": "8", "embeddings": "0 n", "surprise": "U", "lens": "X"}
STORY_SCENES = {"tokens": "9 " + "up " * 20}


async def reached(pilot: Pilot[int], step: int) -> None:
    """Wait until the lab shows that step."""
    while pilot.app.snapshot.step < step:  # type: ignore[attr-defined]
        await pilot.pause(0.05)


async def climbed(pilot: Pilot[int]) -> None:
    """Wait until a ladder, if one was begun, is done."""
    while (report := pilot.app.snapshot.ladder) and report.running:  # type: ignore[attr-defined]
        await pilot.pause(0.2)


async def photograph(
    settings: Settings, steps: int, scenes: dict[str, str], text: str = "names", size: tuple[int, int] = SIZE
) -> None:
    """Train for so many steps, then visit the screens."""
    run = Run(find_corpus(text, settings), settings)
    child, pipe = process.start(run.corpus, settings)
    snapshot = Trainer(run).snapshot()
    link = Link(child, pipe, snapshot)
    app = LabApp(link, snapshot, Look())
    try:
        async with app.run_test(size=size) as pilot:
            if steps:
                await pilot.press("space")
                await reached(pilot, steps)
                await pilot.press("space")
            for name, presses in scenes.items():
                await pilot.press(*presses.split())
                await pilot.pause(0.6)
                await climbed(pilot)
                app.clear_notifications()
                await pilot.pause(0.6)
                save(app, name)
    finally:
        link.close()


async def main() -> None:
    """A bigram on six screens, a GPT on three, byte pairs and a ladder on the story."""
    await photograph(Settings(), 400, BIGRAM_SCENES)
    await photograph(parse_pairs(["model=gpt"]), 1500, GPT_SCENES)
    await photograph(parse_pairs(["model=mlp", "tokenizer=bpe"]), 0, STORY_SCENES, "story")
    await photograph(Settings(), 0, {"ladder": "L g"}, "story", (120, 36))


def save(app: LabApp, name: str) -> None:
    """Write assets/NAME.svg, without the fonts that the picture would load from the network."""
    svg = app.export_screenshot(title=f"tinylm: {name}")
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    svg = svg.replace("Fira Code, monospace", "DejaVu Sans Mono, Menlo, Consolas, monospace")
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    svg = "\n".join(line.rstrip() for line in svg.split("\n"))
    (ASSETS / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
