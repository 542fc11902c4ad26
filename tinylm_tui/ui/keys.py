"""Every key of the lab, once: the footer, the palette, the help and `tinylm keys` all read this table.

Imports nothing, so that it can be printed without a screen.
"""

from __future__ import annotations

from dataclasses import dataclass

EVERYWHERE = "anywhere"


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
)


@dataclass(frozen=True)
class Key:
    """`keys` as Textual names them, `shown` as a person reads them, `action` the method action_… that runs.

    `label` is for the footer, which shows the key only where `footer` is true; `help` is the whole sentence.
    `typing` keys also work while somebody types into a field.
    """

    where: str
    keys: str
    shown: str
    action: str
    label: str
    help: str
    footer: bool = False
    typing: bool = False


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
    Key("train", "b", "b", "change_batch", "batches", "learn from every pair at once, or from 64 drawn at random"),
    Key("generate", "g", "g", "again", "new samples", "throw the dice again", footer=True),
    Key("generate", "p", "p", "prompt", "prompt", "write the beginning; the model goes on", footer=True),
    Key("generate", "plus,equals_sign", "+", "temperature(1)", "warmer", "raise the temperature: bolder"),
    Key("generate", "minus", "-", "temperature(-1)", "cooler", "lower the temperature: safer", footer=True),
    Key("generate", "G", "G", "greedy", "greedy", "greedy: always the likeliest token; again: back to drawing"),
    Key("heatmap", "up,k", "up k", "move(-1,0)", "up", "move the cursor up a row"),
    Key("heatmap", "down,j", "down j", "move(1,0)", "down", "move the cursor down a row"),
    Key("heatmap", "left,h", "left h", "move(0,-1)", "left", "move the cursor to the column before"),
    Key("heatmap", "right,l", "right l", "move(0,1)", "right", "move the cursor to the next column"),
    Key("heatmap", "enter", "enter", "open_row", "open in Math", "follow this row's letter on the Math screen",
        footer=True),
    Key("heatmap", "p", "p", "change_values", "scores", "show probabilities, or the raw scores", footer=True),
    Key("heatmap", "m", "m", "change_matrix(1)", "matrix", "next letters, or one of the model's matrices by name"),
    Key("heatmap", "n", "n", "change_matrix(-1)", "matrix before", "the weight matrix before"),
    Key("heatmap", "z", "z", "zoom", "zoom", "large cells, or small ones so that more of the map fits"),
    Key("heatmap", "plus,equals_sign", "+", "nudge(1)", "nudge", "raise this one weight by 0.5", footer=True),
    Key("heatmap", "minus", "-", "nudge(-1)", "nudge down", "lower this one weight by 0.5"),
    Key("math", "left,h", "left h", "choose(-1)", "before", "trace the letter before", footer=True),
    Key("math", "right,l", "right l", "choose(1)", "next", "trace the next letter", footer=True),
    Key("math", "t", "t", "trace", "trace", "type the letter to trace", footer=True),
    Key("math", "shift+left", "shift+left", "scroll(-1)", "strip left", "a large alphabet: move the strips left"),
    Key("math", "shift+right", "shift+right", "scroll(1)", "strip right", "a large alphabet: move the strips right"),
    Key("feedback", "up,k", "up k", "move(-1)", "up", "to the word before"),
    Key("feedback", "down,j", "down j", "move(1)", "down", "to the next word"),
    Key("feedback", "u", "u", "rate(1)", "like", "thumbs up for this word", footer=True),
    Key("feedback", "d", "d", "rate(-1)", "dislike", "thumbs down for this word", footer=True),
    Key("feedback", "x", "x", "rate(0)", "clear", "take the rating of this word away"),
    Key("feedback", "a", "a", "apply", "apply", "apply the ratings: one step on the rated words", footer=True),
    Key("feedback", "z", "z", "undo", "undo", "take the last round of feedback back"),
    Key("feedback", "g", "g", "again", "new words", "let the model write new words to rate"),
    Key("attention", "up,k", "up k", "move(-1,0)", "up", "the letter before looks; among the heads, the layer before"),
    Key("attention", "down,j", "down j", "move(1,0)", "down", "the next letter looks; among the heads, the next layer"),
    Key("attention", "left,h", "left h", "move(0,-1)", "left", "looked at: the letter before; the trick: a step back"),
    Key("attention", "right,l", "right l", "move(0,1)", "right", "looked at: the next letter; the trick: a step on"),
    Key("attention", "n", "n", "choose(0,1)", "next head", "the next head of this layer"),
    Key("attention", "p", "p", "choose(0,-1)", "head before", "the head before"),
    Key("attention", "right_square_bracket,shift+down", "] shift+down", "choose(1,0)", "next layer", "the next layer"),
    Key("attention", "left_square_bracket,shift+up", "[ shift+up", "choose(-1,0)", "layer before", "the layer before"),
    Key("attention", "t", "t", "type_text", "text", "type the text to look at"),
    Key("attention", "g", "g", "show('heads')", "all heads", "all heads at a glance, and back", footer=True),
    Key("attention", "v", "v", "show('numbers')", "numbers", "this look in numbers: Q, K, scores, mask, softmax, V",
        footer=True),
    Key("attention", "w", "w", "show('trick')", "the trick", "the trick behind attention, in four steps", footer=True),
    Key("attention", "enter", "enter", "open", "open", "open the head under the cursor, or the numbers; in the trick, "
        "the next step"),
    Key("model", "g", "g", "check", "check gradient", "check this model's gradient against differences of its loss",
        footer=True),
    Key("model", "t", "t", "table", "to GPT-2", "the table from this build to GPT-2, or the diagram", footer=True),
    Key("tokens", "up,k", "up k", "merge(-1)", "merge before", "one merge back: watch the text cut again"),
    Key("tokens", "down,j", "down j", "merge(1)", "next merge", "one merge on: watch the text cut again"),
    Key("tokens", "pageup", "pgup", "merge(-10)", "ten back", "ten merges back"),
    Key("tokens", "pagedown", "pgdn", "merge(10)", "ten on", "ten merges on"),
    Key("tokens", "home", "home", "merge(-10000)", "first", "before the first merge: characters alone"),
    Key("tokens", "end", "end", "merge(10000)", "last", "after the last merge"),
    Key("tokens", "left,h", "left h", "move(-1)", "left", "to the token before"),
    Key("tokens", "right,l", "right l", "move(1)", "right", "to the next token"),
    Key("tokens", "b", "b", "byte_pairs", "byte pairs", "try byte pairs on this text; the model keeps its tokens",
        footer=True),
    Key("tokens", "v", "v", "vocabulary", "how many", "try byte pairs with another vocabulary size", footer=True),
    Key("tokens", "w", "w", "split_words", "words", "try byte pairs inside words only, or across words"),
    Key("tokens", "n", "n", "characters", "characters", "back to characters: try each character as a token"),
    Key("tokens", "t", "t", "type_text", "text", "type a text of your own to see it cut"),
    Key("tokens", "enter,u", "enter u", "use", "use them", "use these tokens: the model starts over on them",
        footer=True),
    Key("embeddings", "up,k", "up k", "move(0,-1)", "up", "to the nearest token above; in the table, the token before"),
    Key("embeddings", "down,j", "down j", "move(0,1)", "down", "to the nearest token below; in the table, the next"),
    Key("embeddings", "left,h", "left h", "move(-1,0)", "left", "to the nearest token on the left; the number before"),
    Key("embeddings", "right,l", "right l", "move(1,0)", "right", "to the nearest token on the right; the next number"),
    Key("embeddings", "n", "n", "step(1)", "next token", "the next token in the order of their ids"),
    Key("embeddings", "p", "p", "step(-1)", "token before", "the token before in the order of their ids"),
    Key("embeddings", "t", "t", "find", "find", "find a token by typing it", footer=True),
    Key("embeddings", "z", "z", "zoom(0)", "zoom", "close to the token under the cursor, or all of them", footer=True),
    Key("embeddings", "plus,equals_sign", "+", "zoom(1)", "closer", "a step closer to the token under the cursor"),
    Key("embeddings", "minus", "-", "zoom(-1)", "back", "a step back"),
    Key("embeddings", "a", "a", "change_pair", "axes", "other axes: components 1 and 2, 2 and 3, and so on"),
    Key("embeddings", "v,enter", "v enter", "show", "table", "the numbers behind the picture, and back", footer=True),
    Key("ladder", "g,enter", "g enter", "run", "start", "start a ladder: five models on this text, one after the other",
        footer=True),
    Key("ladder", "x", "x", "stop", "stop", "stop the ladder; what it has found stays"),
    Key("ladder", "n", "n", "steps", "steps", "how many steps each model makes in the next ladder"),
    Key("ladder", "p", "p", "prompt", "prompt", "what the samples of the next ladder go on from"),
    Key("ladder", "up,k", "up k", "move(-1)", "up", "to the rung above"),
    Key("ladder", "down,j", "down j", "move(1)", "down", "to the rung below"),
    Key("ladder", "t", "t", "change_part", "training part", "curves of the held-out part, or of the training part",
        footer=True),
    Key("ladder", "v", "v", "change_view", "curves", "the curves or the table, where both do not fit", footer=True),
    Key("ladder", "o", "o", "open", "open", "open the chosen rung as the lab's own model, at step 0"),
)  # fmt: skip


def keys_of(where: str) -> tuple[Key, ...]:
    """The keys of one screen, or of everywhere."""
    return tuple(key for key in KEYS if key.where == where)
