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

GPT = {"model": "gpt", "layers": 2, "heads": 2, "width": 8, "context": 8, "batch": 16, "learn_rate": 0.01}


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


async def test_a_line_that_is_cut_says_so_and_one_that_ends_in_blanks_is_not_cut():
    async with Shown().run_test(size=(20, 5)) as pilot:
        pilot.app.words = ["a" * 20, "b" * 21, "c" * 20 + "   ", "你" * 15, "d" * 18 + "你"]
        canvas = pilot.app.query_one(Canvas)
        canvas.redraw()
        shown = [canvas.render_line(y).text for y in range(5)]
        assert shown == ["a" * 20, "b" * 19 + "…", "c" * 20, "你" * 9 + " …", "d" * 18 + "你"]


async def test_a_canvas_that_is_not_in_view_does_not_draw():
    drawn = []
    canvas = Canvas(lambda width, height: drawn.append(1) or [Strip.blank(0)])
    canvas.redraw()
    assert drawn == []


async def test_a_canvas_that_is_hidden_by_now_does_not_draw():
    drawn = []
    async with Shown().run_test(size=(20, 5)) as pilot:
        canvas = pilot.app.query_one(Canvas)
        canvas._draw = lambda width, height: drawn.append((width, height)) or []
        canvas.redraw()
        canvas.display = False
        await pilot.pause()
        assert canvas.render_line(0).cell_length == 0
        assert drawn == [(20, 5)]


def on_a_slow_line(lab):
    """Let its terminal be known for a slow one; the rows it is owed."""
    pacing = lab.app.pacing
    pacing.asks, pacing._question, pacing.line.pace = True, lambda app: None, 1 / 5_000
    lab.link.trainer.start(None)
    return pacing._owed


async def test_a_screen_that_is_left_with_rows_owed_is_not_drawn_any_more(monkeypatch):
    async with open_lab("attention", text="names", steps=30, size=(120, 36), **GPT) as lab:
        owed, page = on_a_slow_line(lab), lab.pane.query_one(Canvas)
        await lab.train(3)
        assert page in owed._rows
        await lab.press("4")
        with monkeypatch.context() as left:
            left.setattr(page, "_draw", None)
            while page in owed._rows:
                owed._take(300)
        await lab.press("7")
        shown = lab.text
        page.refresh()
        await lab.pause()
        assert lab.text == shown


async def test_what_changed_in_a_terminal_too_small_is_there_when_it_is_large_again():
    async with open_lab("heatmap", text="names", steps=30, size=(120, 36)) as lab:
        owed = on_a_slow_line(lab)
        await lab.train(3)
        await lab.resize(50, 10)
        await lab.train(200)
        assert not owed._rows or owed._take(300) is None
        lab.link.trainer.pause()
        lab.link.ask()
        await lab.pause()
        await lab.resize(120, 36)
        shown = lab.text
        for canvas in lab.app.query(Canvas):
            canvas.refresh()
        await lab.pause()
        assert lab.text == shown


async def test_under_a_dialog_nothing_live_is_painted_and_all_of_it_when_it_is_gone(monkeypatch):
    async with open_lab("heatmap", text="names", steps=30, size=(120, 36)) as lab:
        owed = on_a_slow_line(lab)
        await lab.press("question_mark")
        regions = [watched(monkeypatch, canvas) for canvas in lab.app.screen_stack[0].query(Canvas)]
        for steps in (3, 50):
            await lab.train(steps)
            owed._send()
        assert [region for each in regions for region in each] == []
        await lab.press("escape")
        assert not owed._rows
        shown = lab.text
        assert f"step {lab.snapshot.step}" in " ".join(lab.state.split())
        for canvas in lab.app.query(Canvas):
            canvas.refresh()
        await lab.pause()
        assert lab.text == shown


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


async def test_a_notice_that_goes_is_painted_over_though_hidden_screens_were_drawn(monkeypatch):
    async with open_lab("heatmap", steps=5) as lab:
        await lab.press("1", "2", "4")
        painted, display = [], lab.app._display
        monkeypatch.setattr(lab.app, "_display", lambda screen, u: painted.append(cells(u)) or display(screen, u))
        lab.app.tell("hello")
        await lab.pause()
        for tab in ("train", "corpus"):
            lab.app.pane(tab).redraw()
        painted.clear()
        lab.app.clear_notifications()
        await lab.pause()
        assert sum(painted) >= 80


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
