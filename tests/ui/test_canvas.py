"""Only what changed is drawn again: what is sent to the terminal costs time on every line to it."""

from textual.app import App
from textual.geometry import Region
from textual.strip import Strip

from tinylm_tui.ui.ink import line
from tinylm_tui.ui.keys import TABS
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.messages import Arrived
from tinylm_tui.ui.widgets.canvas import Canvas

from .stage import open_lab


class Shown(App):
    """A canvas with three lines that a test can change."""

    def __init__(self):
        super().__init__()
        self.words = ["one", "two", "three"]

    def compose(self):
        yield Canvas(lambda width, height: [line((word, Look().style("text"))) for word in self.words])


def watched(monkeypatch, canvas):
    """The regions that the canvas asks to be sent again."""
    regions = []
    refresh = canvas.refresh
    monkeypatch.setattr(canvas, "refresh", lambda *r, **k: (regions.extend(r or ["all"]), refresh(*r, **k))[1])
    return regions


async def test_an_unchanged_drawing_sends_nothing(monkeypatch):
    async with Shown().run_test(size=(20, 5)) as pilot:
        regions = watched(monkeypatch, canvas := pilot.app.query_one(Canvas))
        canvas.redraw()
        assert regions == []


async def test_only_the_lines_that_changed_are_sent(monkeypatch):
    async with Shown().run_test(size=(20, 5)) as pilot:
        regions = watched(monkeypatch, canvas := pilot.app.query_one(Canvas))
        pilot.app.words = ["one", "zwei", "three", "four"]
        canvas.redraw()
        assert regions == [Region(0, 1, 20, 1), Region(0, 3, 20, 1)]


async def test_a_drawing_that_lost_a_line_clears_it(monkeypatch):
    async with Shown().run_test(size=(20, 5)) as pilot:
        regions = watched(monkeypatch, canvas := pilot.app.query_one(Canvas))
        pilot.app.words = ["one", "two"]
        canvas.redraw()
        assert regions == [Region(0, 2, 20, 1)]
        assert canvas.render_line(2).text.strip() == ""


async def test_a_drawing_taller_than_its_place_is_cut(monkeypatch):
    async with Shown().run_test(size=(20, 5)) as pilot:
        pilot.app.words = [str(n) for n in range(100)]
        pilot.app.query_one(Canvas).redraw()
        assert len(pilot.app.query_one(Canvas)._lines) == 5


async def test_every_line_fills_its_width():
    async with Shown().run_test(size=(20, 5)) as pilot:
        pilot.app.words = ["a" * 50, "你" * 15, ""]
        canvas = pilot.app.query_one(Canvas)
        canvas.redraw()
        assert {canvas.render_line(y).cell_length for y in range(5)} == {20}


async def test_a_canvas_that_is_not_in_view_does_not_draw():
    drawn = []
    canvas = Canvas(lambda width, height: drawn.append(1) or [Strip.blank(0)])
    canvas.redraw()
    assert drawn == []


async def test_a_snapshot_like_the_last_one_sends_nothing_on_any_screen(monkeypatch):
    async with open_lab(text="names", steps=30) as lab:
        for tab in TABS:
            await lab.press(tab.number)
            regions = [watched(monkeypatch, canvas) for canvas in lab.app.query(Canvas)]
            lab.app.post_message(Arrived(lab.link.trainer.snapshot()))
            await lab.pause()
            assert [region for each in regions for region in each] == []


async def test_only_the_screen_in_view_is_drawn(monkeypatch):
    async with open_lab("math", text="names", steps=30) as lab:
        others = [canvas for tab in TABS if tab.id != "math" for canvas in lab.app.pane(tab.id).query(Canvas)]
        regions = [watched(monkeypatch, canvas) for canvas in others]
        await lab.press("s")
        assert [region for each in regions for region in each] == []


async def test_a_training_step_leaves_the_fixed_lines_of_the_map_alone(monkeypatch):
    async with open_lab("heatmap", steps=1) as lab:
        regions = watched(monkeypatch, lab.pane.query_one("#map"))
        await lab.press("s")
        assert 0 not in [region.y for region in regions]


async def test_a_change_of_screen_paints_it_once(monkeypatch):
    async with open_lab(text="names", steps=20) as lab:
        await lab.press(*(tab.number for tab in TABS))  # some are laid out twice at the first visit
        painted = []
        display = lab.app._display
        monkeypatch.setattr(
            lab.app, "_display", lambda screen, update: painted.append(cells(update)) or display(screen, update)
        )
        for tab in TABS:
            painted.clear()
            await lab.press(tab.number)
            of_focus = (
                80 * 12 if tab.id == "corpus" else 0
            )  # its list and its editor have frames that tell of the focus
            assert sum(painted) <= 80 * 24 + of_focus, tab.title
            assert sum(painted) >= 80 * 18
        painted.clear()
        lab.app.screen.refresh()
        await lab.press(TABS[0].number)
        assert sum(painted) > 80 * 36  # the control


def cells(update):
    """How many cells an update of the screen paints."""
    return sum(end - start for _, start, end in getattr(update, "spans", ())) or 80 * 24 * (update is not None)


async def test_a_screen_that_was_left_and_entered_again_follows_its_keys_and_the_run():
    async with open_lab("heatmap", text="names", steps=20) as lab:
        for away in TABS:
            seen = []
            for key in (away.number, "4", "right", "left", "s"):  # s: one step of training
                await lab.press(key)
                seen.append(lab.text)
            assert seen[1] == seen[3], away.title
            assert len({*seen[1:3], seen[4]}) == 3, away.title
