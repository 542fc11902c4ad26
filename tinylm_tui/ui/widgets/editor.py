"""The editor of the text: exact, whatever characters are in it, and bounded in size."""

from __future__ import annotations

from textual.widgets import TextArea

from tinylm_tui.ui.visible import for_editor, from_editor, unshifted

EDITABLE = 200_000  # characters; a longer text is shown by its beginning, read only
BEGINNING = 20_000


class Editor(TextArea):
    """Holds a text exactly: `exact` gives back, character by character, what `put` was given."""

    def __init__(self, text: str) -> None:
        super().__init__("", soft_wrap=True, show_line_numbers=False, id="editor")
        self.cursor_blink = False
        self._whole: str | None = None  # a text too long or too strange to edit
        self.load_text(self._taken(text))
        self._unedited = self.text

    def put(self, text: str, editable: int = EDITABLE) -> None:
        """Another text, in a way that ctrl+z can take back, unless one of the two is only shown in part."""
        partly, held = self._whole is not None, self._taken(text, editable)
        if partly or self._whole is not None:
            self.load_text(held)
        elif held != self.text:
            self.history.checkpoint()  # or the change would be taken back together with what was typed just before
            self.replace(held, (0, 0), self.document.end)
            self.history.checkpoint()
        self._unedited = self.text

    def empty(self) -> None:
        """Room for a new text, which counts as an edit of the one that was `put`."""
        self.rewrite("")

    def rewrite(self, text: str) -> None:
        """Another text, as if the person had typed or pasted it, of any length: an edit of the one that was `put`."""
        unedited = self._unedited
        self.put(text, len(text))
        self._unedited = unedited

    def _taken(self, text: str, editable: int = EDITABLE) -> str:
        strange = not text.isascii() and any(unshifted(c) != c for c in text)
        self._whole = text if len(text) > editable or strange else None
        self.read_only = self._whole is not None
        return for_editor(text[:BEGINNING] if self._whole is not None else text)

    @property
    def exact(self) -> str:
        """The text as it is now."""
        return self._whole if self._whole is not None else from_editor(self.text)

    @property
    def edited(self) -> bool:
        """Whether the person changed it since `put`."""
        return self._whole is None and self.text != self._unedited

    @property
    def note(self) -> str:
        """What to say about the part shown."""
        if self._whole is None:
            return ""
        return f"the first {min(BEGINNING, len(self._whole)):,} of {len(self._whole):,} characters, read only"
