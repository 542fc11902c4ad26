import pytest

from tinylm_tui.ui.drawing.tabs import tab_rows
from tinylm_tui.ui.frame import SMALLEST
from tinylm_tui.ui.keys import TABS

from .stage import open_lab

SENTENCE = "the lab needs at least 60 × 20 characters"


async def test_a_terminal_that_is_too_small_says_so_and_the_lab_comes_back():
    async with open_lab() as lab:
        before = lab.lines
        for size in ((59, 20), (60, 19), (20, 5)):
            await lab.resize(*size)
            assert SENTENCE[:20] in lab.prose
            assert "Corpus" not in lab.text
            await lab.resize(80, 24)
            assert lab.lines == before


async def test_every_screen_comes_back_as_it_was_with_its_keys():
    async with open_lab(text="names", steps=20) as lab:
        for tab in TABS:
            await lab.press(tab.number)
            before, focused = lab.lines, lab.app.focused
            for size in ((59, 20), (80, 24)):
                await lab.resize(*size)
                assert (SENTENCE in lab.text) == (size == (59, 20))
            assert lab.lines == before
            assert lab.app.focused is focused


@pytest.mark.parametrize("size", [SMALLEST, (200, 60)])
async def test_every_screen_shows_its_tabs_its_state_and_its_keys(size):
    rows = len(tab_rows(TABS, size[0]))
    async with open_lab(size=size, text="names", steps=20) as lab:
        for tab in TABS:
            await lab.press(tab.number)
            assert all(f"{other.number} {other.title}" in " ".join(lab.lines[:rows]) for other in TABS)
            assert all(word in lab.state for word in ("step", "loss", "paused"))
            assert "train/pause" in lab.lines[-1]
            assert len(lab.lines) == size[1]


async def test_somebody_who_types_goes_on_typing_when_the_terminal_is_large_enough_again():
    async with open_lab() as lab:
        await lab.press("e")
        for size in ((40, 10), (30, 10), (80, 24)):
            await lab.resize(*size)
        await lab.press("z")
        assert lab.editor.exact.startswith("z")


async def test_a_dialog_fits_the_smallest_screen():
    async with open_lab(size=SMALLEST) as lab:
        for key in ("comma", "ctrl+s", "ctrl+o", "question_mark", "c"):
            await lab.press(key)
            box = lab.app.screen.query_one(".box").region
            assert lab.app.screen.region.contains_region(box)
            await lab.press("escape")


async def test_the_too_small_sentence_stands_under_no_dialog():
    async with open_lab() as lab:
        await lab.press("comma")
        await lab.resize(50, 15)
        await lab.resize(80, 24)
        await lab.press("escape")
        assert "Corpus" in lab.lines[0]
