"""A widget that shows a drawing and sends only the rows that changed."""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tinylm_tui.ui.ink import fitted

Draw = Callable[[int, int], list[Strip]]  # width, height → at most height lines


class Canvas(Widget):
    """Shows what `draw(width, height)` returns. Call `redraw` when what it draws from has changed."""

    class Clicked(Message):
        """Somebody clicked into the drawing at column x, line y."""

        def __init__(self, canvas: Canvas, x: int, y: int) -> None:
            super().__init__()
            self.canvas, self.x, self.y = canvas, x, y

        @property
        def control(self) -> Canvas:
            return self.canvas

    def __init__(self, draw: Draw, *, id: str | None = None, focusable: bool = False) -> None:
        super().__init__(id=id)
        self._draw = draw
        self._lines: list[Strip] = []
        self._drawn_for = Size(0, 0)
        self.can_focus = focusable

    def redraw(self) -> None:
        """Draw again, and send the rows that differ from what is shown."""
        width, height = self.size
        if not width or not height:
            return
        before, self._lines = self._lines, self._draw(width, height)[:height]
        if self.size != self._drawn_for:
            self._drawn_for = self.size
            self.refresh()
        elif changed := [y for y in range(height) if _row(before, y) != _row(self._lines, y)]:
            self.refresh(*[Region(0, y, width, 1) for y in changed])

    def rehearse(self) -> None:
        """Draw once without showing it: what is imported and remembered on the way is then there for the first look."""
        self._draw(*self.app.size)

    def on_resize(self, event: Resize) -> None:
        """Also sent when a screen comes into view again, as large as before: what it shows is then drawn already."""
        self.redraw()

    def on_click(self, event: Click) -> None:
        self.post_message(self.Clicked(self, event.x, event.y))

    def render_line(self, y: int) -> Strip:
        return fitted(_row(self._lines, y), self.size.width).apply_style(self.rich_style)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._draw(width, 10_000))


def _row(lines: list[Strip], y: int) -> Strip:
    return lines[y] if y < len(lines) else Strip.blank(0)
