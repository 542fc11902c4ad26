"""The palette as a Textual theme, and the few rules of layout that all screens share."""

from __future__ import annotations

from textual.theme import Theme

from tinylm_tui.ui import look

THEME = Theme(
    name="tinylm",
    primary=look.TEAL,
    secondary=look.TEAL,
    accent=look.AMBER,
    foreground=look.TEXT,
    background=look.GROUND,
    surface=look.PANEL,
    panel=look.RAISED,
    success=look.TEAL,
    warning=look.AMBER,
    error=look.RED,
    boost=look.RAISED,
    dark=True,
    variables={
        "border": look.AMBER,
        "border-blurred": look.RULE,
        "scrollbar": look.RULE,
        "scrollbar-background": look.PANEL,
        "scrollbar-hover": look.DIM,
        "scrollbar-active": look.AMBER,
        "input-selection-background": "#005f5f",
        "block-cursor-background": look.AMBER,
        "block-cursor-foreground": look.GROUND,
    },
)

CSS = """
Screen { background: $background; layers: base over; }
#tabs { height: auto; background: $surface; }
#stages, #state { height: 1; }
#state { background: $surface; }
#banner { height: 1; display: none; }
#keys { dock: bottom; height: 1; background: $surface; }
ContentSwitcher { height: 1fr; padding: 1 1 0 1; }
Screen.low ContentSwitcher { padding: 0 1; }
Pane { height: 1fr; layout: horizontal; }
Canvas { height: 1fr; width: 1fr; }
#intro { height: auto; margin-bottom: 1; }
#starters { height: auto; }
.side { width: 28; margin-left: 2; }
.column { width: 1fr; height: 1fr; }
HeatmapPane.narrow { layout: vertical; }
HeatmapPane.narrow .side { width: 1fr; height: 3; margin-left: 0; }
FeedbackPane #words { width: 34; margin-right: 2; }
#too-small { display: none; height: 1fr; content-align: center middle; text-align: center; }
Screen.too-small #too-small { display: block; }
Screen.too-small #tabs, Screen.too-small #stages, Screen.too-small #state, Screen.too-small #panes,
Screen.too-small #keys { display: none; }
Input, TextArea, OptionList { border: round #444444; background: $background; padding: 0; }
TextArea, OptionList { scrollbar-size: 1 1; }
Input, TextArea, OptionList { border-title-color: #a8a8a8; border-subtitle-color: #767676; }
Input:focus, TextArea:focus, OptionList:focus { border-title-color: $accent; border-subtitle-color: $accent; }
Input:focus, TextArea:focus, OptionList:focus { border: round $accent; }
Input { height: 3; padding: 0 1; }
OptionList > .option-list--option-highlighted { background: $surface; color: $foreground; text-style: bold; }
OptionList:focus > .option-list--option-highlighted { background: $accent; color: #121212; text-style: bold; }
Dialog { align: center middle; background: #121212 60%; }
Dialog > .box { width: 76; max-width: 96%; height: auto; max-height: 90%; border: round $accent;
  background: $surface; padding: 0 1; }
Dialog .box Canvas { height: auto; background: $surface; }
Dialog VerticalScroll { height: auto; max-height: 100%; scrollbar-size: 1 1; }
Dialog Static { height: auto; }
Choices OptionList { max-height: 70vh; }
Dialog .error { color: $error; height: auto; }
ToastRack { align: left bottom; }
Toast { width: 100%; max-width: 100%; margin: 0; padding: 0 1; }
Toast { background: $panel; }
SearchIcon { display: none; }
CommandList > .option-list--option-highlighted { background: #005f5f; }
"""
