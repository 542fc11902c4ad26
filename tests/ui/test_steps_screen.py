"""Step by step: the person, the dice or greedy choose one token at a time."""

import math

import numpy as np
import pytest

from tinylm_tui.lab.commands import Configure, Load
from tinylm_tui.lab.models import model_of
from tinylm_tui.lab.writing import Request, write
from tinylm_tui.ui.keys import tab_of
from tinylm_tui.ui.look import Look

from .stage import open_lab

GPT = {"model": "gpt", "layers": 1, "heads": 2, "width": 16, "context": 8, "batch": 4}


def page(lab):
    return lab.drawn("#steps-page")


def rows(lab):
    """The candidates in view: token and the figures after it."""
    lines = [line[2:].split() for line in page(lab).split("\n")]
    first = next(n for n, words in enumerate(lines) if words[:1] == ["token"])
    return [words for words in lines[first + 1 :] if len(words) > 3 and "%" in words[1]]


def text(lab):
    """What was written so far, the boundary as ·."""
    return lab.snapshot.corpus.tokenizer.decode(lab.pane.written.ids)


async def wrote(lab, words):
    """Type that text, and wait until it stands there."""
    many = len(lab.pane.written.done) + len(lab.snapshot.corpus.tokenizer.encode(words))
    await lab.press("t")
    await lab.answer(words)
    await lab.until(lambda: len(lab.pane.written.done) == many)
    await lab.pause()


def probabilities(lab, ids):
    """What the model says to these tokens, asked from outside."""
    s = lab.snapshot
    logits = model_of(s.settings).next_logits(s.params, s.settings, s.corpus.tokenizer)([ids])[0].astype(float)
    exps = np.exp(logits - logits.max())
    return exps / exps.sum()


async def test_i_leads_from_the_samples_to_the_steps_and_back_and_the_tab_stays():
    async with open_lab("generate") as lab:
        await lab.press("i")
        assert (lab.app.tab, tab_of(lab.app.tab).id) == ("steps", "generate")
        assert "Step by step" in lab.text
        assert "3 Generate" in lab.lines[0]
        await lab.press("i")
        assert lab.app.tab == "generate"


async def test_the_tab_of_generate_is_lit_while_one_is_there():
    async with open_lab("generate", look=Look("none")) as lab:
        await lab.press("i")
        assert "[3 Generate]" in lab.text


async def test_the_table_has_the_probabilities_of_the_model():
    async with open_lab("steps", text="names", steps=200) as lab:
        p = probabilities(lab, [0])
        for row, i in zip(rows(lab), np.argsort(-p, kind="stable"), strict=False):
            assert row[0] == (lab.snapshot.corpus.tokenizer.token(int(i)) or "·")
            assert row[1] == f"{p[i]:.2%}"
            assert float(row[4]) == pytest.approx(-math.log2(p[i]), abs=0.006)


async def test_enter_takes_the_candidate_under_the_cursor():
    async with open_lab("steps", text="names", steps=200) as lab:
        third = rows(lab)[2][0]
        await lab.press("down", "down", "enter")
        assert text(lab) == third
        assert lab.pane.written.steps[0].by == "you"
        likeliest = rows(lab)[0][0]
        await lab.press("enter")  # the cursor is back at the likeliest
        assert text(lab) == third + likeliest.replace("·", "")


async def test_the_cursor_stays_on_its_token_while_the_model_learns():
    async with open_lab("steps", text="names", steps=20) as lab:
        await lab.press("down", "down", "down")
        token = lab.pane.under_cursor()
        await lab.press("space")
        await lab.train(100)
        assert lab.pane.under_cursor() == token
        await lab.press("enter")
        assert lab.pane.written.ids == [0, token]


async def test_d_alone_writes_the_first_text_of_the_samples():
    async with open_lab("steps", text="names", steps=200) as lab:
        s = lab.snapshot
        first = write(s.params, s.corpus.tokenizer, Request(1, 40), s.settings)[0]
        await lab.press(*["d"] * (len(first.ids) - 1))
        assert tuple(lab.pane.written.ids) == first.ids
        assert {step.by for step in lab.pane.written.steps} == {"dice"}


async def test_other_dice_choose_otherwise_and_their_number_is_shown():
    async with open_lab("steps", text="names", steps=20) as lab:
        seen = set()
        for number in range(8):
            assert f"dice {number}" in page(lab)
            await lab.press("d", "d")
            seen.add(tuple(lab.pane.written.ids))
            await lab.press("u", "u", "D")
        assert len(seen) > 3


async def test_g_takes_the_likeliest_and_greedy_never_asks_the_dice():
    async with open_lab("steps", text="names", steps=200) as lab:
        await lab.press("g", "g", "g")
        ids = lab.pane.written.ids
        assert len(ids) > 2
        assert all(ids[n] == probabilities(lab, ids[:n]).argmax() for n in range(1, len(ids)))
        await lab.press("home", "G", "d", "d", "d")
        assert lab.pane.written.ids == ids


async def test_typed_text_becomes_a_step_for_each_of_its_tokens():
    async with open_lab("steps", text="names", steps=200) as lab:
        await wrote(lab, "mia")
        assert text(lab) == "mia"
        tree = lab.pane.written
        for number, step in enumerate(tree.steps):
            assert step.probability == pytest.approx(probabilities(lab, tree.ids[: number + 1])[step.token], rel=1e-6)


async def test_a_token_of_byte_pairs_is_one_step():
    async with open_lab("steps", text="names", tokenizer="bpe", vocabulary=60) as lab:
        ids = lab.snapshot.corpus.tokenizer.encode("marina").tolist()
        assert len(ids) < 6
        await wrote(lab, "marina")
        assert lab.pane.written.ids == [0, *ids]


async def test_unknown_letters_are_named_and_nothing_is_written():
    async with open_lab("steps", text="names") as lab:
        await lab.press("t")
        await lab.answer("aX7")
        assert "never seen X, 7" in lab.error()
        await lab.press("escape")
        assert lab.pane.written.ids == [0]


async def test_too_much_at_a_time_is_refused_with_its_number():
    async with open_lab("steps", text="names") as lab:
        await lab.press("t")
        await lab.answer("a" * 501)
        assert "501 tokens: up to 500" in lab.error()


async def test_escape_ends_what_is_being_written():
    async with open_lab("steps", text="names") as lab:
        lab.pane._write("a" * 400)
        lab.pane.leave()
        await lab.pause()
        assert len(lab.pane.written.done) < 400
        assert lab.app.tab == "steps"


@pytest.mark.parametrize("key", ["u", "backspace"])
async def test_undo_takes_the_last_choice_back(key):
    async with open_lab("steps", text="names", steps=50) as lab:
        await wrote(lab, "mi")
        before = page(lab)
        await lab.press("d")
        assert page(lab) != before
        await lab.press(key)
        assert page(lab) == before
        await lab.press(key, key, key)
        assert lab.pane.written.ids == [0]
        assert "the beginning" in lab.notices[-1]


async def test_at_an_earlier_step_another_choice_opens_a_branch_and_both_are_in_the_tree():
    async with open_lab("steps", text="names", steps=50) as lab:
        await wrote(lab, "mia")
        await lab.press("home", "right", "down", "enter")
        first, second = (lab.pane.written.way(end) for end in (2, 3))
        assert first[0] == second[0]
        assert "2 branches" in page(lab)
        await lab.press("b")
        assert "├─" in page(lab)
        assert "└─" in page(lab)
        await lab.press("up", "enter")  # from the branch in view to the one above it
        assert lab.pane.written.way(lab.pane.written.at) == first
        assert "├─" not in page(lab)


async def test_what_other_branches_chose_is_marked_and_the_choice_of_this_one_under_the_cursor():
    async with open_lab("steps", text="names", steps=50) as lab:
        await lab.press("g", "left", "down", "enter", "left")
        marks = [line[0] for line in page(lab).split("\n") if line[:2] in ("▸ ", "• ")]
        assert sorted(marks) == ["•", "▸"]
        assert lab.pane.under_cursor() == lab.pane.written.steps[1].token


async def test_undo_of_what_others_follow_changes_nothing_and_says_so():
    async with open_lab("steps", text="names", steps=50) as lab:
        await lab.press("g", "g", "left", "u")
        assert len(lab.pane.written.steps) == 2
        assert "something follows" in lab.notices[-1]


async def test_when_the_boundary_is_chosen_the_text_has_ended():
    async with open_lab("steps", text="names", steps=200) as lab:
        await lab.press("G", *["d"] * 15)
        assert lab.pane.written.ids[-1] == 0
        ended = lab.pane.written
        assert "The text has ended" in page(lab)
        await lab.press("d", "g", "enter")
        assert lab.pane.written == ended
        assert "ended" in lab.notices[-1]
        await lab.press("left")
        assert "The text has ended" not in page(lab)


async def test_what_is_typed_after_the_end_takes_the_boundary_back_and_goes_on():
    async with open_lab("steps", text="names", steps=200) as lab:
        await lab.press("G", *["d"] * 15)
        ended = lab.pane.written
        await lab.press("t")
        assert "takes the boundary back" in lab.prose
        await lab.answer("")
        assert lab.pane.written == ended
        await lab.press("t")
        await lab.answer("mia")
        await lab.until(lambda: len(lab.pane.written.done) == len(ended.done) + 2)
        assert lab.pane.written.ids == [*ended.ids[:-1], *lab.snapshot.corpus.tokenizer.encode("mia").tolist()]
        assert lab.pane.written.ends == 1


async def test_the_27_symbols_have_no_end():
    async with open_lab("steps", text="names", tokenizer="alphabet", steps=50) as lab:
        await wrote(lab, "a b")
        assert "has ended" not in page(lab)
        assert rows(lab)


async def test_the_steps_keep_what_they_were_chosen_with_when_the_model_moves_on():
    async with open_lab("steps", size=(120, 36), text="names", steps=20) as lab:
        await lab.press("g", "left")
        step = lab.pane.written.steps[0]
        assert "moved" not in page(lab)
        await lab.press("space")
        await lab.train(200)
        await lab.press("space")
        now = probabilities(lab, [0])[step.token]
        assert lab.pane.written.steps[0] == step
        assert f"{step.probability:.2%}, " in page(lab)
        assert f"at training step 20; now {now:.2%}: the model has moved since" in " ".join(page(lab).split())
        assert "* the model has moved since" in page(lab)


async def test_feedback_moves_the_model_too_though_no_training_step_was_made():
    async with open_lab("steps", size=(120, 36), text="names", steps=20) as lab:
        await lab.press("g", "6", "u", "a", "3", "i")
        assert "* the model has moved since" in page(lab)


async def test_a_text_beyond_the_context_is_read_at_its_end_and_it_says_so():
    async with open_lab("steps", text="names", **GPT) as lab:
        assert "of" not in page(lab).split("\n")[2]
        await wrote(lab, "annamariamari")
        assert "Only the last 8 of 14 tokens count" in page(lab)
        ids = lab.pane.written.ids
        inside = probabilities(lab, ids[-8:])
        assert rows(lab)[0][1] == f"{inside.max():.2%}"


async def test_a_bigram_says_that_only_the_last_token_counts():
    async with open_lab("steps", text="names", steps=50) as lab:
        await lab.press("g", "g")
        assert "only the last token counts" in page(lab)


async def test_the_dials_are_those_of_the_samples():
    async with open_lab("generate", text="names", steps=50) as lab:
        await lab.press("minus", "minus", "k", "k", "k", "n", "i")
        assert "temp 0.80 › top-k 5 › top-p 0.95 · dice 0" in page(lab)
        await lab.press("plus", "k", "i")
        dials = lab.pane.dials
        assert (dials.temperature, dials.top_k, dials.top_p) == (0.9, 3, 0.95)


async def test_after_another_prompt_another_tree_begins_and_the_first_one_is_kept():
    async with open_lab("generate", text="names", steps=50) as lab:
        await lab.press("i", "g", "g", "i", "p", *"mar", "enter", "i")
        assert text(lab) == "mar"
        await lab.press("g")
        lab.pane.samples.query_one("#prompt").value = ""
        await lab.pause()
        lab.pane.show()
        assert len(lab.pane.written.done) == 2


async def test_a_prompt_that_cannot_be_read_is_left_out_and_it_says_so():
    async with open_lab("generate", text="names", steps=50) as lab:
        await lab.press("p", "X", "enter", "i")
        assert "The prompt is left out" in page(lab)
        assert "never seen X" in page(lab)
        assert lab.pane.written.ids == [0]


async def test_another_text_begins_anew_and_one_with_the_same_tokens_does_not():
    async with open_lab("steps") as lab:
        await wrote(lab, "an")
        lab.link.send(Load("again", "ann\nbe\nviann\n"))
        await lab.pause()
        assert len(lab.pane.written.done) == 2
        lab.link.send(Load("other", "otto\n"))
        await lab.pause()
        assert lab.pane.written.done == []


@pytest.mark.parametrize("model", ["bigram", "average", "mlp", "gpt"])
async def test_every_model_can_be_written_with(model):
    async with open_lab("steps", text="names") as lab:
        lab.link.send(Configure((("model", model),)))
        await lab.pause()
        await lab.press("d", "g", "down", "enter")
        tree = lab.pane.written
        assert [step.by for step in tree.steps] == ["dice", "greedy", "you"][: len(tree.steps)]
        assert tree.steps[0].probability == pytest.approx(probabilities(lab, [0])[tree.steps[0].token], rel=1e-4)


async def test_stepping_sends_nothing_and_changes_no_weight():
    async with open_lab("steps", text="names", steps=50) as lab:
        before = lab.weights
        await lab.press("d", "g", "k", "n", "left", "enter", "b", "b", "u")
        assert (lab.link.sent, lab.weights) == ([], before)


async def test_a_click_puts_the_cursor_on_a_candidate():
    async with open_lab("steps", text="names", steps=50) as lab:
        top = lab.pane.arranged.top
        await lab.pilot.click("#steps-page", offset=(4, top + 1 + 2))
        await lab.pause()
        assert lab.pane._table().cursor == 2


async def test_escape_goes_from_the_tree_to_the_table_and_then_to_the_samples():
    async with open_lab("steps", text="names", steps=50) as lab:
        await lab.press("g", "b", "escape")
        assert (lab.pane.line, lab.app.tab) == (None, "steps")
        await lab.press("escape")
        assert lab.app.tab == "generate"


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)])
async def test_the_likeliest_and_the_strategy_are_in_view_on_every_screen(size):
    async with open_lab("steps", size=size, text="names", steps=50) as lab:
        await lab.press("k", "k", "k", "n")
        assert len(rows(lab)) >= 3
        assert "thrown away" in page(lab)
        assert "top-k 5 › top-p 0.95" in page(lab)


async def test_control_characters_and_wide_letters_stand_harmless_in_the_table():
    async with open_lab("steps", text="a\x1bb\u202ec\u4f60\u597d\x07 x") as lab:
        await lab.press("d", "d", "b", "b", "left")
        shown = "".join(strip.text for strip in lab.strips)
        assert not {"\x1b", "\x07", "\u202e"} & set(shown)
        assert "␛" in shown


async def test_the_help_explains_the_strategies_in_their_order():
    async with open_lab("steps", size=(100, 60)) as lab:
        await lab.press("question_mark")
        assert "Step by step in plain words" in lab.text
        words = " ".join(lab.prose.replace("│", " ").split())
        order = ["The temperature divides the scores", "Top-k (k) keeps the k likeliest", "top-p (n) of those"]
        assert [words.index(part) for part in order] == sorted(words.index(part) for part in order)


async def test_a_model_that_is_slow_to_ask_is_not_asked_at_every_moment_and_the_last_one_is_drawn():
    async with open_lab("steps", text="names", steps=20) as lab:
        await lab.press("space")
        lab.pane._rested = math.inf  # as after a drawing that took very long
        before = page(lab)
        await lab.train(100)
        assert page(lab) == before
        await lab.press("space")
        assert rows(lab)[0][1] == f"{probabilities(lab, [0]).max():.2%}"
