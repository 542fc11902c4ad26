import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.ui import frame, keys
from tinylm_tui.ui.drawing.tabs import named, tab_at, tab_lines, tab_rows
from tinylm_tui.ui.frame import ROOMY
from tinylm_tui.ui.keys import TABS, Tab, screens
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.panes import pane_class
from tinylm_tui.ui.widgets.canvas import Canvas

from .stage import open_lab

TITLES = st.text("abcdefghij", min_size=1, max_size=12).map(str.title)
BARS = st.lists(TITLES, min_size=1, max_size=16).map(
    lambda titles: tuple(Tab(str(i % 10), f"t{i}", t) for i, t in enumerate(titles))
)
ELEVEN = (
    *[tab for tab in TABS if tab.number in "12345678"],
    Tab("9", "tokens", "Tokens"),
    Tab("0", "embeddings", "Embeddings"),
    Tab("L", "ladder", "Ladder"),
)
FIFTEEN = (
    *ELEVEN,
    Tab("U", "surprise", "Surprise"),
    Tab("X", "lens", "Lens"),
    Tab("Y", "saliency", "Saliency"),
    Tab("A", "ablation", "Ablation"),
)
LOOKS = [Look(), Look("few"), Look("none"), Look("none", ascii=True)]


@given(BARS, st.integers(16, 200))
def test_every_tab_stands_whole_and_in_order_in_the_fewest_rows(tabs, width):
    lines = tab_lines(tabs, tabs[-1].id, width, Look())
    assert [tab for row in tab_rows(tabs, width) for tab in row] == list(tabs)
    assert " ".join(line.text for line in lines).split() == " ".join(map(named, tabs)).split()
    assert all(line.cell_length <= width for line in lines)
    assert len(lines) <= 1 + 2 * sum(len(named(tab)) + 1 for tab in tabs) // width


@given(BARS, st.integers(16, 200), st.data())
def test_a_click_on_any_letter_of_a_tab_finds_it(tabs, width, data):
    active = data.draw(st.sampled_from(tabs)).id
    lines = tab_lines(tabs, active, width, Look())
    for y, row in enumerate(tab_rows(tabs, width)):
        x = 1
        for tab in row:
            assert lines[y].text[x : x + len(named(tab))] == named(tab)
            assert {tab_at(tabs, width, x + i, y) for i in range(len(named(tab)))} == {tab}
            x += len(named(tab)) + 1


def test_beside_and_below_the_tabs_is_none():
    assert [tab_at(TABS, 200, x, y) for x, y in ((199, 0), (0, 1), (0, -1))] == [None] * 3


@pytest.mark.parametrize(
    ("tabs", "width", "rows"),
    [(ELEVEN, 200, 1), (ELEVEN, 120, 1), (ELEVEN, 80, 2), (ELEVEN, 60, 2), (FIFTEEN, 160, 1), (FIFTEEN, 80, 2)],
)
def test_the_screens_of_the_lab_need_one_row_or_two(tabs, width, rows):
    assert len(tab_rows(tabs, width)) == rows


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_active_tab_alone_is_marked_and_nothing_moves_when_it_changes(width, look):
    places = set()
    for active in ELEVEN:
        lines = tab_lines(ELEVEN, active.id, width, look)
        lit = [piece.text for line in lines for piece in line if piece.style == look.style("lit")]
        assert [text.strip(" []") for text in lit] == [named(active)]
        places.add("\n".join(line.text.replace("[", " ").replace("]", " ").rstrip() for line in lines))
    assert len(places) == 1


def test_without_colour_the_active_tab_stands_in_brackets():
    assert "[2 Train]" in tab_lines(TABS, "train", 80, Look("none"))[0].text
    assert "[" not in tab_lines(TABS, "train", 80, Look())[0].text


async def test_a_click_on_a_tab_goes_to_its_screen():
    async with open_lab(size=(60, 20)) as lab:
        for tab in (*TABS, *reversed(TABS)):
            y = next(y for y, row in enumerate(tab_rows(TABS, 60)) if tab in row)
            await lab.pilot.click("#tabs", offset=(lab.lines[y].index(named(tab)) + 2, y))
            await lab.pause()
            assert lab.app.tab == tab.id
            assert lab.pane in lab.app.focused.ancestors


async def test_a_click_beside_the_tabs_changes_nothing():
    async with open_lab("train", size=(160, 40)) as lab:
        await lab.pilot.click("#tabs", offset=(158, 0))
        await lab.pause()
        assert (lab.app.tab, lab.app.focused.id) == ("train", "curve")


@pytest.mark.parametrize("height", [20, 24, ROOMY - 1])
async def test_in_a_low_terminal_a_second_row_of_tabs_costs_the_screens_no_line(height, monkeypatch):
    rooms, known = [], {screen.id for screen in screens()}
    for tabs, width in ((TABS[:3], 80), (TABS[:3], 60), (ELEVEN, 80), (ELEVEN, 60)):
        with monkeypatch.context() as patch:
            patch.setattr(keys, "TABS", tabs)
            patch.setattr(frame, "pane_class", lambda tab: pane_class(tab if tab in known else "train"))
            async with open_lab(size=(width, height)) as lab:
                rooms.append((len(tab_rows(tabs, width)), lab.pane.size.height))
    assert rooms == [(1, height - 5), (1, height - 5), (2, height - 5), (2, height - 5)]


async def test_the_bar_follows_the_width():
    async with open_lab(size=(160, 40)) as lab:
        for width in (60, 160, 80):
            await lab.resize(width, 40)
            bar = lab.app.query_one("#tabs", Canvas)
            assert bar.size.height == len(tab_rows(TABS, width))
            assert all(named(tab) in lab.text for tab in TABS)
