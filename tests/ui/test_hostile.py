"""The person's text is data on every screen: it never becomes markup, a command or a control sequence."""

import unicodedata

from tinylm_tui.lab.commands import Load, Teach
from tinylm_tui.ui.keys import TABS
from tinylm_tui.ui.visible import REORDERING

from .stage import new_trainer, open_lab

HOSTILE = {
    "a closing tag that opens nothing": "[/foo]",
    "a link that would quit": "[@click=app.quit]hi[/]",
    "a tag never closed": "[bold red on blue",
    "an escape sequence": "\x1b[31mred\x1b[2J\x1b[H",
    "OSC 52, which would fill the clipboard": "\x1b]52;c;aGk=\x07",
    "C1 controls": "\x9b31m\x90q\x9c",
    "a bidirectional override": "abc\u202edef\u2066gh",
    "NUL and other controls": "a\x00b\x07c\x08d\x7f",
    "lone surrogates": "x\ud800y\udfff",
    "format characters": "\ufeffa\u200bb\u00adc\U000e0041",
    "line ends of all kinds": "a\rb\x0bc\x0cd\x85e\u2028f\u2029g",
    "backslashes and dollars": "\\[/x] $primary {x} %s",
}


INVISIBLE = set("\u200b\u00ad\ufeff\ufff9")


def acting(lab):
    """Characters on the screen that could act on a terminal."""
    shown = "".join(strip.text for strip in lab.strips)
    return {c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in REORDERING | INVISIBLE}


def control_codes(lab):
    return [segment for strip in lab.strips for segment in strip if segment.control]


async def test_a_hostile_text_is_only_a_text_on_every_screen():
    everything = "\n".join(HOSTILE.values())
    async with open_lab(trainer=new_trainer(everything, name=everything, steps=3, reading="words")) as lab:
        assert lab.editor.exact == everything
        for tab in TABS:
            await lab.press(tab.number, "question_mark", "escape", "s")
            assert acting(lab) == set()
            assert control_codes(lab) == []
            assert "\x1b" not in lab.app.export_screenshot()
        assert lab.app.is_running


async def test_hostile_words_are_written_rated_and_taken_back():
    async with open_lab() as lab:
        for text in HOSTILE.values():
            lab.link.send(Load(text, f"{text}\n{text} word"))
            await lab.press("6", "u", "d", "a")
            assert lab.snapshot.feedback.rounds == 1
            assert acting(lab) == set()


async def test_a_hostile_prompt_name_and_lesson_are_only_texts():
    async with open_lab("generate", text="abc") as lab:
        for text in HOSTILE.values():
            lab.pane.query_one("#prompt").value = text
            await lab.pause()
            assert acting(lab) == set()
            lab.link.send(Teach(text))
            await lab.pause()
            assert acting(lab) == set()
        assert lab.app.is_running


async def test_hostile_answers_are_refused_without_harm():
    async with open_lab("math") as lab:
        for text in HOSTILE.values():
            await lab.press("t")
            await lab.answer(text + "\u4e00")
            assert "never seen" in lab.error()
            assert acting(lab) == set()
            await lab.press("escape", "ctrl+s")
            await lab.answer("no/such/folder/" + text + "/x")
            assert lab.error()
            assert acting(lab) == set()
            await lab.press("escape")


async def test_hostile_text_typed_into_the_editor_stays_text():
    async with open_lab() as lab:
        await lab.press("e")
        for text in HOSTILE.values():
            lab.app.post_message(paste(text))
            await lab.pause()
            assert acting(lab) == set()


async def test_a_flag_made_of_tag_characters_can_be_a_text():
    scotland = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
    async with open_lab(trainer=new_trainer(f"a{scotland}b")) as lab:
        for tab in TABS:
            await lab.press(tab.number)
        assert lab.editor.exact == f"a{scotland}b"


def paste(text):
    from textual.events import Paste

    return Paste(text)
