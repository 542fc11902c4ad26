"""The editor gives back exactly what it was given, whatever that is, and hands nothing to the screen that acts."""

from hypothesis import example, given
from hypothesis import strategies as st

from tinylm_tui.ui.filters import UNSAFE
from tinylm_tui.ui.visible import SHIFTED
from tinylm_tui.ui.widgets.editor import BEGINNING, EDITABLE

from .stage import open_lab

LINE_ENDS = ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
STRANGE = [*LINE_ENDS, "\x00", "\x1b", "\t", "\x7f", "\x9b", "\u202e", "\ud800", "\udfff", "\ufeff", chr(SHIFTED + 7)]
ANY_TEXT = st.lists(st.one_of(st.characters(exclude_categories=()), st.sampled_from([*STRANGE, *"ab "]))).map("".join)


def editor_cannot_hold(text):
    """Private characters that the editor itself uses."""
    return chr(SHIFTED + 7) in text


async def test_any_text_comes_back_exactly():
    async with open_lab() as lab:

        @given(ANY_TEXT)
        @example("a\r\nb\rc\nd\x85e\u2028f")
        @example("\r\n" * 3)
        @example("\ud83d\ude00")  # two lone surrogates, not the one character they would make
        @example("\U000e0067\U000e007f \ufff9 \U0001d173")  # format characters beyond the first plane
        @example("")
        def check(text):
            lab.editor.put(text)
            assert lab.editor.exact == text
            assert not lab.editor.edited

        check()


async def test_a_new_text_can_be_taken_back_exactly():
    async with open_lab() as lab:

        @given(ANY_TEXT, ANY_TEXT)
        def check(first, second):
            lab.editor.put(first)
            lab.editor.put(second)
            if first != second and not editor_cannot_hold(first) and not editor_cannot_hold(second):
                lab.editor.undo()
                assert lab.editor.exact == first

        check()


async def test_what_the_editor_holds_cannot_act_on_a_terminal():
    async with open_lab() as lab:

        @given(ANY_TEXT)
        def check(text):
            lab.editor.put(text)
            held = UNSAFE.findall(lab.editor.text)
            assert lab.editor.read_only or all(c in "\n\t" or ord(c) >= SHIFTED for c in held)

        check()


async def test_a_text_longer_than_the_editor_bears_is_read_only_and_whole():
    async with open_lab() as lab:
        for length in (EDITABLE, EDITABLE + 1):
            text = "ab\n" * (length // 3) + "a" * (length % 3)
            lab.editor.put(text)
            assert lab.editor.exact == text
            assert lab.editor.read_only == (length > EDITABLE)
        assert len(lab.editor.text) == BEGINNING


async def test_the_editor_can_be_typed_in_again_after_a_long_text():
    async with open_lab() as lab:
        lab.editor.put("long " * EDITABLE)
        lab.editor.put("short")
        await lab.press("e", "ctrl+home", "z")
        assert (lab.editor.exact, lab.editor.edited) == ("zshort", True)


async def test_undo_never_passes_the_beginning_of_a_long_text_off_as_the_whole():
    async with open_lab() as lab:
        long = "long " * EDITABLE
        lab.editor.put(long)
        await lab.press("e", "ctrl+z")
        assert lab.editor.exact == long
        lab.editor.put("short")
        await lab.press("ctrl+z", "ctrl+z")
        assert lab.editor.exact == "short"


async def test_a_typed_letter_is_an_edit_until_it_is_taken_back():
    async with open_lab() as lab:
        await lab.press("e", "z")
        assert lab.editor.edited
        await lab.press("ctrl+z")
        assert not lab.editor.edited


async def test_a_long_text_that_was_pasted_comes_back_as_the_edit_it_was():
    async with open_lab() as lab:
        pasted = "word " * (EDITABLE // 4)
        lab.editor.rewrite(pasted)
        assert (lab.editor.exact, lab.editor.edited, lab.editor.read_only) == (pasted, True, False)
        lab.editor.put(pasted)  # the control: as a text of the model it is only shown
        assert (lab.editor.exact, lab.editor.edited, lab.editor.read_only) == (pasted, False, True)
