"""What `?` says: true of the model that is running, and of its tokens."""

import pytest

from tinylm_tui.engine.tokenizer import AlphabetTokenizer, CharTokenizer
from tinylm_tui.lab.settings import MODELS
from tinylm_tui.ui.drawing.help import help_lines
from tinylm_tui.ui.keys import BEHIND, KEYS, TABS, screens
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.words import explained

CHARACTERS, ALPHABET = CharTokenizer("abc"), AlphabetTokenizer()
# What the alphabet does not have may be named to say that it does not have it.
NAMED = (
    "only the 27-symbol alphabet has none",
    "the 27-symbol alphabet has none",
    "there is no boundary",
    "no boundary to end",
)


def page(tab, model="bigram", tokenizer=CHARACTERS):
    return " ".join(explained(tab, model, tokenizer))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("screen", [screen.id for screen in screens()])
def test_under_the_alphabet_no_page_tells_of_a_boundary_that_there_would_be(screen, model):
    for paragraph in explained(screen, model, ALPHABET):
        assert "boundar" not in paragraph or any(named in paragraph for named in NAMED), paragraph


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("tokenizer", [CHARACTERS, ALPHABET], ids=["characters", "alphabet"])
def test_every_screen_has_a_page_for_every_model_and_its_tokens(model, tokenizer):
    for screen in (*TABS, *BEHIND):
        paragraphs = explained(screen.id, model, tokenizer)
        assert paragraphs
        assert all(isinstance(paragraph, str) and paragraph for paragraph in paragraphs)


def test_generate_begins_and_ends_as_the_tokens_do():
    for model in MODELS:
        assert "starts at the boundary" in page("generate", model)
        assert "starts after a blank" in page("generate", model, ALPHABET)
        assert "200 times" in page("generate", model, ALPHABET)
    assert "reads a blank and all of it" in page("generate", "gpt", ALPHABET)
    assert "reads the boundary and all of it" in page("generate", "gpt")


def test_the_heat_map_says_what_stands_before_each_token():
    assert "as the first after the boundary" in page("heatmap", "gpt")
    assert "one blank before it" in page("heatmap", "gpt", ALPHABET)
    for model in ("average", "mlp"):
        assert "with boundaries before it" in page("heatmap", model)
        assert "with blanks before it" in page("heatmap", model, ALPHABET)


def test_math_says_that_windows_filled_up_with_blanks_are_no_examples():
    for model in ("average", "mlp"):
        assert "such are the examples it learns from" in page("math", model)
        assert "such are the examples it learns from" not in page("math", model, ALPHABET)
        assert "no example, it never learns from such" in page("math", model, ALPHABET)


@pytest.mark.parametrize("screen", ["tokens", "surprise", "ladder"])
def test_bits_a_character_compare_only_where_nothing_of_the_text_is_lost(screen):
    for model in MODELS:
        assert "another, easier text" in page(screen, model)
        assert "another, easier text" in page(screen, model, ALPHABET)
        assert "Only they compare models with different tokens" not in page(screen, model)
        assert "compared with" in page(screen, model, ALPHABET) or "compare with" in page(screen, model, ALPHABET)


def test_the_held_out_part_is_said_to_have_been_read_for_its_tokens():
    for screen, model in (("ladder", "bigram"), ("train", "average"), ("train", "mlp"), ("train", "gpt")):
        assert "found in the whole text, the held-out part included" in page(screen, model)
        assert "found in the whole text" not in page(screen, model, ALPHABET)  # 27 symbols, whatever the text
        assert "which none of them has seen" not in page(screen, model)


def test_the_ladder_tells_how_it_counts_and_measures():
    words = page("ladder")
    assert "the average 64 tokens (on its own it takes one example at a time)" in words
    assert "one example a step" not in words
    assert "all tokens of 32 windows" in words
    assert "as long as they are asked for the whole training part; beyond 30,000 tokens" in words
    assert "At most the first 30,000 tokens of each part are asked for" in words
    assert "with all that each may see before them" not in words
    assert "Within one ladder all rungs have the same tokens" in words


def test_byte_pairs_have_their_true_history_and_their_line_ends():
    words = page("tokens")
    assert "In GPT-2 the pairs are of bytes, which is where the name comes from" not in words
    assert "Gage, 1994" in words
    assert "Sennrich and others, 2016" in words
    assert "GPT-2 went back to bytes" in words
    assert "the blank or the line end belongs to the word after it" in words


def test_the_mark_for_what_stands_in_the_text_is_no_proof_of_copying():
    for tokenizer in (CHARACTERS, ALPHABET):
        assert "what stands only in the held-out part the model has never seen" in page("generate", "mlp", tokenizer)


def test_attention_learns_what_makes_the_shares_and_not_the_shares():
    for model in ("average", "mlp"):
        assert "attention learns the shares" not in page("attention", model)
    assert "attention learns query and key weights" in page("attention", "average")


def test_small_batches_are_plotted_and_other_batches_drawn():
    for model in ("average", "mlp"):
        assert "plotted as a running mean" in page("train", model)
        assert "drawn as a running mean" not in page("train", model)


@pytest.mark.parametrize("screen", ["math", "feedback", "generate", "attention", "heatmap"])
def test_a_token_is_not_called_a_letter(screen):
    for model in MODELS:
        for tokenizer in (CHARACTERS, ALPHABET):
            assert "letter" not in page(screen, model, tokenizer)
    assert not [key.help for key in KEYS if key.where == screen and "letter" in key.help]


@pytest.mark.parametrize(
    ("screen", "action"), [("train", "change_batch"), ("heatmap", "nudge(1)"), ("heatmap", "nudge(-1)")]
)
def test_a_key_that_moves_a_bigram_only_says_so(screen, action):
    (key,) = [key for key in KEYS if (key.where, key.action) == (screen, action)]
    for model in MODELS:
        shown = " ".join(" ".join(strip.text for strip in help_lines(screen, model, CHARACTERS, 80, Look())).split())
        assert key.help.startswith("bigram only: ")
        assert " ".join(key.help.split()[:4]) in shown


def test_surprise_says_why_its_figures_may_differ_from_those_of_train():
    for model in MODELS:
        assert "may differ from those of Train" in page("surprise", model)
        assert ("Here windows overlap" in page("surprise", model)) == (model == "gpt")
        assert ("the mean of the last batches" in page("surprise", model)) == (model != "bigram")
