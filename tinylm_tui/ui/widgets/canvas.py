"""A widget that shows a drawing and sends only the rows that changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.strip import Strip
from textual.widget import Widget

from tinylm_tui.ui.ink import ended

if TYPE_CHECKING:
    from tinylm_tui.ui.pacing import Pacing

Draw = Callable[[int, int], list[Strip]]  # width, height → at most height lines


class Canvas(Widget):
    """Shows what `draw(width, height)` returns. Call `redraw` when what it draws from has changed."""

    # Textual's own lays the whole screen out once more when it changes, for the scrollbars that are not here.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)

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
        if not self.size or self.size != self._drawn_for:
            self._drawn_for = Size(0, 0)  # it is drawn when it is painted next, in a place of another size
            if self._is_to_be_seen:  # refreshing what is hidden, Textual would forget to paint over a notice that goes
                self.refresh()
            return
        before = self._lines
        self._draw_lines()
        if changed := [y for y in range(self.size.height) if _row(before, y) != _row(self._lines, y)]:
            self._send([Region(0, y, self.size.width, 1) for y in changed])

    @property
    def _is_to_be_seen(self) -> bool:
        """Also before it has its place: its screen has been turned to."""
        return all(node.display for node in self.ancestors_with_self if isinstance(node, Widget))

    def _send(self, rows: list[Region]) -> None:
        """Rows of a live frame go in their turn, where the app minds the terminal's pace."""
        pacing: Pacing | None = getattr(self.app, "pacing", None)
        if pacing is None or not pacing.holds(self, rows):
            self.refresh(*rows)

    def _draw_lines(self) -> None:
        self._drawn_for = self.size
        self._lines = self._draw(*self.size)[: self.size.height]

    def rehearse(self) -> None:
        """Draw once without showing it: what is imported and remembered on the way is then there for the first look."""
        self._draw(*self.app.size)

    def on_show(self) -> None:
        """What changed while it was hidden: Textual keeps the rows that it has painted once, and paints them again."""
        if self.size != self._drawn_for:
            self.refresh()

    def on_click(self, event: Click) -> None:
        self.post_message(self.Clicked(self, event.x, event.y))

    def render_line(self, y: int) -> Strip:
        if self.size and self.size != self._drawn_for:  # what is hidden has no size
            self._draw_lines()
        return ended(_row(self._lines, y), self.size.width).apply_style(self.rich_style)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._draw(width, 10_000))


def _row(lines: list[Strip], y: int) -> Strip:
    return lines[y] if y < len(lines) else Strip.blank(0)
