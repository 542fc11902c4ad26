"""The footer leaves out the keys that have nothing to act on in this model."""

import pytest

from .stage import open_lab
from .test_heatmap_screen import GPT, offered

KEYS = {
    "lens": {"open", "ranks", "text"},
    "ablation": {"off/on", "all on", "costs"},
    "saliency": {"text", "before", "next"},
}


@pytest.mark.parametrize("screen", KEYS)
async def test_a_bigram_is_offered_none_of_them_and_a_gpt_all(screen):
    async with open_lab(screen) as lab:
        assert not offered(lab) & KEYS[screen]
    async with open_lab(screen, **GPT) as lab:
        assert offered(lab) >= KEYS[screen]


async def test_the_next_surprise_is_offered_where_something_could_be_guessed():
    async with open_lab("surprise", text="anna\nben\n") as lab:
        assert offered(lab) >= {"text", "next surprise"}
        lab.pane.text = "é"
        lab.pane.show()
        await lab.pause()
        assert "next surprise" not in offered(lab)
        assert "text" in offered(lab)
