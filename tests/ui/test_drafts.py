"""A large model writes for longer than a frame: in slices, and to the same text."""

from tinylm_tui.lab.writing import Request, write
from tinylm_tui.ui.panes.drafts import Draft

from .stage import open_lab

GPT = {"model": "gpt", "layers": 1, "heads": 1, "width": 8, "context": 8, "batch": 4, "learn_rate": 0.01}


async def test_a_text_written_in_slices_is_the_one_written_at_once(monkeypatch):
    async with open_lab("generate", **GPT) as lab:
        whole = lab.drawn("#samples")
    monkeypatch.setattr(Draft, "slice", 0.0)  # a token at a time
    async with open_lab("generate", **GPT) as lab:
        assert lab.drawn("#samples") != whole
        await lab.until(lambda: lab.drawn("#samples") == whole)


async def test_a_key_ends_what_is_being_written_for_another_wish(monkeypatch):
    monkeypatch.setattr(Draft, "slice", 0.0)
    async with open_lab("generate", **GPT) as lab:
        await lab.press("g")
        await lab.press("minus")
        s, pane = lab.snapshot, lab.pane
        dials = pane.dials.strategy(s.corpus.size)[0]
        height = pane.query_one("#samples").size.height
        request = Request(height, 40, dials.temperature, "", pane.dials.dice)
        expected = write(s.params, s.corpus.tokenizer, request, s.settings)
        await lab.until(lambda: pane._draft._shown == expected)


async def test_while_training_each_draft_is_of_one_moment_and_comes_to_its_end(monkeypatch):
    monkeypatch.setattr(Draft, "slice", 0.0)
    async with open_lab("train", size=(80, 30), **GPT) as lab:
        await lab.press("space")
        for _ in range(5):
            await lab.train(3)
        draft, s = lab.pane._draft, lab.snapshot
        await lab.until(lambda: draft._work is None)
        assert draft._of is not None
        assert draft._of[1] <= s.version


async def test_nothing_is_written_for_a_screen_that_nobody_sees(monkeypatch):
    monkeypatch.setattr(Draft, "slice", 0.0)
    async with open_lab("generate", reading="text", **GPT) as lab:
        draft = lab.pane._draft
        await lab.press("1")
        await lab.until(lambda: draft._work is None)
        assert draft._of is None
