"""Every key of the lab, once: the footer, the palette, the help and `tinylm keys` all read this table.

Imports nothing heavy, so that it can be printed without a screen.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinylm_tui.ui.key import EVERYWHERE as EVERYWHERE
from tinylm_tui.ui.key import Key as Key
from tinylm_tui.ui.keys_inside import INSIDE


@dataclass(frozen=True)
class Tab:
    """One screen: its number on the keyboard, its identifier and its title."""

    number: str
    id: str
    title: str


TABS: tuple[Tab, ...] = (
    Tab("1", "corpus", "Corpus"),
    Tab("2", "train", "Train"),
    Tab("3", "generate", "Generate"),
    Tab("4", "heatmap", "Heatmap"),
    Tab("5", "math", "Math"),
    Tab("6", "feedback", "Feedback"),
    Tab("7", "attention", "Attention"),
    Tab("8", "model", "Model"),
    Tab("9", "tokens", "Tokens"),
    Tab("0", "embeddings", "Embeddings"),
    Tab("L", "ladder", "Ladder"),
    Tab("U", "surprise", "Surprise"),
    Tab("Y", "saliency", "Saliency"),
    Tab("X", "lens", "Lens"),
    Tab("A", "ablation", "Ablation"),
)

# Screens without a tab of their own: they stand behind the tab with their number.
BEHIND: tuple[Tab, ...] = (Tab("3", "steps", "Step by step"),)


def screens() -> tuple[Tab, ...]:
    """All of them."""
    return (*TABS, *BEHIND)


def screen_of(name: str) -> Tab:
    """A screen by its identifier. Raises StopIteration where there is none."""
    return next(screen for screen in screens() if screen.id == name)


def tab_of(name: str) -> Tab:
    """The tab that a screen stands behind."""
    return next(tab for tab in TABS if tab.number == screen_of(name).number)


def _tab_keys() -> tuple[Key, ...]:
    return tuple(
        Key(EVERYWHERE, t.number, t.number, f"tab('{t.id}')", t.title, f"go to the {t.title} screen") for t in TABS
    )


KEYS: tuple[Key, ...] = (
    *_tab_keys(),
    Key(EVERYWHERE, "space", "space", "toggle_training", "train/pause", "train, or pause", footer=True),
    Key(EVERYWHERE, "s", "s", "train_steps(1)", "one step", "make one training step"),
    Key(EVERYWHERE, "S", "S", "train_steps(10)", "ten steps", "make ten training steps"),
    Key(EVERYWHERE, "r", "r", "start_over", "start over", "start over from the same first weights"),
    Key(EVERYWHERE, "ctrl+z", "ctrl+z", "bring_back", "bring back",
        "bring back the model that the last load or fresh start replaced"),
    Key(EVERYWHERE, "f", "f", "change_pace", "pace", "pace: 10, 100 or 1,000 steps a second, or full speed"),
    Key(EVERYWHERE, "M", "M", "choose_model", "model", "choose the model and its sizes"),
    Key(EVERYWHERE, "P", "P", "presets", "presets", "presets: ready experiments, each one line of settings"),
    Key(EVERYWHERE, "comma", ",", "settings", "settings", "every setting, with what it does"),
    Key(EVERYWHERE, "ctrl+s", "ctrl+s", "save_run", "save", "save this run to a file", typing=True),
    Key(EVERYWHERE, "ctrl+o", "ctrl+o", "open_file", "open", "open a text or a saved run", typing=True),
    Key(EVERYWHERE, "c", "c", "compare", "compare", "how this model compares with larger ones"),
    Key(EVERYWHERE, "question_mark,f1", "?", "explain", "help", "explain this screen in plain words", footer=True),
    Key(EVERYWHERE, "ctrl+p", "ctrl+p", "command_palette", "commands", "search every command", typing=True),
    Key(EVERYWHERE, "escape", "esc", "leave_field", "leave", "leave a field or an editor", typing=True),
    Key(EVERYWHERE, "q", "q", "quit_lab", "quit", "leave the lab", footer=True),
    Key("corpus", "e", "e", "edit", "edit", "edit the text"),
    Key("corpus", "n", "n", "new_text", "new text", "write a text of your own in an empty editor", footer=True),
    Key("corpus", "l,ctrl+l", "ctrl+l", "load_text", "load", "load the edited text: the model starts over on it",
        footer=True, typing=True),
    Key("corpus", "t", "t", "teach", "teach more", "append words and keep what the model has learnt", footer=True),
    Key("corpus", "w", "w", "change_reading", "read as", "how the text is cut: words, lines, or one running text"),
    Key("corpus", "enter", "enter", "load_starter", "load starter", "load the starter text under the cursor"),
    Key("train", "plus,equals_sign", "+", "learn_rate(1)", "faster learning", "raise the learn rate", footer=True),
    Key("train", "minus", "-", "learn_rate(-1)", "slower", "lower the learn rate", footer=True),
    Key("train", "t", "t", "train_to", "to a step", "train up to a step that you name"),
    Key("train", "l", "l", "change_scale", "scale", "the curve's scale: plain, log steps, log distance to the floor",
        footer=True),
    Key("train", "b", "b", "change_batch", "batches",
        "bigram only: learn from every pair at once, or from 64 drawn at random"),
    Key("generate", "g", "g", "again", "new samples", "throw the dice again", footer=True),
    Key("generate", "p", "p", "prompt", "prompt", "write the beginning; the model goes on", footer=True),
    Key("generate", "plus,equals_sign", "+", "temperature(1)", "warmer", "raise the temperature: bolder"),
    Key("generate", "minus", "-", "temperature(-1)", "cooler", "lower the temperature: safer"),
    Key("generate", "T", "T", "type_temperature", "temperature", "type a temperature"),
    Key("generate", "G", "G", "greedy", "greedy", "greedy: always the likeliest token; again: back to drawing"),
    Key("generate", "k", "k", "top_k", "top-k", "top-k: only the k likeliest tokens stay; each press fewer, then all"),
    Key("generate", "K", "K", "type_top_k", "type top-k", "type a k for top-k"),
    Key("generate", "n", "n", "top_p", "top-p", "top-p: the likeliest tokens up to a share; each press less, then all"),
    Key("generate", "N", "N", "type_top_p", "type top-p", "type a share for top-p"),
    Key("generate", "i", "i", "steps", "step by step", "step by step: one token at a time, and you may choose it",
        footer=True),
    Key("heatmap", "up,k", "up k", "move(-1,0)", "up", "move the cursor up a row"),
    Key("heatmap", "down,j", "down j", "move(1,0)", "down", "move the cursor down a row"),
    Key("heatmap", "left,h", "left h", "move(0,-1)", "left", "move the cursor to the column before"),
    Key("heatmap", "right,l", "right l", "move(0,1)", "right", "move the cursor to the next column"),
    Key("heatmap", "enter", "enter", "open_row", "open in Math", "follow this row's token on the Math screen",
        footer=True),
    Key("heatmap", "p", "p", "change_values", "scores", "show probabilities, or the raw scores", footer=True),
    Key("heatmap", "m", "m", "change_matrix(1)", "matrix", "next tokens, or one of the model's matrices by name",
        footer=True),
    Key("heatmap", "n", "n", "change_matrix(-1)", "matrix before", "the weight matrix before"),
    Key("heatmap", "z", "z", "zoom", "zoom", "large cells, or small ones so that more of the map fits"),
    Key("heatmap", "plus,equals_sign", "+", "nudge(1)", "nudge", "bigram only: raise this one weight by 0.5",
        footer=True),
    Key("heatmap", "minus", "-", "nudge(-1)", "nudge down", "bigram only: lower this one weight by 0.5"),
    Key("math", "left,h", "left h", "choose(-1)", "before", "trace the token before", footer=True),
    Key("math", "right,l", "right l", "choose(1)", "next", "trace the next token", footer=True),
    Key("math", "t", "t", "trace", "trace", "type what to trace", footer=True),
    Key("math", "shift+left", "shift+left", "scroll(-1)", "strip left", "a large vocabulary: move the strips left"),
    Key("math", "shift+right", "shift+right", "scroll(1)", "strip right", "a large vocabulary: move the strips right"),
    Key("feedback", "up,k", "up k", "move(-1)", "up", "to the word before"),
    Key("feedback", "down,j", "down j", "move(1)", "down", "to the next word"),
    Key("feedback", "u", "u", "rate(1)", "like", "thumbs up for this word", footer=True),
    Key("feedback", "d", "d", "rate(-1)", "dislike", "thumbs down for this word", footer=True),
    Key("feedback", "x", "x", "rate(0)", "clear", "take the rating of this word away"),
    Key("feedback", "a", "a", "apply", "apply", "apply the ratings: one step on the rated words", footer=True),
    Key("feedback", "z", "z", "undo", "undo", "take the last round of feedback back"),
    Key("feedback", "g", "g", "again", "new words", "let the model write new words to rate"),
    Key("attention", "up,k", "up k", "move(-1,0)", "up", "the token before looks; among the heads, the layer before"),
    Key("attention", "down,j", "down j", "move(1,0)", "down", "the next token looks; among the heads, the next layer"),
    Key("attention", "left,h", "left h", "move(0,-1)", "left", "looked at: the token before; the trick: a step back"),
    Key("attention", "right,l", "right l", "move(0,1)", "right", "looked at: the next token; the trick: a step on"),
    Key("attention", "n", "n", "choose(0,1)", "next head", "the next head of this layer"),
    Key("attention", "p", "p", "choose(0,-1)", "head before", "the head before"),
    Key("attention", "right_square_bracket,shift+down", "] shift+down", "choose(1,0)", "next layer", "the next layer"),
    Key("attention", "left_square_bracket,shift+up", "[ shift+up", "choose(-1,0)", "layer before", "the layer before"),
    Key("attention", "t", "t", "type_text", "text", "type the text to look at"),
    Key("attention", "g", "g", "show('heads')", "all heads", "all heads at a glance, and back", footer=True),
    Key("attention", "v", "v", "show('numbers')", "numbers", "this look in numbers: Q, K, scores, mask, softmax, V"),
    Key("attention", "w", "w", "show('trick')", "the trick", "the trick behind attention, in four steps", footer=True),
    Key("attention", "a", "a", "play", "write", "write on from the text, one token at a time; pause, and play on",
        footer=True),
    Key("attention", "full_stop", ".", "one_token(1)", "next token", "one token more"),
    Key("attention", "b,backspace", "b bksp", "one_token(-1)", "token back", "one token back"),
    Key("attention", "z", "z", "speed", "speed", "how fast it writes: 2, 5 or 10 tokens a second"),
    Key("attention", "plus,equals_sign", "+", "temperature(1)", "warmer", "write at a higher temperature"),
    Key("attention", "minus", "-", "temperature(-1)", "cooler", "write at a lower temperature"),
    Key("attention", "D", "D", "new_dice", "new dice", "begin again with other dice (another seed)"),
    Key("attention", "enter", "enter", "open", "open", "open the head under the cursor, or the numbers; in the trick, "
        "the next step"),
    Key("model", "g", "g", "check", "check gradient", "check this model's gradient against differences of its loss",
        footer=True),
    Key("model", "t", "t", "table", "to GPT-2", "the table from this build to GPT-2, or the diagram", footer=True),
    *INSIDE,
)  # fmt: skip


def keys_of(where: str) -> tuple[Key, ...]:
    """The keys of one screen, or of everywhere."""
    return tuple(key for key in KEYS if key.where == where)
