"""Keys typed faster than the lab draws: what one key opens has the focus before the next key is given to anybody."""

from tinylm_tui.lab.commands import Train
from tinylm_tui.lab.cutting import Cut

from .stage import key_event, open_lab, settled


async def at_once(lab, *keys):
    """All of them before anything is done with the first."""
    for key in keys:
        lab.app._driver.send_message(key_event(key))
    await settled(lab.app)


async def test_a_text_typed_right_after_n_is_all_in_the_editor():
    async with open_lab(text="names") as lab:
        await at_once(lab, *"nhello")
        assert lab.editor.exact == "hello"
        assert (lab.app.tab, lab.in_dialog, lab.link.sent) == ("corpus", False, [])


async def test_an_answer_typed_right_after_the_key_that_asks_is_taken_by_the_question():
    async with open_lab(text="names") as lab:
        await at_once(lab, "9", "v", "ctrl+u", *"300", "enter")
        assert (lab.app.tab, lab.in_dialog) == ("tokens", False)
        assert lab.pane.wanted == Cut("bpe", 300, split_words=True)


async def test_keys_after_the_answer_are_keys_of_the_lab_again():
    async with open_lab(text="names") as lab:
        await at_once(lab, "2", "t", "ctrl+u", *"70", "enter", "l")
        assert (lab.link.sent, lab.pane.scale) == ([Train(70)], 1)


async def test_a_dialog_that_opens_another_gets_the_keys_in_turn():
    async with open_lab(text="names") as lab:
        await at_once(lab, "comma", "pagedown", "enter")
        assert lab.in_dialog
        before = lab.app.screen
        await at_once(lab, "escape", "P", "down", "e", *" steps=9x", "escape", "escape", "2")
        assert (lab.app.tab, lab.in_dialog, lab.link.sent) == ("train", False, [])
        assert lab.app.screen is not before


async def test_a_key_whose_end_is_never_told_does_not_hold_up_the_others(monkeypatch):
    async with open_lab(text="names") as lab:
        monkeypatch.setattr(lab.app, "_follow", lambda turn, passes: None)
        await at_once(lab, "2", "l")
        assert lab.pane.id == "train"
        assert lab.pane.scale == 0  # the control: it waits
        await lab.until(lambda: lab.pane.scale == 1)
