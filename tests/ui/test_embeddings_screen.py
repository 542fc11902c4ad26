"""The Embeddings screen: each token a point, who is near whom, and the numbers behind it, live."""

from itertools import pairwise

import numpy as np
import pytest

from tinylm_tui.engine.neighbours import cosines, ranked
from tinylm_tui.engine.pca import principal_components
from tinylm_tui.lab.commands import Configure, Load
from tinylm_tui.ui.keys import keys_of
from tinylm_tui.ui.look import Look

from .stage import open_lab

WIDE, NARROW, SMALLEST = (120, 36), (80, 24), (60, 20)
SMALL = {"model": "gpt", "layers": 1, "heads": 2, "width": 12, "context": 8, "batch": 4, "learn_rate": 0.02}
OTHERS = {"average": {"model": "average", "width": 6, "batch": 8}, "mlp": {"model": "mlp", "width": 4, "batch": 8}}
MODELS = [SMALL, *({**one, "learn_rate": 0.02, "context": 3} for one in OTHERS.values())]
NAMES = "·abeinv"


def embeddings(size=NARROW, steps=20, **choices):
    return open_lab("embeddings", size=size, steps=steps, **{**SMALL, **choices})


def vectors(lab):
    """The weights that the trainer really has."""
    params = lab.run.params
    return params["embedding.token"] if "embedding.token" in params else params["embedding"]


def page(lab):
    return lab.drawn("#embeddings-picture")


def token_in_view(lab):
    """The token that the page speaks of, by its id."""
    return lab.pane.cursor


async def at_rest(lab):
    await lab.until(lambda: not lab.pane.film.moving)


# ---- the picture


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("choices", MODELS, ids=lambda choices: choices["model"])
async def test_the_picture_is_that_of_the_weights_with_the_shares_of_the_variance(choices, size):
    async with open_lab("embeddings", size=size, steps=20, **choices) as lab:
        X = vectors(lab)
        c = principal_components(X)
        a, b = c.variances[:2] / c.total
        first = page(lab).split("\n")[0]
        assert f"component 1 {a:.1%}   ↑ component 2 {b:.1%}   together {a + b:.1%} of the variance" in first
        assert f"7 tokens × {X.shape[1]} numbers" in page(lab)
        assert all(name in page(lab) for name in NAMES)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_nearest_of_the_token_under_the_cursor_are_read_out(size):
    async with embeddings(size) as lab:
        for _ in range(7):
            i = token_in_view(lab)
            cosine = cosines(vectors(lab), i)
            for rank, other in enumerate(ranked(cosine, i)[:3]):
                words = " ".join(page(lab).split())
                assert f"{NAMES[other]}{'¹²³'[rank]} {cosine[other]:+.2f}" in words
            await lab.press("n")


async def test_beside_the_wide_picture_stand_the_figures_of_the_token():
    async with embeddings(WIDE) as lab:
        await lab.press("n")
        words = " ".join(page(lab).split())
        length = float(np.sqrt((vectors(lab)[2].astype(float) ** 2).sum()))
        assert "id 2 of 7" in words
        assert "in the text 3 times" in words  # the b of ben, bea, abe
        assert f"length √Σx² {length:.3f}" in words


async def test_a_bigram_is_told_why_there_is_nothing_and_which_key_helps():
    async with open_lab("embeddings") as lab:
        words = " ".join(page(lab).split())
        assert "A bigram has no embeddings" in words
        assert "Press M" in words
        for key in keys_of("embeddings"):
            await lab.press(key.keys.split(",")[0])
        assert "A bigram has no embeddings" in " ".join(page(lab).split())
        await lab.press("t")
        assert "M chooses a model" in lab.notices[-1]


async def test_a_change_of_the_model_is_followed_and_back():
    async with open_lab("embeddings", context=4) as lab:
        for model, said in (("gpt", "of the variance"), ("bigram", "has no embeddings"), ("mlp", "of the variance")):
            lab.link.send(Configure((("model", model), ("context", "4"))))
            await lab.pause()
            assert said in " ".join(page(lab).split())


async def test_another_text_with_fewer_tokens_keeps_the_cursor_inside():
    async with embeddings() as lab:
        await lab.press("p", "p")
        assert token_in_view(lab) == 6
        lab.link.send(Load("two", "ab\nba\n" * 9))
        await lab.pause()
        assert "3 tokens" in page(lab)
        assert token_in_view(lab) == 2


@pytest.mark.parametrize("look", [Look("few"), Look("none"), Look("many", ascii=True), Look("none", ascii=True)])
async def test_it_can_be_read_without_colours_and_in_ascii(look):
    async with embeddings(look=look) as lab:
        await lab.press("n")
        assert "nearest by cosine" in lab.text
        assert lab.text.isascii() == look.ascii or not look.ascii
        first = ranked(cosines(vectors(lab), 2), 2)[0]
        assert f"{'.abeinv'[first] if look.ascii else NAMES[first]}{'1' if look.ascii else '¹'}" in lab.text


async def test_on_the_smallest_screen_everything_is_there():
    async with embeddings(SMALLEST) as lab:
        assert "of the variance" in lab.text
        assert "nearest by cosine" in lab.text
        await lab.press("v")
        assert "number 1 of 12" in lab.text


# ---- live


async def test_it_moves_while_it_trains_and_no_axis_flips():
    async with embeddings(steps=0) as lab:
        await lab.press("space")
        axes, drawn = [], set()
        for _ in range(20):
            await lab.train(5)
            axes.append(lab.pane.scene().axes)
            drawn.add(page(lab))
        assert len(drawn) == 20
        assert min((a * b).sum(axis=1).min() for a, b in pairwise(axes)) > 0.9


async def test_when_training_pauses_the_picture_comes_to_rest_on_the_components():
    async with embeddings(steps=0) as lab:
        await lab.press("space")
        for _ in range(5):
            await lab.train(10)
        await lab.press("space")
        await at_rest(lab)
        c = principal_components(vectors(lab))
        scene = lab.pane.scene()
        assert scene.shares == pytest.approx([c.variances[n - 1] / c.total for n in scene.numbers], rel=1e-6)


async def test_moving_the_cursor_does_not_move_the_points():
    async with embeddings() as lab:
        scene = lab.pane.scene()
        await lab.press("n", "up", "left", "z", "v", "v")
        assert lab.pane.scene() is scene


async def test_starting_over_gives_the_first_picture_again():
    async with embeddings(steps=0) as lab:
        first = page(lab)
        assert "untrained: random vectors" in first
        await lab.press("S", "S")
        assert page(lab) != first
        await lab.press("r")
        assert page(lab) == first


async def test_the_first_look_is_the_picture_of_the_moment_whatever_was_before_it():
    async with open_lab("train", steps=0, **SMALL) as lab:
        await lab.press("S", "S", "S", "0")
        scene, c = lab.pane.scene(), principal_components(vectors(lab))
        assert scene.at_rest
        assert scene.axes == pytest.approx(c.pair(0))


# ---- keys


async def test_n_and_p_reach_every_token_in_the_order_of_ids():
    async with embeddings() as lab:
        seen = []
        for _ in range(7):
            seen.append(token_in_view(lab))
            await lab.press("n")
        assert seen == [1, 2, 3, 4, 5, 6, 0]
        await lab.press("p", "p", "p")
        assert token_in_view(lab) == 5


@pytest.mark.parametrize(
    ("keys", "axis", "sign"), [("left h", 0, -1), ("right l", 0, 1), ("up k", 1, 1), ("down j", 1, -1)]
)
async def test_arrows_and_hjkl_go_to_a_token_that_way(keys, axis, sign):
    async with embeddings() as lab:
        for key in keys.split():
            for start in range(7):
                lab.pane.choose(start)
                points = lab.pane.scene().points
                await lab.press(key)
                moved = sign * (points[token_in_view(lab), axis] - points[start, axis])
                assert moved > 0 or (
                    token_in_view(lab) == start and sign * points[start, axis] == max(sign * points[:, axis])
                )


@pytest.mark.parametrize(("typed", "token"), [("b", 2), ("v", 6), ("", 0), ("·", 0)])
async def test_a_token_is_found_by_typing_it(typed, token):
    async with embeddings() as lab:
        await lab.press("t")
        await lab.answer(typed)
        assert not lab.in_dialog
        assert token_in_view(lab) == token


@pytest.mark.parametrize(
    ("typed", "why"), [("x", "no token 'x'"), ("[/b]", "no token"), ("ab", "2 tokens here (a, b)")]
)
async def test_what_is_no_token_is_said_to_be_none(typed, why):
    async with embeddings() as lab:
        await lab.press("t")
        await lab.answer(typed)
        assert lab.in_dialog
        assert why in lab.error()


async def test_z_goes_close_to_the_cursor_and_back_and_plus_and_minus_step_by_step():
    async with embeddings() as lab:
        whole = page(lab)
        await lab.press("z")
        assert "zoom 4×" in page(lab)
        await lab.press("z")
        assert page(lab) == whole
        await lab.press("+", "+")
        assert "zoom 2.25×" in page(lab)
        await lab.press("-", "-", "-")
        assert page(lab) == whole


async def test_a_shows_other_components_and_goes_round():
    async with embeddings() as lab:
        pairs = []
        for _ in range(6):
            pairs.append(lab.pane.scene().numbers)
            await lab.press("a")
        assert pairs == [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (1, 2)]


async def test_v_shows_the_numbers_and_esc_the_picture_again():
    async with embeddings() as lab:
        picture = page(lab)
        await lab.press("v")
        X = vectors(lab)
        assert f"a number 1 of 12  {X[1, 0]:+.5f}" in page(lab)
        await lab.press("down", "right", "l")
        assert f"b number 3 of 12  {X[2, 2]:+.5f}" in page(lab)
        await lab.press("k", "up", "up", *["left"] * 5)
        assert f"· number 1 of 12  {X[0, 0]:+.5f}" in page(lab)
        await lab.press("n", "escape")
        assert page(lab) == picture


async def test_a_click_chooses_the_token():
    async with embeddings() as lab:
        lines = page(lab).split("\n")
        for letter in "bev":
            row, column = next(
                (y, x) for y, text in enumerate(lines[1:-3], 1) for x, c in enumerate(text) if c == letter
            )
            region = lab.pane.query_one("#embeddings-picture").region
            await lab.pilot.click(offset=(region.x + column, region.y + row))
            assert token_in_view(lab) == NAMES.index(letter)
            lines = page(lab).split("\n")


# ---- numbers of every kind


async def test_a_width_of_one_has_one_component():
    async with embeddings(width=1, heads=1) as lab:
        assert "component 1 100.0%   ↑ no other 0.0%" in page(lab)
        await lab.press("a", "up", "right", "z", "v")
        assert "number 1 of 1" in page(lab)


async def test_weights_that_are_not_finite_never_reach_the_screen():
    async with embeddings() as lab:
        lab.run.params["embedding.token"][2, 3] = np.nan
        lab.link.trainer.say("changed")
        lab.link.ask()
        await lab.pause()
        assert "not finite" in page(lab)
        assert "nan" not in page(lab)
        for key in keys_of("embeddings"):
            if key.action != "find":
                await lab.press(key.keys.split(",")[0])
        assert "nan" not in page(lab)


async def test_tokens_that_mean_something_to_a_terminal_are_shown_as_glyphs():
    text = "a\x1b[31m\nb[/b]\n日本\n\u202eab\n"
    async with embeddings(WIDE, text=text) as lab:
        for _ in range(lab.run.corpus.size):
            await lab.press("n")
            assert "\x1b" not in lab.text
            assert "\u202e" not in lab.text
        assert "日" in page(lab)
