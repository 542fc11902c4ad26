"""What of a live frame the terminal has not been sent yet. On a slow line it goes out a few rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer

from tinylm_tui.ui.ending import Ending
from tinylm_tui.ui.line import TELLING, Line

if TYPE_CHECKING:
    from tinylm_tui.ui.widgets.canvas import Canvas

PIECE = 0.02  # seconds of the line that rows may take together; a key waits no longer than for these
MEASURED = 0.03  # and those that the line is measured by, if it is enough bytes to tell something
CODES = 18  # bytes that a change of colour takes, about
MOST = 24  # bytes that one column can take
DRAWING = 0.016  # seconds until Textual writes what is to be drawn: 60 times a second


class Owed:
    """Rows that changed, in pieces that the line takes in a moment.

    What they show is asked of the canvas only when they are sent, so it is never out of date.
    """

    def __init__(self, app: Ending, line: Line, drawn: Callable[[], None]) -> None:
        """`drawn` is called when a piece has been drawn, also where there was nothing to write."""
        self._app, self._line, self._drawn = app, line, drawn
        self._rows: dict[Canvas, dict[int, Region]] = {}  # by their number
        self._clock: Timer | None = None

    def __bool__(self) -> bool:
        """Whether rows are to be sent. Under a dialog they wait until it is gone: each would paint the whole screen."""
        return bool(self._rows) and len(self._app.screen_stack) == 1

    def add(self, canvas: Canvas, rows: Iterable[Region]) -> None:
        """These rows differ from what the terminal shows."""
        self._rows.setdefault(canvas, {}).update({row.y: row for row in rows})

    def begin(self) -> None:
        """Send what there is, in pieces; what is under way already goes on."""
        if self and self._clock is None:
            self._send()

    def go_on(self) -> None:
        """The next piece, once the line has taken what was written."""
        if self and self._clock is None:
            self._clock = self._app.set_timer(max(0.001, self._line.busy - DRAWING), self._send)

    def all(self) -> None:
        """Send everything now."""
        self._stop()
        self._take(float("inf"))

    def _send(self) -> None:
        self._stop()
        if self._line.busy > PIECE:  # a key was drawn meanwhile
            self.go_on()
            return
        if self:
            self._take(self._room)
        self._app.call_after_refresh(self._app.call_after_refresh, self._piece_drawn)

    @property
    def _room(self) -> float:
        """Bytes that the line takes in a moment; as long as nothing is known of it, any number."""
        if not self._line.pace:
            return float("inf")
        measured = max(MEASURED / self._line.pace, 2 * TELLING)
        return measured if self._line.measuring else PIECE / self._line.pace

    def _piece_drawn(self) -> None:
        """Of a canvas that is hidden by now nothing was written."""
        self.go_on()
        self._drawn()

    def _take(self, room: float) -> None:
        """Refresh one row, and more as long as they fit into so many bytes."""
        self._forget_hidden()
        taken: dict[Canvas, list[Region]] = {}
        fits = MOST * sum(row.width for rows in self._rows.values() for row in rows.values()) <= room
        for canvas, row in self._in_turn():
            room -= 0 if fits else size_of(canvas.render_line(row.y))  # a look at every row costs some milliseconds
            if taken and room < 0:
                break
            taken.setdefault(canvas, []).append(row)
        for canvas, rows in taken.items():
            left = {y: row for y, row in self._rows.pop(canvas).items() if row not in rows}
            if left:
                self._rows[canvas] = left
            canvas.refresh(*rows)

    def _forget_hidden(self) -> None:
        """What is hidden by now is drawn as a whole when it comes into view again."""
        for canvas in [one for one in self._rows if not one.size]:
            del self._rows[canvas]
            canvas.redraw()

    def _in_turn(self) -> Iterator[tuple[Canvas, Region]]:
        """What is said in few rows comes before what fills the screen; in one canvas, from the top."""
        for canvas in sorted(self._rows, key=lambda one: len(self._rows[one])):
            for y in sorted(self._rows[canvas]):
                yield canvas, self._rows[canvas][y]

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None


def size_of(line: Strip) -> int:
    """Bytes that a line takes on its way to the terminal, about."""
    pieces = [list(same) for _, same in groupby(line, key=lambda segment: segment.style)]
    return sum(CODES + sum(len(segment.text) for segment in same) for same in pieces)
