"""The drawings of the Embeddings screen: arrays in, lines out; and how one picture follows from another."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tinylm_tui.engine.pca import principal_components
from tinylm_tui.ui.drawing.embeddings import Shown, not_finite, picture_page, picture_size
from tinylm_tui.ui.drawing.framing import Box, Camera, Frame, followed, nearest_to, nearest_towards
from tinylm_tui.ui.drawing.scatter import Named, name_of, place_labels, scatter
from tinylm_tui.ui.drawing.scene import TURN, Film, first_scene, next_scene
from tinylm_tui.ui.drawing.vectors import vectors_page
from tinylm_tui.ui.look import AWAY, TOWARDS, Look

LOOKS = [Look(), Look("few"), Look("none"), Look("many", ascii=True), Look("none", ascii=True)]
ANY_LOOK = st.sampled_from(LOOKS)
LETTERS = ["", " ", "\n", *"abcdefghijklmnopqrstuvwxyz"]


def names_of(V):
    """V tokens: the letters, then some of two and three of them, one with a blank, one of wide characters."""
    tokens = [*LETTERS, " the", "日本", "e\u0301", *(a + b for a in LETTERS[3:] for b in LETTERS[3:])]
    return tokens[:V] if len(tokens) >= V else [*tokens, *(f"x{i}" for i in range(V - len(tokens)))]


def vectors(V=27, E=8, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((V, E)) * np.linspace(2, 0.5, E)).astype(np.float32)


def shown(X, cursor=1, zoom=1.0, step=5, tokens=None):
    tokens = names_of(len(X)) if tokens is None else tokens
    return Shown("embedding", X, tokens, np.arange(len(X))[::-1], first_scene(X, 0), cursor, zoom, step)


def page(s, width=78, height=19, look=Look()):  # noqa: B008
    at = s.scene.points[s.cursor].tolist()
    frame = Frame(Camera(s.zoom).box(s.scene.box, at), *picture_size(width, height))
    return picture_page(s, frame, width, height, look)


def text_of(strips):
    return "\n".join(strip.text.rstrip() for strip in strips)


def named(points, names=None, cursor=0, neighbours=()):
    order = list(range(len(points)))
    names = list(map(name_of, names or names_of(len(points))))
    return Named(np.asarray(points, float), names, order, cursor, list(neighbours))


FRAME = Frame(Box(-1, 1, -1, 1), 40, 12)


# ---- the page


@given(st.integers(2, 120), st.integers(1, 12), st.integers(58, 198), st.integers(14, 60), ANY_LOOK, st.integers(0, 99))
def test_a_page_is_no_larger_than_asked_and_every_piece_has_a_style(V, E, width, height, look, seed):
    s = shown(vectors(V, E, seed), cursor=seed % V, zoom=1.5 ** (seed % 5))
    table = vectors_page(s.X, s.names, (s.cursor, seed % E), (0, 0), width, height, look)[0]
    for strips in (page(s, width, height, look), table):
        assert all(segment.style is not None for strip in strips for segment in strip if segment.text)
        assert max(strip.cell_length for strip in strips) <= width
        assert len(strips) <= height
        assert "nan" not in text_of(strips)


@pytest.mark.parametrize("look", LOOKS)
def test_the_same_moment_gives_the_same_picture(look):
    assert page(shown(vectors()), look=look) == page(shown(vectors()), look=look)


@pytest.mark.parametrize("width", [78, 118])
def test_the_share_of_variance_stands_for_each_axis_and_for_both(width):
    X = vectors()
    c = principal_components(X)
    a, b = c.variances[:2] / c.total
    assert text_of(page(shown(X), width, 30)).split("\n")[0].startswith(
        f"→ component 1 {a:.1%}   ↑ component 2 {b:.1%}   together {a + b:.1%} of the variance"
    )  # fmt: skip


def test_one_number_a_token_has_no_second_component():
    first = text_of(page(shown(vectors(9, 1)))).split("\n")[0]
    assert first == "→ component 1 100.0%   ↑ no other 0.0%   together 100.0% of the variance"


@pytest.mark.parametrize("shape", [(2, 1), (2, 8), (3, 1), (2000, 4)])
def test_the_smallest_and_the_largest_vocabularies_have_a_picture_too(shape):
    assert "of the variance" in text_of(page(shown(vectors(*shape))))


@pytest.mark.parametrize("value", [0.0, 0.25])
@pytest.mark.parametrize("E", [1, 8])
def test_vectors_that_are_all_the_same_are_said_to_be_so(value, E):
    said = " ".join(text_of(page(shown(np.full((27, E), value, np.float32)))).split())
    assert f"All 27 tokens have the same vector of {E} numbers" in said
    assert "the variance is 0" in said


def test_numbers_that_are_none_are_said_to_be_so():
    assert "not finite" in text_of(not_finite("embedding", 70, Look()))


@pytest.mark.parametrize(("width", "height"), [(78, 19), (118, 31)])
def test_the_nearest_by_cosine_stand_on_the_page_with_their_values_the_nearest_first(width, height):
    s = shown(vectors())
    X = s.X.astype(float)
    cosine = [float(X[1] @ x) / (np.linalg.norm(X[1]) * np.linalg.norm(x)) for x in X]
    best = sorted((i for i in range(27) if i != 1), key=lambda i: -cosine[i])[:5]
    drawn = text_of(page(s, width, height))
    best = best[: 5 if width > 96 else 4]  # as many as fit into a line
    places = [re.search(rf"{re.escape(s.names[i])}{rank} +{re.escape(f'{cosine[i]:+.2f}')}", drawn).start()
              for i, rank in zip(best, "¹²³⁴⁵", strict=False)]  # fmt: skip
    assert places == sorted(places)


def test_a_fresh_model_is_not_shown_as_if_it_had_learnt():
    assert "untrained: random vectors" in text_of(page(shown(vectors(), step=0)))
    assert "untrained" not in text_of(page(shown(vectors(), step=1)))


def test_the_ends_of_both_axes_are_written_at_the_edges():
    s = shown(vectors())
    lines = text_of(page(s)).split("\n")
    b = s.scene.box
    assert lines[1].split()[0] == f"{b.top:+.2f}"
    assert lines[-4].split()[0] == f"{b.bottom:+.2f}"
    assert lines[-3].split() == [f"{b.left:+.2f}", "0", f"{b.right:+.2f}"]


# ---- names


@given(st.integers(1, 150), st.integers(0, 1000), st.integers(0, 5))
def test_names_never_touch_each_other_and_lie_inside(V, seed, neighbours):
    rng = np.random.default_rng(seed)
    others = [i for i in range(V) if i != seed % V][:neighbours]
    n = named(rng.uniform(-1, 1, (V, 2)), cursor=seed % V, neighbours=others)
    labels = place_labels(n, FRAME.dots(n.points), FRAME)
    cells = [(label.row, column) for label in labels.values()
             for column in range(label.column, label.column + cell_len(label.text))]  # fmt: skip
    assert len(set(cells)) == len(cells)
    assert all(0 <= row < FRAME.rows and 0 <= column < FRAME.columns for row, column in cells)
    starts = {(label.row, label.column) for label in labels.values()}
    ends = {(label.row, label.column + cell_len(label.text)) for label in labels.values()}
    assert not starts & ends


@given(st.integers(0, 1000))
def test_a_name_lies_on_its_point_and_the_cursors_is_always_there(seed):
    rng = np.random.default_rng(seed)
    n = named(rng.uniform(-0.2, 0.2, (120, 2)), cursor=seed % 120)
    dots = FRAME.dots(n.points)
    labels = place_labels(n, dots, FRAME)
    assert n.cursor in labels
    assert len(labels) < 120
    for i, label in labels.items():
        assert label.row == dots[i, 1] // 4
        assert label.column <= dots[i, 0] // 2 < label.column + cell_len(label.text)


def test_the_commoner_token_gets_the_name_and_the_other_is_a_dot():
    n = named([[0.5, 0.5], [0, 0], [0, 0]], ["cursor", "common", "rare"])
    strips, in_view, count = scatter(n, FRAME, Look())
    assert (in_view, count) == (3, 2)
    assert "common" in text_of(strips)
    assert "rare" not in text_of(strips)


@pytest.mark.parametrize(("look", "dots"), [(Look(), 5), (Look(ascii=True), 5)])
def test_every_token_without_a_name_is_a_dot(look, dots):
    far = [[-0.9 + 0.3 * k, -0.5] for k in range(5)]
    n = named([[0, 0.9], *far, *far], [*"abcdef", *["a long name"] * 5])
    drawn = text_of(scatter(n, Frame(Box(-1, 1, -1, 1), 40, 12), look)[0])
    assert all(letter in drawn for letter in "abcdef")
    crowded = named([[0, 0.9], *[[x, -0.5] for x in np.linspace(-0.9, 0.9, 12)]], ["a", *["longer"] * 12])
    drawn = text_of(scatter(crowded, FRAME, look)[0])
    seen = sum(bin(ord(c) - 0x2800).count("1") for c in drawn if "⠀" <= c <= "⣿") + drawn.count("`")
    assert 0 < seen + drawn.count("longer") <= 12


def test_the_neighbours_are_marked_by_a_glyph_without_colour():
    n = named([[0, 0], [0.5, 0.5], [-0.5, 0.5], [0.5, -0.5]], ["a", "b", "c", "d"], neighbours=[2, 1])
    for look in LOOKS:
        drawn = text_of(scatter(n, FRAME, look)[0])
        assert "c¹" in drawn
        assert "b²" in drawn
        assert "d¹" not in drawn


def test_threads_lead_to_the_neighbours_but_ascii_has_none():
    n = named([[-0.9, 0], [0.9, 0.5]], ["a", "b"], neighbours=[1])
    assert any("⠀" < c <= "⣿" for c in text_of(scatter(n, FRAME, Look())[0]))
    assert text_of(scatter(n, FRAME, Look(ascii=True))[0]).isascii() is False  # lines, that the gate translates
    assert not any("⠀" < c <= "⣿" for c in text_of(scatter(n, FRAME, Look(ascii=True))[0]))


@pytest.mark.parametrize(
    ("token", "name"),
    [("", "·"), (" ", "␣"), ("\n", "↵"), (" the", "␣the"), ("\x1b[", "␛["), ("a" * 40, "a" * 11 + "…")],
)
def test_a_token_has_a_visible_name(token, name):
    assert name_of(token) == name


def test_wide_characters_keep_the_lines_straight():
    n = named([[0, 0], [0.5, 0.5], [-0.5, 0]], ["日本", "日", "b"])
    assert {strip.cell_length for strip in scatter(n, FRAME, Look())[0]} == {FRAME.columns}


# ---- from picture to picture


def run(pictures=120, V=27, E=16, seed=0):
    """Vectors as they might train: each frame a small step, and two components that change places on the way."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((V, E)) * 0.3
    X -= X.mean(axis=0)
    for k in range(pictures):
        X = X + rng.standard_normal((V, E)) * 0.005
        spread = np.ones(E)
        spread[:3] = 3, 2.5 - 1.5 * k / pictures, 1 + 1.5 * k / pictures
        yield X * spread


@pytest.mark.parametrize("seed", range(5))
def test_no_axis_flips_from_picture_to_picture_and_none_turns_faster_than_the_eye_follows(seed):
    film = Film()
    scenes = [film.at(X, 0, "run", k, k) for k, X in enumerate(run(seed=seed))]
    turns = [np.degrees(np.arccos(np.clip((a.axes * b.axes).sum(axis=1), -1, 1))).max() for a, b in pairwise(scenes)]
    assert max(turns) <= np.degrees(TURN) * 1.5


def test_the_principal_axes_alone_would_have_flipped_and_jumped():
    axes = [first_scene(X, 0).axes for X in run()]
    assert min((a * b).sum(axis=1).min() for a, b in pairwise(axes)) < 0.5


def test_the_shares_are_those_of_the_axes_drawn_and_at_rest_those_of_the_components():
    film, X = Film(), None
    for k, X in enumerate(run()):
        scene = film.at(X, 0, "run", k, k)
        assert scene.shares == pytest.approx(scene.points.var(axis=0) / X.var(axis=0).sum())
    pictures = 0
    while film.moving:
        film.go_on()
        pictures += 1
        assert pictures < 100
    scene, c = film.at(X, 0, "run", k, k), principal_components(X)
    assert scene.shares == pytest.approx([c.variances[n - 1] / c.total for n in scene.numbers])


def test_a_turn_takes_several_pictures_and_comes_to_rest():
    X = vectors(40, 6)
    other = X[:, ::-1].copy()
    scene = next_scene(first_scene(X, 0), other)
    assert not scene.at_rest
    for _ in range(60):
        scene = next_scene(scene)
    assert scene.at_rest
    wanted = principal_components(other).pair(0)
    assert np.abs(scene.axes) == pytest.approx(np.abs(wanted[::-1] if scene.numbers == (2, 1) else wanted))


@pytest.mark.parametrize(
    ("run_", "first", "step"), [("other", 0, 9), ("run", 1, 9), ("run", 0, 2)], ids=["run", "axes", "earlier step"]
)
def test_another_run_other_axes_or_an_earlier_step_begin_anew(run_, first, step):
    film = Film()
    for k, X in enumerate(run(5)):
        film.at(X, 0, "run", k + 3, k)
    scene = film.at(X, first, run_, step, 9)
    assert scene.at_rest
    assert (scene.axes == first_scene(X, first).axes).all()


def test_the_same_moment_drawn_again_does_not_move():
    film, (a, b) = Film(), run(2)
    film.at(a, 0, "run", 1, 1)
    assert film.at(b * 5, 0, "run", 2, 2) is film.at(b * 5, 0, "run", 2, 2)


# ---- the frame


def test_the_frame_stands_still_while_the_cloud_moves_inside_it():
    first = points = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    box = Box.around(points)
    for _ in range(30):
        points = points * 0.99
        box, rests = followed(box, points)
        assert rests
    assert box == Box.around(first)


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=40), st.integers(0, 99))
def test_no_point_ever_leaves_the_frame(growths, seed):
    points = np.random.default_rng(seed).standard_normal((9, 2))
    box = Box.around(points)
    for growth in growths:
        points = points * 10**growth + growth
        box, _ = followed(box, points)
        assert Frame(box, 40, 12).holds(Frame(box, 40, 12).dots(points)).all()


def test_a_cloud_that_shrank_is_followed_slowly_until_it_fills_the_frame_again():
    points = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    box, widths = Box.around(points), []
    for _ in range(60):
        box, rests = followed(box, points / 100)
        widths.append(box.right - box.left)
        if rests:
            break
    assert rests
    assert all(0.7 < b / a <= 1 for a, b in pairwise(widths))
    assert widths[-1] < 0.06


def test_close_up_the_picture_stands_still_until_the_cursor_leaves_its_middle():
    camera, whole = Camera(), Box(-1, 1, -1, 1)

    def around(x, y):
        return Box(x - 0.25, x + 0.25, y - 0.25, y + 0.25)

    assert camera.box(whole, (0.3, 0.3)) == whole
    camera.move(0)
    box = camera.box(whole, (0.3, 0.3))
    assert box == around(0.3, 0.3)
    assert camera.box(whole, (0.4, 0.3)) == box
    assert camera.box(whole, (0.6, 0.3)) == around(0.6, 0.3)
    camera.move(0)
    assert camera.box(whole, (0.6, 0.3)) == whole


@given(st.floats(1, 32), st.floats(-1, 1), st.floats(-1, 1))
def test_what_is_zoomed_is_inside_the_whole_and_holds_the_cursor(times, x, y):
    box = Box(-1, 1, -1, 1).zoomed(times, (x, y))
    assert -1 - 1e-9 <= box.left < box.right <= 1 + 1e-9
    assert Box(box.left - 1e-9, box.right + 1e-9, box.bottom - 1e-9, box.top + 1e-9).holds(x, y)
    assert box.right - box.left == pytest.approx(2 / times)


# ---- the cursor


PLUS = np.array(
    [[10, 10], [10, 2], [10, 20], [3, 10], [17, 11], [30, 10]]
)  # here; then above, below, left, right, far right


@pytest.mark.parametrize(("right", "down", "to"), [(0, -1, 1), (0, 1, 2), (-1, 0, 3), (1, 0, 4)])
def test_the_cursor_goes_to_the_nearest_token_where_the_arrow_points(right, down, to):
    assert nearest_towards(PLUS, 0, right, down) == to


def test_at_the_edge_the_cursor_stays():
    assert nearest_towards(PLUS, 5, 1, 0) == 5
    assert nearest_towards(PLUS[:1], 0, 0, 1) == 0


@given(st.integers(2, 60), st.integers(0, 1000))
def test_an_arrow_never_goes_back_and_each_token_is_left_by_some_arrow(V, seed):
    places = np.random.default_rng(seed).uniform(0, 100, (V, 2))
    for i in range(V):
        ways = [(nearest_towards(places, i, *way), way) for way in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        assert any(to != i for to, _ in ways)
        assert all(to == i or (places[to] - places[i]) @ np.array(way) > 0 for to, way in ways)


def test_a_click_chooses_the_nearest():
    assert nearest_to(PLUS, 16, 9) == 4


# ---- the table


@pytest.mark.parametrize("look", LOOKS)
def test_the_table_has_every_number_in_view_and_the_cursors_in_full(look):
    X = vectors(9, 4)
    lines = text_of(vectors_page(X, list(map(name_of, names_of(9))), (3, 2), (0, 0), 78, 19, look)[0]).split("\n")
    for i in range(9):
        assert re.findall(r"[+-]\d\.\d{3}", lines[1 + i]) == [f"{x:+.3f}" for x in X[i]]
    assert f"a number 3 of 4  {X[3, 2]:+.5f}" in lines[-2]
    towards, away, _ = look.names
    assert f"{towards} above 0, {away} below" in lines[-1]


def test_the_colours_of_the_table_follow_the_sign_and_the_size():
    X = np.array([[2, -2, 0.01, -0.01], [0, 0, 0, 0]], dtype=np.float32)
    _, *cells = vectors_page(X, ["a", "b"], (1, 0), (0, 0), 78, 19, Look())[0][1]
    assert [segment.style.bgcolor.name for segment in cells] == [TOWARDS[-1], AWAY[-1], TOWARDS[0], AWAY[0]]


def test_the_table_scrolls_as_little_as_keeps_the_cursor_in_view():
    X, names = vectors(100, 64), list(map(name_of, names_of(100)))
    strips, first = vectors_page(X, names, (50, 40), (0, 0), 78, 19, Look())
    assert first == (36, 32)
    assert strips[0].text.split() == ["number", *map(str, range(33, 42))]
    assert vectors_page(X, names, (49, 39), first, 78, 19, Look())[1] == first


@pytest.mark.parametrize("size", [1e-9, 1.0, 50.0, 1e5, 1e30])
def test_numbers_of_any_size_keep_their_columns(size):
    X = vectors(5, 8) * np.float32(size)
    strips = vectors_page(X, list("abcde"), (0, 0), (0, 0), 118, 19, Look())[0]
    assert {strip.cell_length for strip in strips[:6]} == {13 + 8 * 7}
