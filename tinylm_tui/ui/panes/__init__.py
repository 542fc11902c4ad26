"""The screens behind the tabs, one file each: compose, keys, short handlers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from tinylm_tui.ui.panes.base import Pane


def pane_class(tab: str) -> type[Pane]:
    """`HeatmapPane` of `heatmap`, and so on; imported only when asked for: the first frame waits for one screen."""
    return cast("type[Pane]", getattr(import_module(f"{__name__}.{tab}"), f"{tab.title()}Pane"))
