"""Pictures of the screens, at two sizes, from one trained state. They change only when somebody means them to.

To look at and accept a change: `pytest tests/ui/test_snapshots.py --snapshot-update`.
"""

import pytest

from tinylm_tui.lab.settings import parse_pairs
from tinylm_tui.ui.app import LabApp
from tinylm_tui.ui.keys import TABS
from tinylm_tui.ui.look import Look

from .stage import InlineLink, new_trainer, settled

BEFORE = {"heatmap": ("down", "right", "right"), "feedback": ("u", "d", "u", "a")}
DIFFERENT = ("math", "model", "heatmap", "generate")  # screens on which models of a window are not as the others
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.mark.parametrize("tab", TABS[:6], ids=lambda tab: tab.id)
@SIZES
def test_a_screen_looks_as_it_did(tab, size, snap_compare):
    # Seed 0, paused; its clock is made up, so no speed is measured.
    compare(new_trainer("names", steps=300), tab, size, snap_compare)


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.id)
@SIZES
def test_a_screen_of_a_gpt_looks_as_it_did(tab, size, snap_compare):
    # Not trained: a few steps would turn another machine's last bit into another figure.
    compare(new_trainer("names", **vars(parse_pairs(["model=gpt"]))), tab, size, snap_compare)


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab.id in DIFFERENT], ids=lambda tab: tab.id)
@pytest.mark.parametrize("model", ["average", "mlp"])
@SIZES
def test_a_screen_of_a_window_model_looks_as_it_did(tab, model, size, snap_compare):
    compare(new_trainer("names", **vars(parse_pairs([f"model={model}"]))), tab, size, snap_compare)


def compare(trainer, tab, size, snap_compare):
    link = InlineLink(trainer)
    app = LabApp(link, link.last, Look())

    async def turn_to_the_screen(pilot):
        await settled(app)
        await pilot.press(tab.number, *BEFORE.get(tab.id, ()))
        await settled(app)

    assert snap_compare(app, terminal_size=size, run_before=turn_to_the_screen)
